"""The measures of human pose and mesh recovery, in numpy, with the alignments of the Hand4Whole paper.

Points are (...,P,3) in metres and every distance comes back in metres (multiply by 1000 for the mm of the tables); rotations are matrices,
angles come back in degrees, accelerations in m/s^2. A mask is (...,P) bool; a point outside it counts in neither sum nor number. Where
nothing counts the result is NaN: "not measured" is never zero.

| measure | alignment | points |
| --- | --- | --- |
| MPJPE, MPVPE (= PVE) all | the pelvis joint moved on to the true one | joints, all vertices |
| MPVPE hands | each hand's wrist joint moved on to the true one | vertices of the hand |
| MPVPE face | the neck joint moved on to the true one | vertices of the head |
| PA-MPJPE, PA-MPVPE | similarity Procrustes (scale, rotation, translation) of exactly the points measured | the same |
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .rotations import geodesic_angle
from .skeleton import SMPLX, SMPLX_JOINTS

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def align_to_root(
    predicted: FloatArray, true: FloatArray, predicted_root: FloatArray, true_root: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Both point sets (...,P,3) relative to their own root (...,3)."""
    return predicted - predicted_root[..., None, :], true - true_root[..., None, :]


def procrustes(source: FloatArray, target: FloatArray, mask: BoolArray | None = None) -> FloatArray:
    """source (...,P,3) moved by the similarity (scale, proper rotation, translation) that brings it closest to target.

    Least squares over the points in the mask, all of source is moved. Umeyama 1991: where the best orthogonal matrix is a reflection, the
    axis of the smallest singular value is turned round, so a mirrored body never counts as a match. Identical source points stay put at
    the target's mean.
    """
    weights = np.ones(source.shape[:-1]) if mask is None else np.asarray(mask, np.float64)
    weights = (weights / np.maximum(weights.sum(-1, keepdims=True), 1))[..., None]
    source_mean, target_mean = ((weights * points).sum(-2, keepdims=True) for points in (source, target))
    centred, goal = source - source_mean, target - target_mean
    u, singular, vt = np.linalg.svd(np.swapaxes(weights * goal, -1, -2) @ centred)
    sign = np.ones_like(singular)
    sign[..., -1] = np.sign(np.linalg.det(u @ vt))
    rotation = (u * sign[..., None, :]) @ vt
    variance = (weights * centred**2).sum((-1, -2))
    scale = (singular * sign).sum(-1) / np.maximum(variance, np.finfo(np.float64).tiny)
    return scale[..., None, None] * (centred @ np.swapaxes(rotation, -1, -2)) + target_mean


def mean_distance_m(predicted: FloatArray, true: FloatArray, mask: BoolArray | None = None) -> FloatArray:
    """Mean Euclidean distance (...) of corresponding points, for each person: MPJPE of joints, MPVPE of vertices, once they are aligned."""
    return masked_mean(np.linalg.norm(predicted - true, axis=-1), mask)


def procrustes_distance_m(predicted: FloatArray, true: FloatArray, mask: BoolArray | None = None) -> FloatArray:
    """Mean distance (...) after `procrustes` of every person: PA-MPJPE of joints, PA-MPVPE of vertices."""
    return mean_distance_m(procrustes(predicted, true, mask), true, mask)


def correct_share(
    predicted: FloatArray, true: FloatArray, threshold: float | FloatArray, mask: BoolArray | None = None
) -> FloatArray:
    """PCK: share (...), 0..1, of each person's points no farther than the threshold from the true one.

    Any number of dimensions and any unit, the threshold's own: m in 3D, px in 2D, where it is often (N,1): a share of each person's size.
    """
    return masked_mean((np.linalg.norm(predicted - true, axis=-1) <= threshold).astype(np.float64), mask)


def acceleration_error_m_s2(
    predicted: FloatArray, true: FloatArray, fps: float, mask: BoolArray | None = None
) -> float:
    """Mean distance of the accelerations of points (T,P,3) in pictures at `fps` a second, by second differences (Kanazawa et al. 2019).

    Joints in camera axes, not root-relative. mask (T,P): a point counts where it is seen in all three pictures. NaN for T < 3.
    """
    if len(predicted) < 3:
        return float("nan")
    difference = predicted - true
    change = (difference[2:] - 2 * difference[1:-1] + difference[:-2]) * fps**2
    seen = None if mask is None else mask[2:] & mask[1:-1] & mask[:-2]
    return float(masked_mean(np.linalg.norm(change, axis=-1).ravel(), None if seen is None else seen.ravel()))


def rotation_error_deg(predicted: FloatArray, true: FloatArray) -> FloatArray:
    """Geodesic angle (...) in degrees, 0..180, between rotation matrices (...,3,3)."""
    return np.degrees(geodesic_angle(predicted, true))


def masked_mean(values: FloatArray, mask: BoolArray | None = None) -> FloatArray:
    """Mean (...) over the last axis of the values (...,P) in the mask; NaN where there is none."""
    if mask is None:
        return values.mean(-1)
    count = np.broadcast_to(mask, values.shape).sum(-1)
    return np.where(count > 0, (values * mask).sum(-1) / np.maximum(count, 1), np.nan)


def part_vertices(weights: NDArray[np.float32]) -> dict[str, NDArray[np.int64]]:
    """Vertices of "left_hand", "right_hand" and "face" from skinning weights (V,55): those that hang mostly on the joints of the part.

    A hand is its wrist and fingers, the face head, jaw and eyes. The papers take the vertices of MANO and FLAME from two licensed id files
    instead, which fit SMPL-X only: their hand is nearly the same set, their face reaches down to the base of the neck.
    """
    parts = {
        "left_hand": [name for name in SMPLX_JOINTS if _is_hand(name, "left")],
        "right_hand": [name for name in SMPLX_JOINTS if _is_hand(name, "right")],
        "face": ["head", "jaw", "left_eye_smplhf", "right_eye_smplhf"],
    }
    return {part: np.flatnonzero(weights[:, [SMPLX[n] for n in names]].sum(1) > 0.5) for part, names in parts.items()}


def _is_hand(joint: str, side: str) -> bool:
    return joint == f"{side}_wrist" or (SMPLX[joint] >= SMPLX["left_index1"] and joint.startswith(side))
