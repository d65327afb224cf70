"""The offline job: every picture of a source through the chain into the sinks, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .sources import FrameSource
from .mocap import MotionCapture
from .sinks.base import Sink


@dataclass(frozen=True)
class ProcessReport:
    """pictures: how many went through; tracked: in how many of them a person was seen; warning: what was wrong with the source."""

    pictures: int
    tracked: int
    warning: str


def process(
    source: FrameSource,
    mocap: MotionCapture,
    sinks: Sequence[Sink],
    *,
    seconds: float | None = None,
    on_picture: Callable[[int], None] = lambda count: None,
) -> ProcessReport:
    """Run a source to its end, or a live one for so many seconds, and close the sinks, whatever happens.

    Pictures of a folder have nothing to do with one another, so each is taken by itself. Raises what source, chain and sinks raise,
    after closing the sinks: what was captured before is then on disk.
    """
    count = tracked = 0
    start_s: float | None = None
    try:
        for picture in source:
            if start_s is None:
                start_s = picture.time_s
            if seconds is not None and picture.time_s - start_s >= seconds:
                break
            if picture.name:
                mocap.reset()
            pose = mocap(picture)
            for sink in sinks:
                sink.write(pose, picture)
            count += 1
            tracked += pose.tracked
            on_picture(count)
    finally:
        _close_all(sinks)
    return ProcessReport(count, tracked, source.warning)


def _close_all(sinks: Sequence[Sink]) -> None:
    """Close every sink, also when one of them fails; the first failure is raised at the end."""
    failure: Exception | None = None
    for sink in sinks:
        try:
            sink.close()
        except Exception as error:  # kept, not swallowed: the others must still be closed
            failure = failure or error
    if failure is not None:
        raise failure
