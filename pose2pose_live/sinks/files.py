"""What the sinks that write files have in common."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path


def numbered_paths(path: Path) -> Iterator[Path]:
    """NAME.ext, NAME_2.ext, NAME_3.ext ... without end: a take is never overwritten."""
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem}_{number}{path.suffix}")


def sync_folder(folder: Path) -> None:
    """Let the names in a folder survive a power cut; Windows keeps them without being asked, and cannot be."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def advice(error: OSError) -> str:
    """Why a file could not be written, and what a person can do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; free some space or choose a folder on another disk"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "this folder may not be written to; choose another"
    return f"{error.strerror or error}; choose another folder"
