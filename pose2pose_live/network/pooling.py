"""Positional pose-guided pooling, the core of Pose2Pose (Moon & Lee, arXiv 2011.11534).

A rotation is told from what the picture shows *at its joint*. Instead of the average over the whole feature map, which mixes every joint
with the background, the network first finds where each joint is (the positional pose) and then takes the feature vector of exactly
that place: one vector per joint, interpolated bilinearly.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .precision import at_least_float32


def guided_pooling(features: Tensor, positions: Tensor) -> Tensor:
    """Feature vectors (N,J,C) of a map (N,C,H,W) at positions (N,J,2) as x, y in cells: (0,0) is the first cell's centre.

    Any batch and any number of joints; a map of at least two cells each way. Outside the map lie zeros: a position within one cell of
    the border blends into them, one further off, infinite or NaN gives zero. Sampling coordinates and weights are float32 or better also
    under autocast (a half-precision coordinate is off by up to 1/256 cell); the result has the dtype of `features`. Differentiable
    in both. The same as grid_sample with x' = 2x/(W-1) - 1, zeros padding and align_corners (network.md 5.2).
    """
    height, width = features.shape[-2:]
    if min(height, width) < 2:
        raise ValueError(f"guided_pooling: expected a map of at least 2 x 2 cells, found {height} x {width}")
    if torch.compiler.is_exporting():
        # Runtimes with a kernel of their own for it must find it as one node.
        return torch.ops.pose2pose.guided_pooling(features, positions)
    return _guided_pooling(features, positions)


def _guided_pooling(features: Tensor, positions: Tensor) -> Tensor:
    height, width = features.shape[-2:]
    positions = at_least_float32(positions)
    last = positions.new_tensor([width - 1, height - 1])
    # Two cells outside is as far away as anything can be: clamping keeps infinities, whose weights would be NaN, out of the sampler.
    positions = torch.where(positions.isnan(), -2.0, positions)
    positions = torch.minimum(positions.clamp(min=-2.0), last + 2)
    grid = (2 * positions / last - 1).unsqueeze(1)
    sampled = F.grid_sample(features.to(grid.dtype), grid, mode="bilinear", padding_mode="zeros", align_corners=True)
    return sampled.squeeze(2).transpose(1, 2).to(features.dtype)


@torch.library.custom_op(
    "pose2pose::guided_pooling", mutates_args=(), schema="(Tensor features, Tensor positions) -> Tensor"
)
def _operator(features: Tensor, positions: Tensor) -> Tensor:
    return _guided_pooling(features, positions).contiguous()


@_operator.register_fake
def _(features: Tensor, positions: Tensor) -> Tensor:
    return features.new_empty(features.shape[0], positions.shape[1], features.shape[1])


OPERATOR = torch.ops.pose2pose.guided_pooling.default
"""What an exporter finds in the traced network."""


class GuidedPooling(nn.Module):
    """`guided_pooling` as a module."""

    def forward(self, features: Tensor, positions: Tensor) -> Tensor:
        """(N,C,H,W), (N,J,2) x, y in cells -> (N,J,C)."""
        return guided_pooling(features, positions)


class GlobalPooling(nn.Module):
    """What guided pooling is compared with: every joint gets the average over the whole map. Same shapes, same weights after it."""

    def forward(self, features: Tensor, positions: Tensor) -> Tensor:
        """(N,C,H,W), (N,J,2) -> (N,J,C); of the positions only their number counts."""
        return features.mean((2, 3)).unsqueeze(1).expand(-1, positions.shape[1], -1)


POOLINGS: dict[str, type[nn.Module]] = {"guided": GuidedPooling, "global": GlobalPooling}
"""The values of the networks' option `pooling`."""


def make_pooling(name: str) -> nn.Module:
    """Raises ValueError for a name that is not in `POOLINGS`."""
    if name not in POOLINGS:
        raise ValueError(f"pooling: expected one of {', '.join(POOLINGS)}, found {name!r}")
    return POOLINGS[name]()


def joint_features(pooling: nn.Module, features: Tensor, positions: Tensor) -> Tensor:
    """(N,C,H,W) and x, y, z in cells (N,J,3) -> (N,J,C+3): what is seen at each joint, and where the joint is.

    The positions are detached: rotations must not move the joints they are read from (network.md 4).
    """
    positions = positions.detach()
    pooled = pooling(features, positions[..., :2])
    return torch.cat([pooled, positions.to(pooled.dtype)], dim=-1)
