"""Do arms run through the body? Trunk, head, thighs and the other arm as capsules between joints."""

from __future__ import annotations

import numpy as np

from ...frame import FloatArray
from ...skeleton import SMPLX

# Ends of the capsules: joints with weights; then the radius in m for a body of average girth.
_Point = tuple[tuple[str, float], ...]
_CAPSULES: tuple[tuple[_Point, _Point, float], ...] = (
    *(
        ((("pelvis", 0.4), (f"{side}_hip", 0.6)), (("spine3", 0.5), (f"{side}_shoulder", 0.5)), 0.098)
        for side in ("left", "right")
    ),
    ((("pelvis", 1.0),), (("spine3", 0.5), ("neck", 0.5)), 0.112),
    ((("neck", 1.0),), (("head", 1.0),), 0.055),
    # The eyes are at the front of the head, so this line goes through its middle.
    ((("head", 1.0),), (("head", -0.9), ("left_eye_smplhf", 0.95), ("right_eye_smplhf", 0.95)), 0.075),
    *(((("pelvis", 0.0), (f"{side}_hip", 1.0)), ((f"{side}_knee", 1.0),), 0.068) for side in ("left", "right")),
)


def _matrix(points: list[_Point]) -> FloatArray:
    matrix = np.zeros((len(points), len(SMPLX)))
    for row, point in enumerate(points):
        for joint, weight in point:
            matrix[row, SMPLX[joint]] = weight
    return matrix


_STARTS, _ENDS = _matrix([c[0] for c in _CAPSULES]), _matrix([c[1] for c in _CAPSULES])
_RADII = np.array([c[2] for c in _CAPSULES])


def _limb(side: str) -> list[_Point]:
    elbow, wrist, knuckle, tip = f"{side}_elbow", f"{side}_wrist", f"{side}_middle1", f"{side}_middle3"
    return [
        ((elbow, 1.0),), ((elbow, 0.6), (wrist, 0.4)), ((elbow, 0.25), (wrist, 0.75)), ((wrist, 1.0),),
        ((wrist, 0.4), (knuckle, 0.6)), ((f"{side}_index2", 1.0),), ((f"{side}_pinky2", 1.0),), ((tip, 1.6), (knuckle, -0.6)),
    ]  # fmt: skip


_POINTS = _matrix(_limb("left") + _limb("right"))
_POINT_RADII = np.tile([0.025, 0.03, 0.022, 0.02, 0.012, 0.008, 0.008, 0.004], 2)
_COUNT = len(_POINTS) // 2
_ARM_ENDS = [SMPLX[f"{side}_{joint}"] for side in ("left", "right") for joint in ("elbow", "wrist", "middle3")]


def arms_collide(joints: FloatArray, girth: float = 1.0) -> bool:
    """joints (55,3) m, girth: scale of the trunk's radii. True when an arm or hand is inside the trunk, head, legs or the other arm."""
    points = _POINTS @ joints
    depth = _distance(points, _STARTS @ joints, _ENDS @ joints) - _RADII * girth - _POINT_RADII[:, None]
    if (depth < 0).any():
        return True
    left_elbow, left_wrist, left_tip, right_elbow, right_wrist, right_tip = joints[_ARM_ENDS]
    other_starts, other_ends = np.stack([right_elbow, right_wrist]), np.stack([right_wrist, right_tip])
    gap = _distance(points[:_COUNT], other_starts, other_ends) - _POINT_RADII[:_COUNT, None] - (0.028, 0.014)
    if (gap < 0).any():
        return True
    other_starts, other_ends = np.stack([left_elbow, left_wrist]), np.stack([left_wrist, left_tip])
    gap = _distance(points[_COUNT:], other_starts, other_ends) - _POINT_RADII[_COUNT:, None] - (0.028, 0.014)
    return bool((gap < 0).any())


def _distance(points: FloatArray, starts: FloatArray, ends: FloatArray) -> FloatArray:
    """(P,3), (C,3), (C,3) -> (P,C) m from each point to each segment."""
    bones = ends - starts
    away = points[:, None] - starts
    t = np.clip(np.einsum("pcx,cx->pc", away, bones) / np.maximum(np.einsum("cx,cx->c", bones, bones), 1e-9), 0.0, 1.0)
    return np.linalg.norm(away - t[..., None] * bones, axis=-1)
