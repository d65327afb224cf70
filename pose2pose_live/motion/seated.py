"""`SeatedLegs`: legs that nobody sees, under a desk or below the picture, rest; and the hips above them are steady."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..frame import FloatArray, SmplxFrame
from ..rotations import (
    quat_conjugate,
    quat_multiply,
    quat_to_rotmat,
    quat_to_rotvec,
    rotvec_to_quat,
    slerp,
)
from ..skeleton import SMPLX
from .legs_seen import LegsSeen
from .level import upright
from .smoothing import RotationFilter

if TYPE_CHECKING:
    from ..body import BodyModel
    from .controls import Seated

_BLEND_S = 0.5
# Legs are given up later than they are believed again: a hand that passes before a knee is no desk.
_UNSEEN_S, _SEEN_S = 1.0, 0.6
_SITTING_S = 0.7
# Angle of the thighs from straight down. Between the two, what was known before holds.
_SITTING_RAD, _STANDING_RAD = np.radians(50.0), np.radians(35.0)
_GAP_S = 0.5
_HIPS_REST_S, _HIPS_SPEED = np.array([1.0]), np.array([1.5])

_LEGS = [[SMPLX[f"{side}_{joint}"] for side in ("left", "right")] for joint in ("hip", "knee", "ankle", "foot")]
_HIPS, _KNEES, _ANKLES, _FEET = _LEGS
_PELVIS, _SPINE = SMPLX["pelvis"], SMPLX["spine1"]


def _legs(thigh_deg: float, shank_deg: float, spread_deg: float) -> FloatArray:
    """World rotations (4,2,4) of hips, knees, ankles and feet of a body that faces +Z: both legs lifted forwards, thighs turned apart."""
    legs = np.empty((len(_LEGS), 2, 4))
    for side, sign in enumerate((1.0, -1.0)):
        apart = rotvec_to_quat(np.radians([0.0, sign * spread_deg, 0.0]))
        for row, lifted_deg in enumerate((thigh_deg, shank_deg, 0.0, 0.0)):
            legs[row, side] = quat_multiply(apart, rotvec_to_quat(np.radians([-lifted_deg, 0.0, 0.0])))
    return legs


_SITTING, _STANDING = _legs(85.0, 0.0, 9.0), _legs(0.0, 0.0, 0.0)


class SeatedLegs:
    """Takes one person's frames in order of time.

    "auto" lets the legs rest that were not seen for a second, and the legs of whoever sits without showing the feet; "on" always, "off" never.
    Legs at rest sit if the person was last seen to sit, or if "on" is told of somebody whose legs were never seen; else they stand. Their
    confidence is 0. The trunk stays where it was seen.
    """

    def __init__(self, body: BodyModel) -> None:
        self._body = body
        self.reset()

    def reset(self) -> None:
        self._time_s: float | None = None
        self._sits: bool | None = None
        self._sitting_s = self._unseen_s = self._seen_s = 0.0
        self._is_resting = False
        self._rest = self._sit = 0.0  # how far the blends have gone, 0..1
        self._pelvis_offset: tuple[bytes, FloatArray] = (b"", np.zeros(3))

    @property
    def has_made_up_feet(self) -> bool:
        return self._rest > 0

    def __call__(self, frame: SmplxFrame, seen: LegsSeen | None, mode: Seated) -> SmplxFrame:
        """seen: None when nobody was: what is done to the legs then goes on."""
        quats = rotvec_to_quat(frame.full_pose)
        pelvis = quats[_PELVIS : _PELVIS + 1]
        step_s = _GAP_S if self._time_s is None else frame.time_s - self._time_s
        is_first = self._time_s is None or not 0 <= step_s < _GAP_S
        if is_first:
            step_s = _GAP_S
            self._hips = RotationFilter(pelvis, _HIPS_REST_S, _HIPS_SPEED)
        if seen is not None:
            self._look(quats, frame, seen, step_s, is_first)
        self._time_s = frame.time_s
        steady = self._hips(pelvis, step_s)[0] if step_s > 0 else pelvis[0]
        rests = mode == "on" or (mode == "auto" and self._is_resting)
        sits = self._sits if self._sits is not None else mode == "on"
        if is_first and self._rest in (0.0, 1.0):
            self._rest, self._sit = float(rests), float(sits)
        self._rest = _moved(self._rest, float(rests), step_s)
        self._sit = _moved(self._sit, float(sits), step_s) if self._rest else float(sits)
        if not self._rest:
            return frame
        return self._rested(frame, quats, steady, _smooth_step(self._rest))

    def _look(self, quats: FloatArray, frame: SmplxFrame, seen: LegsSeen, step_s: float, is_first: bool) -> None:
        """Note what this picture says of the legs."""
        if seen.has_thighs:
            thigh = quat_multiply(quats[_PELVIS], quats[_HIPS])
            up = np.array([0.0, 1.0, 0.0] if frame.ground is None else frame.ground.up)
            angle = float(np.arccos(np.clip(quat_to_rotmat(thigh)[:, :, 1] @ up, -1.0, 1.0)).mean())
            if angle < _STANDING_RAD:
                self._sitting_s, self._sits = 0.0, False
            elif angle > _SITTING_RAD:
                self._sitting_s += step_s
                if self._sitting_s >= _SITTING_S or is_first:
                    self._sits = True
        if seen.has_shanks or (seen.has_thighs and not self._sits):
            self._seen_s, self._unseen_s = self._seen_s + step_s, 0.0
        else:
            self._unseen_s, self._seen_s = self._unseen_s + step_s, 0.0
        if self._unseen_s >= _UNSEEN_S or (is_first and self._unseen_s > 0):
            self._is_resting = True
        elif self._seen_s >= _SEEN_S:
            self._is_resting = False

    def _rested(self, frame: SmplxFrame, quats: FloatArray, steady: FloatArray, share: float) -> SmplxFrame:
        before = quats[_PELVIS].copy()
        pelvis = slerp(before, steady, share)
        world = [quat_multiply(before, quats[_HIPS])]
        for rows in _LEGS[1:]:
            world.append(quat_multiply(world[-1], quats[rows]))
        facing = upright(pelvis, frame.ground)
        resting = slerp(_STANDING, _SITTING, _smooth_step(self._sit))
        legs = slerp(np.stack(world), quat_multiply(np.broadcast_to(facing, resting.shape), resting), share)
        above = np.concatenate([np.broadcast_to(pelvis, (1, 2, 4)), legs[:-1]])
        for rows, local in zip(_LEGS, quat_multiply(quat_conjugate(above), legs), strict=True):
            quats[rows] = local
        # The spine takes back what the pelvis was turned, so that the trunk is turned and stands as it was seen.
        quats[_SPINE] = quat_multiply(quat_conjugate(pelvis), quat_multiply(before, quats[_SPINE]))
        quats[_PELVIS] = pelvis
        moved = (quat_to_rotmat(before) - quat_to_rotmat(pelvis)) @ self._spine_offset(frame.betas)
        confidence = replace(frame.confidence, legs=(1 - share) * frame.confidence.legs)
        return frame.with_full_pose(quat_to_rotvec(quats), transl=frame.transl + moved, confidence=confidence)

    def _spine_offset(self, betas: FloatArray) -> FloatArray:
        """From the pelvis to the lowest joint of the spine at rest, (3,) m."""
        key = betas.tobytes()
        if self._pelvis_offset[0] != key:
            rest = self._body.rest_joints(betas)
            self._pelvis_offset = (key, rest[_SPINE] - rest[_PELVIS])
        return self._pelvis_offset[1]


def _moved(value: float, target: float, step_s: float) -> float:
    step = step_s / _BLEND_S
    return float(np.clip(target, value - step, value + step))


def _smooth_step(x: float) -> float:
    return x * x * (3 - 2 * x)
