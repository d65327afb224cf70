from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QImage, QWheelEvent
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from pose2pose_live.app import run_window
from pose2pose_live.app.live_view import PaintingExchange
from pose2pose_live.app.window import MainWindow
from pose2pose_live.errors import DisplayError, ModelError, SourceError
from pose2pose_live.frame import CameraFrame
from pose2pose_live.pipeline import Mocap
from pose2pose_live.sources import FrameSource
from pose2pose_live.viewport import EglContext

from ..fakes import FakeMocap, FakeSource
from .conftest import OpenWindow, fake_backend

pytestmark = pytest.mark.usefixtures("needs_opengl")
TIMEOUT_MS = 8000

Open = OpenWindow


def pixels(widget: QWidget) -> np.ndarray:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    bits = image.constBits()
    assert bits is not None
    rows = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def has_pose(window: MainWindow, count: int = 1) -> Callable[[], bool]:
    return lambda: window.app.pipeline.statistics.figures().painted >= count


def shown_seconds(button_text: str) -> float:
    """From `■  00:01.5`; 0 without a time."""
    minutes, _, seconds = button_text.strip("■● Record").partition(":")
    return 60 * int(minutes) + float(seconds) if seconds else 0.0


def wait_for_last_picture(qtbot: QtBot, window: MainWindow) -> None:
    """Until a source that ends was shown to its end and nothing moves any more."""
    qtbot.waitUntil(lambda: "ended" in window.message.text() and has_pose(window)(), timeout=TIMEOUT_MS)
    before = np.zeros(0)
    while not np.array_equal(before, now := pixels(window.body_panel)):
        before = now
        qtbot.wait(200)


def changed(panel: QWidget, before: np.ndarray) -> float:
    """Share of a panel's pixels that are clearly different from an earlier picture of it."""
    return float((np.abs(pixels(panel) - before).max(axis=2) > 60).mean())


def test_both_panels_show_pictures_that_change(qtbot: QtBot, open_window: Open) -> None:
    window = open_window()
    qtbot.waitUntil(has_pose(window, 5), timeout=TIMEOUT_MS)
    camera, body = pixels(window.camera_panel), pixels(window.body_panel)
    assert camera.std() > 20
    assert 0.01 < (body.sum(axis=2) > 250).mean() < 0.5
    # The body waves to and fro: it may be in the same place again at any one moment, but not always.
    qtbot.waitUntil(lambda: changed(window.camera_panel, camera) > 0.02, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: changed(window.body_panel, body) > 0.001, timeout=TIMEOUT_MS)


def test_status_line_tells_rates_latency_and_renderer(qtbot: QtBot, open_window: Open) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: "p95" in window.figures.text(), timeout=TIMEOUT_MS)
    text = window.figures.text()
    for word in ("camera", "body", "shown", "latency", "dropped", window.app.view.renderer_name):
        assert word in text
    assert window.app.view.renderer_name


def test_record_button_by_mouse_writes_a_take_and_says_where(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    window = open_window()
    qtbot.waitUntil(window.record_button.isEnabled, timeout=TIMEOUT_MS)
    qtbot.mouseClick(window.record_button, Qt.MouseButton.LeftButton)
    assert window.app.pipeline.recording is not None
    writer = window.app.pipeline.recording
    qtbot.waitUntil(lambda: writer.written >= 30, timeout=TIMEOUT_MS)
    # The time on the button is that of what was written, not that of the wall.
    qtbot.waitUntil(
        lambda: 0.4 < shown_seconds(window.record_button.text()) <= writer.duration_s + 0.05, timeout=TIMEOUT_MS
    )
    qtbot.mouseClick(window.record_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.message.text().startswith("Saved"), timeout=TIMEOUT_MS)
    takes = list((tmp_path / "takes").glob("*.npz"))
    assert len(takes) == 1
    assert str(takes[0]) in window.message.text()
    with np.load(takes[0]) as take:
        assert len(take["poses"]) == writer.written
    assert "Record" in window.record_button.text()


def test_key_r_records_and_closing_the_window_saves_the_take(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    window = open_window()
    qtbot.waitUntil(window.record_button.isEnabled, timeout=TIMEOUT_MS)
    qtbot.keyClick(window, Qt.Key.Key_R)
    writer = window.app.pipeline.recording
    assert writer is not None
    qtbot.waitUntil(lambda: writer.written >= 5, timeout=TIMEOUT_MS)
    window.close()
    assert len(list((tmp_path / "takes").glob("*.npz"))) == 1


def test_mirror_is_on_by_default_and_turns_both_panels(qtbot: QtBot, open_window: Open) -> None:
    window = open_window(lambda: FakeSource(live=False, length=4))
    wait_for_last_picture(qtbot, window)
    mirrored = pixels(window.camera_panel), pixels(window.body_panel)
    assert window.mirror.isChecked()
    window.mirror.click()
    qtbot.waitUntil(lambda: (pixels(window.camera_panel) != mirrored[0]).any(), timeout=TIMEOUT_MS)
    plain = pixels(window.camera_panel), pixels(window.body_panel)
    for before, after in zip(mirrored, plain, strict=True):
        different = np.abs(before - after).max(axis=2) > 60
        assert different.mean() > 0.01
        assert (np.abs(before[:, ::-1] - after).max(axis=2) > 60).mean() < 0.25 * different.mean()


def test_mouse_turns_zooms_and_resets_the_3d_view(qtbot: QtBot, open_window: Open) -> None:
    window = open_window(lambda: FakeSource(live=False, length=4))
    wait_for_last_picture(qtbot, window)
    home = pixels(window.body_panel)

    def differs() -> bool:
        return bool((np.abs(pixels(window.body_panel) - home).max(axis=2) > 60).mean() > 0.01)

    panel = window.body_panel
    centre = panel.rect().center()
    qtbot.mousePress(panel, Qt.MouseButton.LeftButton, pos=centre)
    qtbot.mouseMove(panel, centre + QPoint(150, 20))
    qtbot.mouseRelease(panel, Qt.MouseButton.LeftButton, pos=centre + QPoint(150, 20))
    qtbot.waitUntil(differs, timeout=TIMEOUT_MS)
    qtbot.mouseDClick(panel, Qt.MouseButton.LeftButton, pos=centre)
    qtbot.waitUntil(lambda: not differs(), timeout=TIMEOUT_MS)
    wheel = QWheelEvent(
        QPointF(centre), QPointF(panel.mapToGlobal(centre)), QPoint(), QPoint(0, 360), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(panel, wheel)
    qtbot.waitUntil(differs, timeout=TIMEOUT_MS)


def test_banner_is_shown_only_when_there_is_one(open_window: Open) -> None:
    assert open_window(banner="No camera found").banner.isVisible()
    assert not open_window().banner.isVisible()


def no_camera() -> FrameSource:
    raise SourceError("there is no camera 7; plug one in")


def no_model() -> Mocap:
    raise ModelError("the engine folder is missing; reinstall pose2pose-live")


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"open_source": no_camera}, "there is no camera 7; plug one in"),
        ({"open_mocap": no_model}, "the engine folder is missing; reinstall pose2pose-live"),
        ({"open_mocap": lambda: FakeMocap(fails_at=3)}, "ZeroDivisionError: a bug"),
    ],
)
def test_errors_are_told_in_the_window(qtbot: QtBot, open_window: Open, parts: dict, text: str) -> None:
    window = open_window(**parts)
    qtbot.waitUntil(window.error.isVisible, timeout=TIMEOUT_MS)
    assert text in window.error.text()
    assert "Traceback" not in window.error.text()
    assert not window.record_button.isEnabled()
    assert window.app.messages.has_failed


def test_no_opengl_is_told_in_the_window(qtbot: QtBot, open_window: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_context() -> EglContext:
        raise DisplayError("no OpenGL here; apt-get install libegl1")

    monkeypatch.setattr("pose2pose_live.app.view_model.context_opener", lambda: no_context)
    window = open_window()
    qtbot.waitUntil(window.error.isVisible, timeout=TIMEOUT_MS)
    assert "apt-get install libegl1" in window.error.text()


def test_unplugging_while_recording_keeps_what_was_captured(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    may_fail = threading.Event()

    class Unplugged(FakeSource):
        def read(self) -> CameraFrame | None:
            if may_fail.is_set():
                raise SourceError("the camera was unplugged")
            return super().read()

    window = open_window(Unplugged)
    qtbot.waitUntil(window.record_button.isEnabled, timeout=TIMEOUT_MS)
    window.record_button.click()
    writer = window.app.pipeline.recording
    assert writer is not None
    qtbot.waitUntil(lambda: writer.written >= 5, timeout=TIMEOUT_MS)
    may_fail.set()
    qtbot.waitUntil(lambda: window.message.text().startswith("Saved"), timeout=TIMEOUT_MS)
    assert "unplugged" in window.error.text()
    assert len(list((tmp_path / "takes").glob("*.npz"))) == 1


def test_panel_follows_a_change_of_size(qtbot: QtBot, open_window: Open) -> None:
    window = open_window()
    qtbot.waitUntil(has_pose(window), timeout=TIMEOUT_MS)
    window.resize(900, 500)
    qtbot.waitUntil(
        lambda: window.app.view.exchange.fetch().body.shape[1] == window.body_panel.size_in_device_px()[0],
        timeout=TIMEOUT_MS,
    )


def test_run_window_saves_a_picture_and_figures_and_returns(qtbot: QtBot, tmp_path: Path) -> None:
    picture, stats = tmp_path / "window.png", tmp_path / "stats.json"
    code = run_window(fake_backend(), output_dir=tmp_path, duration_s=1.5, screenshot=picture, stats_json=stats)
    assert code == 0
    assert QImage(str(picture)).width() > 600
    figures = json.loads(stats.read_text())
    assert figures["painted"] > 5
    assert figures["latency_p95_ms"] > 0
    assert not {thread.name for thread in threading.enumerate()} & {"capture", "estimation", "render"}


def test_the_exchange_gives_the_newest_and_never_what_is_being_drawn() -> None:
    exchange = PaintingExchange()
    drawn = []
    for i in range(3):
        exchange.back.captured_s = float(i)
        drawn.append(exchange.back)
        assert exchange.publish() == (i == 0)
    shown = exchange.fetch()
    assert shown is drawn[2]
    assert exchange.dropped == 2
    assert exchange.fetch() is shown
    for _ in range(4):
        assert exchange.back is not shown
        exchange.publish()


@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="xvfb is not installed")
def test_window_on_an_x_server_draws_with_a_context_of_qt(tmp_path: Path) -> None:
    """In a process of its own, because OpenGL binds once: here through GLX, in the other tests through EGL."""
    code = """
import os, sys
from pathlib import Path
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from pose2pose_live.app.view_model import ViewModel
from pose2pose_live.app.window import MainWindow
from tests.app.conftest import fake_backend

app = QApplication([])
window = MainWindow(ViewModel(fake_backend(), output_dir=Path(sys.argv[1])))
window.show()
timer = QTimer()
timer.timeout.connect(lambda: window.app.pipeline.statistics.figures().painted > 5 and window.close())
timer.start(50)
app.exec()
print(os.environ["PYOPENGL_PLATFORM"], window.app.view.renderer_name)
"""
    environment = {
        key: value for key, value in os.environ.items() if key not in ("QT_QPA_PLATFORM", "PYOPENGL_PLATFORM")
    }
    done = subprocess.run(
        ["xvfb-run", "-a", sys.executable, "-c", code, str(tmp_path)],
        capture_output=True, text=True, timeout=60, env=environment | {"QT_QPA_PLATFORM": "xcb"},
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    platform, renderer = done.stdout.splitlines()[-1].split(maxsplit=1)  # some Mesa builds talk on stdout first
    assert platform == "glx"
    assert renderer.strip()


def test_run_window_tells_the_terminal_what_failed(
    qtbot: QtBot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run_window(fake_backend(open_mocap=lambda: FakeMocap(fails_at=0)), output_dir=tmp_path, duration_s=2)
    assert code == 1
    assert "estimation stopped" in capsys.readouterr().err


def test_a_runtime_that_fails_is_told_in_the_window(open_window: Open, qtbot: QtBot):
    window = open_window()
    logger = logging.getLogger("pose2pose_live.inference.session")
    thread = threading.Thread(target=lambda: logger.warning("%s has failed", "TensorRT"))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: window.message.text() == "TensorRT has failed")
    window.close()
    logger.warning("nobody listens any more")
    assert window.message.text() == "TensorRT has failed"
