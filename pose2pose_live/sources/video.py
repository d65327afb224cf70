"""A video file, frame by frame with its true times."""

from __future__ import annotations

from pathlib import Path

from ..frame import CameraFrame
from .source import FrameSource
from .video_file import VideoFile


class VideoSource(FrameSource):
    """A video file, of which each frame is delivered once with its presentation time in the file, in seconds.

    Rotation metadata is honoured. Raises SourceError for a file that is missing, empty, damaged or no video. A file that
    ends before its declared length only sets `warning`.
    """

    live = False

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._file = VideoFile(path)
        self.fps, self.size_px = self._file.fps, self._file.size_px
        self.frame_count = self._file.declared or None
        self._warning = ""
        self._count = 0
        self._time_s = 0.0

    @property
    def warning(self) -> str:
        return self._warning

    def read(self) -> CameraFrame | None:
        while (time_s := self._file.grab()) is not None:
            self._count += 1
            self._time_s = time_s
            image = self._file.decode()
            if image is not None:
                return CameraFrame(image, time_s, self._count - 1)
        self._warning = cut_short(self.name, self._file, self._count, self._time_s)
        return None

    def close(self) -> None:
        self._file.close()


def cut_short(name: str, file: VideoFile, count: int, time_s: float) -> str:
    """A warning if a file that was read from its beginning ended clearly too early, after so many pictures and at that time; else empty."""
    # Matroska declares a duration, from which OpenCV estimates the count: a frame or two prove nothing, and with a
    # variable rate only the time does.
    missing = file.declared - count
    tolerance = max(2, round(0.02 * file.declared))
    if missing <= tolerance or time_s >= (file.declared - tolerance) / file.fps:
        return ""
    return f"{name}: the file ends after {count} of {file.declared} frames, it was probably cut short; what there is was used"
