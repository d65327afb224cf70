"""A video file, frame by frame with its true times, or played at its own pace in place of a camera."""

from __future__ import annotations

import time
from pathlib import Path

from ..errors import SourceError
from ..frame import CameraFrame, Image
from .opencv import cv2
from .source import FrameSource, clock_s

DEFAULT_FPS = 30.0
"""Rate of a file that declares none."""


def _container(head: bytes) -> str:
    """The kind of video that the first bytes of a file announce, or an empty text."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
        return "MP4/MOV"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "Matroska/WebM"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "AVI"
    return ""


def _why_unreadable(path: Path) -> str:
    """One line on why OpenCV did not open an existing file, and what to do."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        return f"{path}: cannot be read ({error.strerror}); check its permissions"
    if not head:
        return f"{path}: the file is empty (0 bytes); copy or download it again"
    if kind := _container(head):
        return (
            f"{path}: a {kind} file, but damaged or cut short, so that no picture in it can be read; "
            "copy it again, or repair it with `ffmpeg -i BROKEN -c copy FIXED`"
        )
    return f"{path}: not a video file that can be read; expected one such as MP4, MOV, MKV, WebM or AVI"


class VideoSource(FrameSource):
    """A video file.

    Each frame is delivered once with its presentation time in the file, seconds from the first. With `realtime` the file
    stands in for a camera instead: a frame is delivered when it is due, stamped with that moment of `clock_s`, and frames for
    which the reader came too late are passed over. With `loop` it begins anew at its end.

    Rotation metadata is honoured. Raises SourceError for a file that is missing, empty, damaged or no video. A file that
    ends before its declared length only sets `warning`.
    """

    def __init__(self, path: Path, *, realtime: bool = False, loop: bool = False) -> None:
        if path.is_dir():
            raise SourceError(f"{path}: a folder, expected a video file")
        if not path.exists():
            raise SourceError(f"{path}: no such file; check the path")
        self.name = path.name
        self.live = realtime
        self._path, self._loop = path, loop
        self._capture = self._open()
        self.fps = self._nominal_fps()
        declared = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))  # negative or 0 where the container does not say
        self._declared = max(declared, 0)
        self.frame_count = None if loop or declared <= 0 else declared
        self._warning = ""
        self._index = -1
        self._pass_start_index = 0
        self._time_s = 0.0  # of the last frame that was decoded, in the file
        self._due_offset_s: float | None = None  # clock time at which the present pass through the file began
        # The first frame is read at once: only then is it sure that the file can be read, and how large its pictures are.
        self._ahead = self._decode() if self._grab() else None
        if self._ahead is None:
            self._capture.release()
            raise SourceError(_why_unreadable(path))
        self.size_px = (self._ahead.shape[1], self._ahead.shape[0])

    @property
    def warning(self) -> str:
        return self._warning

    def _open(self) -> cv2.VideoCapture:
        # FFmpeg is in every OpenCV wheel; naming it gives the same times and rotation on every platform, and keeps OpenCV
        # from taking `clip_01.avi` for the first file of a numbered sequence.
        capture = cv2.VideoCapture(str(self._path), cv2.CAP_FFMPEG)
        fourcc = int(capture.get(cv2.CAP_PROP_FOURCC)) if capture.isOpened() else 0
        # FFmpeg "plays" text files as terminal art.
        if not capture.isOpened() or fourcc == cv2.VideoWriter.fourcc(*"ansi"):
            capture.release()
            raise SourceError(_why_unreadable(self._path))
        return capture

    def _nominal_fps(self) -> float:
        fps = float(self._capture.get(cv2.CAP_PROP_FPS))
        return fps if 0.1 < fps < 1000 else DEFAULT_FPS  # 90000 and NaN are found in the wild

    def _grab(self) -> bool:
        """Go to the next frame of the file and note its time; False at the end."""
        if not self._capture.grab():
            return False
        self._index += 1
        time_s = float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000
        first = self._index == self._pass_start_index
        # A file without presentation times reports 0 for all of them; damaged ones jump back.
        if not first and not time_s > self._time_s:
            time_s = self._time_s + 1 / self.fps
        self._time_s = max(time_s, 0.0)
        return True

    def _decode(self) -> Image | None:
        found, image = self._capture.retrieve()
        return image if found else None

    def _rewind(self) -> bool:
        """Begin the file anew (seeking back is inexact in some containers); False if it no longer gives a frame."""
        self._capture.release()
        self._capture = self._open()
        if self._due_offset_s is not None:
            self._due_offset_s += self._time_s + 1 / self.fps
        self._pass_start_index = self._index + 1
        return self._grab()

    def _check_length(self) -> None:
        # Matroska declares a duration, from which OpenCV estimates the count: a frame or two prove nothing, and with a
        # variable rate only the time does.
        count = self._index + 1 - self._pass_start_index
        missing = self._declared - count
        tolerance = max(2, round(0.02 * self._declared))
        if missing > tolerance and self._time_s < (self._declared - tolerance) / self.fps:
            self._warning = (
                f"{self.name}: the file ends after {count} of {self._declared} frames, it was probably cut short; "
                "what there is was used"
            )

    def read(self) -> CameraFrame | None:
        passed_over = 0
        while True:
            if self._ahead is not None:
                image, self._ahead = self._ahead, None
            else:
                if not self._grab():
                    self._check_length()
                    if not self._loop or not self._rewind():
                        return None
                if self.live and self._is_late():
                    if passed_over < self.fps:
                        passed_over += 1
                        continue
                    # A second of frames passed over and still late: the machine slept or decodes too slowly for this file.
                    self._due_offset_s = None
                decoded = self._decode()
                if decoded is None:
                    continue
                image = decoded
            return CameraFrame(image, self._wait_until_due() if self.live else self._time_s, self._index)

    def _is_late(self) -> bool:
        return self._due_offset_s is not None and clock_s() > self._due_offset_s + self._time_s + 1 / self.fps

    def _wait_until_due(self) -> float:
        """Wait for the moment at which the present frame is due; that moment, in seconds of `clock_s`."""
        if self._due_offset_s is None:
            self._due_offset_s = clock_s() - self._time_s
        due_s = self._due_offset_s + self._time_s
        if (wait_s := due_s - clock_s()) > 0:
            time.sleep(wait_s)
        return due_s

    def close(self) -> None:
        self._capture.release()
        self._ahead = None
        self._loop = False
