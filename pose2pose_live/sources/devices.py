"""The cameras of this machine: their names and numbers, and how to know one again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2_enumerate_cameras

from .opencv import cv2

BACKENDS: dict[str, tuple[int, ...]] = {
    "linux": (cv2.CAP_V4L2,),
    # DirectShow opens in a fraction of Media Foundation's time and also knows virtual cameras such as OBS's.
    "win32": (cv2.CAP_DSHOW, cv2.CAP_MSMF),
    "darwin": (cv2.CAP_AVFOUNDATION,),
}
"""`sys.platform` -> capture interfaces of OpenCV in the order in which they are asked for cameras."""

SYSFS = Path("/sys/class/video4linux")


@dataclass(frozen=True)
class CameraDevice:
    """One camera. index and backend: what cv2.VideoCapture opens it with. path: the system's name of the device. model: USB vendor and
    product, as 046d:082d, or empty. port: where it is plugged in, which index and path on Linux do not tell: they change."""

    index: int
    name: str
    backend: int
    path: str = ""
    model: str = ""
    port: str = ""

    @property
    def backend_name(self) -> str:
        return str(cv2.videoio_registry.getBackendName(self.backend))

    @property
    def identity(self) -> str:
        """What stays the same when it is unplugged and plugged in again: `HD Pro Webcam C920 [046d:082d 1-2:1.0]`."""
        return f"{self.name} [{' '.join(filter(None, (self.model, self.port)))}]"

    def __str__(self) -> str:
        return f"{self.index} ({self.name})"


def list_cameras() -> list[CameraDevice]:
    """The cameras by number, from the first interface of OpenCV that knows any: it is also the one that opens them."""
    for backend in BACKENDS.get(sys.platform, ()):
        if backend in cv2_enumerate_cameras.supported_backends:
            found = cv2_enumerate_cameras.enumerate_cameras(backend)
            cameras = [
                CameraDevice(
                    c.index,
                    c.name or f"camera {c.index}",
                    backend,
                    c.path or "",
                    "" if c.vid is None or c.pid is None else f"{c.vid:04x}:{c.pid:04x}",
                    _port(c.path or ""),
                )
                for c in found
            ]
            if cameras:
                return sorted(cameras, key=lambda camera: camera.index)
    return []


def _port(path: str) -> str:
    """On Linux the interface of the USB port, and which of its video devices it is; elsewhere the path says so itself."""
    if not path.startswith("/dev/video"):
        return path
    device = SYSFS / Path(path).name
    try:
        interface = (device / "device").resolve(strict=True).name
        number = (device / "index").read_text().strip()
    except OSError:
        return ""
    return interface if number == "0" else f"{interface}.{number}"


def cameras_found() -> str:
    """The cameras in one line, for an error text."""
    cameras = list_cameras()
    return f"cameras found: {', '.join(map(str, cameras))}" if cameras else "no camera was found on this machine"


def same_camera(cameras: Sequence[CameraDevice], identity: str) -> CameraDevice | None:
    """The camera with that `CameraDevice.identity`; if it was plugged in elsewhere, the only one of its name and model."""
    for camera in cameras:
        if camera.identity == identity:
            return camera
    alike = [camera for camera in cameras if identity.startswith(f"{camera.name} [{camera.model}")]
    return alike[0] if len(alike) == 1 else None
