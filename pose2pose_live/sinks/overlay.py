"""A video, or for a folder of pictures a folder of pictures, with the captured body drawn over the source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..errors import RecordingError
from ..frame import CameraFrame, Image, SmplxFrame
from ..sources.opencv import cv2
from .base import Sink
from .files import advice, numbered_paths

CODECS = ("avc1", "mp4v")
"""H.264, which every player and browser shows, where OpenCV can write it; else MPEG-4, which its wheel always can."""

JPEG_QUALITY = 92
MAX_GAP_S = 60.0
"""A longer gap between two pictures is not filled: that is a clock that jumped."""

Draw = Callable[[CameraFrame, SmplxFrame], Image]
"""(picture, pose) -> uint8 (H,W,3) BGR of the picture's size, in a buffer that may be reused at the next call."""


def fit_into(image: Image, width_px: int, height_px: int) -> Image:
    """The picture centred on black in the given size, made smaller or larger only where it does not fit by a pixel."""
    height, width = image.shape[:2]
    if not (width_px - 1 <= width <= width_px and height_px - 1 <= height <= height_px):
        scale = min(width_px / width, height_px / height)
        width, height = min(round(width * scale), width_px), min(round(height * scale), height_px)
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    left, top = (width_px - width) // 2, (height_px - height) // 2
    framed = cv2.copyMakeBorder(
        image, top, height_px - height - top, left, width_px - width - left, cv2.BORDER_CONSTANT, value=(0, 0, 0)
    )
    return np.asarray(framed)


class OverlayWriter(Sink):
    """Writes `NAME.mp4`, or `NAME/PICTURE.jpg` for each picture of a folder.

    path: `DIR/NAME.mp4`; an existing file or folder is left alone and NAME_2 ... used. draw: makes the image, for instance a
    `viewport.OverlayRenderer`. fps: the video's constant rate; each picture is shown from its `time_s` until the next one's, so
    that pictures are repeated or left out where the source's rate is another. A video keeps the size of its first picture (plus
    one pixel where that is odd); pictures of another size are letterboxed.

    `path` says where the result is, or will be. `frames_written` counts what is in it.
    """

    def __init__(self, path: Path, draw: Draw, *, fps: float) -> None:
        self.frames_written = 0
        self.path = path
        self._draw, self._fps = draw, fps
        self._video: cv2.VideoWriter | None = None
        self._size_px = (0, 0)
        self._first_time_s = 0.0
        self._image: Image | None = None  # the newest one, not yet written
        self._folder: Path | None = None

    @property
    def _part(self) -> Path:
        """Where a video grows until it is complete: until then no player can open it."""
        return self.path.with_name(f".{self.path.stem}.part.mp4")

    def write(self, pose: SmplxFrame, picture: CameraFrame) -> None:
        """Raises RecordingError when the file cannot be opened or written."""
        image = self._draw(picture, pose)
        try:
            if picture.name:
                self._write_picture(picture.name, image)
            else:
                self._write_frame(picture.time_s, image)
        except OSError as error:
            raise RecordingError(f"{self.path}: the video cannot be written, {advice(error)}") from error

    def _write_picture(self, name: str, image: Image) -> None:
        if self._folder is None:
            self._folder = self.path = next(p for p in numbered_paths(self.path.with_suffix("")) if not p.exists())
            self._folder.mkdir(parents=True)
        target = self._folder / Path(name).with_suffix(".jpg").name
        if target.exists():  # a.png after a.jpg
            target = self._folder / f"{name}.jpg"
        encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
        target.write_bytes(
            encoded.tobytes()
        )  # not cv2.imwrite: it hides errors, and on Windows it cannot write every name
        self.frames_written += 1

    def _write_frame(self, time_s: float, image: Image) -> None:
        if self._video is None:
            self.path = next(p for p in numbered_paths(self.path) if not p.exists())
            height, width = image.shape[:2]
            self._size_px = (width + width % 2, height + height % 2)  # the codecs halve the resolution of colour
            self._video = self._open()
            self._first_time_s = time_s
        # The picture before this one is shown until this one's time: only now is it known for how many frames.
        due = round((time_s - self._first_time_s) * self._fps)
        if due - self.frames_written > MAX_GAP_S * self._fps:
            self._first_time_s += (due - self.frames_written - 1) / self._fps
            due = self.frames_written + 1
        self._repeat_until(due)
        self._image = fit_into(image, *self._size_px)

    def _open(self) -> cv2.VideoWriter:
        self._part.parent.mkdir(parents=True, exist_ok=True)
        self._part.touch()  # OpenCV does not say why it cannot open a file; this does
        for codec in CODECS:
            writer = cv2.VideoWriter(str(self._part), cv2.VideoWriter.fourcc(*codec), self._fps, self._size_px)
            if writer.isOpened():
                return writer
        self._part.unlink(missing_ok=True)
        width, height = self._size_px
        raise RecordingError(
            f"{self.path}: no video of {width}x{height} at {self._fps:g} fps can be written with {' or '.join(CODECS)}; "
            "install opencv-contrib-python anew, or go without the video"
        )

    def _repeat_until(self, count: int) -> None:
        while self._image is not None and self._video is not None and self.frames_written < count:
            self._video.write(self._image)
            self.frames_written += 1

    def close(self) -> None:
        """Complete the video. Raises RecordingError when not all of it came to the disk: OpenCV does not say so earlier."""
        if self._video is None:
            return
        self._repeat_until(self.frames_written + 1)
        self._video.release()
        self._video = None
        written = cv2.VideoCapture(str(self._part), cv2.CAP_FFMPEG)
        count = int(written.get(cv2.CAP_PROP_FRAME_COUNT)) if written.isOpened() else 0
        written.release()
        if count:
            self._part.replace(self.path)
        else:
            self._part.unlink(missing_ok=True)
        # Some system encoders keep a frame or two to themselves; a full disk costs more.
        if count < 0.9 * self.frames_written:
            raise RecordingError(
                f"{self.path}: only {count} of {self.frames_written} frames of the video came to the disk; "
                "free some space and process the source again"
            )
