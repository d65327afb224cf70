"""From 21 hand landmarks to a palm rotation and the rotations of SMPL-X's 15 finger joints, by geometry alone.

In the palm's frame a finger bone is compared with the same bone of the flat hand. A knuckle (MCP) flexes and spreads, the joints
behind it only flex; the thumb's base swings freely. Angles stay within what a hand can do (ranges of motion after Kapandji,
"The Physiology of the Joints", rounded outwards a little, since the landmarks are noisy).
"""

from __future__ import annotations

import numpy as np

from ..frame import FloatArray
from ..rotations import cross, normalise, rotmat_to_rotvec, rotvec_to_rotmat, swing_between
from ..skeleton import HAND_LANDMARK
from .rest import FINGER_ROWS, FINGERS, RestSkeleton, palm_basis

_PALM = [HAND_LANDMARK[name] for name in ("wrist", "index_mcp", "middle_mcp", "pinky_mcp")]
_CHAINS = np.array(
    [[HAND_LANDMARK[f"{finger}_{joint}"] for joint in
      (("cmc", "mcp", "ip", "tip") if finger == "thumb" else ("mcp", "pip", "dip", "tip"))] for finger in FINGERS]
)  # fmt: skip
_ROWS = np.array(FINGER_ROWS).ravel()
# Flexion limits of the three bones, thumb first (rows as FINGERS), degrees; spread limit of the knuckles.
_FLEX_MIN = np.radians([[-30, -30, -15]] + [[-30, -5, -5]] * 4)
_FLEX_MAX = np.radians([[45, 70, 90]] + [[95, 115, 85]] * 4)
_SPREAD_MAX = np.radians(22.0)
_THUMB_SWING_MAX = np.radians(65.0)
_WRAP_RAD = np.radians(110.0)
# A relaxed hand, for a hand that nobody sees: slight flexion growing from index to little finger.
_RELAXED_FLEX = np.radians([[10, 10, 15], [15, 20, 12], [20, 25, 15], [25, 30, 18], [28, 32, 18]])


def palm_rotation(rest: RestSkeleton, side: int, points: FloatArray) -> FloatArray:
    """World rotation (3,3) of a hand from its landmarks (21,3) m in world axes; side 0 = left, 1 = right."""
    return palm_basis(*points[_PALM]) @ rest.palm_bases[side].T


def solve_fingers(rest: RestSkeleton, side: int, points: FloatArray, palm: FloatArray) -> FloatArray:
    """Finger joints (15,3) axis-angle from landmarks (21,3) m in world axes and the palm's world rotation."""
    bones = normalise(np.diff(points[_CHAINS], axis=1)) @ palm
    flat = rest.finger_directions[side]
    pose = np.zeros((len(FINGERS), 3, 3))
    flex_axes = rest.flexion_axes[side]
    # Knuckles: flexion and spread are the bone's angles out of the plane and within it.
    axis, along = flex_axes[1:], flat[1:, 0]
    down = cross(axis, along)
    bone = bones[1:, 0]
    flex = np.arctan2(np.vecdot(bone, down), np.vecdot(bone, along))
    spread = np.arcsin(np.clip(np.vecdot(bone, axis), -1, 1))
    # A bone that points at the palm itself has no meaningful spread; a fist brings the fingers together.
    flex = _clip_flex(flex, slice(1, None), 0)
    spread = np.clip(spread, -_SPREAD_MAX, _SPREAD_MAX) * np.cos(np.clip(flex, 0, np.pi / 2)) ** 0.5
    turn = rotvec_to_rotmat(flex[:, None] * axis) @ rotvec_to_rotmat(-spread[:, None] * down)
    pose[1:, 0] = rotmat_to_rotvec(turn)
    for joint in (1, 2):
        angle = _signed_angle(bones[1:, joint - 1], bones[1:, joint], np.matvec(turn, axis))
        pose[1:, joint] = _clip_flex(angle, slice(1, None), joint)[:, None] * axis
    pose[0] = _solve_thumb(flat[0], bones[0], flex_axes[0])
    return _to_rows(pose)


def relaxed_fingers(rest: RestSkeleton, side: int) -> FloatArray:
    """Finger joints (15,3) axis-angle of a hand at rest."""
    return _to_rows(_RELAXED_FLEX[..., None] * rest.flexion_axes[side][:, None])


def _solve_thumb(flat: FloatArray, bones: FloatArray, flex_axis: FloatArray) -> FloatArray:
    pose = np.zeros((3, 3))
    pose[0] = _limited(rotmat_to_rotvec(swing_between(flat[0], bones[0])), _THUMB_SWING_MAX)
    base = rotvec_to_rotmat(pose[0])
    pose[1] = _limited(rotmat_to_rotvec(swing_between(flat[1], base.T @ bones[1])), _FLEX_MAX[0, 1])
    middle = base @ rotvec_to_rotmat(pose[1])
    angle = _signed_angle(middle @ flat[1], bones[2], middle @ flex_axis)
    pose[2] = np.clip(angle, _FLEX_MIN[0, 2], _FLEX_MAX[0, 2]) * flex_axis
    return pose


def _to_rows(pose: FloatArray) -> FloatArray:
    rows = np.zeros((15, 3))
    rows[_ROWS] = pose.reshape(15, 3)
    return rows


def _clip_flex(angle: FloatArray, fingers: slice, joint: int) -> FloatArray:
    # Past the back of the hand an angle is a strong curl that went once round.
    angle = np.where(angle < -_WRAP_RAD, angle + 2 * np.pi, angle)
    return np.clip(angle, _FLEX_MIN[fingers, joint], _FLEX_MAX[fingers, joint])


def _signed_angle(a: FloatArray, b: FloatArray, axis: FloatArray) -> FloatArray:
    """Angle from a to b about axis, seen along the axis (unit vectors, (...,3))."""
    a = a - np.vecdot(a, axis)[..., None] * axis
    b = b - np.vecdot(b, axis)[..., None] * axis
    return np.arctan2(np.vecdot(cross(a, b), axis), np.vecdot(a, b))


def _limited(rotvec: FloatArray, max_rad: float) -> FloatArray:
    return rotvec * min(1.0, max_rad / max(float(np.linalg.norm(rotvec)), 1e-9))
