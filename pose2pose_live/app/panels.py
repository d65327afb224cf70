"""The two picture panels of the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import QWidget

from ..viewport import OrbitCamera

_WHEEL_STEP = 120  # Qt counts eighths of a degree, a notch of the wheel is 15 degrees


class PicturePanel(QWidget):
    """Shows the newest picture as large as fits, or a line of text instead of it."""

    resized = pyqtSignal()

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self._image: QImage | None = None
        self._on_painted: Callable[[], None] | None = None
        self.setMinimumSize(320, 240)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def size_in_device_px(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)

    def show_picture(self, bgra: NDArray[np.uint8], on_painted: Callable[[], None] | None = None) -> None:
        """Show bgra (H,W,4) without copying it: it must stay as it is until the next call. on_painted: once it is drawn."""
        height, width = bgra.shape[:2]
        if bgra.size:
            self._image = QImage(cast(bytes, bgra.data), width, height, 4 * width, QImage.Format.Format_RGB32)
        self._on_painted = on_painted
        self.update()

    def set_text(self, text: str) -> None:
        """What is shown while there is no picture."""
        self.text = text
        if self._image is None:
            self.update()

    def show_text(self, text: str) -> None:
        """Show text in place of the picture until there is one."""
        self.text = text
        self._image = None
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        if self._image is None:
            painter.fillRect(self.rect(), self.palette().window())
            painter.setPen(self.palette().placeholderText().color())
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(24, 24, -24, -24), flags, self.text)
            return
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = _centred(size, self.rect())
        if place.size() != self.size():
            painter.fillRect(self.rect(), self.palette().window())
        painter.drawImage(place, self._image)
        painter.end()
        if self._on_painted is not None:
            self._on_painted()
            self._on_painted = None  # a repaint by the system shows nothing new

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class BodyPanel(PicturePanel):
    """The 3D view: drag turns it, the wheel zooms, a double click comes home."""

    orbited = pyqtSignal()

    def __init__(self, text: str, orbit: OrbitCamera) -> None:
        super().__init__(text)
        self.is_mirrored = True
        self._orbit = orbit
        self._grabbed_at: QPointF | None = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip(self.tr("Drag to turn, wheel to zoom, double click to reset"))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._grabbed_at = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None or self._grabbed_at is None:
            return
        moved = event.position() - self._grabbed_at
        self._grabbed_at = event.position()
        self._orbit.drag(-moved.x() if self.is_mirrored else moved.x(), moved.y())
        self.orbited.emit()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._grabbed_at = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        self._orbit.reset()
        self.orbited.emit()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            self._orbit.zoom(event.angleDelta().y() / _WHEEL_STEP)
            self.orbited.emit()


def _centred(size: QSize, inside: QRect) -> QRect:
    place = QRect(0, 0, size.width(), size.height())
    place.moveCenter(inside.center())
    return place
