"""How much room for recordings there is, and for how long it lasts."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ..recording import take_arrays
from ..sinks.journal import RECORD


@dataclass(frozen=True)
class DiskSpace:
    """free_bytes: on the disk, for this user. left_s: for how long one can still record, with what saving the take needs."""

    free_bytes: int
    left_s: float


def disk_space(folder: Path, fps: float, frames_written: int = 0) -> DiskSpace | None:
    """Of the disk that the folder is or will be on; None where nobody knows. fps: rows per second now; frames_written: of the take that is
    being recorded, which needs room once more when it is saved, for its journal goes only afterwards."""
    try:
        free_bytes = shutil.disk_usage(_nearest_existing(folder)).free
    except OSError:
        return None
    free_rows = (free_bytes - frames_written * recording_row_bytes()) / (RECORD.itemsize + recording_row_bytes())
    return DiskSpace(free_bytes, max(free_rows, 0.0) / fps if fps > 0 else float("inf"))


@cache
def recording_row_bytes() -> int:
    """What each picture adds to a saved recording."""
    one, two = (
        sum(
            array.nbytes
            for array in take_arrays(np.zeros(count, RECORD), fps=30, body_model="", app_version="").values()
        )
        for count in (1, 2)
    )
    return two - one


def _nearest_existing(folder: Path) -> Path:
    folder = folder.absolute()
    return next(path for path in (folder, *folder.parents) if path.exists())
