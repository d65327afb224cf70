"""Numbers that a person can trust: rates, latency, losses and load, now and over the last minute."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from .graph import Graph, Line
from .numbers_model import HISTORY_S

if TYPE_CHECKING:
    from .view_model import ViewModel


class NumbersPanel(QWidget):
    """values: the labels of the figures, by name."""

    def __init__(self, app: ViewModel) -> None:
        super().__init__()
        self._app = app
        self.values: dict[str, QLabel] = {}
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._add("captured", self.tr("Camera"), self.tr("Pictures per second that the camera or video delivers"))
        self._add("estimated", self.tr("Estimated"), self.tr("Poses per second: what is recorded and sent"))
        self._add("shown", self.tr("Shown"), self.tr("Poses per second that reach the screen"))
        self._add(
            "latency",
            self.tr("Latency"),
            self.tr(
                "From the taking of a picture until its pose is on the screen: half of all poses are faster, and 95 in 100 (p95)"
            ),
        )
        self._add(
            "dropped", self.tr("Dropped"), self.tr("Pictures that came while the one before was still being estimated")
        )
        self._add("cpu", self.tr("CPU"), self.tr("Load of this program; 100 % is one core"))
        self._add("memory", self.tr("Memory"), self.tr("What this program occupies"))
        self._add("renderer", self.tr("Drawn by"), self.tr("What draws the 3D view"))
        self.rates = Graph(self.tr("Pictures per second"), self.tr("per s"), HISTORY_S, 30)
        self.latency = Graph(self.tr("Latency"), "ms", HISTORY_S, 50)
        column = QVBoxLayout(self)
        column.addLayout(self._grid)
        column.addWidget(self.rates)
        column.addWidget(self.latency)
        column.addStretch(1)
        app.numbers.changed.connect(self._show)
        self._show()

    def _add(self, name: str, text: str, tip: str) -> None:
        label, value = QLabel(text), QLabel("-")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setAccessibleName(text)
        for widget in (label, value):
            widget.setToolTip(tip)
        self._grid.addWidget(label, len(self.values), 0)
        self._grid.addWidget(value, len(self.values), 1, Qt.AlignmentFlag.AlignRight)
        self.values[name] = value

    def _show(self) -> None:
        samples = self._app.numbers.samples
        if not samples or not (self.isVisible() or self.values["captured"].text() == "-"):
            return
        newest = samples[-1]
        f = newest.figures
        per_s = self.tr("{value:.1f} per s")
        nominal = self._app.pipeline.source_fps
        of = self.tr(" of {nominal:g}").format(nominal=round(nominal, 2)) if nominal else ""
        texts = {
            "captured": per_s.format(value=f.camera_fps) + of,
            "estimated": per_s.format(value=f.estimated_fps),
            "shown": per_s.format(value=f.shown_fps),
            "latency": self.tr("{p50:.0f} ms, p95 {p95:.0f} ms").format(p50=f.latency_p50_ms, p95=f.latency_p95_ms),
            "dropped": str(f.dropped),
            "cpu": self.tr("{percent:.0f} % of {all} %").format(
                percent=newest.cpu_percent, all=100 * self._app.numbers.cpu_count
            ),
            "memory": self.tr("{size:.0f} MB").format(size=newest.memory_mb),
            "renderer": self._app.view.renderer_name or "-",
        }
        if math.isnan(f.latency_p50_ms):
            texts["latency"] = "-"
        for name, text in texts.items():
            self.values[name].setText(text)
        ago = [newest.time_s - sample.time_s for sample in samples]
        figures = [sample.figures for sample in samples]
        self.rates.show_lines(
            [
                Line(self.tr("camera"), list(zip(ago, [one.camera_fps for one in figures], strict=True))),
                Line(self.tr("estimated"), list(zip(ago, [one.estimated_fps for one in figures], strict=True))),
                Line(self.tr("shown"), list(zip(ago, [one.shown_fps for one in figures], strict=True))),
            ]
        )
        self.latency.show_lines(
            [
                Line(self.tr("median"), list(zip(ago, [one.latency_p50_ms for one in figures], strict=True))),
                Line(self.tr("p95"), list(zip(ago, [one.latency_p95_ms for one in figures], strict=True))),
            ]
        )
