"""A panel that has its model watch something only while it is seen."""

from __future__ import annotations

from typing import Protocol

from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import QWidget


class Watched(Protocol):
    is_watched: bool


class WatchingPanel(QWidget):
    """What a model finds out for its panel alone costs time; the panel says when it is needed."""

    def __init__(self, model: Watched) -> None:
        super().__init__()
        self._watched = model

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._watched.is_watched = True

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self._watched.is_watched = False
