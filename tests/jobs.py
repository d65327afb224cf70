"""Stand-ins for the parts of an offline job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from pose2pose_live.errors import SourceError
from pose2pose_live.frame import CameraFrame, SmplxFrame
from pose2pose_live.sources import FrameSource
from tests.fakes import waving_pose


class ListedSource(FrameSource):
    """Hands out the given pictures; fails_at: number of the picture at which the camera is unplugged."""

    def __init__(
        self,
        pictures: list[CameraFrame],
        *,
        name: str = "listed.mp4",
        live: bool = False,
        fails_at: int | None = None,
        warning: str = "",
    ) -> None:
        self.name, self.live, self.fps = name, live, 30.0
        self.size_px = (pictures[0].image.shape[1], pictures[0].image.shape[0])
        self.frame_count: int | None = None if live else len(pictures)
        self.closed = False
        self._pictures, self._next = pictures, 0
        self._fails_at, self._warning = fails_at, warning

    @property
    def warning(self) -> str:
        return self._warning

    def read(self) -> CameraFrame | None:
        if self._next == self._fails_at:
            raise SourceError("the camera was unplugged; plug it in again")
        if self._next == len(self._pictures):
            return None
        self._next += 1
        return self._pictures[self._next - 1]

    def close(self) -> None:
        self.closed = True


def pictures(
    count: int, *, start_s: float = 0.0, size_px: tuple[int, int] = (64, 48), names: bool = False
) -> list[CameraFrame]:
    image = np.zeros((size_px[1], size_px[0], 3), np.uint8)
    return [CameraFrame(image, start_s + i / 30, i, f"{i}.jpg" if names else "") for i in range(count)]


class LoggedMocap:
    """Waves; notes in `log` what it was asked for. fails_at: index of the picture at which it meets a bug."""

    def __init__(self, log: list[str] | None = None, *, fails_at: int | None = None) -> None:
        self.log = [] if log is None else log
        self._fails_at = fails_at

    def __call__(self, picture: CameraFrame) -> SmplxFrame:
        if picture.index == self._fails_at:
            raise ZeroDivisionError("a bug")
        self.log.append(str(picture.index))
        return replace(waving_pose(picture.time_s, index=picture.index), tracked=picture.index % 2 == 0)

    def stream(self, pictures: Iterable[CameraFrame]) -> Iterator[tuple[CameraFrame, SmplxFrame]]:
        for picture in pictures:
            yield picture, self(picture)


class ListSink:
    """Keeps what it is given; write fails from the n-th pose on, and close at once, with the given errors."""

    def __init__(
        self,
        *,
        fails_at: int | None = None,
        write_error: Exception | None = None,
        close_error: Exception | None = None,
    ) -> None:
        self.indices: list[int] = []
        self.closed = 0
        self._fails_at, self._write_error, self._close_error = fails_at, write_error, close_error

    def write(self, pose: SmplxFrame, picture: CameraFrame) -> None:
        assert not self.closed
        if self._write_error is not None and len(self.indices) == self._fails_at:
            raise self._write_error
        assert pose.index == picture.index
        self.indices.append(picture.index)

    def close(self) -> None:
        self.closed += 1
        if self._close_error is not None:
            raise self._close_error
