"""The rotation networks: from the feature vectors at the joints, and where the joints are, to 6D rotations."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .layers import head, pointwise_block
from .layout import BETAS, ROT6D
from .pooling import joint_features, make_pooling

_CHANNELS = 512
_PER_JOINT = _CHANNELS + 3


class RotationNet(nn.Module):
    """Of the body-only and the hand-only network: root, joints, shape and camera of one part.

    joints: how many positions; rotations: how many joints besides the root. `forward(features (N,C,H,W), positions (N,J,3) cells)` gives
    6D root (N,6), 6D joints (N,6*rotations), betas (N,10), raw camera (N,3).
    """

    def __init__(self, channels: int, joints: int, rotations: int, pooling: str) -> None:
        super().__init__()
        self.pooling = make_pooling(pooling)
        self.conv = pointwise_block(channels, _CHANNELS)
        self.root_pose_out = head(joints * _PER_JOINT, ROT6D)
        self.pose_out = head(joints * _PER_JOINT, rotations * ROT6D)
        self.shape_out = head(channels, BETAS)
        self.cam_out = head(channels, 3)

    def forward(self, features: Tensor, positions: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        joints = joint_features(self.pooling, self.conv(features), positions).flatten(1)
        mean = features.mean((2, 3))
        return self.root_pose_out(joints), self.pose_out(joints), self.shape_out(mean), self.cam_out(mean)


class BodyRotationNet(nn.Module):
    """Of the whole-body network: the body is turned by what is seen at its own joints and at the hands' knuckles (MCP joints), which tell
    the wrists.

    Knuckle positions are in cells of the hands' maps, whose features are sampled there. Returns as `RotationNet`, for 21 body joints.
    """

    def __init__(
        self, channels: int, hand_channels: int, joints: int, knuckles: int, rotations: int, pooling: str
    ) -> None:
        super().__init__()
        self.pooling = make_pooling(pooling)
        self.body_conv = pointwise_block(channels, _CHANNELS)
        self.lhand_conv = pointwise_block(hand_channels, _CHANNELS)
        self.rhand_conv = pointwise_block(hand_channels, _CHANNELS)
        features_in = (joints + 2 * knuckles) * _PER_JOINT
        self.root_pose_out = head(features_in, ROT6D)
        self.body_pose_out = head(features_in, rotations * ROT6D)
        self.shape_out = head(channels, BETAS)
        self.cam_out = head(channels, 3)

    def forward(
        self,
        body_features: Tensor,
        body_positions: Tensor,
        left_features: Tensor,
        left_knuckles: Tensor,
        right_features: Tensor,
        right_knuckles: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        joints = torch.cat(
            [
                joint_features(self.pooling, self.body_conv(body_features), body_positions),
                joint_features(self.pooling, self.lhand_conv(left_features), left_knuckles),
                joint_features(self.pooling, self.rhand_conv(right_features), right_knuckles),
            ],
            dim=1,
        ).flatten(1)
        mean = body_features.mean((2, 3))
        return self.root_pose_out(joints), self.body_pose_out(joints), self.shape_out(mean), self.cam_out(mean)


class HandRotationNet(nn.Module):
    """Of the whole-body network: the fingers of one hand, by that hand alone.

    `forward(features (N,C,8,8), positions (N,J,3) cells)` gives 6D rotations (N,6*rotations).
    """

    def __init__(self, channels: int, joints: int, rotations: int, pooling: str) -> None:
        super().__init__()
        self.pooling = make_pooling(pooling)
        self.hand_conv = pointwise_block(channels, _CHANNELS)
        self.hand_pose_out = head(joints * _PER_JOINT, rotations * ROT6D)

    def forward(self, features: Tensor, positions: Tensor) -> Tensor:
        return self.hand_pose_out(joint_features(self.pooling, self.hand_conv(features), positions).flatten(1))
