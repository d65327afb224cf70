"""MakeHuman's rest pose becomes a T-pose, and its 163 bones become the 55 SMPL-X joints.

Everything is derived from MakeHuman's own rig (bone ends, bone tree, skin weights) and general anatomy; docs/open_body.md
gives the reasoning. Skinning here is dual quaternion blending (Kavan et al. 2008), which keeps the volume of a shoulder
that is lifted by 45 degrees.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from pose2pose_live.rotations import (
    basis_from,
    normalise,
    quat_to_rotmat,
    rotmat_to_quat,
    rotmat_to_rotvec,
    rotvec_to_rotmat,
    slerp,
    swing_between,
)
from pose2pose_live.skeleton import HAND_JOINTS, SMPLX

from .makehuman import MakeHuman

# Half of what MakeHuman's own T-pose file raises the collar bone (10 degrees) and the shoulder (8 degrees): one rest
# pose has to serve hanging arms (girdle down) and lifted arms (girdle up) alike.
CLAVICLE_LIFT_DEG = 5.0
SHOULDER_LIFT_DEG = 4.0
# Share of a segment's twist that its proximal bone takes.
PROXIMAL_TWIST = 0.5

FINGER_NUMBER = {"thumb": 1, "index": 2, "middle": 3, "ring": 4, "pinky": 5}
"""MakeHuman numbers the fingers from the thumb; its bone `finger2-1` is the first one of the index."""

# Bone -> SMPL-X joint that carries it. Bones not named follow their nearest named ancestor.
_CENTRE_CARRIERS = {
    "root": "pelvis", "spine05": "pelvis", "spine04": "spine1", "spine03": "spine1", "spine02": "spine2",
    "spine01": "spine3", "neck01": "neck", "neck02": "neck", "head": "head", "jaw": "jaw",
}  # fmt: skip
_SIDE_CARRIERS = {
    "pelvis": "pelvis", "upperleg01": "hip", "upperleg02": "hip", "lowerleg01": "knee", "lowerleg02": "knee", "foot": "ankle",
    "clavicle": "collar", "shoulder01": "collar", "upperarm01": "shoulder", "upperarm02": "shoulder",
    "lowerarm01": "elbow", "lowerarm02": "elbow", "wrist": "wrist", "eye": "eye_smplhf",
    **{f"toe{i}-1": "foot" for i in range(1, 6)},
    **{f"finger{n}-{i}": f"{finger}{i}" for finger, n in FINGER_NUMBER.items() for i in (1, 2, 3)},
}  # fmt: skip
_SHARED_CARRIERS = {
    # The upper neck bends half with the neck and half with the head; the breasts lie on ribs of both chest segments.
    "neck03": (("neck", 0.5), ("head", 0.5)),
    "breast.L": (("spine2", 0.5), ("spine3", 0.5)),
    "breast.R": (("spine2", 0.5), ("spine3", 0.5)),
}


def carrier_matrix(source: MakeHuman) -> np.ndarray:
    """Matrix (bones, 55): how much of each MakeHuman bone's skin weight goes to each SMPL-X joint; rows sum to 1."""
    rows: dict[str, np.ndarray] = {}
    for name, bone in source.bones.items():
        stem, side = name.split(".")[0], {"L": "left_", "R": "right_"}.get(name[-1] if "." in name else "", "")
        row = np.zeros(len(SMPLX))
        if name in _SHARED_CARRIERS:
            for joint, share in _SHARED_CARRIERS[name]:
                row[SMPLX[joint]] = share
        elif stem in _CENTRE_CARRIERS:
            row[SMPLX[_CENTRE_CARRIERS[stem]]] = 1.0
        elif stem in _SIDE_CARRIERS:
            joint = _SIDE_CARRIERS[stem]
            row[SMPLX[joint if joint == "pelvis" else side + joint]] = 1.0
        elif bone.parent is not None:
            row = rows[bone.parent]
        rows[name] = row
    return np.array(list(rows.values()))


def bone_heads(source: MakeHuman, points: np.ndarray) -> dict[str, np.ndarray]:
    """Head (3,) of every bone for one shape."""
    return {name: points[list(bone.head)].mean(0) for name, bone in source.bones.items()}


def bone_tails(source: MakeHuman, points: np.ndarray) -> dict[str, np.ndarray]:
    """Tail (3,) of every bone for one shape."""
    return {name: points[list(bone.tail)].mean(0) for name, bone in source.bones.items()}


def _rotation_between(a_to: np.ndarray, a_from: np.ndarray) -> np.ndarray:
    """Rotation (3,3) that takes the frame `a_from` to the frame `a_to`."""
    return a_to @ a_from.T


def _slerp(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
    return quat_to_rotmat(slerp(rotmat_to_quat(a), rotmat_to_quat(b), t))


def _arm_rotations(heads: dict[str, np.ndarray], tails: dict[str, np.ndarray], side: str) -> dict[str, np.ndarray]:
    """World rotations of the bones of one arm that bring it into the T-pose: along X, elbow hinge vertical, palm down."""
    sign = 1.0 if side == "L" else -1.0
    out, down, forward = np.array([sign, 0.0, 0.0]), np.array([0.0, -1.0, 0.0]), np.array([0.0, 0.0, 1.0])
    rotations: dict[str, np.ndarray] = {}
    rotations["clavicle"] = rotvec_to_rotmat(np.radians(CLAVICLE_LIFT_DEG) * sign * forward)
    rotations["shoulder01"] = rotvec_to_rotmat(np.radians(CLAVICLE_LIFT_DEG + SHOULDER_LIFT_DEG) * sign * forward)
    shoulder, elbow, wrist = (heads[f"{bone}.{side}"] for bone in ("upperarm01", "lowerarm01", "wrist"))
    upper, fore = elbow - shoulder, wrist - elbow
    # MakeHuman's elbow is bent at rest, which shows the axis of its hinge; in the T-pose the forearm bends forwards.
    hinge, t_hinge = np.cross(upper, fore), np.cross(out, forward)
    rotations["upperarm02"] = _rotation_between(basis_from(out, t_hinge), basis_from(upper, hinge))
    untwisted = swing_between(rotations["shoulder01"] @ normalise(upper), out) @ rotations["shoulder01"]
    rotations["upperarm01"] = _slerp(untwisted, rotations["upperarm02"], PROXIMAL_TWIST)
    rotations["lowerarm01"] = _rotation_between(basis_from(out, t_hinge), basis_from(fore, hinge))
    # The palm: its plane goes through the wrist and the knuckles of the index and the little finger.
    knuckles = {n: heads[f"finger{n}-1.{side}"] for n in (2, 3, 4, 5)}
    along = 0.5 * (knuckles[3] + knuckles[4]) - wrist
    palm = sign * np.cross(knuckles[5] - wrist, knuckles[2] - wrist)
    hand = _rotation_between(basis_from(out, down), basis_from(along, palm))
    rotations["wrist"] = hand
    straight_wrist = _rotation_between(basis_from(out, down), basis_from(fore, palm))
    rotations["lowerarm02"] = _slerp(rotations["lowerarm01"], straight_wrist, 1.0 - 0.5 * PROXIMAL_TWIST)
    for n in (2, 3, 4, 5):
        for i in (1, 2, 3):
            bone = f"finger{n}-{i}"
            direction = normalise(tails[f"{bone}.{side}"] - heads[f"{bone}.{side}"])
            rotations[bone] = swing_between(hand @ direction, out) @ hand
    # The thumb keeps MakeHuman's opposition; its three bones are only laid on one line, from root to tip.
    line = normalise(tails[f"finger1-3.{side}"] - heads[f"finger1-1.{side}"])
    for i in (1, 2, 3):
        bone = f"finger1-{i}"
        direction = normalise(tails[f"{bone}.{side}"] - heads[f"{bone}.{side}"])
        rotations[bone] = swing_between(hand @ direction, hand @ line) @ hand
    return {f"{bone}.{side}": rotation for bone, rotation in rotations.items()}


def _leg_rotations(heads: dict[str, np.ndarray], side: str) -> dict[str, np.ndarray]:
    """World rotations of the leg's bones: vertical seen from the front, unchanged seen from the side, foot flat."""
    rotations: dict[str, np.ndarray] = {}
    for bones, upper, lower in (
        (("upperleg01", "upperleg02"), "upperleg01", "lowerleg01"),
        (("lowerleg01", "lowerleg02"), "lowerleg01", "foot"),
    ):
        x, y, _ = heads[f"{lower}.{side}"] - heads[f"{upper}.{side}"]
        rotation = rotvec_to_rotmat(np.array([0.0, 0.0, -np.arctan2(x, -y)]))
        rotations.update({f"{bone}.{side}": rotation for bone in bones})
    rotations[f"foot.{side}"] = np.eye(3)
    return rotations


def t_pose_transforms(source: MakeHuman, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """World rotation (bones,3,3) and displacement (bones,3), x -> R x + t, of every bone from rest to T-pose."""
    heads, tails = bone_heads(source, points), bone_tails(source, points)
    given: dict[str, np.ndarray] = {}
    for side in "LR":
        given |= _arm_rotations(heads, tails, side) | _leg_rotations(heads, side)
    rotations: dict[str, np.ndarray] = {}
    offsets: dict[str, np.ndarray] = {}
    for name, bone in source.bones.items():
        if bone.parent is None:
            rotations[name], offsets[name] = np.eye(3), np.zeros(3)
            continue
        rotations[name] = given.get(name, rotations[bone.parent])
        moved_head = rotations[bone.parent] @ heads[name] + offsets[bone.parent]
        offsets[name] = moved_head - rotations[name] @ heads[name]
    return np.array(list(rotations.values())), np.array(list(offsets.values()))


def relaxed_hand(source: MakeHuman, rotations: np.ndarray, side: str) -> np.ndarray:
    """Hand pose (15,3) axis-angle that bends the straight fingers of the T-pose back to MakeHuman's relaxed hand.

    rotations: what `t_pose_transforms` gave. side: "L" or "R".
    """
    of_bone = dict(zip(source.bones, rotations, strict=True))
    hand = of_bone[f"wrist.{side}"]
    pose = np.empty((len(HAND_JOINTS), 3))
    for row, joint in enumerate(HAND_JOINTS):
        number, phalanx = FINGER_NUMBER[joint[:-1]], int(joint[-1])
        bent = hand @ of_bone[f"finger{number}-{phalanx}.{side}"].T
        above = np.eye(3) if phalanx == 1 else hand @ of_bone[f"finger{number}-{phalanx - 1}.{side}"].T
        pose[row] = rotmat_to_rotvec(above.T @ bent)
    return pose


def dual_quaternion_skin(
    weights: sparse.csr_matrix, rotations: np.ndarray, offsets: np.ndarray, points: np.ndarray
) -> np.ndarray:
    """Points (V,3) moved by the blend of rigid transforms x -> R x + t (bones,3,3), (bones,3) under weights (V,bones)."""
    real = rotmat_to_quat(rotations)
    # Neighbouring bones must lie on one hemisphere, or q and -q cancel; all turns here stay below 180 degrees from bone 0.
    real = np.where((real @ real[0])[:, None] < 0, -real, real)
    w, v = real[:, 3:], real[:, :3]
    dual = 0.5 * np.concatenate(
        [w * offsets + np.cross(offsets, v), -np.einsum("bi,bi->b", offsets, v)[:, None]], axis=1
    )
    blended_real, blended_dual = weights @ real, weights @ dual
    length = np.linalg.norm(blended_real, axis=1, keepdims=True)
    blended_real, blended_dual = blended_real / length, blended_dual / length
    w, v = blended_real[:, 3:], blended_real[:, :3]
    shift = 2.0 * (w * blended_dual[:, :3] - blended_dual[:, 3:] * v + np.cross(v, blended_dual[:, :3]))
    return np.einsum("vij,vj->vi", quat_to_rotmat(blended_real), points) + shift
