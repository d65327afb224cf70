"""How much joints are shaken: accelerations by second differences."""

from __future__ import annotations

import numpy as np

from ..frame import FloatArray
from ..skeleton import POSE, SMPLX, SMPLX_FROM_POSE

ARMS = [name for name, _ in SMPLX_FROM_POSE if name.endswith(("shoulder", "elbow", "wrist"))]
"""The joints that are measured: the ones that BlazePose has a landmark for and a person at a webcam shows."""
_SMPLX_ROWS = [SMPLX[name] for name in ARMS]
_POSE_ROWS = [POSE[name] for name in ARMS]
_HIPS = [POSE["left_hip"], POSE["right_hip"]]


def smplx_arms(joints: FloatArray) -> FloatArray:
    """SMPL-X joints (...,55,3) m -> the six of the arms (...,6,3) relative to the pelvis."""
    return joints[..., _SMPLX_ROWS, :] - joints[..., :1, :]


def blazepose_arms(landmarks: FloatArray) -> FloatArray:
    """BlazePose's world landmarks (...,33,3) m -> the six of the arms (...,6,3) relative to the middle of the hips."""
    return landmarks[..., _POSE_ROWS, :] - landmarks[..., _HIPS, :].mean(axis=-2, keepdims=True)


def accelerations_m_s2(points: FloatArray, times_s: FloatArray) -> FloatArray:
    """Length (T-2,P) of the acceleration of points (T,P,3) m at times (T,), which need not be even: the second divided difference."""
    steps = np.diff(times_s)[:, None, None]
    velocity = np.diff(points, axis=0) / steps
    change = np.diff(velocity, axis=0) / ((steps[1:] + steps[:-1]) / 2)
    return np.linalg.norm(change, axis=-1)
