"""Face blendshapes under the names that avatars know: ARKit's 52, and VRM's emotions, vowels and blinks made from them."""

from __future__ import annotations

import numpy as np

from ..frame import FloatArray
from ..skeleton import ARKIT, ARKIT_INDEX

# VRM 0 name, VRM 1 name, and how much of which ARKit shape. The blinks follow from their meaning. For vowels and emotions there is no
# standard: these are ours, by what each shape does to mouth and brows.
_PRESETS: tuple[tuple[str, str, dict[str, float]], ...] = (
    ("Joy", "happy", {"mouthSmileLeft": 0.5, "mouthSmileRight": 0.5}),
    ("Angry", "angry", {"browDownLeft": 0.5, "browDownRight": 0.5}),
    ("Sorrow", "sad", {"mouthFrownLeft": 0.5, "mouthFrownRight": 0.5, "browInnerUp": 0.3}),
    ("Fun", "relaxed", {"cheekSquintLeft": 0.5, "cheekSquintRight": 0.5}),
    ("A", "aa", {"jawOpen": 1.2, "mouthFunnel": -0.8, "mouthPucker": -0.5}),
    ("I", "ih", {"mouthStretchLeft": 0.6, "mouthStretchRight": 0.6, "jawOpen": -0.3}),
    ("U", "ou", {"mouthPucker": 0.8, "mouthFunnel": -0.4}),
    ("E", "ee", {"mouthLowerDownLeft": 0.5, "mouthLowerDownRight": 0.5, "jawOpen": -0.3}),
    ("O", "oh", {"mouthFunnel": 1.0}),
    ("Blink_L", "blinkLeft", {"eyeBlinkLeft": 1.0}),
    ("Blink_R", "blinkRight", {"eyeBlinkRight": 1.0}),
)  # fmt: skip

PRESETS_VRM0 = tuple(name for name, _, _ in _PRESETS)
PRESETS_VRM1 = tuple(name for _, name, _ in _PRESETS)
ARKIT_PASCAL = tuple(name[0].upper() + name[1:] for name in ARKIT)
"""As the Godot receiver looks them up; EVMC4U does not mind the case."""


def _matrix() -> FloatArray:
    matrix = np.zeros((len(_PRESETS), len(ARKIT)))
    for row, (_, _, shares) in enumerate(_PRESETS):
        for name, share in shares.items():
            matrix[row, ARKIT_INDEX[name]] = share
    return matrix


_MATRIX = _matrix()


def presets(blendshapes: FloatArray) -> FloatArray:
    """(11,) in 0..1, in the order of the names, from blendshapes (52,) in ARKit's order."""
    return np.clip(_MATRIX @ blendshapes, 0.0, 1.0)
