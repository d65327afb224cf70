"""What is trained: the whole-body network or one of the part networks, and what each of them sees and is compared by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from ..network import Hand4Whole, Pose2PoseBody, Pose2PoseFace, Pose2PoseHand
from ..network.camera import BODY_CAMERA, FACE_CAMERA, HAND_CAMERA, VirtualCamera
from ..network.layout import BODY_SIZE, FACE_PART_SIZE, HAND_SIZE, INPUT_SIZE
from ..skeleton import (
    BODY,
    BODY_JOINTS,
    HAND_JOINTS,
    HAND_KNUCKLES,
    POSITION_COUNT,
    SUPERVISION,
    SUPERVISION_BODY_SLICE,
    SUPERVISION_FACE_SLICE,
    SUPERVISION_JOINTS,
    SUPERVISION_LEFT_HAND_SLICE,
    SUPERVISION_RIGHT_HAND_SLICE,
    SUPERVISION_ROOT,
)
from .body_layer import BodyLayer

_ALL = range(len(SUPERVISION_JOINTS))
_HANDS = (SUPERVISION_LEFT_HAND_SLICE, SUPERVISION_RIGHT_HAND_SLICE)
_BODY_BOX_EXTENSION = 1.25
_BODY_DEPTH_M, _HAND_DEPTH_M = 2.0, 0.3


@dataclass(frozen=True)
class Part:
    """One kind of network as its training sees it. Joint indices are into the 137 of `skeleton.SUPERVISION_JOINTS`.

    picture_size: (height, width) px of the crop. box: whose box is cropped, of the "person", a "hand" or the "face", made larger by
    box_extension. camera: projects into the grid. joints: compared in 3D and in projection, relative to roots[joint]. positions: compared
    with the network's positions, in their order; depth_m[joint]: how much depth its volume spans. rotations: the network's outputs that
    are compared, each (N,...,3,3).
    """

    name: str
    network: type[Hand4Whole] | type[Pose2PoseBody] | type[Pose2PoseHand] | type[Pose2PoseFace]
    picture_size: tuple[int, int]
    box: str
    box_extension: float
    camera: VirtualCamera
    joints: tuple[int, ...]
    roots: tuple[int, ...]
    positions: tuple[int, ...]
    rotations: tuple[str, ...]
    has_expression: bool

    @property
    def depth_m(self) -> tuple[float, ...]:
        body_end = SUPERVISION_BODY_SLICE.stop
        return tuple(_BODY_DEPTH_M if i < body_end and self.box == "person" else _HAND_DEPTH_M for i in _ALL)


def _indices(*parts: slice) -> tuple[int, ...]:
    return tuple(i for part in parts for i in _ALL[part])


WHOLE_BODY = Part(
    "whole_body", Hand4Whole, INPUT_SIZE, "person", _BODY_BOX_EXTENSION, BODY_CAMERA,
    joints=tuple(_ALL), roots=SUPERVISION_ROOT, positions=tuple(_ALL[:POSITION_COUNT]),
    rotations=("root_rotation", "body_rotations", "left_hand_rotations", "right_hand_rotations", "jaw_rotation"), has_expression=True,
)  # fmt: skip
BODY_ONLY = Part(
    "body", Pose2PoseBody, BODY_SIZE, "person", _BODY_BOX_EXTENSION, BODY_CAMERA,
    # The 25 joints and the knuckles, which tell how the wrists are turned.
    joints=(*_indices(SUPERVISION_BODY_SLICE), *(_ALL[hand][i] for hand in _HANDS for i in HAND_KNUCKLES)),
    roots=(SUPERVISION["pelvis"],) * len(_ALL), positions=_indices(SUPERVISION_BODY_SLICE),
    rotations=("root_rotation", "body_rotations"), has_expression=False,
)  # fmt: skip
# Hands and faces are framed as the whole-body network frames them: their box times 2 and 1.5.
HAND_ONLY = Part(
    "hand", Pose2PoseHand, HAND_SIZE, "hand", 2.0, HAND_CAMERA,
    joints=(SUPERVISION["right_wrist"], *_indices(SUPERVISION_RIGHT_HAND_SLICE)), roots=(SUPERVISION["right_wrist"],) * len(_ALL),
    positions=(SUPERVISION["right_wrist"], *_indices(SUPERVISION_RIGHT_HAND_SLICE)),
    rotations=("root_rotation", "hand_rotations"), has_expression=False,
)  # fmt: skip
# Relative to the head joint, not to the neck as in the whole body: how the neck below is bent is nothing that a face alone tells.
FACE_ONLY = Part(
    "face", Pose2PoseFace, FACE_PART_SIZE, "face", 1.5, FACE_CAMERA,
    joints=_indices(SUPERVISION_FACE_SLICE), roots=(SUPERVISION["head"],) * len(_ALL), positions=(),
    rotations=("root_rotation", "jaw_rotation"), has_expression=True,
)  # fmt: skip
PARTS = {part.name: part for part in (WHOLE_BODY, BODY_ONLY, HAND_ONLY, FACE_ONLY)}


def smplx_arguments(part: Part, outputs: Mapping[str, Tensor], layer: BodyLayer) -> dict[str, Tensor]:
    """What `BodyLayer` is called with for a network's outputs, or for targets under the same names.

    What the part does not tell is neutral: T-pose, mean hands, closed mouth. The hand of the hand-only network is SMPL-X's right hand on
    a body in T-pose with the hand's root rotation in the wrist; the face of the face-only one turns with the whole body. (The papers use
    MANO and FLAME there, whose shapes have other meanings.) translation is zero: `joints_and_projection` adds the camera's.
    """
    betas = outputs["betas"]
    count = len(betas)
    identity = torch.eye(3, dtype=betas.dtype, device=betas.device)

    def neutral(joints: int) -> Tensor:
        return identity.expand(count, joints, 3, 3)

    root, body = outputs["root_rotation"], outputs.get("body_rotations", neutral(len(BODY_JOINTS)))
    if part is HAND_ONLY:
        body = body.clone()
        body[:, BODY["right_wrist"]] = root.to(body.dtype)
        root = identity.expand(count, 3, 3)
    right = outputs.get("hand_rotations" if part is HAND_ONLY else "right_hand_rotations", neutral(len(HAND_JOINTS)))
    left = outputs.get("left_hand_rotations", neutral(len(HAND_JOINTS)))
    return {
        "root_rotation": root,
        "body_rotations": body,
        "left_hand_rotations": layer.absolute_hand(left, "left"),
        "right_hand_rotations": layer.absolute_hand(right, "right"),
        "jaw_rotation": outputs.get("jaw_rotation", identity.expand(count, 3, 3)),
        "betas": betas,
        "expression": outputs.get("expression", torch.zeros_like(betas)),
        "translation": torch.zeros_like(betas[:, :3]),
    }


def joints_and_projection(
    part: Part, outputs: Mapping[str, Tensor], layer: BodyLayer, *, projection_moves_pose: bool = True
) -> tuple[Tensor, Tensor]:
    """A network's joints (N,137,3) m relative to their roots, and their projection (N,137,2) into the part's grid.

    A hand or a face alone is placed by its wrist or head joint: the camera translation is that joint's, not the far-off pelvis'. projection_moves_pose: False
    lets no gradient of the projection through to the pose, only to the camera.
    """
    joints = layer(**smplx_arguments(part, outputs, layer)).joints
    roots = joints[:, list(part.roots)]
    placed = joints if part.box == "person" else joints - roots
    if not projection_moves_pose:
        placed = placed.detach()
    return joints - roots, part.camera.project(placed, outputs["camera_translation"])
