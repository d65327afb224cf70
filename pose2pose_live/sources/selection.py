"""From what a person names to a source of pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..errors import SourceError
from .camera import DEFAULT_FORMAT, CameraSource
from .devices import CameraDevice, cameras_found, list_cameras, same_camera
from .formats import PREFERRED, PictureFormat
from .pictures import SUFFIXES, PictureSource
from .player import VideoPlayer
from .source import FrameSource
from .video import VideoSource


def find_camera(wanted: str | int | None, cameras: Sequence[CameraDevice] | None = None) -> CameraDevice:
    """The camera with that number, name, device path or identity, or the first of all for None.

    A part of the name is enough if only one camera has it; upper and lower case are alike. cameras: those of this machine, if they
    are known already. Raises SourceError.
    """
    cameras = list_cameras() if cameras is None else cameras
    if wanted is None:
        if not cameras:
            raise SourceError(
                "no camera was found on this machine; plug one in, or name a video file or picture folder"
            )
        return cameras[0]
    if (known := same_camera(cameras, str(wanted))) is not None:
        return known
    text = str(wanted).casefold()
    exact = [c for c in cameras if text in (str(c.index), c.name.casefold(), c.path.casefold())]
    partial = [c for c in cameras if text in c.name.casefold()] if not text.isdecimal() else []
    for matches in (exact, partial):
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise SourceError(
                f"several cameras match {wanted!r}: {', '.join(map(str, matches))}; name one by its number"
            )
    raise SourceError(f"there is no camera {wanted}; {cameras_found()}; `pose2pose-live devices` lists them")


def open_source(
    spec: str | Path | int | None, *, size_px: tuple[int, int] | None = None, fps: float | None = None
) -> FrameSource:
    """Open what `spec` names.

    None or "camera": the first camera. A number, a camera's name (or a part of it), its device path or identity: that camera. A file:
    a video, or a single picture. A folder: its pictures. size_px and fps are wishes that only a camera heeds.

    Raises SourceError, one line that says what to do, also for network addresses: nothing is fetched from or sent to a network.
    """
    found = find_source(spec)
    if isinstance(found, CameraDevice):
        width_px, height_px = size_px or (DEFAULT_FORMAT.width_px, DEFAULT_FORMAT.height_px)
        return CameraSource(found, PictureFormat(PREFERRED, width_px, height_px, (fps,) if fps else ()))
    return PictureSource(found) if _holds_pictures(found) else VideoSource(found)


def open_live(
    spec: str | Path | int | None, wish: PictureFormat | None = None, *, loop: bool = False
) -> CameraSource | VideoPlayer:
    """Open what `spec` names for somebody who watches: a camera, of which `wish` is asked, or a video that is played. Raises SourceError."""
    found = find_source(spec)
    if isinstance(found, CameraDevice):
        return CameraSource(found, wish or DEFAULT_FORMAT)
    if _holds_pictures(found):
        raise SourceError(
            f"{spec}: the window plays cameras and videos; use `pose2pose-live process {spec}` for pictures"
        )
    return VideoPlayer(found, loop=loop)


def _holds_pictures(path: Path) -> bool:
    return path.is_dir() or path.suffix.lower() in SUFFIXES


def find_source(spec: str | Path | int | None, cameras: Sequence[CameraDevice] | None = None) -> CameraDevice | Path:
    """The camera, or the path of an existing file or folder, that `spec` names; opens nothing. Raises SourceError."""
    if spec is None or spec == "camera":
        return find_camera(None, cameras)
    text = str(spec)
    if text.isdecimal():
        return find_camera(int(text), cameras)
    if re.match(r"[a-z][a-z0-9+.-]+:/", text, re.IGNORECASE):  # two letters at least: C:/ is a drive
        raise SourceError(
            f"{text}: network addresses are not opened, this program stays on this machine; "
            "download the video and name the file, or use a camera"
        )
    path = Path(text).expanduser()
    if path.is_dir() or path.is_file():
        return path
    looks_like_path = (path.suffix or len(path.parts) > 1) and not text.endswith(
        "]"
    )  # an identity, which may hold both
    if looks_like_path and not text.startswith("/dev/"):
        raise SourceError(f"{text}: no such file or folder; check the path (looked in {Path.cwd()})")
    try:
        return find_camera(text, cameras)
    except SourceError as error:
        raise SourceError(f"{text}: no file or folder of this name; {error}") from error
