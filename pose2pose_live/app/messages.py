"""What the program tells the person at the window: a line at the bottom, a red line for errors, and the log of all of them."""

from __future__ import annotations

import contextlib
import logging
import time
from collections import deque
from dataclasses import dataclass
from typing import Literal

from PyQt6.QtCore import QObject, pyqtSignal

Level = Literal["info", "warning", "error"]
_KEPT = 1000


@dataclass(frozen=True)
class Message:
    """time_s: since the epoch."""

    time_s: float
    level: Level
    text: str

    def __str__(self) -> str:
        return f"{time.strftime('%H:%M:%S', time.localtime(self.time_s))}  {self.level:<7}  {self.text}"


class Messages(QObject):
    """`said` carries each new message, `error_changed` the error to show, in the GUI thread. log: the last messages. Until `close` it also hears all that the package logs as a warning, from whatever thread."""

    said = pyqtSignal(object)
    error_changed = pyqtSignal(str)
    _logged = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self.log: deque[Message] = deque(maxlen=_KEPT)
        self.has_failed = False
        self._errors: dict[str, str] = {}
        self._logged.connect(self.warn)
        self._handler = _Handler(self)
        logging.getLogger("pose2pose_live").addHandler(self._handler)

    def tell(self, text: str) -> None:
        self._say("info", text)

    def warn(self, text: str) -> None:
        self._say("warning", text)

    def fail(self, text: str, topic: str = "") -> None:
        """Shown in red until `clear_error` of the same topic, or another error of it."""
        self.has_failed = True
        self._say("error", text)
        self._errors.pop(topic, None)  # the newest is the last
        self._errors[topic] = text
        self.error_changed.emit(text)

    def clear_error(self, topic: str = "") -> None:
        """What was wrong is over."""
        if self._errors.pop(topic, None) is not None:
            self.error_changed.emit(self.error)

    @property
    def error(self) -> str:
        """The newest error that is not over, or ""."""
        return next(reversed(self._errors.values()), "")

    def close(self) -> None:
        logging.getLogger("pose2pose_live").removeHandler(self._handler)

    def _say(self, level: Level, text: str) -> None:
        if text:
            message = Message(time.time(), level, text)
            self.log.append(message)
            self.said.emit(message)


class _Handler(logging.Handler):
    def __init__(self, messages: Messages) -> None:
        super().__init__(logging.WARNING)
        self._messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(RuntimeError):  # the window is gone
            self._messages._logged.emit(record.getMessage())
