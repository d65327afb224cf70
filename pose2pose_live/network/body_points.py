"""Where to begin with the points that the open engine's body network tells: at the landmarks that lie near them."""

from __future__ import annotations

import torch
from torch import Tensor

from ..skeleton import OPEN_BODY_POINTS, POSE, POSE_LANDMARKS

_SIDES = ("left", "right")
_BETWEEN: dict[str, tuple[str, ...]] = {
    "pelvis": ("hip",),
    "spine1": ("hip", "hip", "shoulder"),
    "spine2": ("hip", "shoulder"),
    "spine3": ("hip", "shoulder", "shoulder"),
    "neck": ("shoulder",),
    "head": ("ear",),
}
_SAME = {"foot": "foot_index", "big_toe": "foot_index", "small_toe": "foot_index", "index1": "index", "pinky1": "pinky"}


def points_near_landmarks() -> Tensor:
    """(39,33): every point as a mean of BlazePose's landmarks: a first guess, which the network corrects."""
    matrix = torch.zeros(len(OPEN_BODY_POINTS), len(POSE_LANDMARKS))
    for row, point in enumerate(OPEN_BODY_POINTS):
        for landmark in _landmarks_near(point):
            matrix[row, POSE[landmark]] += 1
    return matrix / matrix.sum(1, keepdim=True)


def _landmarks_near(point: str) -> tuple[str, ...]:
    if point in POSE:
        return (point,)
    if point in _BETWEEN:
        return tuple(f"{side}_{joint}" for joint in _BETWEEN[point] for side in _SIDES)
    side, _, name = point.partition("_")
    if name == "collar":
        return "left_shoulder", "right_shoulder"
    if name == "middle1":
        return f"{side}_index", f"{side}_pinky"
    return (f"{side}_{_SAME[name]}",)
