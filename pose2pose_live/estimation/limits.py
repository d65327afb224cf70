"""How far the joints of a body turn: what an estimate says beyond that is brought back to the limit.

Each local rotation is split into a twist about the bone and a swing (swing * twist); their components about the body's axes (x to
the left, y up, z forward, as in the T-pose) are clipped. Ranges are of healthy adults (Kapandji, "The Physiology of the Joints"),
rounded outwards, since a joint of SMPL-X is not quite the anatomical one.
"""

from __future__ import annotations

import numpy as np

from ..frame import FloatArray
from ..rotations import quat_multiply, quat_to_rotvec, rotmat_to_quat, rotvec_to_quat, swing_twist
from ..skeleton import BODY_JOINTS

# Joint (left side): axis of the twist, then (low, high) about x, y, z in degrees. Right sides mirror: y and z change their sign.
_LEFT_OR_MIDDLE: dict[str, tuple[int, tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    "spine1": (1, (-15, 35), (-20, 20), (-18, 18)),
    "spine2": (1, (-15, 35), (-20, 20), (-18, 18)),
    "spine3": (1, (-15, 35), (-20, 20), (-18, 18)),
    "neck": (1, (-35, 40), (-45, 45), (-28, 28)),
    "head": (1, (-35, 40), (-45, 45), (-28, 28)),
    "hip": (1, (-130, 35), (-50, 50), (-35, 75)),  # x: flexion lifts the thigh forward
    "knee": (1, (-3, 155), (-30, 30), (-15, 15)),
    "ankle": (1, (-40, 50), (-40, 40), (-35, 35)),
    "foot": (2, (-40, 30), (-10, 10), (-10, 10)),
    "collar": (0, (-15, 15), (-25, 25), (-12, 40)),
    "shoulder": (0, (-100, 100), (-145, 70), (-115, 110)),  # z: -90 hangs down; y: forward is negative
    "elbow": (0, (-95, 95), (-155, 10), (-22, 22)),
    "wrist": (0, (-60, 60), (-40, 40), (-85, 85)),
}


def _table() -> tuple[FloatArray, FloatArray, FloatArray]:
    axes, low, high = np.zeros((len(BODY_JOINTS), 3)), np.zeros((len(BODY_JOINTS), 3)), np.zeros((len(BODY_JOINTS), 3))
    for row, joint in enumerate(BODY_JOINTS):
        side, _, name = joint.rpartition("_")
        axis, *ranges = _LEFT_OR_MIDDLE[name]
        axes[row, axis] = 1.0
        for i, (lowest, highest) in enumerate(ranges):
            if side == "right" and i > 0:
                lowest, highest = -highest, -lowest
            low[row, i], high[row, i] = np.radians(lowest), np.radians(highest)
    return axes, low, high


_AXES, _LOW, _HIGH = _table()
_SWING, _TWIST = ((np.where(part, _LOW, 0), np.where(part, _HIGH, 0)) for part in (_AXES == 0, _AXES > 0))


def limit_body(local: FloatArray) -> FloatArray:
    """Local rotations (22,3,3), pelvis first -> axis-angle (22,3) inside the limits; the pelvis itself is free."""
    quat = rotmat_to_quat(local)
    swing, twist = swing_twist(quat[1:], _AXES)
    limited = quat_multiply(
        rotvec_to_quat(np.clip(quat_to_rotvec(swing), *_SWING)), rotvec_to_quat(np.clip(quat_to_rotvec(twist), *_TWIST))
    )
    return np.concatenate([quat_to_rotvec(quat[:1]), quat_to_rotvec(limited)])
