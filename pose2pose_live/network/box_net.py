"""`BoxNet`: where the hands and the face are, and `restore_boxes`: what of the picture is cut out for them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .layers import linear, pointwise, upsampling_blocks
from .layout import BODY_GRID, BODY_SIZE
from .pooling import guided_pooling
from .soft_argmax import soft_argmax_2d

_CHANNELS = 256
_UPSAMPLINGS = 3
_FINER = 2**_UPSAMPLINGS


class BoxNet(nn.Module):
    """Body features (N,C,8,6) and the joints' softmax volume (N,J,8,8,6) -> centres and sizes (N,3,2) in grid units.

    Order: left hand, right hand, face. Sizes (w, h) are raw: not clamped, possibly negative. The volume is detached, and so is the
    centre where the size is read.
    """

    def __init__(self, channels: int, joints: int) -> None:
        super().__init__()
        self.deconv = upsampling_blocks(channels + joints * BODY_GRID[0], _CHANNELS, _UPSAMPLINGS)
        self.bbox_center = nn.Sequential(pointwise(_CHANNELS, 3))
        self.lhand_size = _size_head()
        self.rhand_size = _size_head()
        self.face_size = _size_head()

    def forward(self, features: Tensor, volume: Tensor) -> tuple[Tensor, Tensor]:
        volume = volume.detach().flatten(1, 2).to(features.dtype)
        fine = self.deconv(torch.cat([features, volume], dim=1))
        centers = soft_argmax_2d(self.bbox_center(fine))
        at_center = guided_pooling(fine, centers.detach())
        heads = (self.lhand_size, self.rhand_size, self.face_size)
        sizes = torch.stack([size(at_center[:, i]) for i, size in enumerate(heads)], dim=1)
        return centers / _FINER, sizes


def restore_boxes(centers: Tensor, sizes: Tensor, extension: float) -> Tensor:
    """Centres and sizes (...,2) in grid units -> square boxes x0, y0, x1, y1 (...,4) in px of the 256 x 192 body picture.

    The shorter side grows to the longer one, both by `extension`; a negative size gives an inverted box (network.md 5.4).
    """
    cell = centers.new_tensor([BODY_SIZE[1] / BODY_GRID[2], BODY_SIZE[0] / BODY_GRID[1]])
    center = centers * cell
    side = (sizes.to(centers.dtype) * cell).amax(-1, keepdim=True) * extension
    return torch.cat([center - side / 2, center + side / 2], dim=-1)


def _size_head() -> nn.Sequential:
    return nn.Sequential(linear(_CHANNELS, _CHANNELS), nn.ReLU(inplace=True), linear(_CHANNELS, 2))
