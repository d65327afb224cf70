"""Bodies as the application would see them: a camera, landmarks that are off, parts outside the picture."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..torch_rotations import rotvec_to_rotmat

# Lengths in the picture count in half metres at the body's distance: about a trunk.
_TRUNK_M = 0.5
_NEAREST_M, _DISTANCE_M = 0.35, (0.8, 7.0)


class _Chance:
    """Random numbers of one generator."""

    def __init__(self, generator: torch.Generator) -> None:
        self._generator = generator

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        return low + (high - low) * torch.rand(*shape, generator=self._generator)

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(*shape, generator=self._generator)


def views(bodies: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Bodies (N,19,3) m, Y up, as cameras show them: `sight` (N,19,6) of `OpenDepthNet`, without a body network's opinion, and the truth (N,19,3) m in
    the same axes."""
    chance = _Chance(generator)
    count, points, _ = bodies.shape
    true = bodies @ _camera_turns(count, chance).transpose(1, 2)
    low, high = map(math.log, _DISTANCE_M)
    distance = torch.exp(chance.uniform(count, low=low, high=high))
    distance = torch.maximum(distance, true[..., 2].amax(1) + _NEAREST_M)[:, None, None]
    trunk = _TRUNK_M / distance
    slopes = true[..., :2] / (distance - true[..., 2:]) + 0.03 * chance.normal(count, 1, 2)
    slopes = slopes + trunk * chance.uniform(count, 1, 1, low=0.009, high=0.033) * chance.normal(count, points, 2)
    stray = chance.uniform(count, points) < 0.05
    slopes = slopes + 0.12 * trunk * chance.normal(count, points, 2) * stray[..., None]
    seen = ~(stray & (chance.uniform(count, points) < 0.6)) * (chance.uniform(count, points) > 0.03)
    # Many pictures end at the hips or the chest: what lies below is guessed, and known to be.
    lowest, highest = slopes[..., 1].amin(1, keepdim=True), slopes[..., 1].amax(1, keepdim=True)
    edge = lowest + 0.75 * (highest - lowest) * chance.uniform(count, 1)
    below = (slopes[..., 1] < edge) & (chance.uniform(count, 1) < 0.45)
    slopes = slopes + 0.15 * trunk * chance.normal(count, points, 2) * below[..., None]
    known = torch.cat([slopes, (seen & ~below)[..., None]], dim=-1)
    return torch.cat([known, torch.zeros_like(true)], dim=-1), true


def _camera_turns(count: int, chance: _Chance) -> Tensor:
    """(N,3,3): a third of the cameras look at the front and most a little down; any side, height and roll occur."""

    def either(share: float, usual: Tensor, any_value: Tensor) -> Tensor:
        return torch.where(chance.uniform(count) < share, usual, any_value)

    yaw = either(0.3, 0.6 * chance.normal(count), chance.uniform(count, low=-math.pi, high=math.pi))
    pitch = either(0.7, 0.12 + 0.2 * chance.normal(count), chance.uniform(count, low=-0.55, high=0.9))
    roll = either(0.8, 0.05 * chance.normal(count), 0.3 * chance.normal(count))
    turns = []
    for axis, angle in ((2, roll), (0, pitch), (1, yaw)):
        turn = torch.zeros(count, 3)
        turn[:, axis] = angle
        turns.append(rotvec_to_rotmat(turn))
    return turns[0] @ turns[1] @ turns[2]
