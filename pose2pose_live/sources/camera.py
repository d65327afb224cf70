"""A camera through OpenCV."""

from __future__ import annotations

import time

from ..errors import SourceError
from ..frame import CameraFrame
from .devices import CameraDevice, cameras_found
from .opencv import cv2
from .source import FrameSource, clock_s

DEFAULT_SIZE_PX = (640, 480)
DEFAULT_FPS = 30.0
WARM_UP_S = 5.0
"""How long a camera may take from being opened to its first picture."""
SILENCE_S = 3.0
"""How long a running camera may fail to deliver before it counts as lost."""
RETRY_S = 0.01


class CameraSource(FrameSource):
    """A camera that delivers its newest pictures, stamped by `clock_s` when they arrive.

    size_px and fps are wishes; `size_px` and `fps` say what the camera made of them. `index` counts every picture taken out of
    the driver. Raises SourceError when the camera is busy, gives no picture, or is unplugged on the way.
    """

    live = True
    frame_count = None

    def __init__(
        self, camera: CameraDevice, *, size_px: tuple[int, int] | None = None, fps: float | None = None
    ) -> None:
        self.name = camera.name
        self.failed_reads = 0
        self._index = 0
        self._label = str(camera)
        self._capture = cv2.VideoCapture(camera.index, camera.backend)
        if not self._capture.isOpened():
            self._capture.release()
            raise SourceError(
                f"camera {self._label} cannot be opened: another program is probably using it, or access is denied; "
                f"close that program or allow camera access, then try again ({cameras_found()})"
            )
        wish = size_px or DEFAULT_SIZE_PX
        # The format comes first: while a camera sends uncompressed pictures, USB has no room for large ones at full rate, and
        # the driver would refuse the size or the rate.
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, wish[0])
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, wish[1])
        self._capture.set(cv2.CAP_PROP_FPS, fps or DEFAULT_FPS)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # a longer queue in the driver is nothing but latency
        reported = float(self._capture.get(cv2.CAP_PROP_FPS))
        self.fps = reported if 1 <= reported <= 1000 else float(fps or DEFAULT_FPS)
        # Many drivers let a busy camera be opened and only then deliver nothing; and the true size is that of a picture.
        try:
            first = self._next(WARM_UP_S)
        except SourceError as error:
            self.close()
            raise SourceError(
                f"camera {self._label} opens but delivers no pictures: another program is probably using it; close that "
                f"program or plug the camera in again ({cameras_found()})"
            ) from error
        self.size_px = (first.image.shape[1], first.image.shape[0])

    def read(self) -> CameraFrame | None:
        return self._next(SILENCE_S)

    def _next(self, patience_s: float) -> CameraFrame:
        deadline_s = clock_s() + patience_s
        while True:
            if self._capture.grab():
                time_s = clock_s()
                found, image = self._capture.retrieve()
                if found and image is not None and image.size:
                    self._index += 1
                    return CameraFrame(image, time_s, self._index - 1)
            self.failed_reads += 1
            if clock_s() > deadline_s:
                raise SourceError(
                    f"camera {self._label} stopped delivering pictures ({self.failed_reads} failed reads); check its cable, "
                    f"or whether another program took it over ({cameras_found()})"
                )
            time.sleep(RETRY_S)

    def close(self) -> None:
        self._capture.release()
