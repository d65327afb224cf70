"""`HandRoI` and `FaceRoI`: hands and face are cut out of the full-resolution picture, each for a backbone of its own."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .layout import FACE_SIZE, HAND_SIZE
from .resnet import ResNet
from .roi_align import roi_align


class HandRoI(nn.Module):
    """One backbone for both hands, which sees every hand as a right one.

    `forward(image (N,3,H,W), left_boxes, right_boxes (N,4) xyxy px of image)` gives (2N,C,8,8): the left hands, mirrored, then the right.
    """

    def __init__(self, backbone: str) -> None:
        super().__init__()
        self.backbone = ResNet(backbone)

    def forward(self, image: Tensor, left_boxes: Tensor, right_boxes: Tensor) -> Tensor:
        index = torch.arange(image.shape[0], device=image.device)
        crops = roi_align(image, torch.cat([left_boxes, right_boxes]), torch.cat([index, index]), HAND_SIZE)
        left, right = crops.chunk(2)
        return self.backbone(torch.cat([left.flip(3), right]))


class FaceRoI(nn.Module):
    """`forward(image (N,3,H,W), boxes (N,4) xyxy px of image)` gives (N,C,6,6)."""

    def __init__(self, backbone: str) -> None:
        super().__init__()
        self.backbone = ResNet(backbone)

    def forward(self, image: Tensor, boxes: Tensor) -> Tensor:
        index = torch.arange(image.shape[0], device=image.device)
        return self.backbone(roi_align(image, boxes, index, FACE_SIZE))
