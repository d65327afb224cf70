"""What is opened: what a person wants, the first camera that works, or for want of any the bundled clip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..errors import SourceError
from ..resources import asset_path
from ..sources import CameraDevice, FrameSource, TurnedSource, find_source
from .settings import SourceSettings

CLIP = "demo.mp4"


@dataclass(frozen=True)
class Opened:
    """source: turned as the settings say. camera: None for a file. is_clip: the bundled one. instead_of: why it is not what was wanted, or empty."""

    source: TurnedSource
    camera: CameraDevice | None = None
    is_clip: bool = False
    instead_of: str = ""


def open_wanted(
    open_source: Callable[[SourceSettings], FrameSource],
    settings: SourceSettings,
    cameras: Sequence[CameraDevice],
    *,
    or_another: bool = False,
) -> Opened:
    """Open what the settings name, of the cameras that there are. or_another: what is not there is replaced, as at the start of the program
    it should. Raises SourceError."""
    instead_of = ""
    if settings.source:
        try:
            found = find_source(settings.source, cameras)
        except SourceError as error:
            if not or_another:
                raise
            instead_of = str(error)
        else:
            camera = found if isinstance(found, CameraDevice) else None
            return Opened(TurnedSource(open_source(settings), settings.rotation_deg), camera)
    failures = []
    for camera in cameras:
        try:
            source = open_source(replace(settings, source=camera.identity))
        except SourceError as error:
            failures.append(error)
        else:
            return Opened(TurnedSource(source, settings.rotation_deg), camera, instead_of=instead_of)
    if failures:
        raise failures[0]
    clip = open_source(replace(settings, source=str(asset_path(CLIP)), is_looped=True))
    return Opened(TurnedSource(clip), is_clip=True, instead_of=instead_of)
