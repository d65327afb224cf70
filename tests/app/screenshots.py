"""Makes the pictures of the window for README and docs, one for each state: `python -m tests.app.screenshots` (`make screenshots`).

The real program on the bundled clip, without a display. Look at every one of them before they are committed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtGui import QPixmap
from PyQt6.QtWidgets import QApplication, QWidget

from pose2pose_live.app.backend import real_backend
from pose2pose_live.app.run import prepare_application
from pose2pose_live.app.settings_store import SettingsStore
from pose2pose_live.app.view_model import ViewModel
from pose2pose_live.app.window import MainWindow
from pose2pose_live.resources import asset_path

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
_SIZE_PX = (1366, 720)
_QUALITY = 70
_SETTLE_S = 1.5


def wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def wait_until(condition: Callable[[], object], what: str, timeout_s: float = 60.0) -> None:
    for _ in range(round(timeout_s / 0.05)):
        if condition():
            return
        wait(0.05)
    raise TimeoutError(f"never happened: {what}")


def states(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    """Names of the pictures and what to take them of, each after the window was brought into that state."""
    app = window.app
    wait_until(lambda: app.pipeline.statistics.figures().painted > 30, "30 poses")
    yield "window", window
    app.recording.toggle()
    wait(4)
    yield "recording", window
    app.recording.toggle()
    wait_until(lambda: not app.is_recording, "the take is saved")
    for name in window.sidebar.buttons:
        window.sidebar.show_panel(name)
        wait(12 if name == "numbers" else _SETTLE_S)
        yield f"panel_{name}", window
    window.sidebar.show_panel("")
    for overlay, body in (("mesh", "skeleton"), ("boxes", "mesh")):
        app.settings.change("views", overlay=overlay, body=body)
        wait(_SETTLE_S)
        yield f"overlay_{overlay}", window
    app.settings.reset(["views"])
    app.settings.change("views", theme="light")
    window.sidebar.show_panel("quality")
    wait(_SETTLE_S)
    yield "light", window
    app.settings.reset(["views"])
    window.sidebar.show_panel("")
    app.settings.change("source", source="a camera that is not there")
    wait(3)
    yield "no_camera", window


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=FOLDER)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication(sys.argv[:1])
    prepare_application(application)
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # what the window shows of paths is then nobody's
        store = SettingsStore(None)
        store.override("source", source=str(asset_path("demo.mp4")))
        window = MainWindow(ViewModel(real_backend(), store, output_dir=Path("captures")))
        window.resize(*_SIZE_PX)
        window.show()
        for name, widget in states(window):
            picture: QPixmap = widget.grab()
            path = options.output / f"{name}.jpg"
            if not picture.save(str(path), "JPG", _QUALITY):
                raise OSError(f"{path}: could not be written")
            print(path)
        window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
