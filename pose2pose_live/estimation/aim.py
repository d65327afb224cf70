"""Which way bones point: from where the model's joint is to where the next landmark is, as near to its pixel as their lengths allow."""

from __future__ import annotations

import numpy as np

from ..frame import FloatArray
from ..rotations import normalise
from .points import BodyPoints

# A landmark nearer to the model's joint than the first share of the bone's length gives no direction; farther than the second, a full
# one.
_AIM_RANGE = (0.35, 0.7)
_DEPTH_WEIGHT = 0.25
_MULTIPLIER_BOUND = 0.8


def lean(unseen: FloatArray, seen: FloatArray, weight: FloatArray) -> FloatArray:
    """Unit vectors (N,3) between a default and a measured direction."""
    return normalise((1 - weight)[:, None] * unseen + weight[:, None] * seen)


def aim(
    joint: FloatArray, target: FloatArray, points: BodyPoints, fallback: FloatArray, length: FloatArray
) -> FloatArray:
    """Unit vectors (N,3) from the model's joints along bones of this length, whose ends come as near to their targets as they can.

    A landmark's pixel is more certain than its depth, so a miss along the viewing ray counts _DEPTH_WEIGHT times as much as one across
    it: minimise |v_across - t_across|^2 + w (v_along - t_along)^2 with |v| = length (a Lagrange multiplier, Newton's method).
    """
    delta = target - joint
    ray = normalise(target - points.eye)
    along = np.vecdot(delta, ray)
    across = delta - along[:, None] * ray
    across_sq, along_sq = np.vecdot(across, across), (_DEPTH_WEIGHT * along) ** 2
    length_sq, mu = length**2, np.zeros_like(length)
    for _ in range(5):
        by_across, by_along = 1 + mu, _DEPTH_WEIGHT + mu
        a, b = across_sq / by_across**2, along_sq / by_along**2
        slope = -2 * (a / by_across + b / by_along)
        # A target in the joint itself has no slope: the multiplier then runs into its bound and the fallback takes over.
        mu = np.maximum(mu - (a + b - length_sq) / np.minimum(slope, -1e-9), -_MULTIPLIER_BOUND * _DEPTH_WEIGHT)
    direction = across / (1 + mu)[:, None] + (_DEPTH_WEIGHT * along / (_DEPTH_WEIGHT + mu))[:, None] * ray
    share = np.sqrt(across_sq + along**2) / length
    certain = np.clip((share - _AIM_RANGE[0]) / (_AIM_RANGE[1] - _AIM_RANGE[0]), 0.0, 1.0)
    return lean(fallback, normalise(direction), certain)


def reach(
    start: FloatArray, end: FloatArray, lengths: tuple[FloatArray, FloatArray], towards: FloatArray
) -> FloatArray:
    """Unit vectors (N,3) of the first of two bones that reach from start to end (N,3) m and bend to the side that `towards` (N,3) points to.

    lengths: (N,) m of either bone. An end out of reach is reached for with a straight limb.
    """
    first, second = lengths
    line = normalise(end - start)
    distance = np.clip(np.linalg.norm(end - start, axis=-1), np.abs(first - second) + 1e-6, first + second)
    cos = np.clip((first**2 + distance**2 - second**2) / (2 * first * distance), -1.0, 1.0)[:, None]
    aside = normalise(towards - np.vecdot(towards, line)[:, None] * line)
    return cos * line + np.sqrt(1 - cos**2) * aside
