"""The pictures of a video file with their true times, in order and from any place in it."""

from __future__ import annotations

from pathlib import Path

from ..errors import SourceError
from ..frame import Image
from .opencv import cv2

DEFAULT_FPS = 30.0
"""Rate of a file that declares none."""

_RUN_UP = 8
"""How many pictures before its target a search begins at first: OpenCV finds places by a constant rate, which a file may not have."""


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


class VideoFile:
    """`grab` goes to the next picture, `decode` gives it, `seek` goes anywhere. Times are seconds in the file.

    fps: nominal. size_px: width and height of the first picture, turned as the file says. declared: how many pictures the file says it
    has, 0 if it does not. Raises SourceError for a file that is missing, empty, damaged or no video. One thread uses it.
    """

    def __init__(self, path: Path) -> None:
        if path.is_dir():
            raise SourceError(f"{path}: a folder, expected a video file")
        if not path.exists():
            raise SourceError(f"{path}: no such file; check the path")
        self._path = path
        self._capture = self._open()
        fps = float(self._capture.get(cv2.CAP_PROP_FPS))
        self.fps = fps if 0.1 < fps < 1000 else DEFAULT_FPS  # 90000 and NaN are found in the wild
        declared = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))  # negative or 0 where the container does not say
        self.declared = max(declared, 0)
        self._time_s: float | None = None  # of the picture grabbed last; None when its neighbour is not known
        self._is_grabbed = False  # by a search, which had to see that it lies behind its target
        # Only when its first picture is there it is sure that the file can be read, and how large its pictures are.
        first = self.decode() if self.grab() is not None else None
        if first is None:
            self._capture.release()
            raise SourceError(_why_unreadable(path))
        self.size_px = (first.shape[1], first.shape[0])
        self._is_grabbed = True

    @property
    def declared_s(self) -> float:
        """How long the file says it is, 0 if it does not."""
        return self.declared / self.fps

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

    def grab(self) -> float | None:
        """Go to the next picture; its time, None at the end."""
        if self._is_grabbed:
            self._is_grabbed = False
            return self._time_s
        if not self._capture.grab():
            return None
        time_s = float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000
        # A file without presentation times reports 0 for all of them; damaged ones jump back.
        if self._time_s is not None and not time_s > self._time_s:
            time_s = self._time_s + 1 / self.fps
        self._time_s = max(time_s, 0.0)
        return self._time_s

    def decode(self) -> Image | None:
        """The picture that was grabbed last; None if it is damaged."""
        found, image = self._capture.retrieve()
        return image if found else None

    def rewind(self) -> None:
        """Go before the first picture: the file is opened anew, for seeking to the very beginning fails in some containers."""
        self._capture.release()
        self._capture = self._open()
        self._time_s, self._is_grabbed = None, False

    def seek(self, time_s: float) -> tuple[float, Image] | None:
        """Go to the picture that is seen at that time: the last one that does not begin after it, or the first of all. With its true time.

        None if no picture can be decoded there. Exact in every file: where OpenCV lands is checked by the time of the picture there,
        and corrected; files without such times are searched from their beginning.
        """
        run_up_s = _RUN_UP / self.fps
        while not self._land(time_s - run_up_s, time_s):
            run_up_s *= 4
        found = None
        while (at_s := self.grab()) is not None:
            if at_s > time_s and found is not None:
                self._is_grabbed = True
                break
            image = self.decode()
            if image is not None:
                found = at_s, image
        return found

    def _land(self, place_s: float, target_s: float) -> bool:
        """Grab a picture about place_s; False if it lies behind the target."""
        if place_s <= 0:
            self.rewind()
            return True
        self._time_s, self._is_grabbed = None, False
        if not self._capture.set(cv2.CAP_PROP_POS_MSEC, 1000 * place_s):
            return False
        landed_s = self.grab()
        self._is_grabbed = True
        return landed_s is not None and 0 < landed_s <= target_s

    def close(self) -> None:
        self._capture.release()
        self._is_grabbed = False
