"""`PoseSmoother`: One-Euro smoothing of a pose, rotations on SO(3), constants in seconds per part.

The One-Euro filter (Casiez, Roussel & Vogel, CHI 2012) is a low pass whose cut-off grows with speed: still limbs are still, fast ones
are not late. Here the signal is a rotation: its speed is an angular velocity and a step of the low pass is a slerp. Two things are not as in the
paper. A cut-off that grows without end lets all of the trembling through in fast motion, so there is a least time constant. And the low pass is two,
one after the other, which share its time: as late as one, they take out far more of what changes from picture to picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..frame import FloatArray, SmplxFrame
from ..rotations import quat_conjugate, quat_multiply, quat_to_rotvec, rotvec_to_quat, slerp
from ..skeleton import EYES_SLICE, JAW_SLICE, LEFT_HAND_SLICE, RIGHT_HAND_SLICE, SMPLX, SMPLX_JOINTS

_PASSES = 2
_SPEED_SMOOTHING_S = 0.16  # 1 Hz, the value of the paper
_GAP_S = 0.5  # after a longer gap the old pose says nothing about the new one
_STRENGTH_STEP_MIN = 1e-3
_STRENGTH_S = 0.15  # how fast a new strength takes effect: at once would be a jump from a late pose to a prompt one


@dataclass(frozen=True)
class OneEuro:
    """rest_s: time constant of the low pass when nothing moves. speed: by how much the cut-off frequency (Hz) grows per unit of speed (rad/s, m/s or
    1/s). least_s: the time constant however fast it moves."""

    rest_s: float
    speed: float
    least_s: float = 0.0


# Wrists and fingers move fast and must not lag; the trunk carries everything and must not tremble.
TRUNK = OneEuro(0.25, 2.5, 0.06)
LIMB = OneEuro(0.2, 2.0, 0.06)
HAND = OneEuro(0.12, 1.5)
FACE = OneEuro(0.05, 1.0)
ACROSS = OneEuro(0.12, 8.0)
DEPTH = OneEuro(0.35, 2.0)
EXPRESSION = OneEuro(0.05, 1.0)

_LIMBS = ("collar", "shoulder", "elbow", "hip", "knee", "ankle", "foot", "neck", "head")


def _constants() -> tuple[FloatArray, FloatArray, FloatArray]:
    chosen = [TRUNK] * len(SMPLX_JOINTS)
    for name, index in SMPLX.items():
        last = name.split("_")[-1]
        if last in _LIMBS:
            chosen[index] = LIMB
        elif last == "wrist":
            chosen[index] = HAND
    for part, constants in ((LEFT_HAND_SLICE, HAND), (RIGHT_HAND_SLICE, HAND), (JAW_SLICE, FACE), (EYES_SLICE, FACE)):
        chosen[part] = [constants] * len(chosen[part])
    return _columns(chosen)


def _columns(chosen: list[OneEuro]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """rest_s, speed, least_s."""
    return (
        np.array([c.rest_s for c in chosen]),
        np.array([c.speed for c in chosen]),
        np.array([c.least_s for c in chosen]),
    )


_ROTATIONS = _constants()


class PoseSmoother:
    """Smooths one person's frames in order of time. strength scales all time constants at rest; 0 leaves frames as they are.

    strength may be set between two frames: what was smoothed so far stays, and the new strength takes over within a moment.
    """

    def __init__(self, strength: float = 1.0) -> None:
        self.strength = strength
        self.reset()

    def reset(self) -> None:
        self._time_s: float | None = None

    def __call__(self, frame: SmplxFrame) -> SmplxFrame:
        step_s = 0.0 if self._time_s is None else frame.time_s - self._time_s
        if self._time_s is None or not 0 < step_s < _GAP_S:
            self._strength = self.strength
            if self._strength <= 0:
                return frame
            self._rotations = RotationFilter(rotvec_to_quat(frame.full_pose), *_ROTATIONS)
            vector = _vector(frame)
            self._vector = _VectorFilter(vector, [ACROSS, ACROSS, DEPTH, *[EXPRESSION] * (len(vector) - 3)])
            self._time_s = frame.time_s
            return frame
        self._time_s = frame.time_s
        self._strength += float(share_of(_STRENGTH_S, step_s)) * (self.strength - self._strength)
        if abs(self.strength - self._strength) < _STRENGTH_STEP_MIN:
            self._strength = self.strength
        if self._strength <= 0:
            self.reset()
            return frame
        quats = self._rotations(rotvec_to_quat(frame.full_pose), step_s, self._strength)
        vector = self._vector(_vector(frame), step_s, self._strength)
        end = 3 + len(frame.expression)
        return frame.with_full_pose(
            quat_to_rotvec(quats),
            transl=vector[:3],
            expression=vector[3:end],
            blendshapes=np.clip(vector[end:], 0.0, 1.0),
        )


def _vector(frame: SmplxFrame) -> FloatArray:
    """What is no rotation: place, expression and blendshapes."""
    return np.concatenate([frame.transl, frame.expression, frame.blendshapes])


class _Adaptive:
    """The share of the way to a new value that each of the low passes goes in one step."""

    def __init__(self, rest_s: FloatArray, speed: FloatArray, least_s: FloatArray | float) -> None:
        self._rest_s, self._speed, self._least_s = rest_s, speed, least_s

    def share(self, speed: FloatArray, step_s: float, strength: float) -> FloatArray:
        cutoff_hz = 1 / (2 * np.pi * np.maximum(strength * self._rest_s, 1e-6)) + self._speed * speed
        together_s = np.maximum(1 / (2 * np.pi * cutoff_hz), strength * self._least_s)
        return share_of(together_s / _PASSES, step_s)


class RotationFilter:
    """One-Euro smoothing of rotations, quaternions (N,4), each with its constants: rest_s, speed, least_s (N,) as in `OneEuro`."""

    def __init__(
        self, quats: FloatArray, rest_s: FloatArray, speed: FloatArray, least_s: FloatArray | float = 0.0
    ) -> None:
        self._passes, self._velocity = [quats] * _PASSES, np.zeros((len(quats), 3))
        self._adaptive = _Adaptive(rest_s, speed, least_s)

    def __call__(self, quats: FloatArray, step_s: float, strength: float = 1.0) -> FloatArray:
        turn = quat_to_rotvec(quat_multiply(quat_conjugate(self._passes[-1]), quats)) / step_s
        self._velocity += share_of(_SPEED_SMOOTHING_S, step_s) * (turn - self._velocity)
        share = self._adaptive.share(np.linalg.norm(self._velocity, axis=1), step_s, strength)
        for index, before in enumerate(self._passes):
            quats = self._passes[index] = slerp(before, quats, share)
        return quats


class _VectorFilter:
    def __init__(self, value: FloatArray, constants: list[OneEuro]) -> None:
        self._passes, self._velocity = [value] * _PASSES, np.zeros_like(value)
        self._adaptive = _Adaptive(*_columns(constants))

    def __call__(self, value: FloatArray, step_s: float, strength: float) -> FloatArray:
        self._velocity = self._velocity + share_of(_SPEED_SMOOTHING_S, step_s) * (
            (value - self._passes[-1]) / step_s - self._velocity
        )
        share = self._adaptive.share(np.abs(self._velocity), step_s, strength)
        for index, before in enumerate(self._passes):
            value = self._passes[index] = before + share * (value - before)
        return value


def share_of(time_constant_s: FloatArray | float, step_s: float) -> FloatArray:
    """Of the way to a new value that a first-order low pass goes in one step; exact for any step."""
    return -np.expm1(-step_s / np.asarray(time_constant_s))
