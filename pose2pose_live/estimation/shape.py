"""The body's shape over time: `ShapeFitter` fits it to the lengths of limbs, `MeanShape` takes what a network says of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..frame import FloatArray
from ..skeleton import POSE, SMPLX
from .pose_net import PoseLandmarks

# A segment: BlazePose landmarks at its ends, SMPL-X joints at its ends.
_LIMBS = (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
_SEGMENTS = (
    *((f"{side}_{a}", f"{side}_{b}") for a, b in _LIMBS for side in ("left", "right")),
    ("left_shoulder", "right_shoulder"),
    ("left_hip", "right_hip"),
    ("left_shoulder", "left_hip"),
    ("right_shoulder", "right_hip"),
)
_A = np.array([POSE[a] for a, _ in _SEGMENTS])
_B = np.array([POSE[b] for _, b in _SEGMENTS])
_JOINT_A = np.array([SMPLX[a] for a, _ in _SEGMENTS])
_JOINT_B = np.array([SMPLX[b] for _, b in _SEGMENTS])
# What the body network says of average adults, metres (medians over the sample clips): its points lie elsewhere in the body than
# SMPL-X's joints do, so lengths are compared as ratios to these, not to the body's own.
_USUAL_M = np.array([0.25] * 2 + [0.235] * 2 + [0.388] * 2 + [0.368] * 2 + [0.34] + [0.176] + [0.485] * 2)
_SEEN_MIN = 0.6
_RIDGE = 0.02
_BETA_MAX = 2.0
_FORGET_FRAMES = 900.0


class ShapeFitter:
    """Fits betas (10,) to running means of segment lengths; changes them seldom, so that the body does not breathe.

    rest_joints: betas (10,) -> rest joints (55,3) m.
    """

    def __init__(self, rest_joints: Callable[[FloatArray], FloatArray]) -> None:
        zero = self._lengths(rest_joints(np.zeros(10)))
        # Lengths are nearly linear in the betas: relative change by one unit of each, once.
        self._jacobian = np.stack(
            [(self._lengths(rest_joints(unit)) - self._lengths(rest_joints(-unit))) / 2 for unit in np.eye(10)], axis=1
        ) / zero[:, None]  # fmt: skip
        self.reset()

    def reset(self) -> None:
        self._sum = np.zeros(len(_SEGMENTS))
        self._weight = np.zeros(len(_SEGMENTS))
        self._count = 0
        self._next_fit = 1
        self.betas = np.zeros(10)

    def update(self, pose: PoseLandmarks, seen: FloatArray) -> FloatArray:
        """Take in one picture's landmarks (seen (33,) 0..1); returns the betas (10,) to use."""
        weight = np.minimum(seen[_A], seen[_B])
        weight = np.where(weight >= _SEEN_MIN, weight, 0.0)
        lengths = np.linalg.norm(pose.world_m[_A] - pose.world_m[_B], axis=1)
        keep = 1 - 1 / _FORGET_FRAMES
        self._sum = keep * self._sum + weight * lengths / _USUAL_M
        self._weight = keep * self._weight + weight
        self._count += 1
        if self._count >= self._next_fit:
            self._next_fit = _next_fit(self._count)
            self.betas = self._fit()
        return self.betas

    def _fit(self) -> FloatArray:
        ratio = self._sum / np.maximum(self._weight, 1e-9) - 1
        # A few pictures are weak evidence against an average body.
        trust = self._weight / (self._weight + 15.0)
        weighted = self._jacobian * trust[:, None]
        normal = weighted.T @ self._jacobian + _RIDGE * np.eye(10)
        return np.clip(np.linalg.solve(normal, weighted.T @ ratio), -_BETA_MAX, _BETA_MAX)

    @staticmethod
    def _lengths(joints: FloatArray) -> FloatArray:
        return np.linalg.norm(joints[_JOINT_A] - joints[_JOINT_B], axis=1)


class MeanShape:
    """Running mean of betas (10,), which changes seldom, so that the body does not breathe."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._mean, self._count, self._next = np.zeros(10), 0, 1
        self.betas = np.zeros(10)

    def update(self, betas: FloatArray) -> FloatArray:
        """Take in what one picture says; returns the betas to use, the same array until they change."""
        self._count += 1
        self._mean = self._mean + (betas - self._mean) / min(self._count, _FORGET_FRAMES)
        if self._count >= self._next:
            self._next = _next_fit(self._count)
            self.betas = np.clip(self._mean, -_BETA_MAX, _BETA_MAX)
        return self.betas


def _next_fit(count: int) -> int:
    """At pictures 1, 2, 4, 8 ... and then every few seconds."""
    return count + min(count, 128)
