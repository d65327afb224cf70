"""What somebody who stands far from the screen is told during the calibration, over the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from .cover import Cover

if TYPE_CHECKING:
    from .view_model import ViewModel

_TEXT_SHARE = 0.075
"""Height of the letters, of the shorter side of the picture."""
_SHADE, _TEXT, _BAR = QColor(0, 0, 0, 170), QColor(255, 255, 255), QColor(106, 190, 120)


class CalibrationCue(Cover):
    """Hidden while nothing is calibrated."""

    def __init__(self, app: ViewModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = app.calibration
        self.setAccessibleName(self.tr("Calibration"))
        self._model.changed.connect(self._show)
        self._show()

    @property
    def text(self) -> str:
        if self._model.countdown:
            return f"{self._model.countdown}\n{self._model.cue}"
        return self._model.cue

    def _show(self) -> None:
        self.show_over(self.text, visible=self._model.is_running)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setBold(True)
        size = max(round(_TEXT_SHARE * min(self.width(), self.height())), 12)
        font.setPixelSize(size)
        painter.setFont(font)
        wrap = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
        room = QRectF(self.rect()).adjusted(2 * size, size, -2 * size, 0)
        needed = painter.boundingRect(room, wrap, self.text)
        box = QRectF(room.left() - size, size, room.width() + 2 * size, needed.height() + 1.6 * size)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_SHADE)
        painter.drawRoundedRect(box, size / 2, size / 2)
        painter.setPen(_TEXT)
        painter.drawText(box.adjusted(size, 0, -size, -size / 3), wrap, self.text)
        if self._model.share:
            bar = QRectF(box.left() + size, box.bottom() - 0.6 * size, box.width() - 2 * size, size / 4)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_BAR)
            painter.drawRect(QRectF(bar.left(), bar.top(), bar.width() * self._model.share, bar.height()))
