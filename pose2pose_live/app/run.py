"""Show the window until it is closed."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from ..pipeline import Mocap
from ..sources import FrameSource
from ..streaming import Target
from .style import dark_palette
from .window import MainWindow

_WARM_UP_S = 2.0
"""What the measured figures of a run leave out after its first pose: caches, and the estimator's start on the person."""


def run_window(
    open_capture: Callable[[], FrameSource],
    open_mocap: Callable[[], Mocap],
    *,
    output_dir: Path,
    banner: str = "",
    targets: Sequence[Target] = (),
    engine: Path | None = None,
    duration_s: float | None = None,
    screenshot: Path | None = None,
    stats_json: Path | None = None,
) -> int:
    """Show the window and return the exit code of the program: 1 if something went wrong that the window showed.

    open_capture and open_mocap are called in background threads once the window is there. output_dir: for recordings. targets:
    where to send poses.    duration_s: close after so many seconds, having saved a picture of the window to screenshot and its figures to stats_json.
    """
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setStyle("Fusion")
    app.setPalette(dark_palette())
    age_s = _process_age_s()
    window = MainWindow(open_capture, open_mocap, output_dir=output_dir, banner=banner, targets=targets, engine=engine)
    window.show()
    if duration_s is not None:
        QTimer.singleShot(round(1000 * duration_s), lambda: _finish(window, age_s, duration_s, screenshot, stats_json))
    app.exec()
    if window.has_failed:  # for who started it from a script and sees the terminal only
        print(f"pose2pose-live: {window.error.text()}", file=sys.stderr)
    return int(window.has_failed)


def _finish(
    window: MainWindow, age_s: float, duration_s: float, screenshot: Path | None, stats_json: Path | None
) -> None:
    """age_s: how old the process was when the window was made; the first pose is counted from the start of the program."""
    if screenshot is not None:
        window.grab().save(str(screenshot))
    if stats_json is not None:
        statistics = window.pipeline.statistics
        first_pose_s = statistics.figures().first_pose_s
        settled_s = max(duration_s - first_pose_s - _WARM_UP_S, 1.0)
        figures = dataclasses.asdict(statistics.figures(settled_s)) | {"first_pose_s": age_s + first_pose_s}
        known = {name: None if math.isnan(figure) else figure for name, figure in figures.items()}
        stats_json.write_text(json.dumps(known | {"renderer": window.view.renderer_name}) + "\n")
    window.close()


def _process_age_s() -> float:
    """Time since this process was started."""
    process = psutil.Process()
    if not sys.platform.startswith("linux"):
        return time.time() - process.create_time()
    # psutil adds the start, which Linux counts from the boot, to a boot time that is known to the second only.
    since_boot_s = process.create_time() - psutil.boot_time()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - since_boot_s
