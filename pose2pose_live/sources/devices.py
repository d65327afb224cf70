"""The cameras of this machine: their names, numbers and picture formats."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import cv2_enumerate_cameras

from . import v4l2
from .opencv import cv2

BACKENDS: dict[str, tuple[int, ...]] = {
    "linux": (cv2.CAP_V4L2,),
    # DirectShow opens in a fraction of Media Foundation's time and also knows virtual cameras such as OBS's.
    "win32": (cv2.CAP_DSHOW, cv2.CAP_MSMF),
    "darwin": (cv2.CAP_AVFOUNDATION,),
}
"""`sys.platform` -> capture interfaces of OpenCV in the order in which they are asked for cameras."""

COMMON_SIZES_PX = ((640, 480), (1280, 720), (1920, 1080))
"""Sizes that are tried where the system offers no list."""


@dataclass(frozen=True)
class CameraDevice:
    """One camera. index and backend: what cv2.VideoCapture opens it with. path: the system's name of the device."""

    index: int
    name: str
    backend: int
    path: str = ""

    @property
    def backend_name(self) -> str:
        return str(cv2.videoio_registry.getBackendName(self.backend))

    def __str__(self) -> str:
        return f"{self.index} ({self.name})"


@dataclass(frozen=True)
class PictureFormat:
    """A format that a camera offers. pixel_format: fourcc such as MJPG or YUYV, empty if unknown; fps: highest first."""

    pixel_format: str
    width_px: int
    height_px: int
    fps: tuple[float, ...]

    def __str__(self) -> str:
        rates = ", ".join(f"{rate:g}" for rate in self.fps)
        return f"{self.pixel_format or '????'} {self.width_px}x{self.height_px} at {rates or 'unknown'} fps"


def list_cameras() -> list[CameraDevice]:
    """The cameras by number, from the first interface of OpenCV that knows any: it is also the one that opens them."""
    for backend in BACKENDS.get(sys.platform, ()):
        if backend in cv2_enumerate_cameras.supported_backends:
            found = cv2_enumerate_cameras.enumerate_cameras(backend)
            cameras = [CameraDevice(c.index, c.name or f"camera {c.index}", backend, c.path or "") for c in found]
            if cameras:
                return sorted(cameras, key=lambda camera: camera.index)
    return []


def cameras_found() -> str:
    """The cameras in one line, for an error text."""
    cameras = list_cameras()
    return f"cameras found: {', '.join(map(str, cameras))}" if cameras else "no camera was found on this machine"


def picture_formats(camera: CameraDevice) -> tuple[PictureFormat, ...]:
    """The formats that a camera offers; empty if it cannot be asked (busy, no permission).

    Linux is asked without opening the stream. Elsewhere OpenCV must open the camera for a moment, its lamp goes on, and only
    `COMMON_SIZES_PX` are tried.
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
        for width, height in COMMON_SIZES_PX if capture.isOpened() else ():
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
            size = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
            fps = float(capture.get(cv2.CAP_PROP_FPS))
            if min(size) > 0:
                found[size] = PictureFormat("", *size, (fps,) if fps > 0 else ())
    finally:
        capture.release()
    return tuple(found.values())
