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
    "lower_lip": {"mouthLowerDownLeft": 1.0, "mouthLowerDownRight": 1.0},
    "upper_lip": {"mouthUpperUpLeft": 1.0, "mouthUpperUpRight": 1.0, "noseSneerLeft": 0.5, "noseSneerRight": 0.5},
}
"""Expression coefficient -> the ARKit units it consists of at 1.0. None of them opens the jaw."""

_MAY_USE: dict[str, tuple[str, ...]] = {
    "browDown": ("brow_down",), "browInnerUp": ("brow_up",), "browOuterUp": ("brow_up",), "noseSneer": ("upper_lip", "brow_down"),
    "eyeBlink": ("blink",), "eyeWide": ("blink",), "eyeLookDown": ("blink",), "eyeLookUp": ("blink",),
    "mouthSmile": ("smile", "mouth_left"), "mouthDimple": ("smile", "mouth_left"), "mouthStretch": ("smile", "frown", "mouth_left"),
    "mouthFrown": ("frown",), "mouthPucker": ("pucker",), "mouthFunnel": ("pucker",), "mouth": ("mouth_left",),
    "mouthUpperUp": ("upper_lip",), "mouthShrugUpper": ("upper_lip",), "mouthRollUpper": ("upper_lip",),
    "mouthLowerDown": ("lower_lip",), "mouthShrugLower": ("lower_lip",), "mouthRollLower": ("lower_lip",),
    "mouthPress": ("lower_lip",),
}  # fmt: skip
"""ARKit unit (without its side) -> the expressions that may stand for it. Free least squares would trade, say, a rolled lip
for an extrapolated anti-pucker: close in millimetres, wrong to the eye. Units not listed belong to the jaw or the eye joints,
or have no counterpart."""
# The units were drawn on MakeHuman's wide-eyed base mesh; on the neutral adult the lids meet at this share of a blink, and
# the rest would push the upper lid over the lower one.
_LIDS_MEET_AT = 0.78


def arkit_shapes(source: MakeHuman, mesh: Mesh) -> np.ndarray:
    """Displacements (V,3,52) in metres, in ARKit's alphabetical order.

    The eyeballs stay where they are: the gaze is turned by the eye joints, and the look units move the lids only.
    """
    shapes = np.stack([mesh.operator @ source.face_unit(name) for name in ARKIT], axis=-1)
    shapes[..., [ARKIT_INDEX["eyeBlinkLeft"], ARKIT_INDEX["eyeBlinkRight"]]] *= _LIDS_MEET_AT
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
    """Matrix (10,52): least-squares coefficients of every ARKit unit in the expression shapes that may stand for it.

    A unit that is an expression of its own comes out as exactly that one; the sides of a symmetric one count half each.
    """
    basis = expressions.reshape(-1, expressions.shape[-1])
    names = list(EXPRESSIONS)
    matrix = np.zeros((len(names), len(ARKIT)))
    for column, unit in enumerate(ARKIT):
        stem = unit.removesuffix("Left").removesuffix("Right")
        side = unit.removeprefix(stem).lower()
        allowed = [f"blink_{side}" if name == "blink" else name for name in _MAY_USE.get(stem, ())]
        rows = [names.index(name) for name in allowed]
        matrix[rows, column] = np.linalg.lstsq(basis[:, rows], shapes[..., column].ravel(), rcond=None)[0]
    return matrix
