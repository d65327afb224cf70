"""What goes through the pipeline to the screen, and what the pipeline tells of itself."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import Pose2PoseError
from ..frame import CameraFrame, SmplxFrame

if TYPE_CHECKING:
    from ..sinks.base import Sink

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LiveFrame:
    """A picture on its way to the screen.

    captured_s: when it was taken, on `clock_s`; None when it is only drawn again. pose: None before mocap is loaded. source_number: grows with
    each source that is read. is_live: a newer one may take its place.
    """

    picture: CameraFrame
    captured_s: float | None
    pose: SmplxFrame | None
    source_number: int = 0
    is_live: bool = False


@dataclass(frozen=True)
class Ready:
    """A stage has opened what it needs. stage: capture (again for each source), estimation (again for each estimator) or render."""

    stage: str


@dataclass(frozen=True)
class Ended:
    """The source has no more pictures. warning: what was wrong with it, or empty."""

    warning: str


@dataclass(frozen=True)
class Failed:
    """A stage stopped. error: what to tell; its text is one line for people.

    stage: capture (until there is another source), estimation (until there is another estimator), loading (of an estimator: the one before goes
    on), render, recording or streaming."""

    stage: str
    error: Pose2PoseError


@dataclass(frozen=True)
class Recorded:
    """A sink was closed after all that was handed to it was written."""

    sink: Sink
    written: int
    dropped: int


Event = Ready | Ended | Failed | Recorded


def for_people(stage: str, error: Exception) -> Pose2PoseError:
    if isinstance(error, Pose2PoseError):
        return error
    log.debug("unexpected error in %s", stage, exc_info=error)
    what = f"{type(error).__name__}: {error}"
    return Pose2PoseError(
        f"{stage} stopped by an unexpected error ({what}). Please report it, with what you did before"
    )
