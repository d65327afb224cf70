"""SMPL-X under plain OSC addresses, for TouchDesigner, Max, Resolume and the like; the table of addresses is in docs/streaming.md.

Right-handed, Y up, metres, camera-aligned with the origin at the camera, as in recordings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..frame import FloatArray, SmplxFrame
from ..motion import mirrored
from ..rotations import rotvec_to_quat
from ..skeleton import SMPLX_JOINTS
from .options import choice, number, several, switch
from .osc import Message, OscTemplate
from .parts import PARTS, joints_of
from .stage import Body

_VALUES = ("quat", "pos", "trans", "betas", "expression")


@dataclass(frozen=True)
class PlainOscOptions:
    """parts: of which joints are the quaternions and positions."""

    values: tuple[str, ...] = several("Values", *_VALUES)
    parts: tuple[str, ...] = several("Parts", *PARTS)
    loss: str = choice("When nobody is seen", "hold", "stop")
    mirror: bool = switch("Mirror", False)
    rate: float = number("Most poses per second", 60.0, 1.0, 60.0)


class PlainOscEncoder:
    """Frame number and time, whether a person is seen, and the chosen values."""

    def __init__(self, body: Body, options: PlainOscOptions) -> None:
        self._body, self._options = body, options
        joints = list(joints_of(options.parts))
        messages = [Message("/smplx/frame", "if"), Message("/smplx/tracked", "i")]
        self._status = OscTemplate(messages)
        self._columns: list[Callable[[SmplxFrame], FloatArray]] = []
        for value in options.values:
            if value in ("quat", "pos"):
                tags, read = ("ffff", _quats) if value == "quat" else ("fff", self._positions)
                messages += [Message(f"/smplx/{SMPLX_JOINTS[i]}/{value}", tags) for i in joints]
                self._columns.append(partial(_rows, read, joints))
            else:
                count, read = (3, _translation) if value == "trans" else (10, partial(_field, value))
                messages.append(Message(f"/smplx/{value}", "f" * count))
                self._columns.append(read)
        self._template = OscTemplate(messages)

    def recentre(self) -> None:
        """Nothing: the world is the camera's."""

    def encode(self, frame: SmplxFrame) -> list[memoryview]:
        """Packets that hold until the next call."""
        ints = (frame.index, int(frame.tracked))
        if not frame.tracked and self._options.loss == "stop":
            return self._status.fill(np.array([frame.time_s]), ints)
        if self._options.mirror:
            frame = mirrored(frame)
        values = [column(frame) for column in self._columns]
        return self._template.fill(np.concatenate([[frame.time_s], *values]), ints)

    def _positions(self, frame: SmplxFrame) -> FloatArray:
        return self._body.joint_to_world(frame)[:, :3, 3]


def _rows(read: Callable[[SmplxFrame], FloatArray], rows: list[int], frame: SmplxFrame) -> FloatArray:
    return read(frame)[rows].ravel()


def _quats(frame: SmplxFrame) -> FloatArray:
    return rotvec_to_quat(frame.full_pose)


def _translation(frame: SmplxFrame) -> FloatArray:
    return frame.transl


def _field(name: str, frame: SmplxFrame) -> FloatArray:
    return np.asarray(getattr(frame, name))
