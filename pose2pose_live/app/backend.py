"""What the window needs of the rest of the program, in one place, so that a test can put others there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..errors import ModelError
from ..pipeline import Mocap
from ..sources import CameraDevice, CameraWatcher, FrameSource, PictureFormat, formats_to_choose, open_live
from .settings import Settings, SourceSettings


class Watching(Protocol):
    """What goes on until it is told to stop."""

    def stop(self) -> None: ...


@dataclass(frozen=True)
class Backend:
    """All are called in background threads, but for watch_cameras, which starts one of its own."""

    open_source: Callable[[SourceSettings], FrameSource]
    open_mocap: Callable[[Settings], Mocap]
    watch_cameras: Callable[[Callable[[list[CameraDevice]], None]], Watching] = CameraWatcher
    formats_of: Callable[[CameraDevice], tuple[PictureFormat, ...]] = formats_to_choose


def real_backend() -> Backend:
    return Backend(_open_source, _open_mocap)


def _open_source(settings: SourceSettings) -> FrameSource:
    return open_live(settings.source or None, PictureFormat.parse(settings.format), loop=settings.is_looped)


def _open_mocap(settings: Settings) -> Mocap:
    from ..mocap import MocapSettings, MotionCapture  # MediaPipe takes its time; the window is there before

    body = Path(settings.body.path) if settings.body.path else None
    quality = settings.quality
    try:
        chosen = MocapSettings(quality.engine_path, body, settings.source.fov_deg, quality.runtime)
    except ValueError as error:
        raise ModelError(str(error)) from None
    return MotionCapture.open(chosen)
