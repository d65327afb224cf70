"""Close-ups of a hand or a face: the same people as in `people.py`, seen by a camera that looks at one part alone.

A hand is a tenth of a webcam's picture. Drawn by itself it has as many pixels as a network is shown, at the price of a picture of a person.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ...frame import Camera, FloatArray
from ...skeleton import SUPERVISION, SUPERVISION_LEFT_HAND_SLICE, SUPERVISION_RIGHT_HAND_SLICE
from .body import PosedPerson
from .people import Staged, SyntheticPeople
from .poses import Person
from .views import View

Rng = np.random.Generator
_SIZE_PX = 288
_SPAN = (0.34, 0.62)
_NEAREST_M = 0.12
_ASIDE = 0.08
_PARTS = {
    "left_hand": [SUPERVISION["left_wrist"], *range(SUPERVISION_LEFT_HAND_SLICE.start, SUPERVISION_LEFT_HAND_SLICE.stop)],
    "right_hand": [SUPERVISION["right_wrist"], *range(SUPERVISION_RIGHT_HAND_SLICE.start, SUPERVISION_RIGHT_HAND_SLICE.stop)],
    "face": [i for i, name in enumerate(SUPERVISION) if name.startswith(("brow", "nose_", "eye_rim", "mouth"))],
}  # fmt: skip


class CloseUps(SyntheticPeople):
    """`SyntheticPeople` whose pictures, of 288 x 288 px, show one part of the person. part: "hand", the left one in even samples and the right
    one in odd ones, or "face". The camera stands where it stands for a picture of the whole person and sees the part through a longer lens."""

    def __init__(self, count: int, seed: int = 0, *, part: str = "hand", **options: Any) -> None:
        super().__init__(count, seed, **({"size_px": _SIZE_PX} | options))
        self.options["part"] = self._part = part
        self._index = 0

    def stage(self, index: int) -> Staged:
        self._index = index
        return super().stage(index)

    def _staged(self, pose_rng: Rng, view_rng: Rng) -> tuple[Person, View, PosedPerson]:
        person, view, posed = super()._staged(pose_rng, view_rng)
        rows = _PARTS[self.part_of(self._index)]
        near = replace(view, camera=_looking_at(view_rng, posed.joints[rows]), size=(_SIZE_PX, _SIZE_PX))
        return replace(person, frame=replace(person.frame, camera=near.camera)), near, posed

    def part_of(self, index: int) -> str:
        """Which part sample `index` shows: "left_hand", "right_hand" or "face"."""
        return "face" if self._part == "face" else ("left_hand", "right_hand")[index % 2]

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.options,)


def _looking_at(rng: Rng, points: FloatArray) -> Camera:
    """Focal length and principal point for which the points (K,3) m span a share of the picture about its middle."""
    seen = points[:, :2] * (1, -1) / np.maximum(-points[:, 2:], _NEAREST_M)
    low, high = seen.min(axis=0), seen.max(axis=0)
    focal = _SIZE_PX * rng.uniform(*_SPAN) / max(float((high - low).max()), 1e-3)
    middle = (low + high) / 2 * focal
    cx, cy = _SIZE_PX * (0.5 + np.clip(rng.normal(0, _ASIDE, 2), -0.16, 0.16)) - middle
    return Camera(float(focal), float(focal), float(cx), float(cy))


def _rebuild(options: dict[str, Any]) -> CloseUps:
    return CloseUps(**options)
