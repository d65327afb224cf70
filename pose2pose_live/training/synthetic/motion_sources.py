"""From recorded motion to a motion bank: CMU's database on the iClone rig (BVH), and DeepMimic's humanoid clips.

Neither rig stands in a T-pose when its rotations are zero. A rig's joint turned by R in the world has the SMPL-X rotation R C, where the
constant C takes the T-pose's axes to the rig's own: found from the direction of the bone in the joint's axes and, for limbs, from
the axis about which elbow and knee are seen to bend.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ...errors import TrainingError
from ...frame import FloatArray
from ...rotations import basis_from, normalise, rotmat_to_rotvec, rotvec_to_rotmat
from ...skeleton import SMPLX_JOINTS, SMPLX_PARENTS
from .bvh import BvhClip, parse_bvh
from .motion import MotionBank

_ARCHIVES = (".tar", ".tar.xz", ".tar.gz", ".tgz")
_POSES_PER_S = 12.0
_LEFT, _UP = np.array([1.0, 0, 0]), np.array([0.0, 1, 0])
_RIG = "CC_Base_"
_TRUNK = {"spine1": "Waist", "spine2": "Spine01", "spine3": "Spine02", "neck": "NeckTwist01", "head": "Head"}
_LIMBS = {"shoulder": "Upperarm", "elbow": "Forearm", "hip": "Thigh", "knee": "Calf"}
_SIDES = (("left", "L", 1.0), ("right", "R", -1.0))
_MIN_BEND = 0.4  # rad; less says nothing about the axis


def read_motion(folder: Path) -> MotionBank:
    """Every known clip below a folder, also inside tar archives. Raises TrainingError when there is none."""
    captured: list[tuple[str, BvhClip]] = []
    clips: list[tuple[str, FloatArray]] = []
    for path, text in _texts(folder):
        name = path.rpartition("/")[2]
        try:
            if name.endswith(".bvh"):
                captured.append((name.removesuffix(".bvh"), parse_bvh(text)))
            elif name.startswith("humanoid3d_"):
                label = name.removeprefix("humanoid3d_").removesuffix(".txt")
                clips.append((f"deepmimic/{label}/0", _deepmimic(np.array(json.loads(text)["Frames"], float))))
        except ValueError as error:
            raise TrainingError(f"{path}: {error}; remove the file or get a fresh copy") from error
    clips += _iclone(captured)
    if not clips:
        raise TrainingError(
            f"{folder}: expected CMU motion on the iClone rig (*.bvh) or DeepMimic clips (humanoid3d_*.txt), found neither"
        )
    clips.sort(key=lambda clip: clip[0])
    poses = np.concatenate([rotmat_to_rotvec(local).astype(np.float32) for _, local in clips])
    number = np.concatenate([np.full(len(local), i, np.int32) for i, (_, local) in enumerate(clips)])
    return MotionBank(poses, number, tuple(name for name, _ in clips))


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.name.endswith(_ARCHIVES):
            with tarfile.open(path) as archive:
                for member in archive:
                    if member.isfile() and member.name.endswith((".bvh", ".txt")):
                        stream = archive.extractfile(member)
                        assert stream is not None
                        yield f"{path.name}/{member.name}", io.TextIOWrapper(stream, errors="replace").read()
        elif path.suffix in (".bvh", ".txt"):
            yield str(path), path.read_text(errors="replace")


def _local(world: dict[str, FloatArray]) -> FloatArray:
    """Local rotations (T,22,3,3) from world rotations of SMPL-X joints; a joint that is missing goes with its parent."""
    count = len(world["pelvis"])
    turned, local = np.empty((count, 22, 3, 3)), np.empty((count, 22, 3, 3))
    for joint, name in enumerate(SMPLX_JOINTS[:22]):
        above = turned[:, SMPLX_PARENTS[joint]] if joint else np.broadcast_to(np.eye(3), (count, 3, 3))
        turned[:, joint] = world.get(name, above)
        local[:, joint] = np.swapaxes(above, 1, 2) @ turned[:, joint]
    return local


def _mean_rotation(rotations: FloatArray) -> FloatArray:
    """The rotation (3,3) nearest to the mean of (T,3,3)."""
    u, _, vt = np.linalg.svd(rotations.mean(axis=0))
    return np.asarray(u @ np.diag([1.0, 1.0, np.linalg.det(u @ vt)]) @ vt)


def _iclone(captured: list[tuple[str, BvhClip]]) -> list[tuple[str, FloatArray]]:
    """CMU clips; the constants C come from all of them together, since they share one rig."""
    if not captured:
        return []
    wanted = [_RIG + name for name in ("Hip", *_TRUNK.values())]
    wanted += [f"{_RIG}{s}_{name}" for _, s, _ in _SIDES for name in (*_LIMBS.values(), "Clavicle", "Hand", "Foot")]
    for name, clip in captured:
        missing = [joint for joint in wanted if joint not in clip.names]
        if missing:
            raise TrainingError(
                f"{name}.bvh: expected the iClone rig, found no joint {missing[0]}; leave other rigs out of the folder"
            )
    worlds = [clip.world(wanted, max(1, round(1 / (_POSES_PER_S * clip.frame_s)))) for _, clip in captured]
    turned = {
        name: np.concatenate([r[_RIG + name] for r, _ in worlds]) for name in (w.removeprefix(_RIG) for w in wanted)
    }
    placed = {name: np.concatenate([p[_RIG + name] for _, p in worlds]) for name in turned}

    def within(joint: str, start: str, end: str) -> FloatArray:
        """Mean direction from one joint to another in the axes of `joint`."""
        return normalise(np.einsum("tji,tj->ti", turned[joint], placed[end] - placed[start]).mean(axis=0))

    constant: dict[str, FloatArray] = {}
    constant["Hip"] = (
        basis_from(within("Hip", "Hip", "Spine02"), within("Hip", "R_Thigh", "L_Thigh")) @ basis_from(_UP, _LEFT).T
    )
    hips = np.swapaxes(turned["Hip"], 1, 2)
    for name in _TRUNK.values():  # people stand straight on average
        constant[name] = _mean_rotation(hips @ turned[name]).T @ constant["Hip"]
    for _, s, sign in _SIDES:
        # Elbows bend about -y (left) or +y (right) of the T-pose, knees about +x.
        for upper, lower, bone, hinge in (
            ("Upperarm", "Forearm", sign * _LEFT, -sign * _UP),
            ("Thigh", "Calf", -_UP, _LEFT),
        ):
            a, b = f"{s}_{upper}", f"{s}_{lower}"
            bend = rotmat_to_rotvec(np.swapaxes(turned[a], 1, 2) @ turned[b])
            axis = bend[np.linalg.norm(bend, axis=1) > _MIN_BEND].mean(axis=0)
            constant[a] = constant[b] = basis_from(within(a, a, b), axis) @ basis_from(bone, hinge).T
        shank, foot, chest, clavicle = f"{s}_Calf", f"{s}_Foot", "Spine02", f"{s}_Clavicle"
        constant[foot] = _mean_rotation(np.swapaxes(turned[shank], 1, 2) @ turned[foot]).T @ constant[shank]
        constant[clavicle] = _mean_rotation(np.swapaxes(turned[chest], 1, 2) @ turned[clavicle]).T @ constant[chest]
    names = {"pelvis": "Hip", **_TRUNK}
    for side, s, _ in _SIDES:
        names |= {f"{side}_{ours}": f"{s}_{theirs}" for ours, theirs in _LIMBS.items()}
        names |= {f"{side}_ankle": f"{s}_Foot", f"{side}_collar": f"{s}_Clavicle"}
    return [
        (
            f"cmu/{name.partition('_')[0]}/{name}",
            _local({ours: r[_RIG + theirs] @ constant[theirs] for ours, theirs in names.items()}),
        )
        for (name, _), (r, _) in zip(captured, worlds, strict=True)
    ]


# Columns of a DeepMimic frame: duration, root position, then quaternions (w first) and hinge angles.
_DEEPMIMIC = {
    "pelvis": 4, "spine1": 8, "neck": 12, "right_hip": 16, "right_knee": 20, "right_ankle": 21, "right_shoulder": 25,
    "right_elbow": 29, "left_hip": 30, "left_knee": 34, "left_ankle": 35, "left_shoulder": 39, "left_elbow": 43,
}  # fmt: skip
_DEEPMIMIC_PARENTS = {
    "spine1": "pelvis", "neck": "spine1", "hip": "pelvis", "knee": "hip", "ankle": "knee", "shoulder": "spine1", "elbow": "shoulder",
}  # fmt: skip
_DEEPMIMIC_COLUMNS = 44
_DEEPMIMIC_AXES = np.array([[0.0, 0, -1], [0, 1, 0], [1, 0, 0]])  # theirs: x forward, y up, z to the right


def _deepmimic(frames: FloatArray) -> FloatArray:
    if frames.ndim != 2 or frames.shape[1] != _DEEPMIMIC_COLUMNS:
        raise ValueError(f"expected frames of {_DEEPMIMIC_COLUMNS} numbers, found {frames.shape}")
    frames = frames[:: max(1, round(1 / (_POSES_PER_S * max(frames[0, 0], 1e-3))))]

    def local(name: str) -> FloatArray:
        column = _DEEPMIMIC[name]
        if name.endswith(("knee", "elbow")):
            turn = rotvec_to_rotmat(frames[:, column : column + 1] * np.array([0.0, 0, 1]))
        else:
            w, x, y, z = normalise(frames[:, column : column + 4]).T
            angle = 2 * np.arctan2(np.linalg.norm([x, y, z], axis=0), w)
            turn = rotvec_to_rotmat(angle[:, None] * normalise(np.stack([x, y, z], axis=1)))
        return _DEEPMIMIC_AXES @ turn @ _DEEPMIMIC_AXES.T

    world = {"pelvis": local("pelvis")}
    for name in _DEEPMIMIC:
        if name != "pelvis":
            side, _, bare = name.rpartition("_")
            parent = _DEEPMIMIC_PARENTS[bare]
            world[name] = world[f"{side}_{parent}" if side and f"{side}_{parent}" in world else parent] @ local(name)
    for side, _, sign in _SIDES:  # their arms hang down at rest
        lifted = rotvec_to_rotmat(np.array([0.0, 0.0, -sign * np.pi / 2]))
        for joint in ("shoulder", "elbow"):
            world[f"{side}_{joint}"] = world[f"{side}_{joint}"] @ lifted
    # One bend of the chest and one of the neck, spread over our joints.
    chest = rotmat_to_rotvec(np.swapaxes(world["pelvis"], 1, 2) @ world["spine1"])
    neck = rotmat_to_rotvec(np.swapaxes(world["spine1"], 1, 2) @ world["neck"])
    world["spine3"], world["head"] = world["spine1"], world["neck"]
    world["neck"] = world["spine3"] @ rotvec_to_rotmat(neck / 2)
    world["spine2"] = world["pelvis"] @ rotvec_to_rotmat(chest * 2 / 3)
    world["spine1"] = world["pelvis"] @ rotvec_to_rotmat(chest / 3)
    return _local(world)
