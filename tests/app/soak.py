"""Keeps the window open for long, as a person does who streams: `python -m tests.app.soak --minutes 30` (`make soak`).

The bundled clip at its real rate, a take of 20 seconds every two minutes, the panels opened one after the other, the engine's pictures shown all the while. In the end
memory has grown by less than 20 MB since the third minute, no pose was on the screen later than 200 ms after its picture, and every take loads; else it exits with 1.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from array import array
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import psutil
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from pose2pose_live.app.backend import real_backend
from pose2pose_live.app.garbage import GarbageCollector
from pose2pose_live.app.settings_store import SettingsStore
from pose2pose_live.app.view_model import ViewModel
from pose2pose_live.app.window import MainWindow
from pose2pose_live.recording import load_recording
from pose2pose_live.resources import asset_path
from pose2pose_live.sources import clock_s

GROWTH_BAR_MB = 20.0
LATE_BAR_MS = 200.0
_WARM_UP_S = 180.0
"""Until then caches fill: every panel was opened once, and one take was recorded."""
_TAKE_EVERY_S, _TAKE_S, _PANEL_EVERY_S = 120, 20, 30


@dataclass
class Result:
    """memory_mb: (minutes, MB) readings; late_ms: latencies above the bar, each with its minute and with the time that the host of a virtual machine took
    from its cores, all together, between picture and screen."""

    minutes: float
    memory_mb: list[tuple[float, float]] = field(default_factory=list)
    latency_ms: array[float] = field(default_factory=lambda: array("f"))
    late_ms: list[tuple[float, float, float]] = field(default_factory=list)
    takes: int = 0
    frames_in_takes: int = 0
    messages: list[str] = field(default_factory=list)

    @property
    def growth_mb(self) -> float:
        """Of the last fifth over the readings just after the warm-up, by medians: single readings jump by some MB."""
        settled = [mb for minute, mb in self.memory_mb if minute * 60 >= _WARM_UP_S]
        fifth = max(len(settled) // 5, 1)
        return float(np.median(settled[-fifth:]) - np.median(settled[:fifth])) if settled else float("nan")


class Soak:
    def __init__(self, minutes: float, folder: Path) -> None:
        self.result = Result(minutes)
        store = SettingsStore(folder / "settings.json")
        store.override("source", source=str(asset_path("demo.mp4")))
        self.model = ViewModel(real_backend(), store, output_dir=folder / "takes")
        statistics = self.model.pipeline.statistics
        count = statistics.painted

        def painted(captured_s: float) -> None:
            self._note(1000 * (clock_s() - captured_s))
            count(captured_s)

        statistics.painted = painted  # type: ignore[method-assign]
        self.window = MainWindow(self.model)
        self._collector = GarbageCollector(self.window)
        self._folder = folder / "takes"
        self._process = psutil.Process()
        self._start_s = clock_s()
        self._seconds = 0
        self._stolen_s: deque[tuple[float, float]] = deque(maxlen=100)
        self._timer = QTimer()
        self._timer.timeout.connect(self._second)
        self._timer.start(1000)
        self.window.show()

    def _note(self, latency_ms: float) -> None:
        self.result.latency_ms.append(latency_ms)
        now_s, stolen_s = clock_s(), getattr(psutil.cpu_times(), "steal", 0.0)  # only Linux tells it
        self._stolen_s.append((now_s, stolen_s))
        elapsed_s = now_s - self._start_s
        if latency_ms > LATE_BAR_MS and elapsed_s > 10:  # the first poses come while everything loads
            before_s = [stolen for at, stolen in self._stolen_s if at <= now_s - latency_ms / 1000]
            stolen_ms = 1000 * (stolen_s - before_s[-1]) if before_s else float("nan")
            self.result.late_ms.append((elapsed_s / 60, latency_ms, stolen_ms))

    def _second(self) -> None:
        self._seconds += 1
        if self._seconds % 5 == 0:
            self.result.memory_mb.append((self._seconds / 60, self._process.memory_info().rss / 2**20))
        phase = self._seconds % _TAKE_EVERY_S
        if phase in (60, 60 + _TAKE_S):
            self.model.recording.toggle()
        if self._seconds % _PANEL_EVERY_S == 0:
            names = ["", *self.window.sidebar.buttons]
            self.window.sidebar.show_panel(names[self._seconds // _PANEL_EVERY_S % len(names)])
        if self._seconds >= 60 * self.result.minutes:
            self._timer.stop()
            self.window.close()

    def finish(self) -> Result:
        self._collector.close()
        for path in sorted(self._folder.glob("*.npz")):
            self.result.frames_in_takes += len(load_recording(path).poses)
            self.result.takes += 1
        self.result.messages = [str(one) for one in self.model.messages.log if one.level != "info"]
        return self.result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(options.minutes, Path(folder))
        application.exec()
        result = soak.finish()
    latency = np.array(result.latency_ms)
    print(
        f"{result.minutes:g} min, {len(latency)} poses shown, {result.takes} takes with {result.frames_in_takes} frames, all loaded"
    )
    print(f"memory grew by {result.growth_mb:.1f} MB (bar {GROWTH_BAR_MB:g}), now {result.memory_mb[-1][1]:.0f} MB")
    print(
        "latency ms p50 {:.0f}, p95 {:.0f}, p99.9 {:.0f}, largest {:.0f}".format(
            *np.percentile(latency, (50, 95, 99.9, 100))
        )
    )
    print(
        f"later than {LATE_BAR_MS:g} ms: {len(result.late_ms)} {[f'{m:.1f} min: {ms:.0f}, host took {stolen:.0f}' for m, ms, stolen in result.late_ms[:12]]}"
    )
    for message in result.messages:
        print(message)
    if options.json is not None:
        options.json.write_text(
            json.dumps({name: value for name, value in asdict(result).items() if name != "latency_ms"}) + "\n"
        )
    return int(result.growth_mb > GROWTH_BAR_MB or bool(result.late_ms) or result.takes < 1)


if __name__ == "__main__":
    sys.exit(main())
