"""What every source of pictures has in common."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Protocol, Self

from ..frame import CameraFrame
from .formats import PictureFormat

clock_s = time.perf_counter
"""The clock that live sources stamp their pictures with (monotonic, seconds): latency is `clock_s() - frame.time_s`."""


class FrameSource(Protocol):
    """Pictures, one after the other, from a camera, a video file or a folder.

    Pictures may change their size on the way. One thread reads; after `close` nothing may be read.

    name: what a person calls it (camera, file or folder name). size_px: width and height of the first picture. fps: nominal
    pictures per second. live: pictures come at their own pace, stamped by `clock_s`, and those that nobody reads are lost;
    otherwise each picture is delivered, stamped with its time in the file. frame_count: how many pictures the source declares;
    None for one without an end. format: what a camera really gives, None for others. warning: one line on what was wrong without being an error (a file that was cut short,
    pictures left out), complete once `read` has returned None; empty when all was well.
    """

    name: str
    size_px: tuple[int, int]
    fps: float
    live: bool
    frame_count: int | None
    format: PictureFormat | None = None

    @property
    def warning(self) -> str:
        return ""

    def read(self) -> CameraFrame | None:
        """The next picture, or None at the end. Raises SourceError when a camera stops delivering."""
        ...

    def interrupt(self) -> None:
        """From any thread: a `read` that waits for somebody (a paused video) ends at once with None. Nothing is read afterwards."""
        return

    def close(self) -> None:
        """Let go of the device or file; may be called twice."""
        ...

    def __iter__(self) -> Iterator[CameraFrame]:
        while (frame := self.read()) is not None:
            yield frame

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
