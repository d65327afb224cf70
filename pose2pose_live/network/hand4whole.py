"""`Hand4Whole`: the whole-body network of Moon, Choi & Lee (CVPRW 2022, "Accurate 3D Hand Pose Estimation for Whole-Body 3D Human Mesh
Estimation"), forward pass as in network.md 4."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..skeleton import BODY_JOINTS, HAND_JOINTS, HAND_KNUCKLES, POSITION_BODY_JOINTS, POSITION_HAND_JOINTS
from .box_net import BoxNet, restore_boxes
from .camera import BODY_CAMERA
from .face_regressor import FaceRegressor
from .layout import BODY_GRID, BODY_SIZE, HAND_GRID, INPUT_SIZE
from .picture import check_picture, halve
from .position_net import PositionNet
from .precision import at_least_float32
from .resnet import ResNet
from .roi import FaceRoI, HandRoI
from .rotation6d import mirror_rotmat, rot6d_to_rotmat
from .rotation_net import BodyRotationNet, HandRotationNet

_HAND_EXTENSION = 2.0
_FACE_EXTENSION = 1.5
# The published network mirrors by 7 - x: within one cell of a true mirror, and what its weights were trained with.
_LAST_COLUMN = HAND_GRID[2] - 1


class Hand4Whole(nn.Module):
    """Picture of a person -> SMPL-X parameters and the positions they were read from.

    `forward(image (N,3,512,384))`, RGB in [0,1], not normalised further, gives

    - `joint_positions` (N,65,3): body, left hand, right hand (`skeleton.POSITION_BODY_JOINTS`, `POSITION_HAND_JOINTS`), x, y in grid units of
      the 8 x 6 body map (64 px each way of the picture), z in cells of the part's own 8 deep volume;
    - `left_hand_box`, `right_hand_box`, `face_box` (N,4) x0, y0, x1, y1 px of the picture, possibly inverted or outside;
    - rotation matrices `root_rotation` (N,3,3), `body_rotations` (N,21,3,3), `left_hand_rotations`, `right_hand_rotations` (N,15,3,3) relative to
      SMPL-X's mean hands, `jaw_rotation` (N,3,3), in OpenCV's axes (x right, y down, z forward);
    - `betas` (N,10), `expression` (N,10);
    - `camera_translation` (N,3) m of the body in front of `camera.BODY_CAMERA`;

    and for training what the losses compare: `body_positions` (N,25,3) grid units, `left_hand_positions`, `right_hand_positions` (N,20,3) in
    cells of the hand maps (the left one's mirrored back), `box_centers`, `box_sizes` (N,3,2) grid units (left hand, right hand, face).

    Boxes, and the positions that rotations are read at, are detached: no rotation, and no position in a crop, moves them.

    pooling: "guided", or "global" for the experiment that gives every joint the average over the map in the place of its own feature vector.
    backbones: of body, hands and face; "resnet18" three times makes a small network. The defaults are the published network.
    """

    def __init__(
        self, *, pooling: str = "guided", backbones: Sequence[str] = ("resnet50", "resnet50", "resnet18")
    ) -> None:
        super().__init__()
        body, hand, face = backbones
        self.options: dict[str, object] = {"pooling": pooling, "backbones": (body, hand, face)}
        joints, hand_joints = len(POSITION_BODY_JOINTS), len(POSITION_HAND_JOINTS)
        self.backbone = ResNet(body)
        self.body_position_net = PositionNet(self.backbone.channels, joints, BODY_GRID[0])
        hand_roi_net = HandRoI(hand)
        hand_channels = hand_roi_net.backbone.channels
        self.body_rotation_net = BodyRotationNet(
            self.backbone.channels, hand_channels, joints, len(HAND_KNUCKLES), len(BODY_JOINTS), pooling
        )
        self.box_net = BoxNet(self.backbone.channels, joints)
        self.hand_roi_net = hand_roi_net
        self.hand_position_net = PositionNet(hand_channels, hand_joints, HAND_GRID[0])
        self.hand_rotation_net = HandRotationNet(hand_channels, hand_joints, len(HAND_JOINTS), pooling)
        self.face_roi_net = FaceRoI(face)
        self.face_regressor = FaceRegressor(self.face_roi_net.backbone.channels)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        check_picture(image, INPUT_SIZE)
        features = self.backbone(halve(image))
        body_positions, volume = self.body_position_net(features)
        box_centers, box_sizes = self.box_net(features, volume)
        boxes = [
            restore_boxes(box_centers[:, i], box_sizes[:, i], extension).detach()
            for i, extension in enumerate((_HAND_EXTENSION, _HAND_EXTENSION, _FACE_EXTENSION))
        ]
        left_box, right_box, face_box = (2 * box for box in boxes)  # from the halved picture to the whole one

        hand_features = self.hand_roi_net(image, left_box, right_box)
        hand_positions, _ = self.hand_position_net(hand_features)
        hand_rotations = rot6d_to_rotmat(self.hand_rotation_net(hand_features, hand_positions).unflatten(1, (-1, 6)))
        left_features, right_features = hand_features.chunk(2)
        left_features = left_features.flip(3)
        left_positions, right_positions = hand_positions.chunk(2)
        left_positions = torch.cat([_LAST_COLUMN - left_positions[..., :1], left_positions[..., 1:]], dim=-1)
        left_rotations, right_rotations = hand_rotations.chunk(2)

        knuckles = list(HAND_KNUCKLES)
        root, body, betas, camera = self.body_rotation_net(
            features,
            body_positions,
            left_features,
            left_positions[:, knuckles],
            right_features,
            right_positions[:, knuckles],
        )
        expression, jaw = self.face_regressor(self.face_roi_net(image, face_box))
        return {
            "joint_positions": torch.cat(
                [body_positions, _in_body_grid(left_positions, boxes[0]), _in_body_grid(right_positions, boxes[1])],
                dim=1,
            ),
            "left_hand_box": left_box,
            "right_hand_box": right_box,
            "face_box": face_box,
            "root_rotation": rot6d_to_rotmat(root),
            "body_rotations": rot6d_to_rotmat(body.unflatten(1, (-1, 6))),
            "left_hand_rotations": mirror_rotmat(left_rotations),
            "right_hand_rotations": right_rotations,
            "jaw_rotation": rot6d_to_rotmat(jaw),
            "betas": at_least_float32(betas),
            "expression": at_least_float32(expression),
            "camera_translation": BODY_CAMERA.translation(camera),
            "body_positions": body_positions,
            "left_hand_positions": left_positions,
            "right_hand_positions": right_positions,
            "box_centers": box_centers,
            "box_sizes": at_least_float32(box_sizes),
        }


def _in_body_grid(positions: Tensor, box: Tensor) -> Tensor:
    """Hand positions (N,J,3) in cells of the hand map, and the hand's box (N,4) px of the body picture -> x, y in grid units (network.md 5.7)."""
    cells = positions.new_tensor([HAND_GRID[2], HAND_GRID[1]])
    to_grid = positions.new_tensor([BODY_GRID[2] / BODY_SIZE[1], BODY_GRID[1] / BODY_SIZE[0]])
    box = box.to(positions.dtype).unsqueeze(1)
    low, high = box[..., :2], box[..., 2:]
    xy = (positions[..., :2] / cells * (high - low) + low) * to_grid
    return torch.cat([xy, positions[..., 2:]], dim=-1)
