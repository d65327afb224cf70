"""Distances on a face that tell its expression, of the landmarks in a picture and of a posed mesh alike.

Both are 51 points, 18 to 68 of the 300-W mark-up, in the order of `skeleton.FACE_LANDMARKS`. Distances need no alignment; a share of the face's size needs no scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..body.files import FACE_POINTS
from ..frame import FloatArray
from ..skeleton import FACE_LANDMARKS

FROM_MEDIAPIPE = (
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,  # brows
    168, 197, 5, 4, 98, 97, 2, 326, 327,  # bridge and base of the nose
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,  # rims of the eyes
    61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,  # the lips' outer contour
    78, 81, 13, 311, 308, 402, 14, 178,  # and inner one
)  # fmt: skip
"""Landmark of MediaPipe's face mesh at each of the 51 points."""

_ROW = {name: row for row, name in enumerate(FACE_LANDMARKS[:FACE_POINTS])}
_CORNERS = {"right": ("eye_rim1", "eye_rim4"), "left": ("eye_rim7", "eye_rim10")}
_LIDS = {"right": (("eye_rim2", "eye_rim6"), ("eye_rim3", "eye_rim5")), "left": (("eye_rim8", "eye_rim12"), ("eye_rim9", "eye_rim11"))}  # fmt: skip
_BROWS = {"right": ("brow2", "brow3", "brow4"), "left": ("brow7", "brow8", "brow9")}
_GAPS = {"right": ("lips2", "lips8"), "middle": ("lips3", "lips7"), "left": ("lips4", "lips6")}
_MOUTH = {"right": ("mouth1", "eye_rim1"), "left": ("mouth7", "eye_rim10")}


def measures(points: Any) -> dict[str, Any]:
    """Distances (...) as shares of the face's size, by name, of points (...,51,3): an array of NumPy or a tensor of PyTorch."""
    eyes = _eyes(points)
    found = {f"gap {name}": _between(points, *ends) for name, ends in _GAPS.items()}
    found["mouth width"] = _between(points, "mouth1", "mouth7")
    for side, ((a, b), (c, d)) in _LIDS.items():
        found[f"eye {side}"] = (_between(points, a, b) + _between(points, c, d)) / 2
    for side, names in _BROWS.items():
        found[f"brow {side}"] = _length(_middle(points, names) - eyes[side])
    for side, ends in _MOUTH.items():
        found[f"corner {side}"] = _between(points, *ends)
    found["lower lip"] = _between(points, "nose_base3", "mouth10")
    size = face_size(points)
    return {name: value / size for name, value in found.items()}


def face_size(points: Any) -> Any:
    """The mean (...) of two lengths that no expression changes: between the outer corners of the eyes, and from between the eyes to under the nose."""
    eyes = _eyes(points)
    between_eyes = (eyes["right"] + eyes["left"]) / 2
    return (_between(points, "eye_rim1", "eye_rim10") + _length(between_eyes - _at(points, "nose_base3"))) / 2


def evidence(points_px: FloatArray, blendshapes: FloatArray) -> FloatArray:
    """What the face head reads (...,63): measures of MediaPipe's landmarks (...,478,3) px, and the blendshapes (...,52)."""
    found = measures(points_px[..., FROM_MEDIAPIPE, :])
    return np.concatenate([np.stack(list(found.values()), axis=-1), blendshapes], axis=-1)


def _eyes(points: Any) -> dict[str, Any]:
    return {side: _middle(points, names) for side, names in _CORNERS.items()}


def _at(points: Any, name: str) -> Any:
    return points[..., _ROW[name], :]


def _middle(points: Any, names: Sequence[str]) -> Any:
    return sum(_at(points, name) for name in names) / len(names)


def _between(points: Any, a: str, b: str) -> Any:
    return _length(_at(points, a) - _at(points, b))


def _length(vectors: Any) -> Any:
    return (vectors**2).sum(-1) ** 0.5
