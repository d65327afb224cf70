"""The light that falls on people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...frame import FloatArray


@dataclass(frozen=True)
class Lighting:
    """directions (2,3) unit vectors towards the lamps in the camera's world; lamps (2,3), sky (3,), ground (3,): linear rgb."""

    directions: FloatArray
    lamps: FloatArray
    sky: FloatArray
    ground: FloatArray


def sample_lighting(rng: np.random.Generator) -> Lighting:
    """A lamp or window in front or beside, often a screen or a second lamp, and the light of the room."""
    directions = rng.normal(0, 1, (2, 3)) * (1.0, 0.6, 0.5) + ((0, 0.7, 0.9), (0, 0.2, 0.4))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    warmth = rng.normal(0, 0.10, (2, 1)) * (1.0, 0.15, -1.0)
    strengths = np.array([[rng.uniform(0.25, 1.0)], [rng.uniform(0.0, 0.5)]])
    lamps = strengths * np.exp(warmth + rng.normal(0, 0.03, (2, 3)))
    sky = rng.uniform(0.15, 0.6) * np.exp(rng.normal(0, 0.06, 3))
    return Lighting(directions, lamps, sky, sky * rng.uniform(0.25, 0.9))
