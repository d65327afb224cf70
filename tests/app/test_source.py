from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QComboBox, QFileDialog
from pytestqt.qtbot import QtBot

from pose2pose_live.app import source_model
from pose2pose_live.app.source_panel import SourcePanel
from pose2pose_live.app.window import MainWindow
from pose2pose_live.sources import CameraDevice, TurnedSource, VideoPlayer
from tests.sources.clips import write_video

from .cameras import BUILT_IN, C920, FORMATS, FakeMachine
from .conftest import OpenWindow
from .test_window import pixels

pytestmark = pytest.mark.usefixtures("needs_opengl")
TIMEOUT_MS = 8000


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_model, "RETRY_MS", 50)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_video(tmp_path / "clip.mp4", frames=30, fps=30)


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=TIMEOUT_MS)


def runs(window: MainWindow, name: str) -> Callable[[], bool]:
    def is_so() -> bool:
        source = window.app.source
        return source.is_running and source.opened is not None and source.opened.source.name == name

    return is_so


def panel(window: MainWindow) -> SourcePanel:
    window.sidebar.show_panel("source")
    found = window.sidebar.panel("source")
    assert isinstance(found, SourcePanel)
    return found


def choose(qtbot: QtBot, box: QComboBox, text: str) -> None:
    """By keyboard, as a person does who has the box in focus."""
    until(qtbot, lambda: text in entries(box))
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Home)
    while box.currentText() != text:
        before = box.currentIndex()
        qtbot.keyClick(box, Qt.Key.Key_Down)
        assert box.currentIndex() != before, f"no {text} among {entries(box)}"


def entries(box: QComboBox) -> list[str]:
    return [box.itemText(i) for i in range(box.count())]


def player(window: MainWindow) -> VideoPlayer:
    found = window.app.source.playback.player
    assert found is not None
    return found


def test_it_opens_the_first_camera_that_works(qtbot: QtBot, open_window: OpenWindow) -> None:
    machine = FakeMachine(BUILT_IN, C920)
    machine.busy = {BUILT_IN}
    window = open_window(backend=machine.backend())
    until(qtbot, runs(window, C920.name))
    assert window.error.isHidden()
    assert window.banner.isHidden()
    assert window.playback.isHidden()
    assert panel(window).camera.currentText() == "Automatic"
    window.close()
    assert not machine.watching


def test_without_a_camera_the_clip_plays_until_one_is_plugged_in(qtbot: QtBot, open_window: OpenWindow) -> None:
    machine = FakeMachine()
    window = open_window(backend=machine.backend())
    until(qtbot, runs(window, "demo.mp4"))
    assert "No camera was found" in window.banner.text()
    assert not window.banner.isHidden()
    assert player(window).is_looped
    machine.plug(C920)
    until(qtbot, runs(window, C920.name))
    assert window.banner.isHidden()
    assert window.playback.isHidden()
    assert "C920" in entries(panel(window).camera)[1]


def test_a_take_of_the_clip_is_not_ended_by_a_camera_that_comes(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path
) -> None:
    machine = FakeMachine()
    window = open_window(backend=machine.backend())
    until(qtbot, lambda: window.app.recording.can_record and runs(window, "demo.mp4")())
    window.app.recording.toggle()
    until(qtbot, lambda: window.app.is_recording)
    machine.plug(C920)
    qtbot.wait(200)
    assert runs(window, "demo.mp4")()
    window.app.recording.toggle()
    until(qtbot, runs(window, C920.name))


def test_an_unplugged_camera_is_waited_for_and_goes_on_by_itself(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path
) -> None:
    machine = FakeMachine(BUILT_IN, C920)
    window = open_window(backend=machine.backend())
    choose(qtbot, panel(window).camera, C920.name)
    until(qtbot, runs(window, C920.name))
    until(qtbot, lambda: window.app.recording.can_record)
    window.app.recording.toggle()
    until(qtbot, lambda: window.app.pipeline.recording and window.app.pipeline.recording.written > 3)
    machine.unplug(C920)
    until(qtbot, lambda: window.camera_panel.text == "Waiting for HD Pro Webcam C920 ...")
    until(qtbot, lambda: "not plugged in any more" in window.error.text())
    dark = pixels(window.camera_panel)
    assert dark.std() < 20  # a line of text, and no picture that has stopped
    until(qtbot, lambda: list((tmp_path / "takes").glob("*.npz")))
    assert not window.app.is_recording
    qtbot.wait(200)  # it is tried again meanwhile, and nothing else is said
    assert "not plugged in any more" in window.error.text()
    assert [message.text for message in window.app.messages.log if message.level == "error"] == [window.error.text()]
    assert f"{C920.name} (not plugged in)" in entries(panel(window).camera)
    machine.plug(CameraDevice(4, C920.name, C920.backend, "", C920.model, C920.port))  # under another number
    until(qtbot, runs(window, C920.name))
    until(qtbot, lambda: window.error.isHidden())
    assert panel(window).camera.currentText() == C920.name


def test_a_camera_that_nobody_chose_is_waited_for_too(qtbot: QtBot, open_window: OpenWindow) -> None:
    """Another one must not go on by itself: it may look at something that nobody is to see."""
    machine = FakeMachine(BUILT_IN, C920)
    window = open_window(backend=machine.backend())
    until(qtbot, runs(window, BUILT_IN.name))
    machine.unplug(BUILT_IN)
    until(qtbot, lambda: window.camera_panel.text == "Waiting for Integrated Camera ...")
    qtbot.wait(150)
    assert not window.app.source.is_running
    choose(qtbot, panel(window).camera, C920.name)
    until(qtbot, runs(window, C920.name))
    until(qtbot, lambda: window.error.isHidden())


def test_a_busy_camera_says_so_and_is_used_once_it_is_free(qtbot: QtBot, open_window: OpenWindow) -> None:
    machine = FakeMachine(BUILT_IN, C920)
    machine.busy = {C920}
    window = open_window(backend=machine.backend())
    until(qtbot, runs(window, BUILT_IN.name))
    choose(qtbot, panel(window).camera, C920.name)
    until(qtbot, lambda: "is used by another program (obs)" in window.error.text())
    assert "is used by another program" in window.camera_panel.text
    assert not window.record_button.isEnabled()
    machine.busy = set()
    until(qtbot, runs(window, C920.name))
    until(qtbot, lambda: window.error.isHidden() and window.record_button.isEnabled())


def test_the_chosen_camera_is_taken_at_the_next_start_and_another_while_it_is_away(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    machine = FakeMachine(BUILT_IN, C920)
    window = open_window(backend=machine.backend())
    choose(qtbot, panel(window).camera, C920.name)
    until(qtbot, runs(window, C920.name))
    window.close()

    window = open_window(backend=machine.backend())
    until(qtbot, runs(window, C920.name))
    window.close()

    machine.unplug(C920)
    window = open_window(backend=machine.backend())
    until(qtbot, runs(window, BUILT_IN.name))
    assert "there is no camera HD Pro Webcam C920" in window.message.text()
    assert panel(window).camera.currentText() == f"{C920.name} (not plugged in)"
    assert panel(window).given.text() == "Integrated Camera instead"
    machine.plug(C920)
    until(qtbot, runs(window, C920.name))


def test_formats_are_listed_asked_for_and_what_was_given_is_shown(qtbot: QtBot, open_window: OpenWindow) -> None:
    machine = FakeMachine(BUILT_IN)
    window = open_window(backend=machine.backend())
    side = panel(window)
    until(qtbot, lambda: entries(side.format) == ["Usual", *map(str, FORMATS)])
    assert side.given.text() == "The camera gives MJPG 640x480 at 30 fps"
    choose(qtbot, side.format, "MJPG 1280x720 at 30 fps")
    until(qtbot, lambda: side.given.text() == "The camera gives YUYV 320x240 at 30 fps")
    assert window.app.settings.value.source.format == "MJPG 1280x720 at 30 fps"
    assert entries(side.format).count("MJPG 1280x720 at 30 fps") == 1


def test_rotation_turns_the_picture_without_opening_the_camera_again(qtbot: QtBot, open_window: OpenWindow) -> None:
    machine = FakeMachine(BUILT_IN)
    window = open_window(backend=machine.backend())
    until(qtbot, runs(window, BUILT_IN.name))
    side = panel(window)
    choose(qtbot, side.rotation, "90° clockwise")
    source = window.app.pipeline.source
    assert isinstance(source, TurnedSource)
    until(qtbot, lambda: source.size_px == (240, 320))
    assert len(machine.opened) == 1
    window.close()
    window = open_window(backend=machine.backend())
    until(qtbot, runs(window, BUILT_IN.name))
    assert window.app.source.opened is not None
    assert window.app.source.opened.source.size_px == (240, 320)
    assert panel(window).rotation.currentText() == "90° clockwise"


def test_mirror_and_field_of_view(qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window = open_window(backend=FakeMachine(BUILT_IN).backend())
    side = panel(window)
    loaded: list[float] = []
    monkeypatch.setattr(window.app, "load_mocap", lambda: loaded.append(window.app.settings.value.source.fov_deg))
    side.mirror.click()
    assert not window.mirror.isChecked()
    assert not window.app.view.is_mirrored
    window.mirror.click()
    assert side.mirror.isChecked()
    side.fov.selectAll()
    qtbot.keyClicks(side.fov, "78")
    assert loaded == []  # nothing is loaded while somebody types
    qtbot.keyClick(side.fov, Qt.Key.Key_Return)
    assert loaded == [78]


def test_a_video_is_opened_played_paused_stepped_and_sought(
    qtbot: QtBot, open_window: OpenWindow, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(backend=FakeMachine(BUILT_IN).backend())
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *arguments: (str(clip), ""))
    qtbot.mouseClick(panel(window).open_button, Qt.MouseButton.LeftButton)
    until(qtbot, runs(window, "clip.mp4"))
    bar = window.playback
    until(qtbot, bar.isVisible)
    assert panel(window).camera.currentText() == "clip.mp4"
    until(qtbot, lambda: player(window).position_s > 0.1)
    qtbot.keyClick(window, Qt.Key.Key_K)
    assert not player(window).is_playing
    assert bar.play.accessibleName() == "Play"
    bar.slider.setValue(510)
    until(qtbot, lambda: player(window).position_s == pytest.approx(0.5))
    qtbot.keyClick(window, Qt.Key.Key_Period)
    until(qtbot, lambda: player(window).position_s == pytest.approx(16 / 30))
    qtbot.mouseClick(bar.back, Qt.MouseButton.LeftButton)
    qtbot.keyClick(window, Qt.Key.Key_Comma)
    until(qtbot, lambda: player(window).position_s == pytest.approx(14 / 30))
    until(qtbot, lambda: bar.time.text() == "0:00.5 / 0:01.0" and bar.slider.value() == 467)
    # Paused it is still a source to look at and to record.
    assert window.app.source.is_running
    assert not window.app.source.is_moving
    qtbot.mouseClick(bar.play, Qt.MouseButton.LeftButton)
    until(qtbot, lambda: player(window).position_s > 0.6)


def test_a_click_on_the_slider_goes_there_and_dragging_holds_the_video(
    qtbot: QtBot, open_window: OpenWindow, clip: Path
) -> None:
    window = open_window(backend=FakeMachine().backend())
    window.app.source.open_video(clip)
    until(qtbot, runs(window, "clip.mp4"))
    slider = window.playback.slider
    until(qtbot, lambda: slider.isVisible() and slider.maximum() == 1000)
    at = QPoint(round(0.8 * slider.width()), slider.height() // 2)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=at)
    until(qtbot, lambda: player(window).position_s == pytest.approx(0.8, abs=0.05))
    assert not player(window).is_playing
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=at)
    assert player(window).is_playing


def test_at_the_end_a_take_is_saved_and_the_video_can_be_played_again(
    qtbot: QtBot, open_window: OpenWindow, clip: Path, tmp_path: Path
) -> None:
    window = open_window(backend=FakeMachine().backend())
    window.app.source.open_video(clip)
    until(qtbot, lambda: runs(window, "clip.mp4")() and window.app.recording.can_record)
    bar = window.playback
    qtbot.mouseClick(bar.loop, Qt.MouseButton.LeftButton)
    assert not window.app.settings.value.source.is_looped
    player(window).seek(0)
    window.app.recording.toggle()
    until(qtbot, lambda: player(window).has_ended)
    until(qtbot, lambda: list((tmp_path / "takes").glob("*.npz")))
    assert not window.app.is_recording
    assert "The video has ended." in [message.text for message in window.app.messages.log]
    with np.load(next((tmp_path / "takes").glob("*.npz"))) as take:
        assert len(take["poses"]) > 5
    qtbot.mouseClick(bar.play, Qt.MouseButton.LeftButton)
    until(qtbot, lambda: window.app.source.is_running and player(window).is_playing)


def test_times_of_a_take_grow_whatever_is_done_to_the_video(
    qtbot: QtBot, open_window: OpenWindow, clip: Path, tmp_path: Path
) -> None:
    window = open_window(backend=FakeMachine().backend())
    window.app.source.open_video(clip)
    until(qtbot, lambda: runs(window, "clip.mp4")() and window.app.recording.can_record)
    window.app.recording.toggle()
    for act in (
        lambda: player(window).seek(0.7), player(window).pause, lambda: player(window).step(-3), lambda: player(window).seek(0.1),
        lambda: player(window).step(1), player(window).play, lambda: player(window).seek(0.0),
    ):  # fmt: skip
        act()
        qtbot.wait(80)
    qtbot.wait(200)
    assert window.app.is_recording
    window.app.recording.toggle()
    until(qtbot, lambda: list((tmp_path / "takes").glob("*.npz")))
    with np.load(next((tmp_path / "takes").glob("*.npz"))) as take:
        assert (np.diff(take["timestamps"]) > 0).all()


def test_a_video_dropped_on_the_window_is_opened_and_remembered(
    qtbot: QtBot, open_window: OpenWindow, clip: Path, tmp_path: Path
) -> None:
    window = open_window(backend=FakeMachine(BUILT_IN).backend())
    until(qtbot, runs(window, BUILT_IN.name))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(clip))])
    copy, left, plain = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), copy, data, left, plain)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(50, 50), copy, data, left, plain))
    until(qtbot, runs(window, "clip.mp4"))
    choose(qtbot, panel(window).camera, "Automatic")
    until(qtbot, runs(window, BUILT_IN.name))
    side = panel(window)
    side.menu.aboutToShow.emit()
    (again,) = side.menu.actions()
    assert (again.text(), again.toolTip()) == ("clip.mp4", str(clip))
    again.trigger()
    until(qtbot, runs(window, "clip.mp4"))


def test_what_is_no_video_is_told_and_another_choice_goes_on(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path
) -> None:
    window = open_window(backend=FakeMachine(BUILT_IN).backend())
    until(qtbot, runs(window, BUILT_IN.name))
    (tmp_path / "notes.mp4").write_text("hello\n" * 100)
    window.app.source.open_video(tmp_path / "notes.mp4")
    until(qtbot, lambda: "not a video file that can be read" in window.error.text())
    choose(qtbot, panel(window).camera, BUILT_IN.name)
    until(qtbot, lambda: runs(window, BUILT_IN.name)() and window.error.isHidden())


def test_a_video_that_is_gone_at_the_next_start_does_not_stop_it(
    qtbot: QtBot, open_window: OpenWindow, clip: Path
) -> None:
    machine = FakeMachine(BUILT_IN)
    window = open_window(backend=machine.backend())
    window.app.source.open_video(clip)
    until(qtbot, runs(window, "clip.mp4"))
    window.close()
    clip.unlink()
    window = open_window(backend=machine.backend())
    until(qtbot, runs(window, BUILT_IN.name))
    assert "clip.mp4: no such file" in window.message.text()


def test_closing_while_a_video_is_paused_is_quick(qtbot: QtBot, open_window: OpenWindow, clip: Path) -> None:
    window = open_window(backend=FakeMachine().backend())
    window.app.source.open_video(clip)
    until(qtbot, runs(window, "clip.mp4"))
    player(window).pause()
    qtbot.wait(100)
    began_s = time.monotonic()
    window.close()
    assert time.monotonic() - began_s < 2
