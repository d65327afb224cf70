"""How much of the legs a picture shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..frame import FloatArray, Image
from ..skeleton import POSE

if TYPE_CHECKING:
    from ..estimation.pose_net import PoseLandmarks

_KNEES, _ANKLES = ([POSE[f"{side}_{joint}"] for side in ("left", "right")] for joint in ("knee", "ankle"))
SEEN_MIN = 0.5


@dataclass(frozen=True)
class LegsSeen:
    """knees, ankles (2,), left and right: how visible the network takes them to be, 0..1; 0 outside the picture."""

    knees: FloatArray
    ankles: FloatArray

    @classmethod
    def of(cls, landmarks: PoseLandmarks, image: Image) -> LegsSeen:
        inside = ((landmarks.image_px >= 0) & (landmarks.image_px < image.shape[1::-1])).all(axis=1)
        visible = landmarks.visibility * inside
        return cls(visible[_KNEES], visible[_ANKLES])

    @property
    def has_thighs(self) -> bool:
        return bool(self.knees.mean() >= SEEN_MIN)

    @property
    def has_shanks(self) -> bool:
        return bool(min(self.knees.mean(), self.ankles.mean()) >= SEEN_MIN)


NO_LEGS = LegsSeen(np.zeros(2), np.zeros(2))
