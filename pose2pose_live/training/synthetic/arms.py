"""Arms that reach for a place: collar, shoulder, elbow and wrist from where the hand shall be and where the palm shall look.

Everything is written for the left arm in the T-pose axes of the chest (x = the subject's left, y up, z forward); the right arm is its
mirror image.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, atan2, cos, pi, radians, sin

import numpy as np

from ...frame import FloatArray
from ...skeleton import SMPLX
from .turns import about_x, about_y, about_z, clamp, cross3, unit3

_REST_FRAME = np.diag([1.0, -1.0, -1.0])  # columns: along the bone, hinge of the elbow (it bends about -y), their cross
_ELBOW_HANGS = np.array([0.55, -1.0, -0.35])
_LONGEST = 0.985  # of the stretched arm: nobody locks the elbow
_TWIST_MAX = radians(88.0)
_TWIST_OF_WRIST = 0.35
_WRIST_FLEX = radians(-70.0), radians(60.0)


@dataclass(frozen=True)
class ArmGoal:
    """place (3,) m: where the hand shall be, from the middle between the shoulders; palm (3,): where the palm looks, or None for any;
    beyond_wrist_m: how far from the wrist along the hand the part lies that shall be there (0 wrist, 0.09 knuckles, 0.17 tips)."""

    place: FloatArray
    palm: FloatArray | None = None
    beyond_wrist_m: float = 0.09
    swivel_rad: float = 0.0


@dataclass(frozen=True)
class Arm:
    """Local rotations (3,3) of the left arm."""

    collar: FloatArray
    shoulder: FloatArray
    elbow: FloatArray
    wrist: FloatArray


class LeftArm:
    """The left arm of a shaped body, from its rest joints (55,3)."""

    def __init__(self, rest_joints: FloatArray) -> None:
        collar, shoulder, elbow, wrist = (
            rest_joints[SMPLX[f"left_{name}"]] for name in ("collar", "shoulder", "elbow", "wrist")
        )
        self._collar, self._to_shoulder = collar, shoulder - collar
        self.origin = np.array([0.0, shoulder[1], shoulder[2]])
        self._upper = float(np.linalg.norm(elbow - shoulder))
        self._lower = float(np.linalg.norm(wrist - elbow))

    @property
    def length_m(self) -> float:
        return self._upper + self._lower

    def reach(self, goal: ArmGoal, rng: np.random.Generator) -> Arm:
        """The arm that brings the hand to its goal, or as near as it is long."""
        place = self.origin + goal.place
        wrist_place = place
        for _ in range(2 if goal.beyond_wrist_m else 1):
            collar, upper, lower, hinge, bend = self._bones(wrist_place, goal.swivel_rad)
            wrist_place = place - goal.beyond_wrist_m * lower
        chest_to_upper = np.stack([upper, hinge, cross3(upper, hinge)], axis=1) @ _REST_FRAME
        elbow = about_y(-bend)
        forearm = chest_to_upper @ elbow
        twist, flex = _hand_angles(forearm, goal.palm, rng)
        deviation = clamp(rng.normal(0, 0.15), -0.45, 0.35)
        wrist = about_x(twist * _TWIST_OF_WRIST) @ about_y(deviation) @ about_z(flex)
        return Arm(
            collar,
            collar.T @ chest_to_upper,
            elbow @ about_x(twist * (1 - _TWIST_OF_WRIST)),
            wrist,
        )

    def _bones(
        self, wrist_place: FloatArray, swivel_rad: float
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, float]:
        collar = self._girdle(wrist_place)
        shoulder = self._collar + collar @ self._to_shoulder
        away = wrist_place - shoulder
        along = unit3(away)
        a, b = self._upper, self._lower
        distance = clamp(float(away @ away) ** 0.5, 1.02 * abs(a - b) + 0.12, _LONGEST * (a + b))
        at_shoulder = acos((a * a + distance * distance - b * b) / (2 * a * distance))
        bend = pi - acos((a * a + b * b - distance * distance) / (2 * a * b))
        hanging = unit3(_ELBOW_HANGS - (_ELBOW_HANGS @ along) * along)
        towards_elbow = cos(swivel_rad) * hanging + sin(swivel_rad) * cross3(along, hanging)
        upper = cos(at_shoulder) * along + sin(at_shoulder) * towards_elbow
        lower = unit3(distance * along - a * upper)
        return collar, upper, lower, cross3(towards_elbow, along), bend

    def _girdle(self, wrist_place: FloatArray) -> FloatArray:
        """The collar bone goes with the arm: up with a raised hand, forward with one that reaches out or across."""
        x, y, z = (wrist_place - self.origin) / self.length_m
        up = 0.35 * max(y + 0.15, 0.0) - 0.06
        forward = 0.30 * max(z - 0.35, 0.0) + 0.25 * max(-x, 0.0)
        return about_z(up) @ about_y(-forward)


def _hand_angles(forearm: FloatArray, palm: FloatArray | None, rng: np.random.Generator) -> tuple[float, float]:
    """Twist of the forearm and flexion of the wrist, rad, that turn the palm where it shall look, as far as joints allow."""
    if palm is None:
        return clamp(rng.normal(0, 0.5), -_TWIST_MAX, _TWIST_MAX), float(rng.normal(-0.05, 0.3))
    x, y, z = forearm.T @ palm
    twist = clamp(atan2(-z, -y) if abs(y) + abs(z) > 0.05 else 0.0, -_TWIST_MAX, _TWIST_MAX)
    # After the twist the palm looks along -y of the forearm; flexing turns it about z towards +x (back) or -x.
    down = cos(twist) * -y + sin(twist) * -z
    flex = clamp(atan2(x, down), *_WRIST_FLEX) * 0.8
    return twist + float(rng.normal(0, 0.12)), flex + float(rng.normal(0, 0.12))
