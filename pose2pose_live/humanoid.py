"""What other software calls SMPL-X's joints, and the T-pose that it expects.

Unity's names are those of its HumanBodyBones, which VRM and the VMC protocol took over; Mixamo's are what most retargeting tools know.
"""

from __future__ import annotations

import numpy as np

from .frame import FloatArray
from .rotations import normalise, swing_between
from .skeleton import SMPLX, SMPLX_JOINTS, SMPLX_PARENTS

_FINGERS = ("index", "middle", "ring", "pinky", "thumb")
_SIDES = {"left": 1.0, "right": -1.0}  # and where +X is

_UNITY_TRUNK = {
    "pelvis": "Hips", "spine1": "Spine", "spine2": "Chest", "spine3": "UpperChest", "neck": "Neck", "head": "Head", "jaw": "Jaw",
}  # fmt: skip
_UNITY_LIMBS = {
    "eye_smplhf": "Eye", "collar": "Shoulder", "shoulder": "UpperArm", "elbow": "LowerArm", "wrist": "Hand",
    "hip": "UpperLeg", "knee": "LowerLeg", "ankle": "Foot", "foot": "Toes",
}  # fmt: skip
_UNITY_PHALANGES = ("Proximal", "Intermediate", "Distal")

UNITY_BONES: dict[str, str] = {
    **_UNITY_TRUNK,
    **{f"{s}_{joint}": s.title() + bone for s in _SIDES for joint, bone in _UNITY_LIMBS.items()},
    **{
        f"{s}_{finger}{i + 1}": s.title() + ("Little" if finger == "pinky" else finger.title()) + phalanx
        for s in _SIDES
        for finger in _FINGERS
        for i, phalanx in enumerate(_UNITY_PHALANGES)
    },
}
"""SMPL-X joint -> Unity bone, for all 55."""

_MIXAMO_TRUNK = {
    "pelvis": "Hips", "spine1": "Spine", "spine2": "Spine1", "spine3": "Spine2", "neck": "Neck", "head": "Head",
}  # fmt: skip
_MIXAMO_LIMBS = {
    "collar": "Shoulder", "shoulder": "Arm", "elbow": "ForeArm", "wrist": "Hand",
    "hip": "UpLeg", "knee": "Leg", "ankle": "Foot", "foot": "ToeBase",
}  # fmt: skip

MIXAMO_BONES: dict[str, str] = {
    **_MIXAMO_TRUNK,
    **{f"{s}_{joint}": s.title() + bone for s in _SIDES for joint, bone in _MIXAMO_LIMBS.items()},
    **{f"{s}_{f}{i}": f"{s.title()}Hand{f.title()}{i}" for s in _SIDES for f in _FINGERS for i in (1, 2, 3)},
}
"""SMPL-X joint -> Mixamo bone, for 52: that skeleton has neither jaw nor eyes."""


def _t_pose() -> tuple[list[int], list[int], FloatArray]:
    """For each bone that a T-pose fixes: its joint, the joint it points to, and where to (VRM 1.0, "tpose")."""
    joints: list[int] = []
    ends: list[int] = []
    directions: list[tuple[float, float, float]] = []
    for side, x in _SIDES.items():
        chain = [(f"{side}_{a}", f"{side}_{b}", (x, 0.0, 0.0)) for a, b in
                 (("shoulder", "elbow"), ("elbow", "wrist"), ("wrist", "middle1"))]  # fmt: skip
        for finger in _FINGERS:
            along = (x, 0.0, 1.0) if finger == "thumb" else (x, 0.0, 0.0)
            chain += [(f"{side}_{finger}{i}", f"{side}_{finger}{i + 1}", along) for i in (1, 2)]
        for joint, end, direction in chain:
            joints.append(SMPLX[joint])
            ends.append(SMPLX[end])
            directions.append(direction)
    return joints, ends, normalise(np.array(directions))


_JOINTS, _ENDS, _DIRECTIONS = _t_pose()
_FINGER_TIPS = [SMPLX[f"{s}_{f}3"] for s in _SIDES for f in _FINGERS]
_ANKLES, _TOES = ([SMPLX[f"{s}_{joint}"] for s in _SIDES] for joint in ("ankle", "foot"))
_PARENTS = np.array(SMPLX_PARENTS)


def from_t_pose(rest_joints: FloatArray) -> FloatArray:
    """World rotations (55,3,3) that bring each bone from the T-pose of VRM into the rest pose of a body with these joints (55,3).

    Arms and fingers are level along X in a T-pose, thumbs level at 45 degrees, feet parallel; about all else VRM says nothing, and the
    identity is returned. A body that is posed by world rotations G is posed alike by G C on a skeleton that rests in the T-pose.
    """
    turns = np.broadcast_to(np.eye(3), (len(SMPLX_JOINTS), 3, 3)).copy()
    turns[_JOINTS] = swing_between(_DIRECTIONS, rest_joints[_ENDS] - rest_joints[_JOINTS])
    turns[_FINGER_TIPS] = turns[_PARENTS[_FINGER_TIPS]]  # the file has no joint beyond them
    feet = rest_joints[_TOES] - rest_joints[_ANKLES]
    feet[:, 1] = 0.0  # how far the toes are below the ankle is anatomy, not pose
    turns[_ANKLES] = turns[_TOES] = swing_between(np.array([0.0, 0.0, 1.0]), feet)
    return turns


def t_pose_offsets(rest_joints: FloatArray, turns: FloatArray) -> FloatArray:
    """Each joint (55,3) m relative to its parent in the T-pose; the pelvis where it is. turns: of `from_t_pose`."""
    offsets = rest_joints - rest_joints[_PARENTS]
    offsets = np.matvec(turns[_PARENTS].swapaxes(1, 2), offsets)
    offsets[0] = rest_joints[0]
    return offsets
