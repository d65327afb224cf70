"""A video that is played at its own pace in place of a camera, and steered from another thread."""

from __future__ import annotations

import threading
from pathlib import Path

from ..frame import CameraFrame, Image
from .source import FrameSource, clock_s
from .video import cut_short
from .video_file import VideoFile

_JUST_BEFORE_S = 1e-4  # less than the distance of any two pictures


class VideoPlayer(FrameSource):
    """A video file that stands in for a camera: a picture is delivered when it is due, those for which the reader came too late are not.

    `play`, `pause`, `step` and `seek` may be called, and all properties read, from any thread; they return at once. While it is paused,
    and at the end, `read` waits, and costs nothing.

    Pictures are stamped with the moment of `clock_s` at which they were due to be seen, whatever their place in the file: times grow
    through pause, step, seek and loop, so that a recording needs no special care (a pause is a pause in it, too). `position_s` says where
    in the file the last picture is. Only pictures that follow the one before in the file, or that passed over some, are no cut.
    """

    live = True
    frame_count = None

    def __init__(self, path: Path, *, loop: bool = False) -> None:
        self.name = path.name
        self.path = path
        self._file = VideoFile(path)
        self.fps, self.size_px = self._file.fps, self._file.size_px
        self._lock = threading.Lock()  # of the file
        self._steered = threading.Condition()  # and lock of what follows
        self._is_playing = True
        self._is_looped = loop
        self._has_ended = False
        self._is_closed = False
        self._seek_to_s: float | None = None
        self._steps = 1  # the first picture is to be seen even if it is paused at once

        # Only the reader changes these.
        self._warning = ""
        self._position_s = 0.0
        self._last_s = 0.0  # of the picture taken out of the file last
        self._end_s = self._file.declared_s
        self._index = -1
        self._cuts = 0
        self._pass_start_index: int | None = 0  # None: not read from the beginning
        self._due_offset_s: float | None = None  # clock time at which the present pass through the file began
        self._ahead: tuple[float, Image] | None = None  # decoded, but not due yet

    @property
    def warning(self) -> str:
        return self._warning

    @property
    def position_s(self) -> float:
        """Time in the file of the picture delivered last."""
        return self._position_s

    @property
    def duration_s(self) -> float:
        """Length of the file, as far as it is known: some files do not tell it, then it grows."""
        return max(self._end_s, self._position_s)

    @property
    def is_playing(self) -> bool:
        return self._is_playing

    @property
    def has_ended(self) -> bool:
        """It waits behind the last picture; `play` begins anew."""
        return self._has_ended

    @property
    def is_looped(self) -> bool:
        return self._is_looped

    @is_looped.setter
    def is_looped(self, is_looped: bool) -> None:
        self._is_looped = is_looped

    def play(self) -> None:
        with self._steered:
            if self._has_ended and self._seek_to_s is None:
                self._seek_to_s = 0.0
            self._is_playing = True
            self._steered.notify_all()

    def pause(self) -> None:
        with self._steered:
            self._is_playing = False
            self._steered.notify_all()

    def step(self, count: int = 1) -> None:
        """Pause, so many pictures further on, or back if negative."""
        with self._steered:
            self._is_playing = False
            self._steps += count
            self._steered.notify_all()

    def seek(self, time_s: float) -> None:
        """Go to the picture that is seen at that time in the file; of several calls only the last counts. Goes on playing if it did."""
        with self._steered:
            self._seek_to_s, self._steps = max(time_s, 0.0), 0
            self._steered.notify_all()

    def interrupt(self) -> None:
        with self._steered:
            self._is_closed = True
            self._steered.notify_all()

    def close(self) -> None:
        self.interrupt()
        with self._lock:
            self._file.close()

    def read(self) -> CameraFrame | None:
        """The next picture to be seen; None only after `interrupt` or `close`. Raises SourceError if the file has become unreadable."""
        while True:
            with self._steered:
                if not self._is_playing:
                    self._due_offset_s = None
                self._steered.wait_for(lambda: self._is_closed or self._is_playing or self._is_steered)
                seek_to_s, steps = self._seek_to_s, self._steps
                self._seek_to_s, self._steps = None, 0
            with self._lock:
                if self._is_closed:
                    return None
                jumps = seek_to_s is not None or steps != 0
                found = self._jump(seek_to_s, steps) if jumps else self._go_on()
            if found is None:
                continue
            time_s, image = found
            due_s = clock_s() if jumps else self._wait_until_due(time_s)
            if due_s is None:
                self._ahead = found
                continue
            if jumps:
                self._due_offset_s = due_s - time_s
            self._position_s = time_s
            return CameraFrame(image, due_s, self._index, cuts=self._cuts, is_still=not self._is_playing)

    @property
    def _is_steered(self) -> bool:
        return self._seek_to_s is not None or self._steps != 0

    def _grab(self) -> float | None:
        time_s = self._file.grab()
        if time_s is not None:
            self._index += 1
            self._last_s = time_s
        return time_s

    def _go_on(self) -> tuple[float, Image] | None:
        """The next picture, passing over those that are late; None at the end."""
        found, self._ahead = self._ahead, None
        passed_over = 0
        while found is None:
            time_s = self._grab()
            if time_s is None:
                if not self._begin_anew():
                    return None
                continue
            if self._due_offset_s is not None and clock_s() > self._due_offset_s + time_s + 1 / self.fps:
                if passed_over < self.fps:
                    passed_over += 1
                    continue
                # A second of pictures passed over and still late: the machine slept or decodes too slowly for this file.
                self._due_offset_s = None
            image = self._file.decode()
            found = None if image is None else (time_s, image)
        return found

    def _begin_anew(self) -> bool:
        """At the end of the file: whether it goes on from the beginning."""
        if self._pass_start_index is not None:
            self._warning = cut_short(self.name, self._file, self._index + 1 - self._pass_start_index, self._last_s)
        self._end_s = self._last_s
        if not self._is_looped:
            self._stay_at_end()
            return False
        self._file.rewind()
        self._cuts += 1
        self._pass_start_index = self._index + 1
        if self._due_offset_s is not None:
            self._due_offset_s += self._last_s + 1 / self.fps
        return True

    def _stay_at_end(self) -> None:
        with self._steered:
            self._has_ended, self._is_playing = True, False

    def _jump(self, seek_to_s: float | None, steps: int) -> tuple[float, Image] | None:
        """The picture at that place, or so many from the last one that was delivered; None behind the end."""
        found = None
        if seek_to_s is not None:
            found = self._seek(seek_to_s)
        for _ in range(steps):
            found, self._ahead = self._ahead, None
            if found is None and (time_s := self._grab()) is not None:
                image = self._file.decode()
                found = None if image is None else (time_s, image)
        for _ in range(-steps):
            found = self._seek((self._position_s if found is None else found[0]) - _JUST_BEFORE_S)
        if found is None:
            self._stay_at_end()
        return found

    def _seek(self, time_s: float) -> tuple[float, Image] | None:
        self._ahead, self._pass_start_index = None, None
        found = self._file.seek(time_s)
        if found is not None:
            self._index += 1
            self._cuts += 1
            self._has_ended = False
            self._last_s = found[0]
        return found

    def _wait_until_due(self, time_s: float) -> float | None:
        """Wait until that place in the file is due; the moment on `clock_s`, None if something else is wanted meanwhile."""
        if self._due_offset_s is None:
            self._due_offset_s = clock_s() - time_s
        due_s = self._due_offset_s + time_s
        with self._steered:
            is_called_off = self._steered.wait_for(
                lambda: self._is_closed or self._is_steered or not self._is_playing, max(due_s - clock_s(), 0.0)
            )
        return None if is_called_off else due_s
