"""`ShapeFitter`: the body's shape, fitted to the lengths of limbs as they are seen over time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..frame import FloatArray
from ..skeleton import POSE, SMPLX

# A segment: BlazePose landmarks at its ends, SMPL-X joints at its ends.
_LIMBS = (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
SEGMENTS = (
    *((f"{side}_{a}", f"{side}_{b}") for a, b in _LIMBS for side in ("left", "right")),
    ("left_shoulder", "right_shoulder"),
    ("left_hip", "right_hip"),
    ("left_shoulder", "left_hip"),
    ("right_shoulder", "right_hip"),
)
_A = np.array([POSE[a] for a, _ in SEGMENTS])
_B = np.array([POSE[b] for _, b in SEGMENTS])
_JOINT_A = np.array([SMPLX[a] for a, _ in SEGMENTS])
_JOINT_B = np.array([SMPLX[b] for _, b in SEGMENTS])
# What the body network says of average adults, metres (medians over the sample clips): its points lie elsewhere in the body than
# SMPL-X's joints do, so lengths are compared as ratios to these, not to the body's own.
USUAL_M = np.array([0.25] * 2 + [0.235] * 2 + [0.388] * 2 + [0.368] * 2 + [0.34] + [0.176] + [0.485] * 2)
_TRUNK = [i for i, (a, b) in enumerate(SEGMENTS) if "shoulder" in a and ("shoulder" in b or "hip" in b)]
_SEEN_MIN = 0.6
# Landmarks of another network's making are worse evidence than points at a body's own joints.
_RIDGE_USUAL, _RIDGE_RELATIVE = 0.02, 0.003
_BETA_MAX = 2.0
_FORGET_FRAMES = 900.0


class ShapeFitter:
    """Fits betas (10,) to running means of segment lengths; changes them seldom, so that the body does not breathe.

    rest_joints: betas (10,) -> rest joints (55,3) m. usual_m: the lengths (12,) m of `SEGMENTS` that the points have of an average body; None when the
    points are a body's own joints, of unknown size: then lengths count in relation to the trunk's.
    """

    def __init__(self, rest_joints: Callable[[FloatArray], FloatArray], usual_m: FloatArray | None = None) -> None:
        zero = self._lengths(rest_joints(np.zeros(10)))
        # Lengths are nearly linear in the betas: relative change by one unit of each, once.
        self._jacobian = np.stack(
            [(self._lengths(rest_joints(unit)) - self._lengths(rest_joints(-unit))) / 2 for unit in np.eye(10)], axis=1
        ) / zero[:, None]  # fmt: skip
        self._is_relative = usual_m is None
        self._ridge = _RIDGE_RELATIVE if usual_m is None else _RIDGE_USUAL
        self._usual_m = zero if usual_m is None else usual_m
        self.reset()

    def reset(self) -> None:
        self._sum = np.zeros(len(SEGMENTS))
        self._weight = np.zeros(len(SEGMENTS))
        self._count = 0
        self._next_fit = 1
        self.betas = np.zeros(10)

    def update(self, points: FloatArray, seen: FloatArray) -> FloatArray:
        """Take in one picture's landmarks (33,3) m (seen (33,) 0..1); returns the betas (10,) to use, the same array until they change."""
        weight = np.minimum(seen[_A], seen[_B])
        weight = np.where(weight >= _SEEN_MIN, weight, 0.0)
        ratio = np.linalg.norm(points[_A] - points[_B], axis=1) / self._usual_m
        if self._is_relative:
            trunk = weight[_TRUNK]
            if not trunk.any():
                return self.betas
            ratio = ratio * trunk.sum() / (trunk @ ratio[_TRUNK])
        keep = 1 - 1 / _FORGET_FRAMES
        self._sum = keep * self._sum + weight * ratio
        self._weight = keep * self._weight + weight
        self._count += 1
        if self._count >= self._next_fit:  # at pictures 1, 2, 4, 8 ... and then every few seconds
            self._next_fit = self._count + min(self._count, 128)
            self.betas = self._fit()
        return self.betas

    def _fit(self) -> FloatArray:
        ratio = self._sum / np.maximum(self._weight, 1e-9) - 1
        # A few pictures are weak evidence against an average body.
        trust = self._weight / (self._weight + 15.0)
        jacobian = self._jacobian
        if self._is_relative:
            trunk = self._weight[_TRUNK]
            jacobian = jacobian - trunk @ jacobian[_TRUNK] / max(trunk.sum(), 1e-9)
        weighted = jacobian * trust[:, None]
        normal = weighted.T @ jacobian + self._ridge * np.eye(10)
        return np.clip(np.linalg.solve(normal, weighted.T @ ratio), -_BETA_MAX, _BETA_MAX)

    @staticmethod
    def _lengths(joints: FloatArray) -> FloatArray:
        return np.linalg.norm(joints[_JOINT_A] - joints[_JOINT_B], axis=1)
