"""From a person's box to the picture that a Pose2Pose network sees (network.md 3), with the arithmetic of the published code."""

from __future__ import annotations

import cv2
import numpy as np

from ..detection.region import blob
from ..frame import FloatArray, Image

BOX_EXTENSION = 1.25


def clean_box(box_xywh: FloatArray, width_px: int, height_px: int) -> FloatArray | None:
    """The box cut to the picture, its far edge the last pixel inside; None when nothing of it is left."""
    x, y, w, h = (float(value) for value in box_xywh)
    x0, y0 = max(0.0, x), max(0.0, y)
    x1, y1 = min(width_px - 1.0, x0 + max(0.0, w - 1)), min(height_px - 1.0, y0 + max(0.0, h - 1))
    return np.array([x0, y0, x1 - x0, y1 - y0]) if w * h > 0 and x1 > x0 and y1 > y0 else None


def processed_box(box_xywh: FloatArray, picture_size: tuple[int, int], extension: float = BOX_EXTENSION) -> FloatArray:
    """The box with its short side grown to the aspect of picture_size (height, width), both sides then times `extension`, about its centre."""
    aspect = picture_size[1] / picture_size[0]
    width = max(float(box_xywh[2]), aspect * float(box_xywh[3]))
    size = extension * np.array([width, width / aspect])
    return np.concatenate([box_xywh[:2] + box_xywh[2:] / 2 - size / 2, size])


def crop_matrix(
    box_xywh: FloatArray, picture_size: tuple[int, int], scale: float = 1.0, rotation_deg: float = 0.0
) -> FloatArray:
    """Affine map (2,3) from px of the picture to px of the crop: the box's centre to the crop's, the box to the whole crop.

    scale, rotation_deg: training looks at a box made larger and turned clockwise on the screen.
    """
    height, width = picture_size
    turn = np.radians(rotation_deg)
    turned = np.cos(turn) * np.eye(2) + np.sin(turn) * np.array([[0.0, 1.0], [-1.0, 0.0]])
    linear = np.diag([width / box_xywh[2], height / box_xywh[3]]) / scale @ turned
    offset = np.array([width, height]) / 2 - linear @ (box_xywh[:2] + box_xywh[2:] / 2)
    return np.column_stack([linear, offset])


def crop_person(image: Image, box_xywh: FloatArray, picture_size: tuple[int, int]) -> np.ndarray:
    """Picture (H,W,3) uint8 BGR and its processed box -> float32 (1,3,*picture_size) RGB in [0,1], black where the box reaches out.

    OpenCV before 5 rounds sampling positions to 1/32 px, which changes levels by up to 3 of 255.
    """
    matrix = crop_matrix(box_xywh, picture_size)
    return blob(cv2.warpAffine(image, matrix, picture_size[::-1], flags=cv2.INTER_LINEAR))
