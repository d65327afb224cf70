"""What a part of the application warns of in its log, for the window to show."""

from __future__ import annotations

import logging

from PyQt6.QtCore import QObject, pyqtSignal


class LogMessages(QObject):
    """`said` carries each warning of a logger and those under it, from whatever thread, until `close`."""

    said = pyqtSignal(str)

    def __init__(self, logger: str) -> None:
        super().__init__()
        self._logger = logging.getLogger(logger)
        self._handler = _Handler(self)
        self._logger.addHandler(self._handler)

    def close(self) -> None:
        self._logger.removeHandler(self._handler)


class _Handler(logging.Handler):
    def __init__(self, messages: LogMessages) -> None:
        super().__init__(logging.WARNING)
        self._messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        self._messages.said.emit(record.getMessage())
