"""The figures of the last minute."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
from PyQt6.QtCore import QObject, pyqtSignal

from ..processor import core_count
from ..sources import clock_s
from ..statistics import Figures

if TYPE_CHECKING:
    from .view_model import ViewModel

HISTORY_S = 60.0


@dataclass(frozen=True)
class Sample:
    """A reading. time_s: on `clock_s`; cpu_percent: of this program, 100 is one core; memory_mb: what it occupies."""

    time_s: float
    figures: Figures
    cpu_percent: float
    memory_mb: float


class NumbersModel(QObject):
    """samples: of the last minute, the newest last. cpu_count: how many cores it may use."""

    changed = pyqtSignal()

    def __init__(self, app: ViewModel) -> None:
        super().__init__(app)
        self.samples: deque[Sample] = deque()
        self.cpu_count = core_count()
        self._process = psutil.Process()
        self._process.cpu_percent()  # the next one counts from here
        app.figures_read.connect(self._read)

    def _read(self, figures: Figures) -> None:
        now_s = clock_s()
        memory_mb = self._process.memory_info().rss / 2**20
        self.samples.append(Sample(now_s, figures, self._process.cpu_percent(), memory_mb))
        while self.samples[0].time_s < now_s - HISTORY_S:
            self.samples.popleft()
        self.changed.emit()
