"""Pictures of nobody, made out of pictures of people: what the network must not take for a person."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

_SHARE = 0.4


def with_nobody(image: Tensor, rng: np.random.Generator) -> Tensor:
    """Some of the crops (N,3,H,W) replaced by a corner of theirs made large (mostly the room), by one colour, a gradient or noise."""
    image = image.clone()
    kinds = (_corner, _plain, _gradient, _noise)
    for row in np.flatnonzero(rng.random(len(image)) < _SHARE):
        kind = kinds[rng.choice(len(kinds), p=(0.55, 0.15, 0.15, 0.15))]
        image[row] = kind(image[row], rng)
    return image


def _corner(picture: Tensor, rng: np.random.Generator) -> Tensor:
    height, width = picture.shape[-2:]
    share = rng.uniform(0.12, 0.35)
    h, w = int(height * share), int(width * share)
    top, left = int(rng.integers(2)) * (height - h), int(rng.integers(2)) * (width - w)
    part = picture[None, :, top : top + h, left : left + w]
    return F.interpolate(part, size=(height, width), mode="bilinear", align_corners=False)[0]


def _plain(picture: Tensor, rng: np.random.Generator) -> Tensor:
    return _colour(rng).expand_as(picture)


def _gradient(picture: Tensor, rng: np.random.Generator) -> Tensor:
    ramp = torch.linspace(0, 1, picture.shape[-1])
    ramp = ramp[None, :] if rng.random() < 0.5 else ramp[:, None]
    return (_colour(rng) * (1 - ramp) + _colour(rng) * ramp).expand_as(picture)


def _noise(picture: Tensor, rng: np.random.Generator) -> Tensor:
    cells = int(rng.choice([8, 32, 128]))
    coarse = torch.from_numpy(rng.uniform(0, 1, (1, 3, cells, cells)).astype(np.float32))
    grain = F.interpolate(coarse, size=picture.shape[-2:], mode="bilinear", align_corners=False)[0]
    contrast = rng.uniform(0.1, 1.0)
    return contrast * grain + (1 - contrast) * _colour(rng)


def _colour(rng: np.random.Generator) -> Tensor:
    """(3,1,1), half of them grey."""
    colour = rng.uniform(0, 1, 3)
    if rng.random() < 0.5:
        colour[:] = colour[0]
    return torch.from_numpy(colour.astype(np.float32))[:, None, None]
