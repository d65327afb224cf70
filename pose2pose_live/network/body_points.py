"""The points whose place in space the open engine's body network tells, and the parts it says how sure it is of."""

from __future__ import annotations

import torch
from torch import Tensor

from ..skeleton import POSE, POSE_LANDMARKS, SMPLX_FEET_AND_FACE, SMPLX_JOINTS

_SIDES = ("left", "right")
OPEN_BODY_POINTS: tuple[str, ...] = (
    *SMPLX_JOINTS[:22],
    *SMPLX_FEET_AND_FACE,
    *(f"{side}_{finger}1" for side in _SIDES for finger in ("index", "middle", "pinky")),
)
"""SMPL-X's 22 body joints, points of face and feet, knuckles."""
OPEN_BODY_POINT = {name: i for i, name in enumerate(OPEN_BODY_POINTS)}
"""Name -> row."""

_TRUNK = ("pelvis", "spine1", "spine2", "spine3", "neck", "left_shoulder", "right_shoulder", "left_hip", "right_hip")
OPEN_BODY_PARTS: dict[str, tuple[str, ...]] = {
    "trunk": _TRUNK,
    "head": ("head", "nose", "left_eye", "right_eye", "left_ear", "right_ear"),
    **{
        f"{side}_arm": tuple(f"{side}_{j}" for j in ("elbow", "wrist", "index1", "middle1", "pinky1"))
        for side in _SIDES
    },
    **{f"{side}_leg": tuple(f"{side}_{j}" for j in ("knee", "ankle", "big_toe", "heel")) for side in _SIDES},
}
"""Part -> the points whose error its log variance foretells."""

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
