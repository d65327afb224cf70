"""`ContactSheet`: many pictures in one, to look at: what was captured beside what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ..errors import RecordingError
from ..frame import FloatArray, Image
from ..sinks.files import advice
from ..sinks.overlay import JPEG_QUALITY, fit_into

_LABEL_PX = 20
_BACKGROUND = 24
_SIDE_MIN_PX = 48


class ContactSheet:
    """Cells of equal size in rows. cell_px: width and height of each picture in a cell; columns: cells in a row."""

    def __init__(self, cell_px: tuple[int, int], columns: int) -> None:
        self._cell_px, self._columns = cell_px, columns
        self._cells: list[Image] = []

    def add(self, label: str, pictures: Sequence[Image]) -> None:
        """A cell with a line of text above pictures (H,W,3) BGR side by side; as many pictures as in the other cells."""
        row = np.hstack([fit_into(picture, *self._cell_px) for picture in pictures])
        strip = np.full((_LABEL_PX, row.shape[1], 3), _BACKGROUND, np.uint8)
        cv2.putText(strip, label, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1, cv2.LINE_AA)
        self._cells.append(np.vstack([strip, row]))

    def write(self, path: Path) -> bool:
        """Write a JPEG, unless the sheet is empty; returns whether it did. Raises RecordingError."""
        if not self._cells:
            return False
        blank = np.full_like(self._cells[0], _BACKGROUND)
        missing = -len(self._cells) % self._columns if len(self._cells) > self._columns else 0
        cells = self._cells + [blank] * missing
        columns = min(self._columns, len(cells))
        rows = [np.hstack(cells[first : first + columns]) for first in range(0, len(cells), columns)]
        encoded = cv2.imencode(".jpg", np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
        try:
            path.write_bytes(encoded.tobytes())
        except OSError as error:
            raise RecordingError(f"{path}: the contact sheet cannot be written, {advice(error)}") from error
        return True


def square_around(points_px: FloatArray, width_px: int, height_px: int, margin: float = 0.6) -> tuple[slice, slice]:
    """Rows and columns of a square around points (N,2), larger by margin on all sides and cut to the picture; the whole picture where nothing of it
    is left."""
    low, high = points_px.min(axis=0), points_px.max(axis=0)
    half = max(float((high - low).max()) / 2 * (1 + 2 * margin), _SIDE_MIN_PX / 2)
    start = np.clip(np.floor((low + high) / 2 - half), 0, (width_px, height_px)).astype(int)
    end = np.clip(np.ceil((low + high) / 2 + half), 0, (width_px, height_px)).astype(int)
    if (end - start).min() < 2:
        return slice(0, height_px), slice(0, width_px)
    return slice(start[1], end[1]), slice(start[0], end[0])
