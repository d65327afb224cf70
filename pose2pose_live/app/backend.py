"""What the window needs of the rest of the program, in one place, so that a test can put others there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelError
from ..pipeline import Mocap
from ..sources import FrameSource, PictureFormat, open_live
from .settings import Settings, SourceSettings


@dataclass(frozen=True)
class Backend:
    """All are called in background threads."""

    open_source: Callable[[SourceSettings], FrameSource]
    open_mocap: Callable[[Settings], Mocap]


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
