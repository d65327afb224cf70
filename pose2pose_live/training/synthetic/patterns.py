"""Small textures that clothes, furniture and walls are printed with; made once from a fixed seed."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_SIZE = 128
_SEED = 20260117


def soft_noise(rng: np.random.Generator, size: int, cells: int) -> NDArray[np.float32]:
    """(size,size) smooth noise of unit deviation that repeats at its edges; cells: bumps along a side."""
    coarse = np.tile(rng.normal(0, 1, (cells, cells)).astype(np.float32), (3, 3))
    wide = cv2.resize(coarse, (3 * size, 3 * size), interpolation=cv2.INTER_CUBIC)[size : 2 * size, size : 2 * size]
    return wide / wide.std()


def patterns() -> NDArray[np.uint8]:
    """(N,128,128,3): red = how much of the second colour, green = light on the folds (128 = flat), blue unused."""
    rng = np.random.default_rng(_SEED)
    y, x = np.mgrid[:_SIZE, :_SIZE] / _SIZE
    camouflage = soft_noise(rng, _SIZE, 5) + 0.5 * soft_noise(rng, _SIZE, 11)
    dots = (np.hypot((x * 4) % 1 - 0.5, (y * 4) % 1 - 0.5) < 0.27).astype(float)
    checks = 0.5 * (((x * 4) % 1 < 0.5).astype(float) + ((y * 4) % 1 < 0.5))
    thin_x, thin_y = (x * 4) % 1 < 0.12, (y * 4) % 1 < 0.12
    flowers = np.clip(1.5 * (soft_noise(rng, _SIZE, 9) - 0.6), 0, 1)
    print_ = np.zeros((_SIZE, _SIZE), np.uint8)
    for row in range(5):  # blocks like lettering
        left = 8
        while left < 104:
            width = int(rng.integers(6, 22))
            cv2.rectangle(print_, (left, 14 + 22 * row), (min(left + width, 118), 26 + 22 * row), 255, -1)
            left += width + int(rng.integers(4, 10))
    layers = [
        np.zeros_like(x),
        ((y * 4) % 1 < 0.5).astype(float),
        ((y * 4) % 1 < 0.18).astype(float),
        ((x * 6) % 1 < 0.4).astype(float),
        checks,
        0.45 * thin_x + 0.45 * thin_y,
        dots,
        (((x + y) * 4) % 1 < 0.4).astype(float),
        (camouflage > 0.2) * 0.7 + (camouflage > 1.0) * 0.3,
        flowers,
        np.clip(0.5 + 0.35 * rng.normal(0, 1, x.shape), 0, 1),
        np.clip(0.5 + 0.3 * soft_noise(rng, _SIZE, 32), 0, 1),
        np.clip(0.5 + 0.4 * soft_noise(rng, _SIZE, 4), 0, 1),
        print_ / 255.0,
    ]
    folds = soft_noise(rng, _SIZE, 4) + 0.6 * soft_noise(rng, _SIZE, 8) + 0.25 * soft_noise(rng, _SIZE, 20)
    # Light from above on a surface of this height: its slope.
    slope = np.roll(folds, 1, axis=0) - np.roll(folds, -1, axis=0)
    out = np.zeros((len(layers), _SIZE, _SIZE, 3), np.uint8)
    out[..., 0] = np.clip(255 * np.stack(layers), 0, 255)
    out[..., 1] = np.clip(128 + 127 * slope / (3.0 * slope.std()), 0, 255)
    return out


PATTERN_COUNT = 14
"""Layers of `patterns()`; layer 0 is plain."""
KNIT, CLOUDS = 10, 12
"""Layers that suit skin, hair and walls: fine grain, and soft patches."""
