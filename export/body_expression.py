"""The face of the open body: 52 ARKit shapes, ten expression coefficients made of them, and the map between the two."""

from __future__ import annotations

import numpy as np

from pose2pose_live.skeleton import ARKIT, ARKIT_INDEX

from .body_mesh import Mesh
from .makehuman import MakeHuman

EXPRESSIONS: dict[str, dict[str, float]] = {
    "smile": {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0},
    "frown": {"mouthFrownLeft": 1.0, "mouthFrownRight": 1.0},
    "brow_up": {"browInnerUp": 1.0, "browOuterUpLeft": 1.0, "browOuterUpRight": 1.0},
    "brow_down": {"browDownLeft": 1.0, "browDownRight": 1.0},
    "blink_left": {"eyeBlinkLeft": 1.0},
    "blink_right": {"eyeBlinkRight": 1.0},
    "pucker": {"mouthPucker": 1.0},
    "mouth_left": {"mouthLeft": 0.5, "mouthRight": -0.5},
    "cheek_puff": {"cheekPuff": 1.0},
    "upper_lip": {"mouthUpperUpLeft": 1.0, "mouthUpperUpRight": 1.0, "noseSneerLeft": 0.5, "noseSneerRight": 0.5},
}
"""Expression coefficient -> the ARKit units it consists of at 1.0. None of them opens the jaw."""

# What joints do, or what no expression coefficient can show.
_NOT_EXPRESSED = ("jawForward", "jawLeft", "jawOpen", "jawRight", "mouthClose", "tongueOut")
_NEGLIGIBLE = 0.05


def arkit_shapes(source: MakeHuman, mesh: Mesh) -> np.ndarray:
    """Displacements (V,3,52) in metres, in ARKit's alphabetical order.

    The eyeballs stay where they are: the gaze is turned by the eye joints, and the look units move the lids only.
    """
    shapes = np.stack([mesh.operator @ source.face_unit(name) for name in ARKIT], axis=-1)
    shapes[mesh.eye_angle < 180.0] = 0.0
    shapes[mesh.base < 0] = 0.0
    return shapes


def expression_shapes(shapes: np.ndarray) -> np.ndarray:
    """Displacements (V,3,10) in metres of the ten expression coefficients, from the ARKit shapes (V,3,52)."""
    mixing = np.zeros((len(ARKIT), len(EXPRESSIONS)))
    for column, units in enumerate(EXPRESSIONS.values()):
        for name, amount in units.items():
            mixing[ARKIT_INDEX[name], column] = amount
    return shapes @ mixing


def expression_from_arkit(shapes: np.ndarray, expressions: np.ndarray) -> np.ndarray:
    """Matrix (10,52): least-squares coefficients of every ARKit unit in the ten expression shapes.

    A unit that is an expression of its own comes out as exactly that one; the sides of a symmetric one count half each.
    """
    basis = expressions.reshape(-1, expressions.shape[-1])
    matrix = np.linalg.lstsq(basis, shapes.reshape(-1, len(ARKIT)), rcond=None)[0]
    matrix[np.abs(matrix) < _NEGLIGIBLE] = 0.0
    matrix[:, [ARKIT_INDEX[name] for name in _NOT_EXPRESSED]] = 0.0
    return matrix
