"""Jaw, expression and eyes: talking, smiling, blinking faces drawn in ARKit's units and mapped on to the body's ten expressions."""

from __future__ import annotations

import numpy as np

from ...frame import FloatArray
from ...skeleton import ARKIT, ARKIT_INDEX

Rng = np.random.Generator
# What faces do: units with their largest strength, and whether left and right go together.
_MIMICS: tuple[tuple[dict[str, float], float], ...] = (
    ({"mouthSmile": 1.0, "cheekSquint": 0.6}, 0.30),
    ({"mouthFrown": 0.9, "browDown": 0.5}, 0.10),
    ({"browInnerUp": 0.9, "browOuterUp": 0.9, "eyeWide": 0.5}, 0.18),
    ({"browDown": 1.0, "noseSneer": 0.5}, 0.12),
    ({"eyeBlink": 1.0}, 0.15),
    ({"mouthPucker": 1.0, "mouthFunnel": 0.4}, 0.14),
    ({"mouthLowerDown": 0.8, "mouthUpperUp": 0.6}, 0.16),
    ({"mouthStretch": 0.6, "mouthUpperUp": 0.8, "noseSneer": 0.6}, 0.06),
)
_SIDEWAYS_PROBABILITY = 0.1
_LARGEST = 1.15


def sample_face(rng: Rng, expression_from_arkit: FloatArray | None) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Jaw (3,) rad, expression (10,), eyes (2,3) rad. Without the map from ARKit's units, expressions are small normal draws."""
    open_rad = float(rng.beta(1.2, 3.5) * 0.5) if rng.random() < 0.5 else float(abs(rng.normal(0, 0.02)))
    jaw = np.array([open_rad, rng.normal(0, 0.02), rng.normal(0, 0.01)])
    gaze = np.array([rng.normal(0.02, 0.10), rng.normal(0, 0.15), 0.0])
    eyes = np.stack([gaze, gaze]) + rng.normal(0, 0.01, (2, 3)) * (1, 1, 0)
    if expression_from_arkit is None:
        return jaw, rng.normal(0, 0.7, 10), eyes
    units = np.clip(rng.normal(0, 0.06, len(ARKIT)), 0, None)
    for mimic, probability in _MIMICS:
        if rng.random() < probability:
            strength = rng.beta(1.5, 1.5)
            one_sided = rng.uniform(0, 1) if rng.random() < 0.12 else 1.0
            for name, largest in mimic.items():
                for side, share in (("Left", 1.0), ("Right", one_sided), ("", 1.0)):
                    if name + side in ARKIT_INDEX:
                        units[ARKIT_INDEX[name + side]] += largest * strength * share * rng.uniform(0.8, 1.1)
    if rng.random() < _SIDEWAYS_PROBABILITY:
        units[ARKIT_INDEX[rng.choice(["mouthLeft", "mouthRight"])]] += rng.uniform(0.2, 1.0)
    # Looking down lowers the lids.
    units[[ARKIT_INDEX["eyeBlinkLeft"], ARKIT_INDEX["eyeBlinkRight"]]] += max(gaze[0], 0.0) * 1.2
    return jaw, np.clip(expression_from_arkit @ units, -_LARGEST, _LARGEST), eyes
