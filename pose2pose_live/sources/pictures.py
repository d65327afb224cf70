"""A folder of pictures, each a frame by itself."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np

from ..errors import SourceError
from ..frame import CameraFrame, Image
from .opencv import cv2
from .source import FrameSource

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
"""File name endings that count as pictures, whatever their case."""

NOMINAL_FPS = 30.0
"""Pictures of a folder have no times; they are stamped as if they were taken at this rate."""


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sorting key that puts `2.jpg` before `10.jpg`."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", name.lower()) if part
    ]


def read_picture(path: Path) -> Image | None:
    """The picture, uint8 (H,W,3) BGR, turned upright by its EXIF orientation; None if it is broken."""
    try:
        # Read here rather than by cv2.imread, which cannot open names outside the code page on Windows.
        data = path.read_bytes()
        if not data or (data.startswith(b"\x89PNG") and b"IEND" not in data[-64:]):
            return None  # a PNG cut short would also be refused below, but not without a report of libpng's on stderr
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error):
        return None


class PictureSource(FrameSource):
    """The pictures of a folder in natural order, or a single picture.

    A broken picture is left out and its name noted in `skipped`. `CameraFrame.name` is the file name, `index` its place among
    all picture files of the folder. Raises SourceError when there is no picture, or none that can be read.
    """

    live = False
    fps = NOMINAL_FPS

    def __init__(self, path: Path) -> None:
        if path.is_dir():
            files = [p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file()]
            self._files = sorted(files, key=lambda p: natural_key(p.name))
        elif path.is_file():
            self._files = [path]
        else:
            raise SourceError(f"{path}: no such folder; check the path")
        if not self._files:
            raise SourceError(f"{path}: the folder holds no pictures; expected files that end in {', '.join(SUFFIXES)}")
        self.name = Path(os.path.abspath(path)).name or str(path)  # `.` has a name too
        self.frame_count: int | None = len(self._files)
        self.skipped: list[str] = []
        self._next = 0
        self._ahead = self._read_next()
        if self._ahead is None:
            what = f"none of the {len(self._files)} pictures can" if path.is_dir() else "the picture cannot"
            raise SourceError(f"{path}: {what} be read; the files are damaged or are not pictures, export them again")
        self.size_px = (self._ahead.image.shape[1], self._ahead.image.shape[0])

    @property
    def warning(self) -> str:
        if not self.skipped:
            return ""
        names = ", ".join(self.skipped[:5]) + (", ..." if len(self.skipped) > 5 else "")
        return f"{self.name}: {len(self.skipped)} of {len(self._files)} pictures could not be read and were left out ({names})"

    def _read_next(self) -> CameraFrame | None:
        while self._next < len(self._files):
            index, path = self._next, self._files[self._next]
            self._next += 1
            image = read_picture(path)
            if image is not None:
                return CameraFrame(image, index / self.fps, index, path.name)
            self.skipped.append(path.name)
        return None

    def read(self) -> CameraFrame | None:
        frame, self._ahead = self._ahead, None
        return frame or self._read_next()

    def close(self) -> None:
        self._next = len(self._files)
        self._ahead = None
