"""What the window needs of the rest of the program, in one place, so that a test can put others there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelError, SourceError
from ..pipeline import Mocap
from ..sources import FrameSource, PictureSource, VideoSource, open_source
from .settings import Settings, SourceSettings


@dataclass(frozen=True)
class Backend:
    """All are called in background threads."""

    open_source: Callable[[SourceSettings], FrameSource]
    open_mocap: Callable[[Settings], Mocap]


def real_backend() -> Backend:
    return Backend(_open_source, _open_mocap)


def _open_source(settings: SourceSettings) -> FrameSource:
    wanted = settings.source or None
    if wanted is not None and Path(wanted).is_file():
        return VideoSource(Path(wanted), realtime=True, loop=settings.is_looped)
    source = open_source(wanted, size_px=_size_px(settings.format))
    if isinstance(source, PictureSource):
        source.close()
        raise SourceError(
            f"{wanted}: the window plays cameras and videos; use `pose2pose-live process {wanted}` for pictures"
        )
    return source


def _size_px(text: str) -> tuple[int, int] | None:
    width, _, height = text.partition("x")
    return (int(width), int(height)) if width.isdecimal() and height.isdecimal() else None


def _open_mocap(settings: Settings) -> Mocap:
    from ..mocap import MocapSettings, MotionCapture  # MediaPipe takes its time; the window is there before

    body = Path(settings.body.path) if settings.body.path else None
    quality = settings.quality
    try:
        chosen = MocapSettings(quality.engine_path, body, settings.source.fov_deg, quality.runtime)
    except ValueError as error:
        raise ModelError(str(error)) from None
    return MotionCapture.open(chosen)
