"""The picture formats of a camera: what it offers, and what a person may choose from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from . import v4l2
from .devices import CameraDevice
from .opencv import cv2

PREFERRED = "MJPG"
"""Compressed: USB has room for large pictures at full rate. Uncompressed, many cameras give 5 pictures a second in 1280x720."""

USUAL_SIZES_PX = ((640, 480), (1280, 720), (1920, 1080))
"""Sizes that are tried, and offered, where the system has no list."""

# What OpenCV hands on undecoded or refuses; cameras offer it beside formats that can be read.
_UNREADABLE = frozenset(("H264", "HEVC", "H265", "VP80", "VP90", "MPG2", "MPG4"))


@dataclass(frozen=True)
class PictureFormat:
    """A format that a camera offers. pixel_format: fourcc such as MJPG or YUYV, empty if unknown; fps: highest first, () if unknown."""

    pixel_format: str
    width_px: int
    height_px: int
    fps: tuple[float, ...] = ()

    def __str__(self) -> str:
        rates = ", ".join(f"{rate:g}" for rate in self.fps)
        return f"{self.pixel_format or '????'} {self.width_px}x{self.height_px} at {rates or 'unknown'} fps"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The format that is written so, as `MJPG 1280x720 at 30 fps`, `MJPG 1280x720` or `1280x720`; None if it is none."""
        found = re.fullmatch(r"(?:(\S+) +)?(\d{1,5})x(\d{1,5})(?: at (\d[\d., ]*|unknown) fps)?", text.strip())
        if found is None or not int(found[2]) or not int(found[3]):
            return None
        try:
            rates = tuple(float(rate) for rate in (found[4] or "unknown").split(",") if rate != "unknown")
        except ValueError:
            return None
        return cls((found[1] or "").replace("????", ""), int(found[2]), int(found[3]), rates)


USUAL_FORMATS = tuple(PictureFormat(PREFERRED, *size, (30.0,)) for size in reversed(USUAL_SIZES_PX))


def picture_formats(camera: CameraDevice) -> tuple[PictureFormat, ...]:
    """The formats that a camera offers; empty if it cannot be asked (busy, no permission).

    Linux is asked without opening the stream. Elsewhere OpenCV must open the camera for a moment, its lamp goes on, and only
    `USUAL_SIZES_PX` are tried.
    """
    if camera.backend == cv2.CAP_V4L2:
        try:
            modes = v4l2.picture_modes(camera.path or f"/dev/video{camera.index}")
        except OSError:
            return ()
        return tuple(PictureFormat(*mode) for mode in modes)
    capture = cv2.VideoCapture(camera.index, camera.backend)
    found: dict[tuple[int, int], PictureFormat] = {}
    try:
        for width, height in USUAL_SIZES_PX if capture.isOpened() else ():
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
            size = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
            fps = float(capture.get(cv2.CAP_PROP_FPS))
            if min(size) > 0:
                found[size] = PictureFormat("", *size, (fps,) if fps > 0 else ())
    finally:
        capture.release()
    return tuple(found.values())


def formats_to_choose(camera: CameraDevice) -> tuple[PictureFormat, ...]:
    """One format for each rate that a camera offers and OpenCV reads: MJPG first, then by size and rate, the highest first.

    `USUAL_FORMATS` where only opening the camera, which somebody may be using just now, could tell.
    """
    offered = picture_formats(camera) if camera.backend == cv2.CAP_V4L2 else ()
    choices = {
        PictureFormat(one.pixel_format, one.width_px, one.height_px, one.fps[i : i + 1])
        for one in offered
        if one.pixel_format not in _UNREADABLE
        for i in range(max(len(one.fps), 1))
    }
    by_preference = sorted(
        choices,
        key=lambda one: (
            one.pixel_format != PREFERRED,
            one.pixel_format,
            -one.width_px * one.height_px,
            [-r for r in one.fps],
        ),
    )
    return tuple(by_preference) or USUAL_FORMATS
