"""VRChat's OSC trackers (https://docs.vrchat.com/docs/osc-trackers): places and Euler angles in Unity's axes, on the floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..frame import FloatArray, SmplxFrame
from ..motion import mirrored
from ..skeleton import SMPLX
from .options import choice, number, several, switch
from .osc import Message, OscTemplate
from .stage import Body, Shape, Stage
from .vmc import POSITION_TO_UNITY

_TRACKERS: dict[str, tuple[tuple[str, str], ...]] = {
    "head": (("head", "head"),),
    "hip": (("1", "pelvis"),),
    "chest": (("2", "spine3"),),
    "feet": (("3", "left_ankle"), ("4", "right_ankle")),
    "knees": (("5", "left_knee"), ("6", "right_knee")),
    "elbows": (("7", "left_elbow"), ("8", "right_elbow")),
}
"""What a person chooses -> (VRChat's name, SMPL-X joint). The numbers are ours: VRChat finds out itself which tracker is where."""

_AXES = np.array([-1.0, 1.0, 1.0])
_ROTATION_TO_UNITY = np.outer(_AXES, _AXES)
"""M R M with the mirror M = diag(-1, 1, 1), elementwise."""


@dataclass(frozen=True)
class VrchatOptions:
    """height: the user's real one in m, to which the body is scaled; 0 leaves it as it was captured."""

    trackers: tuple[str, ...] = several("Trackers", *_TRACKERS)
    height: float = number("Your height in metres (0: as captured)", 0.0, 0.0, 3.0)
    loss: str = choice("When nobody is seen", "hold", "stop")
    mirror: bool = switch("Mirror", False)
    rate: float = number("Most poses per second", 60.0, 1.0, 60.0)


class VrchatEncoder:
    """Position and rotation of each chosen tracker."""

    def __init__(self, body: Body, options: VrchatOptions) -> None:
        self._body, self._options = body, options
        self._shape, self._stage = Shape(body), Stage()
        chosen = [tracker for name in options.trackers for tracker in _TRACKERS[name]]
        self._joints = [SMPLX[joint] for _, joint in chosen]
        self._template = OscTemplate(
            [
                Message(f"/tracking/trackers/{name}/{what}", "fff")
                for name, _ in chosen
                for what in ("position", "rotation")
            ]
        )

    def recentre(self) -> None:
        """The next tracked place is the middle of the stage."""
        self._stage.recentre()

    def encode(self, frame: SmplxFrame) -> list[memoryview]:
        """Packets that hold until the next call; none where nobody is seen and that is wanted."""
        if not frame.tracked and self._options.loss == "stop":
            return []
        if self._options.mirror:
            frame = mirrored(frame)
        self._shape.update(frame.betas)
        world = self._body.joint_to_world(frame)
        pelvis = world[0, :3, 3]
        shift = self._stage.place(pelvis, self._shape, is_tracked=frame.tracked) - pelvis
        chosen = world[self._joints]
        numbers = np.empty((len(chosen), 2, 3))
        numbers[:, 0] = (chosen[:, :3, 3] + shift) * POSITION_TO_UNITY * self._scale()
        numbers[:, 1] = unity_euler_deg(chosen[:, :3, :3] * _ROTATION_TO_UNITY)
        return self._template.fill(numbers.ravel())

    def _scale(self) -> float:
        captured_m = self._shape.top_m - self._shape.bottom_m
        return self._options.height / captured_m if self._options.height else 1.0


def unity_euler_deg(rotmat: FloatArray) -> FloatArray:
    """Euler angles (...,3) in degrees as Unity shows them: R = Ry Rx Rz of rotmat (...,3,3)."""
    x = np.arcsin(np.clip(-rotmat[..., 1, 2], -1.0, 1.0))
    y = np.arctan2(rotmat[..., 0, 2], rotmat[..., 2, 2])
    z = np.arctan2(rotmat[..., 1, 0], rotmat[..., 1, 1])
    # Looking straight up or down, y and z turn about the same axis and both quotients are 0 / 0: all of it goes to y.
    is_locked = np.hypot(rotmat[..., 1, 0], rotmat[..., 1, 1]) < 1e-6
    y = np.where(is_locked, np.arctan2(-rotmat[..., 2, 0], rotmat[..., 0, 0]), y)
    return np.degrees(np.stack([x, y, np.where(is_locked, 0.0, z)], axis=-1))
