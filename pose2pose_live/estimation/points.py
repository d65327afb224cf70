"""What the geometric solvers work on: landmarks in the world and the palms' rotations, with how much of each is known."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..frame import FloatArray
from ..skeleton import POSE, both_sides


@dataclass(frozen=True)
class BodyPoints:
    """Body landmarks in axes of the camera-aligned world: positions (33,3) m, seen (33,) 0..1, eye (3,) m where the camera is."""

    positions: FloatArray
    seen: FloatArray
    eye: FloatArray = field(default_factory=lambda: np.zeros(3))

    def pair(self, name: str) -> FloatArray:
        """Left and right landmark (2,3)."""
        return self.positions[both_sides(POSE, name)]

    def pair_seen(self, *names: str) -> FloatArray:
        """(2,): how much all these landmarks of a side are seen."""
        return self.seen[both_sides(POSE, *names)].reshape(-1, 2).min(axis=0)


@dataclass(frozen=True)
class Palms:
    """World rotations (2,3,3) of the left and right hand, and whether each is known (2,)."""

    rotations: FloatArray
    known: FloatArray
