"""`FloorContact`: a foot that stands is on the floor, and does not slide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..frame import FloatArray, Ground, SmplxFrame
from .leg_reach import move_feet
from .legs_seen import SEEN_MIN, LegsSeen
from .smoothing import share_of
from .soles import Soles

if TYPE_CHECKING:
    from ..body import BodyModel

_GAP_S = 0.5
# A foot stands that hardly moves, for a moment; at the top of a jump nothing moves either, for less than that.
_STILL_M_S, _MOVING_M_S, _STANDS_S = 0.3, 0.6, 0.12
_VELOCITY_S = 0.08
_NEAR_FLOOR_M, _OFF_FLOOR_M = 0.06, 0.12
# How fast the floor is learnt anew, also where it was calibrated: up is not known to the degree, and a degree is 2 cm a step.
_FLOOR_S = 4.0
# An anchor gives way slowly, so that a foot that is truly dragged along is not held and then let go.
_ANCHOR_S, _LAND_S, _RELEASE_S = 1.5, 0.08, 0.12
_MOVE_MAX_M = 0.1
_TINY_M = 1e-4


class FloorContact:
    """Takes one person's smoothed frames in order of time; the last to touch them.

    The floor is where the lower foot stands on the average of some seconds, at first the calibrated one. Feet that stand are anchored on it, and
    legs bend to keep them there, by 10 cm at most; the body itself stays where it is in the picture. While feet are not seen, or fly, nothing new
    is done: a jump is a jump. Nothing jumps when any of this begins or ends.
    """

    def __init__(self, body: BodyModel) -> None:
        self._body, self._soles = body, Soles(body)
        self.reset()

    def reset(self) -> None:
        self._time_s: float | None = None
        self._floor_m: float | None = None
        self._ground: Ground | None = None
        self._still_s = np.zeros(2)
        self._anchored = np.zeros(2, bool)
        self._anchors = np.zeros((2, 3))
        self._lowest = np.zeros(2, int)
        self._moves = np.zeros((2, 3))  # of each foot, m

    def __call__(self, frame: SmplxFrame, seen: LegsSeen, *, is_on: bool) -> SmplxFrame:
        """seen: `NO_LEGS` where the feet are made up. While it is off, what it did fades out."""
        if not (is_on or self._moves.any()):
            self._time_s = None
            return frame
        up = np.array([0.0, 1.0, 0.0] if frame.ground is None else frame.ground.up)
        world = self._body.joint_to_world(frame)
        soles = self._soles(world, frame.betas)
        step_s = 0.0 if self._time_s is None else frame.time_s - self._time_s
        if self._time_s is None or not 0 < step_s < _GAP_S:
            self.reset()
            self._time_s, self._before, self._velocity = frame.time_s, soles, np.zeros_like(soles)
            return frame
        self._time_s = frame.time_s
        is_seen = (seen.ankles >= SEEN_MIN) & frame.tracked & is_on
        self._velocity += share_of(_VELOCITY_S, step_s) * ((soles - self._before) / step_s - self._velocity)
        self._before = soles
        speed = np.linalg.norm(self._velocity, axis=-1).min(axis=1)
        self._still_s = np.where(is_seen & (speed < _STILL_M_S), self._still_s + step_s, 0.0)
        above = self._above_floor(frame, (soles @ up).min(axis=1), step_s)
        self._anchor(soles, up, above, is_seen & (speed < _MOVING_M_S), step_s)
        return move_feet(frame, world, self._moves) if self._moves.any() else frame

    def _above_floor(self, frame: SmplxFrame, heights: FloatArray, step_s: float) -> FloatArray:
        """(2,) m: how high each foot is. heights (2,) m: of its lowest point, along up."""
        if frame.ground != self._ground:
            self._ground = frame.ground
            self._floor_m = None if frame.ground is None else frame.ground.height_m
        lower = int(heights.argmin())
        if self._still_s[lower] >= _STANDS_S:
            floor_m = heights[lower] if self._floor_m is None else self._floor_m
            self._floor_m = float(floor_m + share_of(_FLOOR_S, step_s) * (heights[lower] - floor_m))
        return heights - (heights[lower] if self._floor_m is None else self._floor_m)

    def _anchor(
        self, soles: FloatArray, up: FloatArray, above: FloatArray, may_stand: NDArray[np.bool_], step_s: float
    ) -> None:
        """Choose by how much each foot is moved. soles (2,4,3) m: where the pose has them."""
        lowest = (soles @ up).argmin(axis=1)
        places = soles[[0, 1], lowest]
        lands = ~self._anchored & (self._still_s >= _STANDS_S) & (np.abs(above) < _NEAR_FLOOR_M)
        # It rolls from the heel to the toe: the anchor goes along the sole.
        rolls = self._anchored & (lowest != self._lowest)
        self._anchors = np.where((lands | rolls)[:, None], places + self._moves, self._anchors)
        self._anchors += share_of(_ANCHOR_S, step_s) * (places - self._anchors)
        self._lowest = lowest
        moves = self._anchors - places
        rises = self._moves @ up
        rises += share_of(_LAND_S, step_s) * (-above - rises)
        moves += (rises - moves @ up)[:, None] * up
        self._anchored = (self._anchored | lands) & may_stand & (np.abs(above) < _OFF_FLOOR_M)
        self._anchored &= np.linalg.norm(moves, axis=-1) < _MOVE_MAX_M
        fading = (1 - share_of(_RELEASE_S, step_s)) * self._moves
        fading[np.linalg.norm(fading, axis=-1) < _TINY_M] = 0.0
        self._moves = np.where(self._anchored[:, None], moves, fading)
