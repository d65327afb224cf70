"""Soft-argmax (Sun et al. 2018, "Integral Human Pose Regression"): the expected position under a heat map, in cells.

Index space without a half-cell shift: x in [0, W-1], y in [0, H-1], z in [0, D-1] (network.md 5.1). float32 or better, also under autocast.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .precision import at_least_float32


def _expected_index(weights: Tensor) -> Tensor:
    """Weights (...,K) that sum to 1 -> (...): the mean index."""
    # A product and a sum rather than a matrix product, which autocast would run in half precision.
    return (weights * torch.arange(weights.shape[-1], device=weights.device, dtype=weights.dtype)).sum(-1)


def soft_argmax_2d(heatmap: Tensor) -> Tensor:
    """Logits (N,J,H,W) -> x, y in cells (N,J,2)."""
    p = at_least_float32(heatmap).flatten(2).softmax(-1).view(heatmap.shape)
    return torch.stack([_expected_index(p.sum(2)), _expected_index(p.sum(3))], dim=-1)


def soft_argmax_3d(heatmap: Tensor) -> tuple[Tensor, Tensor]:
    """Logits (N,J,D,H,W) -> x, y, z in cells (N,J,3), and the softmax volume (N,J,D,H,W)."""
    p = at_least_float32(heatmap).flatten(2).softmax(-1).view(heatmap.shape)
    over_depth, over_width = p.sum(2), p.sum(4)
    x, y, z = over_depth.sum(2), over_depth.sum(3), over_width.sum(3)
    return torch.stack([_expected_index(x), _expected_index(y), _expected_index(z)], dim=-1), p
