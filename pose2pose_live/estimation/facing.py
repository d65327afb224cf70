"""`FacingGuard`: the body network at times takes a front for a back; a person does not turn round between two pictures."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from ..frame import FloatArray
from ..skeleton import POSE
from .pose_net import PoseLandmarks

P = TypeVar("P", bound=PoseLandmarks)
_OPPOSITE = -0.35  # cosine between two facings that cannot follow one another
_BELIEVE_AFTER_S = 0.8


class FacingGuard:
    """Takes the landmarks of one person in order of time and turns those round that contradict what was just seen.

    A view taken the wrong way round has left and right exchanged and depth reversed; in the picture it looks the same. When the
    network insists for most of a second and no face contradicts it, it is believed.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._facing: FloatArray | None = None
        self._agreed_s = -np.inf

    def __call__(self, pose: P, time_s: float, face: FloatArray | None) -> P:
        """face: where the face looked in the last picture, (3,) in world axes, or None when none was seen."""
        facing = _facing(pose)
        if face is not None:
            contradicts = float(face[[0, 2]] @ facing) < _OPPOSITE
        else:
            contradicts = (
                self._facing is not None
                and float(self._facing @ facing) < _OPPOSITE
                and time_s - self._agreed_s < _BELIEVE_AFTER_S
            )
        if contradicts:
            self._facing = -facing
            return pose.turned_round()
        self._facing, self._agreed_s = facing, time_s
        return pose


def _facing(pose: PoseLandmarks) -> FloatArray:
    """Horizontal facing of the trunk (2,): x, z of a unit vector in world axes (z to the camera)."""
    across = np.zeros(3)
    for name in ("shoulder", "hip"):
        across += pose.world_m[POSE[f"left_{name}"]] - pose.world_m[POSE[f"right_{name}"]]
    # World axes are (x, -y, -z) of the network's; forward is left x up.
    forward = np.array([across[2], across[0]])
    return forward / max(float(np.hypot(*forward)), 1e-9)
