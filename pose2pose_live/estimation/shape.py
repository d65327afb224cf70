"""`ShapeFitter`: the body's shape, fitted to the lengths of limbs as they are seen over time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

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
# A stature that is known may need more of the one coefficient that makes it.
_BETA_MAX_FOR_HEIGHT = 5.0
_HEIGHT_WEIGHT = 30.0
_FORGET_FRAMES = 900.0
HEIGHT_M = (0.8, 2.4)
"""Statures that are believed."""


class Shapes(Protocol):
    """What fitting a shape needs of `body.BodyModel`."""

    def rest_joints(self, betas: FloatArray) -> FloatArray: ...

    def rest_height(self, betas: FloatArray) -> tuple[float, float]: ...


@dataclass(frozen=True)
class KnownShape:
    """What is known of a person's shape beforehand. betas: its ten coefficients, None where they are to be fitted; height_m: the stature, which
    betas that are known are brought to as well, or None."""

    betas: tuple[float, ...] | None = None
    height_m: float | None = None

    def applied_to(self, betas: FloatArray, stature: Stature) -> FloatArray:
        """The betas (10,) that are known, else the given ones, as tall as is known."""
        if self.betas is not None:
            betas = np.array(self.betas)
        return betas if self.height_m is None else stature.with_height(betas, self.height_m)


FITTED = KnownShape()


class Stature:
    """How tall a body is."""

    def __init__(self, body: Shapes) -> None:
        self._body = body

    @cached_property
    def average_m(self) -> float:
        return self.of(np.zeros(10))

    @cached_property
    def slope(self) -> FloatArray:
        """(10,): by which part of the average height one unit of each coefficient makes it taller."""
        return np.array([(self.of(unit) - self.of(-unit)) / 2 for unit in np.eye(10)]) / self.average_m

    def of(self, betas: FloatArray) -> float:
        low, high = self._body.rest_height(betas)
        return high - low

    def with_height(self, betas: FloatArray, height_m: float) -> FloatArray:
        """The nearest betas (10,) with this stature, as far as the body can have it."""
        for _ in range(3):  # nearly linear
            missing = (height_m - self.of(betas)) / self.average_m
            betas = betas + missing * self.slope / (self.slope @ self.slope)
        return np.clip(betas, -_BETA_MAX_FOR_HEIGHT, _BETA_MAX_FOR_HEIGHT)


class ShapeFitter:
    """Fits betas (10,) to running means of segment lengths; changes them seldom, so that the body does not breathe.

    usual_m: the lengths (12,) m of `SEGMENTS` that the points have of an average body; None when the
    points are a body's own joints, of unknown size: then lengths count in relation to the trunk's.
    """

    def __init__(self, body: Shapes, usual_m: FloatArray | None = None) -> None:
        rest_joints = body.rest_joints
        zero = self._lengths(rest_joints(np.zeros(10)))
        # Lengths are nearly linear in the betas: relative change by one unit of each, once.
        self._jacobian = np.stack(
            [(self._lengths(rest_joints(unit)) - self._lengths(rest_joints(-unit))) / 2 for unit in np.eye(10)], axis=1
        ) / zero[:, None]  # fmt: skip
        self._is_relative = usual_m is None
        self._ridge = _RIDGE_RELATIVE if usual_m is None else _RIDGE_USUAL
        self._usual_m = zero if usual_m is None else usual_m
        self._stature, self._known = Stature(body), FITTED
        self.reset()

    def reset(self) -> None:
        self._sum = np.zeros(len(SEGMENTS))
        self._weight = np.zeros(len(SEGMENTS))
        self._count = 0
        self._next_fit = 1
        self.betas = np.zeros(10)
        self._know(self._known)

    def update(self, points: FloatArray, seen: FloatArray, known: KnownShape = FITTED) -> FloatArray:
        """Take in one picture's landmarks (33,3) m (seen (33,) 0..1); returns the betas (10,) to use, the same array until they change."""
        if known != self._known:
            self._know(known)
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
            if self._known.betas is None:
                self.betas = self.fit()
        return self.betas

    def _know(self, known: KnownShape) -> None:
        self._known = known
        if known.betas is not None:
            self.betas = known.applied_to(self.betas, self._stature)
        elif self._count or known.height_m is not None:
            self.betas = self.fit()

    def fit(self) -> FloatArray:
        """betas (10,) by all that was taken in so far."""
        ratio = self._sum / np.maximum(self._weight, 1e-9)
        # A few pictures are weak evidence against an average body.
        trust = self._weight / (self._weight + 15.0)
        jacobian = self._jacobian
        height_m = self._known.height_m
        if self._is_relative or height_m is not None:  # the size is another's to say
            trunk = self._weight[_TRUNK]
            jacobian = jacobian - trunk @ jacobian[_TRUNK] / max(trunk.sum(), 1e-9)
            if trunk.any():
                ratio = ratio * trunk.sum() / (trunk @ ratio[_TRUNK])
        weighted = jacobian * trust[:, None]
        normal = weighted.T @ jacobian + self._ridge * np.eye(10)
        target = weighted.T @ (ratio - 1)
        if height_m is None:
            return np.clip(np.linalg.solve(normal, target), -_BETA_MAX, _BETA_MAX)
        slope = self._stature.slope
        normal += _HEIGHT_WEIGHT * np.outer(slope, slope)
        target += _HEIGHT_WEIGHT * slope * (height_m / self._stature.average_m - 1)
        betas = np.clip(np.linalg.solve(normal, target), -_BETA_MAX, _BETA_MAX)
        return self._stature.with_height(betas, height_m)

    @staticmethod
    def _lengths(joints: FloatArray) -> FloatArray:
        return np.linalg.norm(joints[_JOINT_A] - joints[_JOINT_B], axis=1)
