"""A large number over a picture, for countdowns that are seen from across the room."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PyQt6.QtWidgets import QWidget

_SHARE = 0.45
"""Height of the digits, of the picture's."""


class CountdownCue(QWidget):
    """Covers its parent and lets the mouse through; hidden while there is nothing to show."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setAccessibleName(self.tr("Countdown"))
        parent.installEventFilter(self)
        self.hide()

    def show_seconds(self, seconds: int) -> None:
        """0: the countdown is over."""
        self.text = str(seconds) if seconds else ""
        self.setAccessibleDescription(self.text)
        self._cover()
        self.setVisible(bool(seconds))
        self.raise_()
        self.update()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Resize:
            self._cover()
        return False

    def _cover(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())

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
