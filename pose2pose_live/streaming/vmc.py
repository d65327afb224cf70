"""Virtual Motion Capture protocol 3.1, as a performer (https://protocol.vmc.info/english).

Without the avatar's file only normalised poses can be sent: bones whose axes are the world's in the T-pose, as in VRM 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..frame import FloatArray, SmplxFrame
from ..humanoid import UNITY_BONES, from_t_pose, t_pose_offsets
from ..motion import mirrored
from ..rotations import quat_multiply, rotmat_to_quat, rotvec_to_quat
from ..skeleton import ARKIT, SMPLX, SMPLX_JOINTS, SMPLX_PARENTS
from .expressions import ARKIT_PASCAL, PRESETS_VRM0, PRESETS_VRM1, presets
from .options import choice, number, several, switch
from .osc import Message, OscTemplate
from .parts import PARTS, joints_of
from .stage import Body, Shape, Stage

# SMPL-X (right-handed, +X the person's left) to Unity (left-handed, +X the person's right): mirrored along X.
POSITION_TO_UNITY = np.array([-1.0, 1.0, 1.0])
QUAT_TO_UNITY = np.array([1.0, -1.0, -1.0, 1.0])

_LOADED, _CALIBRATED, _NORMAL = 1, 3, 0
_PARENTS = np.array(SMPLX_PARENTS)
_CHEST, _UPPER_CHEST = SMPLX["spine2"], SMPLX["spine3"]
_IDENTITY_QUAT = (0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True)
class VmcOptions:
    """What is sent, and how; every field stands for itself in the target's text and in the window's menu."""

    parts: tuple[str, ...] = several("Parts", *PARTS)
    translation: str = choice("Where the translation goes", "hips", "root", "none")
    positions: bool = switch("Bone positions", True)
    face: str = choice("Expressions", "both", "presets", "arkit")
    names: str = choice("Names of expressions", "vrm0", "vrm1")
    case: str = choice("Case of ARKit's names", "pascal", "camel")
    rest: str = choice("Avatar's rest pose", "tpose", "body")
    upperchest: bool = switch("The avatar has an upper chest", True)
    loss: str = choice("When nobody is seen", "hold", "stop")
    mirror: bool = switch("Mirror", False)
    rate: float = number("Most poses per second", 60.0, 1.0, 60.0)


class _Bones(NamedTuple):
    """What follows from the shape: to_local (55,4,4), a bone's quaternion from the joint's, both local; offsets (55,3) m in Unity's axes."""

    to_local: FloatArray
    offsets: FloatArray


class VmcEncoder:
    """Packets of a frame: OK, root, bones, expressions, Blend/Apply, T, in this order and each in full, as receivers in use need it."""

    def __init__(self, body: Body, options: VmcOptions) -> None:
        self._options = options
        self._joints = [i for i in joints_of(options.parts) if options.upperchest or i != _UPPER_CHEST]
        self._has_root = "body" in options.parts
        self._blends = _blend_names(options)
        self._shape, self._stage = Shape(body), Stage()
        self._start_s: float | None = None
        bones = [Message("/VMC/Ext/Bone/Pos", "sfffffff", (UNITY_BONES[SMPLX_JOINTS[i]],)) for i in self._joints]
        root = [Message("/VMC/Ext/Root/Pos", "sfffffff", ("root",))] if self._has_root else []
        blends = [Message("/VMC/Ext/Blend/Val", "sf", (name,)) for name in self._blends]
        status = Message("/VMC/Ext/OK", "iiii")
        # Apply is sent even without a value before it, for some receivers take it as the end of a frame; T comes once, and last.
        end = [Message("/VMC/Ext/Blend/Apply"), Message("/VMC/Ext/T", "f")]
        self._template = OscTemplate([status, *root, *bones, *blends, *end])
        self._status_only = OscTemplate([status, *end])

    def recentre(self) -> None:
        """The next tracked place is the middle of the stage."""
        self._stage.recentre()

    def encode(self, frame: SmplxFrame) -> list[memoryview]:
        """Packets that hold until the next call."""
        if self._start_s is None:
            self._start_s = frame.time_s
        time_s = frame.time_s - self._start_s
        status = (_LOADED, _CALIBRATED, _NORMAL, int(frame.tracked))
        if not frame.tracked and self._options.loss == "stop":
            return self._status_only.fill(np.array([time_s]), status)
        if self._options.mirror:
            frame = mirrored(frame)
        if self._shape.update(frame.betas):
            self._bones = _bones(self._shape.joints, self._options)
        bones = np.empty((len(SMPLX_JOINTS), 7))
        bones[:, :3] = self._bones.offsets
        bones[:, 3:] = np.matvec(self._bones.to_local, rotvec_to_quat(frame.full_pose))
        if (
            not self._options.upperchest
        ):  # VRM does not demand one, and many receivers drop what is sent to a bone that is missing
            bones[_CHEST, 3:] = quat_multiply(bones[_CHEST, 3:], bones[_UPPER_CHEST, 3:])
        root, bones[0, :3] = self._places(frame)
        root = root if self._has_root else root[:0]
        numbers = (root, bones[self._joints].ravel(), self._expressions(frame), np.array([time_s]))
        return self._template.fill(np.concatenate(numbers), status)

    def _places(self, frame: SmplxFrame) -> tuple[FloatArray, FloatArray]:
        """Root with its rotation (7,), and hips (3,)."""
        rest = np.array([0.0, self._shape.pelvis_height_m, 0.0])
        pelvis = self._shape.joints[0] + frame.transl
        place = self._stage.place(pelvis, self._shape, is_tracked=frame.tracked) * POSITION_TO_UNITY
        root, hips = {
            "hips": (np.zeros(3), place),
            "root": (place - rest, rest),
            "none": (np.zeros(3), rest),
        }[self._options.translation]
        return np.concatenate([root, _IDENTITY_QUAT]), hips

    def _expressions(self, frame: SmplxFrame) -> FloatArray:
        if not self._blends:
            return np.zeros(0)
        chosen = []
        if self._options.face != "arkit":
            chosen.append(presets(frame.blendshapes))
        if self._options.face != "presets":
            chosen.append(frame.blendshapes)
        return np.concatenate(chosen)


def _blend_names(options: VmcOptions) -> tuple[str, ...]:
    if "face" not in options.parts:
        return ()
    preset_names = PRESETS_VRM0 if options.names == "vrm0" else PRESETS_VRM1
    arkit_names = ARKIT_PASCAL if options.case == "pascal" else ARKIT
    return (preset_names if options.face != "arkit" else ()) + (arkit_names if options.face != "presets" else ())


def _bones(rest_joints: FloatArray, options: VmcOptions) -> _Bones:
    turns = from_t_pose(rest_joints) if options.rest == "tpose" else np.broadcast_to(np.eye(3), (len(_PARENTS), 3, 3))
    offsets = (
        t_pose_offsets(rest_joints, turns) * POSITION_TO_UNITY if options.positions else np.zeros((len(_PARENTS), 3))
    )
    if not options.upperchest:
        offsets[_PARENTS == _UPPER_CHEST] += offsets[_UPPER_CHEST]
    own = rotmat_to_quat(turns)
    parents = own[_PARENTS]
    parents[0] = _IDENTITY_QUAT
    # conj(C_parent) * q * C_bone is linear in q; the axes of Unity are folded in, so that a frame needs one product.
    to_local = _multiplying_left(parents * (-1.0, -1.0, -1.0, 1.0)) @ _multiplying_right(own)
    return _Bones(QUAT_TO_UNITY[:, None] * to_local, offsets)


def _multiplying_left(quats: FloatArray) -> FloatArray:
    """(...,4) -> the matrices (...,4,4) with which q p = matrix @ p; x, y, z, w order."""
    x, y, z, w = np.moveaxis(quats, -1, 0)
    return np.stack([np.stack(row, -1) for row in ((w, -z, y, x), (z, w, -x, y), (-y, x, w, z), (-x, -y, -z, w))], -2)


def _multiplying_right(quats: FloatArray) -> FloatArray:
    """(...,4) -> the matrices (...,4,4) with which p q = matrix @ p."""
    x, y, z, w = np.moveaxis(quats, -1, 0)
    return np.stack([np.stack(row, -1) for row in ((w, z, -y, x), (-z, w, x, y), (y, -x, w, z), (-x, -y, -z, w))], -2)
