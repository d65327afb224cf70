"""Many samples in one picture, to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import TrainingError
from ...skeleton import SUPERVISION_FACE_SLICE, SUPERVISION_LEFT_HAND_SLICE, SUPERVISION_RIGHT_HAND_SLICE
from .labels import SyntheticSample

_COLUMNS = 8
_BODY, _LEFT, _RIGHT, _FACE, _HIDDEN = (60, 255, 60), (255, 160, 0), (0, 160, 255), (255, 60, 255), (110, 110, 110)


def contact_sheet(
    samples: Sequence[SyntheticSample],
    path: Path,
    *,
    with_labels: bool = False,
    columns: int = _COLUMNS,
    cell_px: int = 240,
) -> None:
    """Write the samples in rows; with_labels: joints (grey where they cannot be seen) and box. Raises TrainingError."""
    rows = -(-len(samples) // columns)
    sheet = np.full((rows * cell_px, columns * cell_px, 3), 24, np.uint8)
    for number, sample in enumerate(samples):
        picture = _marked(sample) if with_labels else sample.picture
        scale = cell_px / max(picture.shape[:2])
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        top, left = number // columns * cell_px, number % columns * cell_px
        height, width = small.shape[:2]
        top, left = top + (cell_px - height) // 2, left + (cell_px - width) // 2
        sheet[top : top + height, left : left + width] = small
    if not cv2.imwrite(str(path), sheet, [cv2.IMWRITE_JPEG_QUALITY, 80]):
        raise TrainingError(
            f"{path}: cannot be written; expected a path that ends in .jpg or .png, in a folder that exists"
        )


def _marked(sample: SyntheticSample) -> NDArray[np.uint8]:
    picture = sample.picture.copy()
    assert sample.joints_2d is not None
    assert sample.joints_2d_valid is not None
    assert sample.joints_visible is not None
    colours = [_BODY] * len(sample.joints_2d)
    for part, colour in (
        (SUPERVISION_LEFT_HAND_SLICE, _LEFT),
        (SUPERVISION_RIGHT_HAND_SLICE, _RIGHT),
        (SUPERVISION_FACE_SLICE, _FACE),
    ):
        colours[part] = [colour] * (part.stop - part.start)
    for joint in np.flatnonzero(sample.joints_2d_valid):
        x, y = np.rint(np.clip(sample.joints_2d[joint], -9999, 9999)).astype(int)
        radius = 2 if colours[joint] == _BODY else 1
        cv2.circle(picture, (int(x), int(y)), radius, colours[joint] if sample.joints_visible[joint] else _HIDDEN, -1)
    x, y, width, height = sample.person_box_xywh.astype(int)
    cv2.rectangle(picture, (int(x), int(y)), (int(x + width - 1), int(y + height - 1)), (0, 255, 255), 1)
    return picture
