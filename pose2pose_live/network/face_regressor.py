"""The face's heads: a face moves too little inside its crop for joints to say more than the whole does, so they read the average."""

from __future__ import annotations

from torch import Tensor, nn

from .layers import head
from .layout import BETAS, EXPRESSION, ROT6D


class FaceRegressor(nn.Module):
    """Of the whole-body network: features (N,C,6,6) -> expression (N,10), 6D jaw (N,6)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.expr_out = head(channels, EXPRESSION)
        self.jaw_pose_out = head(channels, ROT6D)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        mean = features.mean((2, 3))
        return self.expr_out(mean), self.jaw_pose_out(mean)


class FacePartRegressor(nn.Module):
    """Of the face-only network: features (N,C,8,6) -> 6D root and 6D jaw (N,12), shape (N,10), expression (N,10), raw camera (N,3)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.pose_out = head(channels, 2 * ROT6D)
        self.shape_out = head(channels, BETAS)
        self.expr_out = head(channels, EXPRESSION)
        self.cam_out = head(channels, 3)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        mean = features.mean((2, 3))
        return self.pose_out(mean), self.shape_out(mean), self.expr_out(mean), self.cam_out(mean)
