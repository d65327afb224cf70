"""The record bar: countdown, time, path, disk, and what happens when something fails."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from pose2pose_live.app import recording_model
from pose2pose_live.app.amounts import about_text, clock_text
from pose2pose_live.app.recording_bar import RecordingBar
from pose2pose_live.app.recording_cue import CountdownCue
from pose2pose_live.app.window import MainWindow
from pose2pose_live.errors import SourceError
from pose2pose_live.frame import CameraFrame
from pose2pose_live.recording import load_recording
from pose2pose_live.sinks.journal import JournalWriter
from pose2pose_live.takes import DiskSpace

from ..fakes import FakeMocap, FakeSource
from .conftest import OpenWindow
from .test_window import pixels
from .watchdog import Watchdog, WatchedApplication

pytestmark = pytest.mark.usefixtures("needs_opengl")
TIMEOUT_MS = 8000

Bar = Callable[[MainWindow], RecordingBar]


@pytest.fixture
def bar_of(qtbot: QtBot) -> Bar:
    def make(window: MainWindow) -> RecordingBar:
        bar = RecordingBar(window.app)
        qtbot.addWidget(bar)
        bar.resize(900, 60)
        bar.show()
        bar.activateWindow()
        qtbot.waitUntil(bar.record_button.isEnabled, timeout=TIMEOUT_MS)
        qtbot.waitUntil(lambda: bar.path.text() != "", timeout=TIMEOUT_MS)
        return bar

    return make


def click(qtbot: QtBot, bar: RecordingBar) -> None:
    qtbot.mouseClick(bar.record_button, Qt.MouseButton.LeftButton)


def written(window: MainWindow, count: int) -> Callable[[], bool]:
    return lambda: window.app.recording.frames >= count


def said(window: MainWindow, text: str) -> Callable[[], bool]:
    return lambda: any(text in message.text for message in window.app.messages.log)


def choose_countdown(qtbot: QtBot, bar: RecordingBar, seconds: int) -> None:
    while bar.countdown.currentData() != seconds:
        qtbot.keyClick(bar.countdown, Qt.Key.Key_Down)


def slowly(work: Callable[..., Any], seconds: float = 0.2) -> Callable[..., Any]:
    """The same on a disk that is spun down or far away."""

    def late(*values: Any, **named: Any) -> Any:
        time.sleep(seconds)
        return work(*values, **named)

    return late


def full_disk(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """The disk takes the journal's header and so many poses."""
    write, count = JournalWriter._write, 0

    def fill(self, data):
        nonlocal count
        count += 1
        if count > after + 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(self, data)

    monkeypatch.setattr(JournalWriter, "_write", fill)


def test_a_take_by_mouse_is_numbered_timed_and_told(
    qtbot: QtBot, open_window: OpenWindow, bar_of: Bar, tmp_path: Path
) -> None:
    window = open_window()
    bar = bar_of(window)
    assert bar.path.text().startswith("Take 1: ")
    assert bar.path.toolTip() == str(tmp_path / "takes" / "take.npz")
    click(qtbot, bar)
    qtbot.waitUntil(written(window, 30), timeout=TIMEOUT_MS)
    qtbot.waitUntil(
        lambda: "frames, " in bar.state.text() and "00:00.0" not in bar.record_button.text(), timeout=TIMEOUT_MS
    )
    assert bar.path.text().startswith("Recording ")
    assert bar.path.text().endswith("take.npz")
    assert not bar.countdown.isEnabled()
    click(qtbot, bar)
    qtbot.waitUntil(said(window, f"Saved {tmp_path / 'takes' / 'take.npz'}"), timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: bar.path.text().startswith("Take 2: "), timeout=TIMEOUT_MS)
    assert bar.path.toolTip().endswith("take_2.npz")
    assert len(load_recording(tmp_path / "takes" / "take.npz")) == window.app.recording.frames
    assert window.app.recording.take == tmp_path / "takes" / "take.npz"


def test_key_r_starts_and_stops(qtbot: QtBot, open_window: OpenWindow, bar_of: Bar) -> None:
    window = open_window()
    bar = bar_of(window)
    qtbot.keyClick(bar, Qt.Key.Key_R)
    assert window.app.is_recording
    qtbot.waitUntil(written(window, 3), timeout=TIMEOUT_MS)
    qtbot.keyClick(bar, Qt.Key.Key_R)
    assert not window.app.is_recording
    qtbot.waitUntil(said(window, "Saved"), timeout=TIMEOUT_MS)


def test_key_r_records_from_a_view_in_a_window_of_its_own_too(
    qtbot: QtBot, open_window: OpenWindow, bar_of: Bar
) -> None:
    window = open_window()
    bar_of(window)
    window.views.camera_slot.toggle()
    out = window.views.camera_slot.window_out
    assert out is not None
    qtbot.waitExposed(out, timeout=TIMEOUT_MS)
    qtbot.keyClick(out, Qt.Key.Key_R)
    assert window.app.is_recording
    qtbot.waitUntil(written(window, 3), timeout=TIMEOUT_MS)
    qtbot.keyClick(out, Qt.Key.Key_R)
    qtbot.waitUntil(said(window, "Saved"), timeout=TIMEOUT_MS)


def test_a_countdown_is_chosen_kept_shown_and_then_the_take_begins(
    qtbot: QtBot, open_window: OpenWindow, bar_of: Bar, tmp_path: Path
) -> None:
    window = open_window()
    bar = bar_of(window)
    window.app.recording._timer.setInterval(120)
    choose_countdown(qtbot, bar, 3)
    assert window.app.settings.value.recording.countdown_s == 3
    cue = CountdownCue(window.camera_panel)
    counted: list[int] = []
    window.app.recording.counted.connect(cue.show_seconds)
    window.app.recording.counted.connect(counted.append)
    click(qtbot, bar)
    assert not window.app.is_recording
    assert bar.record_button.text() == "Cancel (3)"
    assert cue.isVisible()
    assert cue.size() == window.camera_panel.size()
    qtbot.waitUntil(lambda: window.app.is_recording, timeout=TIMEOUT_MS)
    assert counted == [3, 2, 1, 0]
    assert not cue.isVisible()
    qtbot.waitUntil(written(window, 3), timeout=TIMEOUT_MS)


def test_a_countdown_is_ended_by_key(qtbot: QtBot, open_window: OpenWindow, bar_of: Bar, tmp_path: Path) -> None:
    window = open_window()
    bar = bar_of(window)
    window.app.recording._timer.setInterval(150)
    choose_countdown(qtbot, bar, 5)
    qtbot.keyClick(bar, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: bar.record_button.text() == "Cancel (3)", timeout=TIMEOUT_MS)
    qtbot.keyClick(bar, Qt.Key.Key_R)
    assert "Record" in bar.record_button.text()
    qtbot.wait(800)
    assert not window.app.is_recording
    assert not (tmp_path / "takes").exists()
    assert said(window, "the countdown was ended")()


class Switched(FakeSource):
    """Delivers while `on`, and fails once it is told to."""

    on, fails = threading.Event(), threading.Event()

    def read(self) -> CameraFrame | None:
        while not self.on.wait(0.05):
            if self.fails.is_set():
                break
        if self.fails.is_set():
            raise SourceError("the camera was unplugged")
        return super().read()


@pytest.fixture
def switched() -> type[Switched]:
    Switched.on, Switched.fails = threading.Event(), threading.Event()
    Switched.on.set()
    return Switched


def test_unplugging_in_the_countdown_ends_it(
    qtbot: QtBot, open_window: OpenWindow, bar_of: Bar, switched: type[Switched]
) -> None:
    window = open_window(switched)
    bar = bar_of(window)
    choose_countdown(qtbot, bar, 10)
    click(qtbot, bar)
    switched.fails.set()
    qtbot.waitUntil(said(window, "no pictures come any more"), timeout=TIMEOUT_MS)
    assert window.app.recording.countdown == 0
    assert not window.app.is_recording


def test_the_timer_stands_while_nothing_is_written_and_the_bar_says_so(
    qtbot: QtBot, open_window: OpenWindow, bar_of: Bar, switched: type[Switched], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_model, "_STALLED_S", 0.6)
    window = open_window(switched)
    bar = bar_of(window)
    click(qtbot, bar)
    qtbot.waitUntil(written(window, 10), timeout=TIMEOUT_MS)
    switched.on.clear()
    qtbot.waitUntil(lambda: "nothing is written at the moment" in bar.state.text(), timeout=TIMEOUT_MS)
    shown = bar.record_button.text()
    assert bar.state.property("problem")
    qtbot.wait(700)
    assert bar.record_button.text() == shown
    assert shown == f"■  {clock_text(window.app.recording.seconds)}"
    switched.on.set()
    qtbot.waitUntil(lambda: bar.record_button.text() != shown, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: "nothing is written" not in bar.state.text(), timeout=TIMEOUT_MS)


def test_a_full_disk_is_told_in_red_and_what_was_written_is_kept(
    qtbot: QtBot, open_window: OpenWindow, bar_of: Bar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_disk(monkeypatch, after=12)
    window = open_window()
    bar = bar_of(window)
    ended: list[Path] = []
    window.app.recording.ended.connect(ended.append)
    click(qtbot, bar)
    path = tmp_path / "takes" / "take.npz"
    qtbot.waitUntil(said(window, f"12 frames were written before that and are kept in {path}"), timeout=TIMEOUT_MS)
    assert "the disk is full; free some space" in window.error.text()
    assert not window.app.is_recording
    assert bar.state.text().startswith("The last take failed after")
    assert bar.state.property("problem")
    assert "Record" in bar.record_button.text()
    assert len(load_recording(path)) == 12
    assert ended == [path]
    monkeypatch.undo()
    click(qtbot, bar)
    assert window.error.text() == ""
    assert "failed" not in bar.state.text()
    qtbot.waitUntil(written(window, 3), timeout=TIMEOUT_MS)
    click(qtbot, bar)
    qtbot.waitUntil(said(window, "take_2.npz ("), timeout=TIMEOUT_MS)


def test_a_take_that_cannot_be_saved_is_kept_as_its_journal_and_ends_no_other(
    qtbot: QtBot, open_window: OpenWindow, bar_of: Bar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_fail = threading.Event()

    def full(file, **arrays):
        may_fail.wait(5)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(np, "savez", full)
    window = open_window()
    bar = bar_of(window)
    click(qtbot, bar)
    qtbot.waitUntil(written(window, 5), timeout=TIMEOUT_MS)
    click(qtbot, bar)
    click(qtbot, bar)  # the next one begins while the first is still being saved
    assert window.app.is_recording
    qtbot.waitUntil(written(window, 2), timeout=TIMEOUT_MS)
    may_fail.set()
    qtbot.waitUntil(said(window, "What was captured is safe in"), timeout=TIMEOUT_MS)
    qtbot.waitUntil(said(window, "once there is room, save them in the list of takes"), timeout=TIMEOUT_MS)
    assert (tmp_path / "takes" / "take.journal").exists()
    assert window.app.is_recording
    monkeypatch.undo()
    click(qtbot, bar)
    qtbot.waitUntil(said(window, "Saved"), timeout=TIMEOUT_MS)
    assert len(load_recording(tmp_path / "takes" / "take_2.npz")) >= 2


def test_a_folder_that_cannot_be_made_is_told(
    qtbot: QtBot, open_window: OpenWindow, bar_of: Bar, tmp_path: Path
) -> None:
    window = open_window()
    bar = bar_of(window)
    (tmp_path / "takes").write_text("a file")
    click(qtbot, bar)
    qtbot.waitUntil(lambda: "choose another folder" in window.error.text(), timeout=TIMEOUT_MS)
    assert not window.app.is_recording
    assert bar.record_button.isEnabled()


def test_another_body_ends_the_take(qtbot: QtBot, open_window: OpenWindow, bar_of: Bar, tmp_path: Path) -> None:
    window = open_window()
    bar = bar_of(window)
    click(qtbot, bar)
    qtbot.waitUntil(written(window, 3), timeout=TIMEOUT_MS)
    same = FakeMocap()
    window.app.pipeline.set_mocap(lambda: same)
    qtbot.wait(300)
    assert window.app.is_recording
    other = FakeMocap()
    other.body.tag = "other"
    window.app.pipeline.set_mocap(lambda: other)
    qtbot.waitUntil(said(window, "another body is used from now on"), timeout=TIMEOUT_MS)
    qtbot.waitUntil(said(window, "Saved"), timeout=TIMEOUT_MS)
    assert load_recording(tmp_path / "takes" / "take.npz").body_model == "capsules"


def test_room_on_the_disk_is_told_and_warned_of(
    qtbot: QtBot, open_window: OpenWindow, bar_of: Bar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_model, "_LOOK_AT_DISK_S", 0.0)
    left_s = 7_300.0
    monkeypatch.setattr(recording_model, "disk_space", lambda folder, fps, frames: DiskSpace(12_300_000_000, left_s))
    window = open_window()
    bar = bar_of(window)
    qtbot.waitUntil(lambda: bar.state.text() == "12.3 GB free, room for 2 h 1 min", timeout=TIMEOUT_MS)
    assert not bar.state.property("problem")
    left_s = 500.0
    qtbot.waitUntil(lambda: bar.state.text().endswith("room for 8 min 20 s"), timeout=TIMEOUT_MS)
    assert bar.state.property("problem")


def test_the_folder_is_chosen_and_put_back(
    qtbot: QtBot, open_window: OpenWindow, bar_of: Bar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    bar = bar_of(window)
    other = tmp_path / "other"
    other.mkdir()
    (other / "take.npz").touch()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(other))
    bar.choose_folder.trigger()
    assert window.app.settings.value.recording.folder == str(other)
    qtbot.waitUntil(lambda: bar.path.toolTip() == str(other / "take_2.npz"), timeout=TIMEOUT_MS)
    click(qtbot, bar)
    qtbot.waitUntil(written(window, 2), timeout=TIMEOUT_MS)
    click(qtbot, bar)
    qtbot.waitUntil((other / "take_2.npz").exists, timeout=TIMEOUT_MS)
    assert bar.default_folder.isEnabled()
    bar.default_folder.trigger()
    qtbot.waitUntil(lambda: bar.path.toolTip() == str(tmp_path / "takes" / "take.npz"), timeout=TIMEOUT_MS)
    assert not bar.default_folder.isEnabled()


def test_a_slow_disk_holds_nothing_up(
    qtbot: QtBot, qapp: WatchedApplication, open_window: OpenWindow, bar_of: Bar, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    bar = bar_of(window)
    for name in ("next_take", "disk_space", "Recorder"):
        monkeypatch.setattr(recording_model, name, slowly(getattr(recording_model, name)))
    qtbot.waitUntil(lambda: window.sidebar.is_prepared, timeout=TIMEOUT_MS)
    with Watchdog(qapp) as dog:
        click(qtbot, bar)
        qtbot.waitUntil(written(window, 20), timeout=TIMEOUT_MS)
        click(qtbot, bar)
        qtbot.waitUntil(said(window, "Saved"), timeout=TIMEOUT_MS)
    assert max(turn.held_ms for turn in dog.turns) < 150, dog.worst()
    assert window.app.recording.dropped == 0  # the queue bridges it


def test_the_cue_is_a_large_number_over_the_picture(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window(lambda: FakeSource(live=False, length=2))
    qtbot.waitUntil(said(window, "ended"), timeout=TIMEOUT_MS)
    qtbot.wait(500)
    panel = window.camera_panel
    before = pixels(panel)
    cue = CountdownCue(panel)
    cue.show_seconds(3)
    changed = np.abs(pixels(panel) - before).max(axis=2) > 60
    rows, columns = np.nonzero(changed)
    assert np.ptp(rows) > 0.25 * min(panel.height(), panel.width())
    assert abs(rows.mean() - panel.height() / 2) < 0.1 * panel.height()
    assert abs(columns.mean() - panel.width() / 2) < 0.1 * panel.width()
    panel.resize(panel.width() + 40, panel.height())
    assert cue.width() == panel.width()
    cue.show_seconds(0)
    assert not cue.isVisible()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (500, "8 min 20 s"), (4000, "1 h 6 min"), (86_400 * 3.5, "3 d 12 h"),
     (86_400 * 40, "40 d"), (float("inf"), "over 100 d"), (86_400 * 200, "over 100 d")],
)  # fmt: skip
def test_times_left_are_told_in_two_units(qtbot: QtBot, seconds: float, text: str) -> None:
    assert about_text(seconds) == text


def test_times_of_takes_are_told_to_the_tenth() -> None:
    assert [clock_text(s) for s in (0, 1.55, 59.99, 60, 3723.4)] == [
        "00:00.0", "00:01.5", "00:59.9", "01:00.0", "1:02:03.4",
    ]  # fmt: skip
