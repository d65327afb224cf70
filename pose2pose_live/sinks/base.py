"""What every output of captured poses has in common."""

from __future__ import annotations

from typing import Protocol

from ..frame import CameraFrame, SmplxFrame


class Sink(Protocol):
    """Takes one captured pose at a time, in order, from one thread.

    Errors that a person must know of are raised as Pose2PoseError from `write` or `close`. `close` may be called once, also
    after an error in `write`; what was written before is then complete on disk.
    """

    def write(self, pose: SmplxFrame, picture: CameraFrame) -> None: ...

    def close(self) -> None: ...
