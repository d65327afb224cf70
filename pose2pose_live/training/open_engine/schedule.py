"""What the training loops of the open engine do alike: how the learning rate falls, and in which order crops are shown."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_FINAL_SHARE = 0.02


def falling(done: float) -> float:
    """Share of the learning rate when so much of a run is done: half a cosine from 1 down to a fiftieth."""
    return _FINAL_SHARE + (1 - _FINAL_SHARE) * 0.5 * (1 + math.cos(math.pi * done))


def shuffled(count: int, size: int, seed: tuple[int, ...], step: int) -> NDArray[np.int64]:
    """Indices of a step's `size` samples, or all where there are fewer: every sample once before any comes again."""
    size = min(size, count)
    epoch, place = divmod(step, count // size)
    return np.random.default_rng((*seed, epoch)).permutation(count)[place * size : (place + 1) * size]
