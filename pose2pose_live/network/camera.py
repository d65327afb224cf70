"""The virtual camera that looks at the crop (network.md 5.6)."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import torch
from torch import Tensor

from .layout import BODY_GRID, BODY_SIZE, FACE_PART_SIZE, HAND_GRID, HAND_SIZE
from .precision import at_least_float32

FOCAL_PX = 5000.0
_NEAR_M = 1e-4


@dataclass(frozen=True)
class VirtualCamera:
    """A camera of focal length 5000 px whose axis goes through the middle of a part's picture.

    size: (height, width) px. extent_m: how much of the world the picture spans, about. grid: (height, width) in which projections are
    told. OpenCV axes: x right, y down, z forward, metres. Depth is metric only under this focal length.
    """

    size: tuple[int, int]
    extent_m: float
    grid: tuple[int, int]

    @property
    def depth_scale_m(self) -> float:
        """The largest depth that `translation` gives."""
        height, width = self.size
        return sqrt(FOCAL_PX * FOCAL_PX * self.extent_m * self.extent_m / (height * width))

    def translation(self, raw: Tensor) -> Tensor:
        """The network's raw camera (N,3) -> translation (N,3) m of the body from the camera."""
        raw = at_least_float32(raw)
        return torch.cat([raw[:, :2], self.depth_scale_m * raw[:, 2:].sigmoid()], dim=1)

    def project(self, points: Tensor, translation: Tensor) -> Tensor:
        """Points (N,J,3) m of the untranslated body and its translation (N,3) -> x, y in grid units (N,J,2)."""
        points = at_least_float32(points) + translation.unsqueeze(1)
        height, width = self.size
        middle = points.new_tensor([width / 2, height / 2])
        to_grid = points.new_tensor([self.grid[1] / width, self.grid[0] / height])
        return (points[..., :2] / (points[..., 2:] + _NEAR_M) * FOCAL_PX + middle) * to_grid


BODY_CAMERA = VirtualCamera(BODY_SIZE, 2.5, BODY_GRID[1:])
"""Of the whole-body and of the body-only network."""
HAND_CAMERA = VirtualCamera(HAND_SIZE, 0.4, HAND_GRID[1:])
FACE_CAMERA = VirtualCamera(FACE_PART_SIZE, 0.4, BODY_GRID[1:])
