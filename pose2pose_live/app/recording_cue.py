"""A large number over a picture, for countdowns that are seen from across the room."""

from __future__ import annotations

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PyQt6.QtWidgets import QWidget

from .cover import Cover

_SHARE = 0.45
"""Height of the digits, of the picture's."""


class CountdownCue(Cover):
    """Hidden while there is nothing to show."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.text = ""
        self.setAccessibleName(self.tr("Countdown"))
        self.hide()

    def show_seconds(self, seconds: int) -> None:
        """0: the countdown is over."""
        self.text = str(seconds) if seconds else ""
        self.show_over(self.text, visible=bool(seconds))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setBold(True)
        font.setPixelSize(max(round(_SHARE * min(self.width(), self.height())), 1))
        path = QPainterPath()
        path.addText(0, 0, font, self.text)
        box = QRectF(self.rect())
        path.translate(box.center() - path.boundingRect().center())
        # An outline: it is read on any picture.
        painter.setPen(QColor(0, 0, 0, 200))
        pen = painter.pen()
        pen.setWidthF(font.pixelSize() / 16)
        painter.strokePath(path, pen)
        painter.fillPath(path, QColor(255, 255, 255))
