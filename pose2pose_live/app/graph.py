"""A small graph of some figures over the last minute."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QWidget

from .style import colours_of

_LEFT_PX, _BOTTOM_PX, _TOP_PX = 34, 18, 22


@dataclass(frozen=True)
class Line:
    """points: (seconds ago, value), the oldest first; a value that is not finite leaves a gap."""

    name: str
    points: Sequence[tuple[float, float]]


class Graph(QWidget):
    """unit: of all lines. span_s: how far back it reaches. least: the scale ends there at the lowest."""

    def __init__(self, title: str, unit: str, span_s: float, least: float) -> None:
        super().__init__()
        self.title, self.unit, self.span_s, self.least = title, unit, span_s, least
        self.lines: Sequence[Line] = ()
        self.setMinimumHeight(130)
        self.setAccessibleName(title)

    def show_lines(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        values = [f"{line.name} {line.points[-1][1]:.0f} {self.unit}" for line in lines if line.points]
        self.setAccessibleDescription(", ".join(values))
        self.update()

    def top(self) -> float:
        """Where the scale ends: a round number above every value."""
        highest = max((v for line in self.lines for _, v in line.points if math.isfinite(v)), default=0.0)
        return round_up(max(highest, self.least))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = self.palette().windowText().color()
        faint = QColor(text)
        faint.setAlpha(60)
        area = QRectF(_LEFT_PX, _TOP_PX, self.width() - _LEFT_PX - 4, self.height() - _TOP_PX - _BOTTOM_PX)
        top = self.top()
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        for share in (0.0, 0.5, 1.0):
            y = area.bottom() - share * area.height()
            painter.setPen(QPen(faint, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(text)
            label = QRectF(0, y - 8, _LEFT_PX - 4, 16)
            painter.drawText(label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{share * top:g}")
        below = QRectF(area.left(), area.bottom() + 2, area.width(), _BOTTOM_PX - 2)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"-{self.span_s:g} s")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, self.unit)
        x = area.left()
        for line, colour in zip(self.lines, map(QColor, colours_of(self).lines), strict=False):
            painter.setPen(QPen(colour, 1.6))
            for run in _runs(line.points):
                spots = [self._spot(area, top, ago_s, value) for ago_s, value in run]
                painter.drawPolyline(QPolygonF(spots))
            painter.drawText(QPointF(x, 14), line.name)
            x += painter.fontMetrics().horizontalAdvance(line.name) + 14
        painter.end()

    def _spot(self, area: QRectF, top: float, ago_s: float, value: float) -> QPointF:
        share = min(max(value / top, 0.0), 1.0)
        return QPointF(
            area.right() - area.width() * min(ago_s / self.span_s, 1.0), area.bottom() - area.height() * share
        )


def round_up(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if value <= step * power * (1 + 1e-9))


def _runs(points: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """The stretches without a gap."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if math.isfinite(point[1]):
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]
