"""A camera through OpenCV."""

from __future__ import annotations

import struct
import time

from ..errors import SourceError
from ..frame import CameraFrame
from .devices import CameraDevice
from .formats import PREFERRED, PictureFormat
from .opencv import cv2
from .source import FrameSource, clock_s
from .trouble import is_unplugged, why_no_pictures

DEFAULT_FORMAT = PictureFormat(PREFERRED, 640, 480, (30.0,))
WARM_UP_S = 5.0
"""How long a camera may take from being opened to its first picture."""
SILENCE_S = 3.0
"""How long a running camera may fail to deliver before it counts as lost."""
RETRY_S = 0.01


class CameraSource(FrameSource):
    """A camera that delivers its newest pictures, stamped by `clock_s` when they arrive.

    wish: what is asked of the camera; `format`, `size_px` and `fps` say what it made of that. `index` counts every picture taken out
    of the driver. Raises SourceError when the camera is busy, forbidden, gives no picture, or is unplugged on the way.
    """

    live = True
    frame_count = None

    def __init__(self, camera: CameraDevice, wish: PictureFormat = DEFAULT_FORMAT) -> None:
        self.name = camera.name
        self.device = camera
        self.failed_reads = 0
        self._index = 0
        self._is_interrupted = False
        self._capture = cv2.VideoCapture(camera.index, camera.backend)
        if not self._capture.isOpened():
            self._capture.release()
            raise SourceError(f"camera {camera} {why_no_pictures(camera)}")
        asked_fps = wish.fps[0] if wish.fps else DEFAULT_FORMAT.fps[0]
        # The pixel format comes first: while a camera sends uncompressed pictures, USB has no room for large ones at full rate,
        # and the driver would refuse the size or the rate.
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*(wish.pixel_format or PREFERRED).ljust(4)[:4]))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, wish.width_px)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, wish.height_px)
        self._capture.set(cv2.CAP_PROP_FPS, asked_fps)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # a longer queue in the driver is nothing but latency
        reported = float(self._capture.get(cv2.CAP_PROP_FPS))
        is_reported = 1 <= reported <= 1000
        self.fps = reported if is_reported else asked_fps
        # Many drivers let a busy camera be opened and only then deliver nothing; and the true size is that of a picture.
        first = self._next(WARM_UP_S)
        assert first is not None  # nobody interrupts what is not made yet
        self.size_px = (first.image.shape[1], first.image.shape[0])
        self.format: PictureFormat | None = PictureFormat(
            self._pixel_format(), *self.size_px, (round(reported, 3),) if is_reported else ()
        )

    def _pixel_format(self) -> str:
        code = int(self._capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
        text = struct.pack("<I", code).decode("ascii", "replace").strip("\0 ")
        return text if text.isprintable() and text.isascii() else ""

    def read(self) -> CameraFrame | None:
        return self._next(SILENCE_S)

    def _next(self, patience_s: float) -> CameraFrame | None:
        deadline_s = clock_s() + patience_s
        while not self._is_interrupted:
            if self._capture.grab():
                time_s = clock_s()
                found, image = self._capture.retrieve()
                if found and image is not None and image.size:
                    self._index += 1
                    return CameraFrame(image, time_s, self._index - 1)
            self.failed_reads += 1
            if clock_s() > deadline_s or is_unplugged(self.device):
                self.close()
                raise SourceError(f"camera {self.device} {why_no_pictures(self.device)}")
            time.sleep(RETRY_S)
        return None

    def interrupt(self) -> None:
        self._is_interrupted = True

    def close(self) -> None:
        self._capture.release()
