"""Show the window until it is closed."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from PyQt6.QtCore import QStandardPaths, QTimer
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QApplication

from ..resources import asset_path
from ..streaming import Target
from .backend import Backend
from .garbage import GarbageCollector
from .settings_store import SettingsStore
from .translation import install_translation
from .view_model import ViewModel
from .window import MainWindow

_WARM_UP_S = 2.0
"""What the measured figures of a run leave out after its first pose: caches, and the estimator's start on the person."""
SETTINGS_FILE = "settings.json"


def settings_path() -> Path:
    """Where the window keeps its settings on this platform."""
    base = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    return Path(base) / "pose2pose-live" / SETTINGS_FILE


def prepare_application(app: QApplication) -> None:
    """Name, icon, language and style, before the window is made."""
    app.setApplicationName("pose2pose-live")
    app.setApplicationDisplayName("Pose2Pose Live")
    app.setDesktopFileName("pose2pose-live")
    app.setStyle("Fusion")
    app.setWindowIcon(_icon())
    install_translation(app)


def run_window(
    backend: Backend,
    *,
    output_dir: Path,
    settings: Path | None = None,
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
    banner: str = "",
    targets: Sequence[Target] = (),
    duration_s: float | None = None,
    screenshot: Path | None = None,
    stats_json: Path | None = None,
) -> int:
    """Show the window and return the exit code of the program: 1 if something went wrong that the window showed.

    output_dir: for recordings. settings: the file that keeps them, None keeps nothing. overrides: values of settings for this run, by section.
    targets: where to send poses. duration_s: close after so many seconds, having saved a picture of the window to screenshot and its figures to
    stats_json.
    """
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    prepare_application(app)
    age_s = _process_age_s()
    store = SettingsStore(settings)
    for section, values in (overrides or {}).items():
        store.override(section, **values)
    model = ViewModel(backend, store, output_dir=output_dir, banner=banner, targets=targets)
    window = MainWindow(model)
    window.show()
    if duration_s is not None:
        finish: Callable[[], None] = lambda: _finish(window, age_s, duration_s, screenshot, stats_json)  # noqa: E731
        QTimer.singleShot(round(1000 * duration_s), finish)
    collector = GarbageCollector(window)
    app.exec()
    collector.close()
    if model.messages.has_failed:  # for who started it from a script and sees the terminal only
        print(f"pose2pose-live: {model.messages.error}", file=sys.stderr)
    return int(model.messages.has_failed)


def _finish(
    window: MainWindow, age_s: float, duration_s: float, screenshot: Path | None, stats_json: Path | None
) -> None:
    """age_s: how old the process was when the window was made; the first pose is counted from the start of the program."""
    if screenshot is not None:
        window.grab().save(str(screenshot))
    if stats_json is not None:
        statistics = window.app.pipeline.statistics
        first_pose_s = statistics.figures().first_pose_s
        settled_s = max(duration_s - first_pose_s - _WARM_UP_S, 1.0)
        figures = dataclasses.asdict(statistics.figures(settled_s)) | {"first_pose_s": age_s + first_pose_s}
        known = {name: None if math.isnan(figure) else figure for name, figure in figures.items()}
        stats_json.write_text(json.dumps(known | {"renderer": window.app.view.renderer_name}) + "\n")
    window.close()


def _icon() -> QIcon:
    """In each size as it was drawn for it."""
    icon = QIcon()
    for path in asset_path("icons").glob("*.png"):
        icon.addFile(str(path))
    if sys.platform == "win32":  # or the task bar shows Python's
        import ctypes

        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID("pose2pose-live")
    return icon


def _process_age_s() -> float:
    """Time since this process was started."""
    process = psutil.Process()
    if not sys.platform.startswith("linux"):
        return time.time() - process.create_time()
    # psutil adds the start, which Linux counts from the boot, to a boot time that is known to the second only.
    since_boot_s = process.create_time() - psutil.boot_time()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - since_boot_s
