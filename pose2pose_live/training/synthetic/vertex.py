"""What goes into the renderer and what its depth buffer means; needs no OpenGL."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NEAR_M, FAR_M = 0.08, 40.0
"""Nothing nearer or farther is drawn."""

VERTEX = np.dtype(
    [
        ("position", "f4", 3),
        ("normal", "f4", 3),
        ("colour", "u1", 4),
        ("ink", "u1", 4),
        ("cloth", "f4", 2),
        ("kind", "u1", 2),
        ("padding", "u1", 2),
    ]
)
"""One vertex. position m and unit normal in the world; colour: linear rgb, depth of folds; ink: second colour of the pattern, number
of the pattern; cloth: place on the pattern, m; kind: what it belongs to (it comes back as the picture's alpha), shininess."""


def depth_m(buffer: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance in m along the viewing axis, from values of the depth buffer; `far` where nothing was drawn."""
    return (NEAR_M * FAR_M) / (FAR_M - buffer * (FAR_M - NEAR_M))
