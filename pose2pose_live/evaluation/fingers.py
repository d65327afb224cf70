"""Which fingers of a posed hand are extended, from how much their joints are bent."""

from __future__ import annotations

import numpy as np

from ..estimation.rest import FINGER_ROWS, FINGERS, SIDES, RestSkeleton
from ..frame import FloatArray, SmplxFrame
from ..rotations import cross, rotvec_to_rotmat
from ..skeleton import SMPLX

__all__ = ["FINGERS", "extended", "flexions_deg", "signing_side"]

_FIST_DEG = {"thumb": 130.0}
_FIST_FINGER_DEG = 245.0
"""Flexion of all joints of a finger together in a fist: knuckle 85, middle 100, end 60 degrees; of the thumb across the palm: 30, 50, 50."""


def flexions_deg(rest: RestSkeleton, side: int, hand_pose: FloatArray) -> FloatArray:
    """Flexion (5,3) of every finger joint, in the order of `FINGERS`, from the base out, of hand_pose (15,3) axis-angle; side 0 = left.

    The angle by which the joint turns its bone away from the straight finger, about the axis that curls it towards the palm; spread does not count.
    """
    rotations = rotvec_to_rotmat(hand_pose)[np.array(FINGER_ROWS)]
    straight = rest.finger_directions[side]
    axis = rest.flexion_axes[side][:, None]
    turned = np.matvec(rotations, straight)
    down = cross(np.broadcast_to(axis, straight.shape), straight)
    return np.degrees(np.arctan2(np.vecdot(turned, down), np.vecdot(turned, straight)))


def extended(flexions: FloatArray) -> dict[str, bool]:
    """Finger -> whether it is nearer to straight than to a fist: the flexions of its joints (5,3) degrees add up to less than half a fist's."""
    totals = dict(zip(FINGERS, flexions.sum(axis=1), strict=True))
    return {finger: bool(total < _FIST_DEG.get(finger, _FIST_FINGER_DEG) / 2) for finger, total in totals.items()}


def signing_side(pose: SmplxFrame, joints: FloatArray) -> int | None:
    """Which hand makes the sign: of the hands that were found the one whose wrist is higher; None when none was found."""
    found = [side for side, name in enumerate(SIDES) if getattr(pose.confidence, f"{name}_hand") > 0]
    return max(found, key=lambda side: joints[SMPLX[f"{SIDES[side]}_wrist"], 1], default=None)
