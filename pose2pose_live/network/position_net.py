"""`PositionNet`: the 3D positional pose, one volume of probability per joint."""

from __future__ import annotations

from torch import Tensor, nn

from .layers import pointwise
from .soft_argmax import soft_argmax_3d


class PositionNet(nn.Module):
    """Feature map (N,C,H,W) -> x, y, z in cells (N,J,3), and the softmax volume (N,J,D,H,W).

    depth: cells D of the volume; height and width are the map's.
    """

    def __init__(self, channels: int, joints: int, depth: int) -> None:
        super().__init__()
        self._joints, self._depth = joints, depth
        self.conv = nn.Sequential(pointwise(channels, joints * depth))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        height, width = features.shape[-2:]
        return soft_argmax_3d(self.conv(features).view(-1, self._joints, self._depth, height, width))
