"""The part networks of the authors' branch `Pose2Pose`: body only (SMPL), one hand (MANO), face (FLAME); network.md 8.

Their outputs have the names, axes and units of `Hand4Whole`'s.
"""

from __future__ import annotations

from torch import Tensor, nn

from ..skeleton import BODY_JOINTS, HAND_JOINTS, POSITION_BODY_JOINTS, POSITION_HAND_JOINTS
from .camera import BODY_CAMERA, FACE_CAMERA, HAND_CAMERA
from .face_regressor import FacePartRegressor
from .layout import BODY_GRID, BODY_SIZE, FACE_PART_SIZE, HAND_GRID, HAND_SIZE
from .picture import check_picture
from .position_net import PositionNet
from .precision import at_least_float32
from .resnet import ResNet
from .rotation6d import rot6d_to_rotmat
from .rotation_net import RotationNet


class Pose2PoseBody(nn.Module):
    """`forward(image (N,3,256,192) RGB in [0,1])` gives `joint_positions` (N,25,3) in cells of the 8 x 8 x 6 volume, `root_rotation` (N,3,3),
    `body_rotations` (N,21,3,3), `betas` (N,10) of SMPL, `camera_translation` (N,3) m. Options as `Hand4Whole`'s."""

    def __init__(self, *, pooling: str = "guided", backbone: str = "resnet50") -> None:
        super().__init__()
        self.options: dict[str, object] = {"pooling": pooling, "backbone": backbone}
        joints = len(POSITION_BODY_JOINTS)
        self.backbone = ResNet(backbone)
        self.position_net = PositionNet(self.backbone.channels, joints, BODY_GRID[0])
        self.rotation_net = RotationNet(self.backbone.channels, joints, len(BODY_JOINTS), pooling)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        check_picture(image, BODY_SIZE)
        features = self.backbone(image)
        positions, _ = self.position_net(features)
        root, body, betas, camera = self.rotation_net(features, positions)
        return {
            "joint_positions": positions,
            "root_rotation": rot6d_to_rotmat(root),
            "body_rotations": rot6d_to_rotmat(body.unflatten(1, (-1, 6))),
            "betas": at_least_float32(betas),
            "camera_translation": BODY_CAMERA.translation(camera),
        }


class Pose2PoseHand(nn.Module):
    """A right hand: `forward(image (N,3,256,256) RGB in [0,1])` gives `joint_positions` (N,21,3) in cells of the 8 x 8 x 8 volume (the wrist, then
    `skeleton.POSITION_HAND_JOINTS`), `root_rotation` (N,3,3), `hand_rotations` (N,15,3,3) relative to MANO's mean hand, `betas` (N,10) of MANO,
    `camera_translation` (N,3) m. For a left hand mirror the picture, and the rotations with `rotation6d.mirror_rotmat`."""

    def __init__(self, *, pooling: str = "guided", backbone: str = "resnet50") -> None:
        super().__init__()
        self.options: dict[str, object] = {"pooling": pooling, "backbone": backbone}
        joints = 1 + len(POSITION_HAND_JOINTS)
        self.backbone = ResNet(backbone)
        self.position_net = PositionNet(self.backbone.channels, joints, HAND_GRID[0])
        self.rotation_net = RotationNet(self.backbone.channels, joints, len(HAND_JOINTS), pooling)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        check_picture(image, HAND_SIZE)
        features = self.backbone(image)
        positions, _ = self.position_net(features)
        root, hand, betas, camera = self.rotation_net(features, positions)
        return {
            "joint_positions": positions,
            "root_rotation": rot6d_to_rotmat(root),
            "hand_rotations": rot6d_to_rotmat(hand.unflatten(1, (-1, 6))),
            "betas": at_least_float32(betas),
            "camera_translation": HAND_CAMERA.translation(camera),
        }


class Pose2PoseFace(nn.Module):
    """`forward(image (N,3,256,192) RGB in [0,1])` gives `root_rotation`, `jaw_rotation` (N,3,3), `betas` (N,10) and `expression` (N,10) of FLAME,
    `camera_translation` (N,3) m. It has no positions, hence no pooling to choose."""

    def __init__(self, *, backbone: str = "resnet50") -> None:
        super().__init__()
        self.options: dict[str, object] = {"backbone": backbone}
        self.backbone = ResNet(backbone)
        self.regressor = FacePartRegressor(self.backbone.channels)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        check_picture(image, FACE_PART_SIZE)
        pose, betas, expression, camera = self.regressor(self.backbone(image))
        rotations = rot6d_to_rotmat(pose.unflatten(1, (-1, 6)))
        return {
            "root_rotation": rotations[:, 0],
            "jaw_rotation": rotations[:, 1],
            "betas": at_least_float32(betas),
            "expression": at_least_float32(expression),
            "camera_translation": FACE_CAMERA.translation(camera),
        }
