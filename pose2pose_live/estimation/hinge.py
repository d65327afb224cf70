"""Elbows and knees bend about one axis: the plane in which a limb bends tells how its upper bone is turned about itself."""

from __future__ import annotations

import numpy as np

from ..frame import FloatArray
from ..rotations import cross, rotvec_to_rotmat

ELBOW_HINGES = np.array([[0.0, -1.0, 0.0], [0.0, 1.0, 0.0]])
KNEE_HINGES = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
"""Unit vectors (2,3), left and right, in the rest pose: upper bone x lower bone of a limb that bends."""
# Elbows and knees that bend less than the first angle say nothing about their hinge; more than the second, all.
_HINGE_RANGE_RAD = np.radians([12.0, 35.0])


def hinge_certainty(hinge: FloatArray, bone: FloatArray, next_bone: FloatArray) -> FloatArray:
    """(N,) 0..1: how sure the hinge axis bone x next_bone (N,3) is, by how far the joint bends."""
    bend = np.arctan2(np.linalg.norm(hinge, axis=-1), np.vecdot(bone, next_bone))
    return _smoothstep((bend - _HINGE_RANGE_RAD[0]) / (_HINGE_RANGE_RAD[1] - _HINGE_RANGE_RAD[0]))


def with_hinge(
    rotation: FloatArray, rest_bone: FloatArray, rest_hinge: FloatArray, bone: FloatArray, hinge: FloatArray,
    certain: FloatArray,
) -> FloatArray:  # fmt: skip
    """Turn `rotation` (N,3,3) about its bone so that its hinge axis meets `hinge` (N,3), as far as that is certain (N,)."""
    now = np.matvec(rotation, rest_hinge)
    now = now - np.vecdot(now, bone)[:, None] * bone
    target = hinge - np.vecdot(hinge, bone)[:, None] * bone
    angle = np.arctan2(np.vecdot(cross(now, target), bone), np.vecdot(now, target))
    return rotation @ rotvec_to_rotmat((certain * angle)[:, None] * rest_bone)


def _smoothstep(x: FloatArray) -> FloatArray:
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3 - 2 * x)
