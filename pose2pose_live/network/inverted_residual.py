"""The block that MediaPipe's networks are made of (MobileNetV2's: Sandler et al. 2018), and its activation."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class _InPlaceReLU6(torch.autograd.Function):
    """PyTorch's own in-place ReLU6 copies its input for the gradient, which needs the result alone: a tenth of a training step."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        y = x.clamp_(0.0, 6.0)
        ctx.mark_dirty(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (y,) = ctx.saved_tensors
        return torch.ops.aten.hardtanh_backward(gradients[0], y, 0.0, 6.0)


def relu6(x: Tensor) -> Tensor:
    """For results that nothing else reads, such as a convolution's."""
    return _InPlaceReLU6.apply(x) if x.requires_grad else F.relu6(x)


class UnevenConv2d(nn.Conv2d):
    """A convolution of stride 2, padded as TensorFlow pads: one row and column more below and to the right than above and to the left."""

    def __init__(self, channels_in: int, channels: int, kernel: int, groups: int = 1) -> None:
        super().__init__(channels_in, channels, kernel, 2, groups=groups)
        before = (kernel - 2) // 2
        self._pads = (before, kernel - 2 - before) * 2

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self._pads))


def depthwise(channels: int, kernel: int, stride: int = 1, *, uneven: bool = False) -> nn.Conv2d:
    """Every channel for itself. uneven: see `UnevenConv2d`; it is what stride 2 can be padded like."""
    if uneven and stride == 2:
        return UnevenConv2d(channels, channels, kernel, groups=channels)
    return nn.Conv2d(channels, channels, kernel, stride, padding=kernel // 2, groups=channels)


class InvertedResidual(nn.Module):
    """Widen, filter each channel, narrow linearly; added to its input where shapes allow."""

    def __init__(
        self, channels_in: int, expanded: int, channels: int, kernel: int, stride: int, *, uneven: bool = False
    ) -> None:
        super().__init__()
        self.expand = nn.Conv2d(channels_in, expanded, 1)
        self.depthwise = depthwise(expanded, kernel, stride, uneven=uneven)
        self.project = nn.Conv2d(expanded, channels, 1)
        self.has_shortcut = stride == 1 and channels_in == channels

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(relu6(self.depthwise(relu6(self.expand(x)))))
        return y + x if self.has_shortcut else y


Stages = dict[str, tuple[tuple[int, int, int, int], ...]]
"""Name -> (expanded channels, channels, kernel, stride) of its blocks."""


def add_stages(network: nn.Module, channels: int, stages: Stages, *, uneven: bool = False) -> int:
    """Give the network the stages as submodules, each reading the one before; returns the channels of the last."""
    for name, blocks in stages.items():
        layers: list[nn.Module] = []
        for expanded, channels_out, kernel, stride in blocks:
            layers.append(InvertedResidual(channels, expanded, channels_out, kernel, stride, uneven=uneven))
            channels = channels_out
        network.add_module(name, nn.Sequential(*layers))
    return channels
