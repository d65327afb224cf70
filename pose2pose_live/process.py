"""The offline job: every picture of a source through the chain into the sinks, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from .frame import CameraFrame, SmplxFrame
from .sinks.base import Sink
from .sources.source import FrameSource


class Mocap(Protocol):
    """What the job needs of `mocap.MotionCapture`."""

    def stream(self, pictures: Iterable[CameraFrame]) -> Iterator[tuple[CameraFrame, SmplxFrame]]: ...


@dataclass(frozen=True)
class ProcessReport:
    """pictures: how many went through; tracked: in how many a person was seen; warning: what was wrong with the source, or empty."""

    pictures: int
    tracked: int
    warning: str


def process(
    source: FrameSource,
    mocap: Mocap,
    sinks: Sequence[Sink],
    *,
    seconds: float | None = None,
    on_picture: Callable[[int], None] = lambda count: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> ProcessReport:
    """Run a source to its end, for so many seconds of its own time, or until should_stop says so; then close the sinks.

    The first sink is what the job is done for: when it fails the job ends. Another one that fails gets no more, and the job goes
    on. Pictures of a folder are taken each by itself (`MotionCapture.stream`).

    on_picture is told how many pictures went through. Raises the first error of source, chain and sinks, after all sinks have been
    closed: what was captured before is then on disk.
    """
    count = tracked = 0
    working = list(sinks)
    failures: list[Exception] = []
    try:
        for picture, pose in mocap.stream(_until(source, seconds, should_stop)):
            for sink in tuple(working):
                try:
                    sink.write(pose, picture)
                except Exception as error:  # kept, not swallowed: the others must go on
                    failures.append(error)
                    working.remove(sink)
            if sinks[0] not in working:
                break
            count += 1
            tracked += pose.tracked
            on_picture(count)
    except Exception as error:
        failures.append(error)
    finally:
        failures += _close(sinks)
    if failures:
        raise failures[0]
    return ProcessReport(count, tracked, source.warning)


def _until(source: FrameSource, seconds: float | None, should_stop: Callable[[], bool]) -> Iterator[CameraFrame]:
    start_s: float | None = None
    for picture in source:
        if start_s is None:
            start_s = picture.time_s
        if should_stop() or (seconds is not None and picture.time_s - start_s >= seconds):
            return
        yield picture


def _close(sinks: Sequence[Sink]) -> list[Exception]:
    """Close every sink, also when one of them fails."""
    failures: list[Exception] = []
    for sink in sinks:
        try:
            sink.close()
        except Exception as error:  # kept, not swallowed: the others must still be closed
            failures.append(error)
    return failures
