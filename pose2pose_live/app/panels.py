"""The two picture panels of the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import QWidget

from ..viewport import OrbitCamera

_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_KEY_STEP_PX = 25
_WHEEL_STEP = 120  # Qt counts eighths of a degree, a notch of the wheel is 15 degrees


class PicturePanel(QWidget):
    """Shows the newest picture as large as fits, or a line of text instead of it."""

    resized = pyqtSignal()

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self._image: QImage | None = None
        self._pixels: NDArray[np.uint8] | None = None
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
            self._pixels = bgra  # the image only points to them
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
            self.fill(painter)
            painter.setPen(self.palette().placeholderText().color())
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(24, 24, -24, -24), flags, self.text)
            return
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = _centred(size, self.rect())
        if place.size() != self.size():
            self.fill(painter)
        painter.drawImage(place, self._image)
        painter.end()
        if self._on_painted is not None:
            self._on_painted()
            self._on_painted = None  # a repaint by the system shows nothing new

    def fill(self, painter: QPainter) -> None:
        """What is around the picture, or there without one."""
        painter.fillRect(self.rect(), self.palette().window())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class BodyPanel(PicturePanel):
    """The 3D view: the left button turns it, the others move it, the wheel zooms, a double click comes home; the keyboard does the same."""

    orbited = pyqtSignal()

    def __init__(self, text: str, orbit: OrbitCamera) -> None:
        super().__init__(text)
        self.is_mirrored = True
        self._orbit = orbit
        self._grabbed_at: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setAccessibleName(self.tr("3D view"))
        self.setToolTip(
            self.tr(
                "Drag to turn, with the right button or Shift to move, wheel to zoom, double click to reset. "
                "Keys: arrows, Shift and arrows, plus and minus"
            )
        )

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self._grabbed_at = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None or self._grabbed_at is None:
            return
        moved = event.position() - self._grabbed_at
        self._grabbed_at = event.position()
        is_turned = event.buttons() == Qt.MouseButton.LeftButton
        self._move(moved.x(), moved.y(), is_pan=not is_turned or _has_shift(event.modifiers()))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._grabbed_at = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        self._orbit.reset()
        self.orbited.emit()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            self._zoom(event.angleDelta().y() / _WHEEL_STEP)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.key() in _ARROWS:
            x, y = _ARROWS[event.key()]
            self._move(_KEY_STEP_PX * x, _KEY_STEP_PX * y, is_pan=_has_shift(event.modifiers()))
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(1)
        elif event.key() == Qt.Key.Key_Minus:
            self._zoom(-1)
        else:
            super().keyPressEvent(event)

    def _move(self, dx_px: float, dy_px: float, *, is_pan: bool) -> None:
        if self.is_mirrored:
            dx_px = -dx_px
        if is_pan:
            self._orbit.pan(dx_px, dy_px, self.height())
        else:
            self._orbit.drag(dx_px, dy_px)
        self.orbited.emit()

    def _zoom(self, steps: float) -> None:
        self._orbit.zoom(steps)
        self.orbited.emit()


def _has_shift(modifiers: Qt.KeyboardModifier) -> bool:
    return bool(modifiers & Qt.KeyboardModifier.ShiftModifier)


def _centred(size: QSize, inside: QRect) -> QRect:
    place = QRect(0, 0, size.width(), size.height())
    place.moveCenter(inside.center())
    return place
