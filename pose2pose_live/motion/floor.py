"""`FloorContact`: the lowest foot is on the floor, and a foot that stands there does not slide."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..frame import FloatArray, SmplxFrame
from ..rotations import normalise
from .leg_reach import move_feet
from .legs_seen import SEEN_MIN, LegsSeen
from .smoothing import share_of
from .soles import Soles

if TYPE_CHECKING:
    from ..body import BodyModel

_GAP_S = 0.5
# A foot stands that hardly moves, for a moment; at the top of a jump nothing moves either, for less than that.
_STILL_M_S, _MOVING_M_S, _STANDS_S = 0.3, 0.6, 0.12
_NEAR_FLOOR_M, _OFF_FLOOR_M = 0.06, 0.1
_SHIFT_MAX_M, _SHIFT_S, _UNSEEN_S = 0.25, 0.15, 2.0
_FLOOR_S = 4.0  # how fast the floor is learnt where nobody calibrated it
# A camera knows worse how far somebody is than where in the picture: a lift is made up of both, by their uncertainty.
_DEPTH_UNCERTAINTY = 3.0
# An anchor gives way slowly, so that a foot that is truly dragged along is not held and then let go.
_ANCHOR_S, _RELEASE_S, _SLIDE_MAX_M = 1.5, 0.12, 0.1


class FloorContact:
    """Takes one person's smoothed frames in order of time; the last to touch them.

    The floor is the calibrated one, or else where feet have stood. The whole body is lifted or lowered, slowly and by 25 cm at most, only while a
    foot is seen to stand: a jump is a jump, and while no feet are seen nothing new is done. Standing feet are anchored; legs bend to keep them
    there, by 10 cm at most. Nothing jumps when any of this begins or ends.
    """

    def __init__(self, body: BodyModel) -> None:
        self._body, self._soles = body, Soles(body)
        self.reset()

    def reset(self) -> None:
        self._time_s: float | None = None
        self._floor_m: float | None = None
        self._shift_m = 0.0
        self._still_s = np.zeros(2)
        self._anchored = np.zeros(2, bool)
        self._anchors = np.zeros((2, 3))
        self._lowest = np.zeros(2, int)
        self._slides = np.zeros((2, 3))  # by how much each foot is moved

    def __call__(self, frame: SmplxFrame, seen: LegsSeen, *, is_on: bool) -> SmplxFrame:
        """seen: `NO_LEGS` where the feet are made up. While it is off, what it did fades out."""
        if not (is_on or self._shift_m or self._slides.any()):
            self._time_s = None
            return frame
        up = np.array([0.0, 1.0, 0.0] if frame.ground is None else frame.ground.up)
        world = self._body.joint_to_world(frame)
        soles = self._soles(world, frame.betas)
        step_s = 0.0 if self._time_s is None else frame.time_s - self._time_s
        if self._time_s is None or not 0 < step_s < _GAP_S:
            self.reset()
            self._time_s, self._before = frame.time_s, soles
            return frame
        self._time_s = frame.time_s
        is_seen = (seen.ankles >= SEEN_MIN) & frame.tracked & is_on
        speed = np.linalg.norm(soles - self._before, axis=-1).min(axis=1) / step_s
        self._before = soles
        self._still_s = np.where(is_seen & (speed < _STILL_M_S), self._still_s + step_s, 0.0)
        lift = self._lift(frame, (soles @ up).min(axis=1), is_seen, step_s)
        shift = _spread(lift, up, soles.mean(axis=(0, 1)))
        frame = replace(frame, transl=frame.transl + shift)
        world[:, :3, 3] += shift
        self._anchor(soles + shift, up, is_seen, speed, step_s)
        return move_feet(frame, world, self._slides) if self._slides.any() else frame

    def _lift(self, frame: SmplxFrame, heights: FloatArray, is_seen: FloatArray, step_s: float) -> float:
        """How far up the body is to go now, m. heights (2,) m: of each foot's lowest point."""
        lower = int(heights.argmin())
        stands = bool(is_seen.all()) and self._still_s[lower] >= _STANDS_S
        known = None if frame.ground is None else frame.ground.height_m
        if known is not None:
            self._floor_m = known
        elif stands:
            before = heights[lower] if self._floor_m is None else self._floor_m
            self._floor_m = float(before + share_of(_FLOOR_S, step_s) * (heights[lower] - before))
        if stands and self._floor_m is not None:
            wanted = float(np.clip(self._floor_m - heights[lower], -_SHIFT_MAX_M, _SHIFT_MAX_M))
            self._shift_m += float(share_of(_SHIFT_S, step_s)) * (wanted - self._shift_m)
        elif not is_seen.any():
            self._shift_m -= float(share_of(_UNSEEN_S, step_s)) * self._shift_m
            if abs(self._shift_m) < 1e-4:
                self._shift_m = 0.0
        return self._shift_m

    def _anchor(self, soles: FloatArray, up: FloatArray, is_seen: FloatArray, speed: FloatArray, step_s: float) -> None:
        """Move each foot to where it was put down. soles (2,4,3) m: where the pose has them now."""
        heights = soles @ up
        lowest = heights.argmin(axis=1)
        places = soles[[0, 1], lowest]
        floor_m = heights.min() if self._floor_m is None else self._floor_m
        above = heights.min(axis=1) - floor_m
        lands = ~self._anchored & (self._still_s >= _STANDS_S) & (above < _NEAR_FLOOR_M)
        # It rolls from the heel to the toe: the anchor goes along the sole.
        rolls = self._anchored & (lowest != self._lowest)
        fresh = (lands | rolls)[:, None]
        self._anchors = np.where(fresh, places + self._slides, self._anchors)
        self._anchored |= lands
        self._lowest = lowest
        self._anchors += share_of(_ANCHOR_S, step_s) * (places - self._anchors)
        slides = self._anchors - places
        slides -= (slides @ up)[:, None] * up
        too_far = np.linalg.norm(slides, axis=-1) > _SLIDE_MAX_M
        self._anchored &= is_seen & (speed < _MOVING_M_S) & (above < _OFF_FLOOR_M) & ~too_far
        fading = (1 - share_of(_RELEASE_S, step_s)) * self._slides
        fading[np.linalg.norm(fading, axis=-1) < 1e-4] = 0.0
        self._slides = np.where(self._anchored[:, None], slides, fading)


def _spread(lift_m: float, up: FloatArray, feet: FloatArray) -> FloatArray:
    """The likeliest displacement (3,) that lifts feet (3,) m by lift_m, if their distance from the camera is more uncertain than their place in the
    picture: covariance * up, scaled."""
    ray = normalise(feet)
    direction = up + (_DEPTH_UNCERTAINTY**2 - 1) * (ray @ up) * ray
    return lift_m * direction / (direction @ up)
