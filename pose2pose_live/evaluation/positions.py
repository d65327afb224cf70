"""Joints in space against a reference: MPJPE and PA-MPJPE of the twelve joints of the limbs."""

from __future__ import annotations

import numpy as np

from .. import metrics
from ..detection.region import VIEW_TO_UPRIGHT
from ..frame import FloatArray
from ..skeleton import POSE, SMPLX, SMPLX_FROM_POSE

JOINTS: tuple[str, ...] = tuple(landmark for _, landmark in SMPLX_FROM_POSE)
"""The joints that are measured: those that SMPL-X, BlazePose and COCO have at the same anatomical place."""
NOT_MEASURED = np.full(2, np.nan)
_SMPLX_ROWS = [SMPLX[joint] for joint, _ in SMPLX_FROM_POSE]
_POSE_ROWS = [POSE[name] for name in JOINTS]
_HIPS = [JOINTS.index("left_hip"), JOINTS.index("right_hip")]


def smplx_positions(joints: FloatArray) -> FloatArray:
    """SMPL-X joints (...,55,3) m in axes of the camera-aligned world -> the measured ones (...,12,3)."""
    return joints[..., _SMPLX_ROWS, :]


def blazepose_positions(landmarks: FloatArray) -> FloatArray:
    """BlazePose's world landmarks (...,33,3) m, y down and z away -> the measured ones (...,12,3) in axes of the camera-aligned world."""
    return landmarks[..., _POSE_ROWS, :] * VIEW_TO_UPRIGHT


def position_errors_m(found: FloatArray, true: FloatArray) -> FloatArray:
    """(2,): MPJPE with the middles of the hips brought together, and PA-MPJPE, m, of joints (T,12,3) in the same axes: means over the pictures in which
    both are there (not NaN); NaN where there is none."""
    rows = np.isfinite(found).all(axis=(1, 2)) & np.isfinite(true).all(axis=(1, 2))
    if not rows.any():
        return NOT_MEASURED
    found, true = found[rows], true[rows]
    from_hips = metrics.align_to_root(found, true, found[:, _HIPS].mean(axis=1), true[:, _HIPS].mean(axis=1))
    return np.array([metrics.mean_distance_m(*from_hips).mean(), metrics.procrustes_distance_m(found, true).mean()])
