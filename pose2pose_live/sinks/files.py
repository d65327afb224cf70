"""What the sinks that write files have in common."""

from __future__ import annotations

import errno
import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import BinaryIO

from ..errors import RecordingError

Tell = Callable[[float], None]
"""Is told from time to time which share of some work, 0 to 1, is done. What it raises ends the work, which then leaves nothing behind."""

_NAME_BYTES_MAX = 150  # of the 255 that file systems allow: endings and numbers follow
# Windows keeps these for devices, whatever ending follows.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def safe_name(name: str) -> str:
    """The name of a take, without an ending, as it is valid on every system; `take` where nothing of it is left."""
    name = name.encode(errors="replace")[:_NAME_BYTES_MAX].decode(errors="ignore")
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]+', "_", name).strip(" .")
    if _RESERVED.fullmatch(name):
        name = f"{name}_"
    return name or "take"


def numbered_paths(path: Path) -> Iterator[Path]:
    """NAME.ext, NAME_2.ext, NAME_3.ext ... without end: a take is never overwritten."""
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem}_{number}{path.suffix}")


@contextmanager
def new_file(path: Path, expected_bytes: int = 0, tell: Tell = lambda share: None) -> Iterator[tuple[BinaryIO, Path]]:
    """A file that has its name only when it is complete, and that name: path, or the first free of `numbered_paths`.

    tell: of the expected_bytes, which need not be exact. Raises RecordingError.
    """
    target = next(one for one in numbered_paths(path) if not one.exists())
    temporary = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with io.BufferedWriter(_ToldFile(temporary, expected_bytes, tell)) as file:
                yield file, target
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise RecordingError(f"{target} cannot be written: {advice(error)}") from error


class _ToldFile(io.FileIO):
    def __init__(self, path: Path, expected_bytes: int, tell: Tell) -> None:
        super().__init__(path, "w")
        self._expected_bytes, self._tell = max(expected_bytes, 1), tell
        self._written = 0

    def write(self, data: object) -> int:
        count = super().write(data)  # type: ignore[arg-type]
        self._written += count or 0
        self._tell(min(self._written / self._expected_bytes, 1.0))
        return count


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
