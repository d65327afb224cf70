"""The list of takes: replay in the 3D view, rename, trim, convert, delete; by mouse and by key."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from pose2pose_live import conversion
from pose2pose_live.app import takes_model, takes_replay
from pose2pose_live.app.sidebar import PANEL_WIDTH_PX
from pose2pose_live.app.takes_panel import TakesPanel
from pose2pose_live.app.window import MainWindow
from pose2pose_live.body import BodyModel
from pose2pose_live.frame import CameraFrame
from pose2pose_live.recording import load_recording
from pose2pose_live.sinks import Recorder
from pose2pose_live.takes import edit

from ..fakes import FakeMocap, FakeSource, capsule_body, waving_pose
from ..takes.conftest import trash  # noqa: F401 - a fixture
from .conftest import OpenWindow
from .test_recording import said, slowly
from .test_window import changed, has_pose, pixels
from .watchdog import Watchdog, WatchedApplication

pytestmark = pytest.mark.usefixtures("needs_opengl")
TIMEOUT_MS = 8000
FPS = 30
SCROLL_BAR_PX = 16
CTRL = Qt.KeyboardModifier.ControlModifier

Panel = Callable[[MainWindow], TakesPanel]


def record(path: Path, *, seconds: float = 2.0, body: Any = None, lean: float = 0.0, finish: bool = True) -> Path:
    """A take in which the person turns round once and leans."""
    recorder = Recorder(path, body or capsule_body(), fps=FPS)
    image = np.zeros((4, 4, 3), np.uint8)
    for i in range(round(seconds * FPS)):
        pose = waving_pose(100 + i / FPS, index=i)
        turn = np.array([0.0, 2 * math.pi * i / (seconds * FPS), 0.0])
        body_pose = pose.body_pose.copy()
        body_pose[2, 2] = lean
        recorder.write(replace(pose, global_orient=turn, body_pose=body_pose), CameraFrame(image, pose.time_s, i))
    if finish:
        recorder.close()
    else:
        recorder._journal.close()
        recorder._journal.release()
    return recorder.path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "takes"
    for i, name in enumerate(("first", "second", "third")):
        path = record(folder / f"{name}.npz", seconds=2.0 + i)
        os.utime(path, (0, 1_700_000_000 + i))
    return folder


@pytest.fixture
def panel_of(qtbot: QtBot) -> Panel:
    def make(window: MainWindow) -> TakesPanel:
        panel = TakesPanel(window.app)
        qtbot.addWidget(panel)
        panel.resize(380, 560)
        panel.show()
        panel.activateWindow()
        qtbot.waitUntil(lambda: bool(panel.rows.takes) or panel.empty.isVisible(), timeout=TIMEOUT_MS)
        return panel

    return make


@pytest.fixture
def window(qtbot: QtBot, open_window: OpenWindow, folder: Path) -> MainWindow:
    """A live window over the folder of takes, whose live person keeps waving."""
    window = open_window()
    qtbot.waitUntil(has_pose(window, 3), timeout=TIMEOUT_MS)
    return window


@pytest.fixture
def panel(qtbot: QtBot, window: MainWindow, panel_of: Panel) -> TakesPanel:
    panel = panel_of(window)
    qtbot.waitUntil(lambda: len(panel.rows.takes) == 3, timeout=TIMEOUT_MS)
    return panel


def names(panel: TakesPanel) -> list[str]:
    return [take.name for take in panel.rows.takes]


def choose(qtbot: QtBot, panel: TakesPanel, name: str, *, modifier: Any = Qt.KeyboardModifier.NoModifier) -> QPoint:
    """Click its row; where that is."""
    row = names(panel).index(name)
    place = panel.table.visualRect(panel.rows.index(row, 0)).center()
    viewport = panel.table.viewport()
    assert viewport is not None
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, modifier, place)
    panel.table.setFocus()
    return place


def replaying(panel: TakesPanel, name: str) -> Callable[[], bool]:
    replay = panel.player._replay
    return lambda: replay.path is not None and replay.path.stem == name


def open_replay(qtbot: QtBot, panel: TakesPanel, name: str = "first") -> Any:
    choose(qtbot, panel, name)
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    qtbot.waitUntil(replaying(panel, name), timeout=TIMEOUT_MS)
    return panel.player._replay


def shown_index(window: MainWindow) -> int:
    """Of the picture whose pose is shown in place of the live one, or -1."""
    frame = window.app.view.replayed
    return -1 if frame is None else frame.index


def pause_at(qtbot: QtBot, panel: TakesPanel, seconds: float) -> None:
    replay = panel.player._replay
    replay.play(on=False)
    panel.player.slider.setValue(round(1000 * seconds))
    shown = replay._app.view
    qtbot.waitUntil(
        lambda: shown.replayed is not None and shown.replayed.index == round(seconds * FPS), timeout=TIMEOUT_MS
    )


def test_takes_are_listed_with_length_and_details(panel: TakesPanel) -> None:
    assert names(panel) == ["third", "second", "first"]
    rows = [[panel.rows.index(row, column).data() for column in range(3)] for row in range(3)]
    assert [row[:2] for row in rows] == [["third", "00:04.0"], ["second", "00:03.0"], ["first", "00:02.0"]]
    assert "23" in rows[0][2]  # the date, as the system writes it
    tip = panel.rows.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    for part in ("third.npz", "120 frames, 30 per second", "kB", "capsules"):
        assert part in tip
    assert not panel.empty.isVisible()
    assert not panel.player.isEnabled()
    assert panel.minimumSizeHint().width() <= PANEL_WIDTH_PX - SCROLL_BAR_PX


def test_no_takes_yet_is_said(qtbot: QtBot, open_window: OpenWindow, panel_of: Panel) -> None:
    panel = panel_of(open_window())
    assert panel.empty.isVisible()
    assert not panel.actions_by_name["replay"].isEnabled()
    assert not panel.actions_by_name["trash"].isEnabled()


def test_a_take_that_was_recorded_comes_into_the_list(qtbot: QtBot, open_window: OpenWindow, panel_of: Panel) -> None:
    window = open_window()
    panel = panel_of(window)
    qtbot.waitUntil(window.record_button.isEnabled, timeout=TIMEOUT_MS)
    window.app.recording.toggle()
    qtbot.waitUntil(lambda: window.app.recording.frames > 5, timeout=TIMEOUT_MS)
    window.app.recording.toggle()
    qtbot.waitUntil(lambda: names(panel) == ["take"], timeout=TIMEOUT_MS)


def test_a_double_click_replays_the_take_in_the_3d_view_while_the_capture_goes_on(
    qtbot: QtBot, window: MainWindow, panel: TakesPanel
) -> None:
    viewport = panel.table.viewport()
    assert viewport is not None
    place = choose(qtbot, panel, "third")
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(replaying(panel, "third"), timeout=TIMEOUT_MS)
    assert panel.player.isEnabled()
    assert panel.player.name.text() == "third"
    # A quarter turn shows the person from the side, which the live one never does.
    pause_at(qtbot, panel, 0.0)
    qtbot.wait(300)
    front = pixels(window.body_panel)
    pause_at(qtbot, panel, 1.0)
    qtbot.waitUntil(lambda: changed(window.body_panel, front) > 0.02, timeout=TIMEOUT_MS)
    qtbot.wait(200)
    side = pixels(window.body_panel)
    camera = pixels(window.camera_panel)
    before = window.app.pipeline.statistics.figures().painted
    qtbot.waitUntil(lambda: window.app.pipeline.statistics.figures().painted > before + 10, timeout=TIMEOUT_MS)
    assert changed(window.camera_panel, camera) > 0.02  # the camera is live
    assert changed(window.body_panel, side) < 0.001  # and the replay stands
    qtbot.keyClick(panel.table, Qt.Key.Key_Backspace)
    assert window.app.view.replayed is None
    qtbot.waitUntil(lambda: changed(window.body_panel, side) > 0.02, timeout=TIMEOUT_MS)
    assert not panel.player.isEnabled()


def test_space_plays_and_pauses_and_the_end_stops_it(qtbot: QtBot, window: MainWindow, panel: TakesPanel) -> None:
    replay = open_replay(qtbot, panel)
    assert replay.is_playing
    assert panel.player.play_button.text() == "❚❚"
    qtbot.waitUntil(lambda: replay.position_s > 0.3, timeout=TIMEOUT_MS)
    qtbot.keyClick(panel.table, Qt.Key.Key_Space)
    assert not replay.is_playing
    stood = replay.position_s
    qtbot.wait(200)
    assert replay.position_s == stood
    assert panel.player.time.text() == f"00:00.{int(10 * stood)} / 00:01.9"
    start_s = time.monotonic()
    qtbot.keyClick(panel.player.slider, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not replay.is_playing, timeout=TIMEOUT_MS)
    assert time.monotonic() - start_s == pytest.approx(replay.duration_s - stood, abs=0.4)
    assert replay.position_s == replay.duration_s
    qtbot.waitUntil(lambda: shown_index(window) == 59, timeout=TIMEOUT_MS)
    qtbot.keyClick(panel.table, Qt.Key.Key_Space)  # from the beginning again
    assert replay.position_s < 0.1


def test_a_loop_goes_round_in_the_marked_part(qtbot: QtBot, panel: TakesPanel) -> None:
    replay = open_replay(qtbot, panel)
    pause_at(qtbot, panel, 0.5)
    qtbot.keyClick(panel.table, Qt.Key.Key_I, CTRL)
    pause_at(qtbot, panel, 0.8)
    qtbot.keyClick(panel.table, Qt.Key.Key_E, CTRL)
    assert (replay.start_s, replay.end_s) == pytest.approx((0.5, 0.8))
    assert panel.player.part.text() == "00:00.5 to 00:00.8"
    qtbot.mouseClick(panel.player.loop, Qt.MouseButton.LeftButton, pos=QPoint(8, panel.player.loop.height() // 2))
    assert replay.is_looped
    positions: list[float] = []
    replay.moved.connect(positions.append)
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: sum(b < a for a, b in pairwise(positions)) >= 2, timeout=TIMEOUT_MS)
    assert all(0.5 - 1e-6 <= position <= 0.8 for position in positions)
    assert replay.is_playing


def test_seeking_by_mouse_keys_and_steps(qtbot: QtBot, window: MainWindow, panel: TakesPanel) -> None:
    replay = open_replay(qtbot, panel)
    slider = panel.player.slider
    qtbot.keyClick(panel.table, Qt.Key.Key_Space)
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 2, slider.height() // 2))
    assert replay.position_s == pytest.approx(replay.duration_s / 2, abs=0.05)
    here = replay.position_s
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert replay.position_s == pytest.approx(here + 0.1, abs=0.011)
    pause_at(qtbot, panel, 1.0)
    qtbot.keyClick(slider, Qt.Key.Key_Right, CTRL)
    qtbot.waitUntil(lambda: shown_index(window) == 31, timeout=TIMEOUT_MS)
    qtbot.mouseClick(panel.player.back_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown_index(window) == 30, timeout=TIMEOUT_MS)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(0, 5))
    qtbot.mouseMove(slider, QPoint(slider.width(), 5))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width(), 5))
    assert replay.position_s == pytest.approx(replay.duration_s, abs=0.01)


def test_another_take_replaces_the_one_that_is_replayed(qtbot: QtBot, window: MainWindow, panel: TakesPanel) -> None:
    open_replay(qtbot, panel, "first")
    replay = open_replay(qtbot, panel, "second")
    assert replay.duration_s == pytest.approx(89 / 30)
    replay.open(panel.rows.takes[2].path)
    replay.open(panel.rows.takes[0].path)  # before the one before is open
    qtbot.waitUntil(replaying(panel, "third"), timeout=TIMEOUT_MS)
    qtbot.wait(200)
    assert replaying(panel, "third")()


def test_recording_ends_the_replay(qtbot: QtBot, window: MainWindow, panel: TakesPanel) -> None:
    open_replay(qtbot, panel)
    qtbot.waitUntil(lambda: window.app.view.replayed is not None, timeout=TIMEOUT_MS)
    qtbot.mouseClick(window.record_button, Qt.MouseButton.LeftButton)
    assert window.app.is_recording
    assert window.app.view.replayed is None
    qtbot.wait(300)  # nor does a frame that was being read come later
    assert window.app.view.replayed is None
    assert panel.player._replay.path is None


def test_a_replay_goes_on_after_the_source_has_ended(
    qtbot: QtBot, open_window: OpenWindow, panel_of: Panel, folder: Path
) -> None:
    window = open_window(lambda: FakeSource(live=False, length=4))
    panel = panel_of(window)
    qtbot.waitUntil(said(window, "ended"), timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: pixels(window.body_panel).std() > 5, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: len(panel.rows.takes) == 3, timeout=TIMEOUT_MS)
    open_replay(qtbot, panel, "third")
    pictures = []
    window.app.painted.connect(lambda: pictures.append(1))
    before = pixels(window.body_panel)
    qtbot.waitUntil(lambda: changed(window.body_panel, before) > 0.02, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: len(pictures) >= 3, timeout=TIMEOUT_MS)


def test_a_take_of_another_body_is_shown_on_the_live_one_with_a_note(
    qtbot: QtBot, window: MainWindow, panel: TakesPanel, folder: Path
) -> None:
    other = capsule_body()
    other.tag = "mine 1"
    record(folder / "other.npz", body=other)
    qtbot.keyClick(panel.table, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "other" in names(panel), timeout=TIMEOUT_MS)
    open_replay(qtbot, panel, "other")
    assert panel.player.note.isVisible()
    assert panel.player.note.text().startswith("Made with the body mine 1, shown with capsules")
    qtbot.waitUntil(lambda: shown_index(window) >= 0, timeout=TIMEOUT_MS)
    shown = window.app.view.replayed
    assert shown is not None
    assert not shown.betas.any()
    new = FakeMocap()
    new.body.tag = "mine 1"
    window.app.pipeline.set_mocap(lambda: new)
    qtbot.waitUntil(lambda: not panel.player.note.isVisible(), timeout=TIMEOUT_MS)


def test_a_name_is_edited_in_place(qtbot: QtBot, panel: TakesPanel, folder: Path) -> None:
    choose(qtbot, panel, "second")
    qtbot.keyClick(panel.table, Qt.Key.Key_F2)
    editor = panel.table.findChild(QLineEdit)
    assert editor is not None
    assert editor.text() == "second"
    qtbot.keyClicks(editor, "run r")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(panel) == ["third", "run r", "first"], timeout=TIMEOUT_MS)
    assert (folder / "run r.npz").exists()
    assert [take.name for take in panel.chosen] == ["run r"]


def test_a_name_that_is_taken_is_refused_and_told(
    qtbot: QtBot, window: MainWindow, panel: TakesPanel, folder: Path
) -> None:
    before = (folder / "third.npz").read_bytes()
    choose(qtbot, panel, "second")
    qtbot.mouseClick(panel._button("rename"), Qt.MouseButton.LeftButton)
    editor = panel.table.findChild(QLineEdit)
    assert editor is not None
    qtbot.keyClicks(editor, "third")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(said(window, "third: there is a take of this name already"), timeout=TIMEOUT_MS)
    assert names(panel) == ["third", "second", "first"]
    assert (folder / "third.npz").read_bytes() == before


def test_renaming_the_take_that_is_replayed_closes_it_first(
    qtbot: QtBot, window: MainWindow, panel: TakesPanel, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay = open_replay(qtbot, panel, "second")
    archive = replay._replay._archive
    closed_before: list[bool] = []
    real = takes_model.rename_take

    def rename(path: Path, name: str) -> Path:
        closed_before.append(archive._file.closed)
        return real(path, name)

    monkeypatch.setattr(takes_model, "rename_take", rename)
    window.app.takes.rename(folder / "second.npz", "renamed")
    qtbot.waitUntil(lambda: "renamed" in names(panel), timeout=TIMEOUT_MS)
    assert closed_before == [True]
    assert window.app.view.replayed is None


def test_a_part_is_cut_out_as_a_new_take(qtbot: QtBot, window: MainWindow, panel: TakesPanel, folder: Path) -> None:
    open_replay(qtbot, panel, "third")
    assert not panel.player.trim_button.isEnabled()
    pause_at(qtbot, panel, 1.0)
    qtbot.mouseClick(panel.player.start_button, Qt.MouseButton.LeftButton)
    pause_at(qtbot, panel, 2.5)
    qtbot.mouseClick(panel.player.end_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.player.trim_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "third_trimmed" in names(panel), timeout=TIMEOUT_MS)
    assert load_recording(folder / "third_trimmed.npz").frame_index.tolist() == list(range(30, 76))
    assert len(load_recording(folder / "third.npz")) == 120
    assert [take.name for take in panel.chosen] == ["third_trimmed"]
    assert said(window, "Wrote third_trimmed; the whole take is still there")()
    qtbot.mouseClick(panel.player.whole_button, Qt.MouseButton.LeftButton)
    assert not panel.player.trim_button.isEnabled()


def trigger(panel: TakesPanel, format_name: str) -> None:
    """As the menu's entry does."""
    next(action for action in panel.formats.actions() if action.data() == format_name).trigger()


def test_every_format_is_offered(panel: TakesPanel) -> None:
    for menu in (panel.formats, panel.new_takes):
        assert [action.data() for action in menu.actions()] == list(conversion.FORMATS)


def test_takes_are_converted_with_progress(
    qtbot: QtBot, open_window: OpenWindow, panel_of: Panel, tmp_path: Path, body: BodyModel
) -> None:
    for name in ("a", "b"):
        record(tmp_path / "takes" / f"{name}.npz", seconds=6, body=body)
    window = open_window()
    panel = panel_of(window)
    qtbot.waitUntil(lambda: sorted(names(panel)) == ["a", "b"], timeout=TIMEOUT_MS)
    choose(qtbot, panel, "a")
    choose(qtbot, panel, "b", modifier=CTRL)
    shares: list[float | None] = []
    shown: list[int] = []
    model = window.app.takes
    model.progressed.connect(lambda: shares.append(model.progress))
    model.progressed.connect(lambda: shown.append(panel.progress.value() if panel.progress.isVisible() else -1))
    trigger(panel, "bvh")
    qtbot.waitUntil(lambda: model.progress is None, timeout=4 * TIMEOUT_MS)
    assert not panel.progress.isVisible()
    assert shown == [-1 if share is None else round(1000 * share) for share in shares]
    assert (tmp_path / "takes" / "a.bvh").read_text().startswith("HIERARCHY")
    assert (tmp_path / "takes" / "b.bvh").exists()
    told = [share for share in shares if share is not None]
    assert told == sorted(told)
    assert any(0.1 < share < 0.45 for share in told)
    assert any(0.55 < share < 0.95 for share in told)
    assert any(text in str(window.app.messages.log) for text in ("Wrote b.bvh, a.bvh", "Wrote a.bvh, b.bvh"))
    assert names(panel) == ["b", "a"]  # what was written is no take


@pytest.fixture
def slow_bvh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writes as much as a short take needs, and takes five seconds for it."""

    def write(file: Any, motion: conversion.Motion, body: BodyModel) -> None:
        for _ in range(500):
            file.write(bytes(180))
            file.flush()
            time.sleep(0.01)

    monkeypatch.setitem(conversion.FORMATS, "bvh", replace(conversion.FORMATS["bvh"], write=write))


@pytest.mark.usefixtures("slow_bvh")
def test_a_conversion_is_ended_and_leaves_nothing_behind(
    qtbot: QtBot, open_window: OpenWindow, panel_of: Panel, tmp_path: Path, body: BodyModel
) -> None:
    record(tmp_path / "takes" / "long.npz", body=body)
    window = open_window()
    panel = panel_of(window)
    qtbot.waitUntil(lambda: names(panel) == ["long"], timeout=TIMEOUT_MS)
    choose(qtbot, panel, "long")
    trigger(panel, "bvh")
    qtbot.waitUntil(lambda: panel.progress.value() > 0, timeout=4 * TIMEOUT_MS)
    qtbot.mouseClick(panel.end_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(said(window, "The conversion was ended"), timeout=TIMEOUT_MS)
    assert not panel.progress.isVisible()
    assert sorted(path.name for path in (tmp_path / "takes").iterdir()) == ["long.npz"]
    trigger(panel, "smpl")  # and the next one is not ended with it
    qtbot.waitUntil((tmp_path / "takes" / "long.smpl").exists, timeout=4 * TIMEOUT_MS)


def test_a_format_that_needs_a_body_that_is_not_there_says_so(
    qtbot: QtBot, window: MainWindow, panel: TakesPanel, folder: Path
) -> None:
    choose(qtbot, panel, "first")
    trigger(panel, "smpl")
    qtbot.waitUntil((folder / "first.smpl").exists, timeout=TIMEOUT_MS)
    for take in panel.rows.takes:
        take.path.unlink()
    other = capsule_body()
    other.tag = "mine 1"
    record(folder / "other.npz", body=other)
    qtbot.keyClick(panel.table, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: names(panel) == ["other"], timeout=TIMEOUT_MS)
    choose(qtbot, panel, "other")
    trigger(panel, "bvh")
    qtbot.waitUntil(said(window, "the take was made with the body mine 1"), timeout=TIMEOUT_MS)
    assert not (folder / "other.bvh").exists()


def test_new_takes_are_converted_by_themselves_where_that_is_chosen(
    qtbot: QtBot, open_window: OpenWindow, panel_of: Panel, tmp_path: Path
) -> None:
    window = open_window()
    panel = panel_of(window)
    next(action for action in panel.new_takes.actions() if action.data() == "smpl").trigger()
    assert window.app.settings.value.recording.convert_to == ("smpl",)
    qtbot.waitUntil(window.record_button.isEnabled, timeout=TIMEOUT_MS)
    window.app.recording.toggle()
    qtbot.waitUntil(lambda: window.app.recording.frames > 5, timeout=TIMEOUT_MS)
    window.app.recording.toggle()
    qtbot.waitUntil((tmp_path / "takes" / "take.smpl").exists, timeout=TIMEOUT_MS)


def test_delete_puts_takes_into_the_trash_and_says_where_they_are(
    qtbot: QtBot,
    window: MainWindow,
    panel: TakesPanel,
    folder: Path,
    trash: Path,  # noqa: F811
) -> None:
    open_replay(qtbot, panel, "second")
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: names(panel) == ["third", "first"], timeout=TIMEOUT_MS)
    assert window.app.view.replayed is None
    assert said(window, "second: in the trash, from where you can have it back")()
    assert [path.name for path in trash.iterdir()] == ["second.npz"]
    assert [take.name for take in panel.chosen] == ["first"]  # so that Delete again goes on
    choose(qtbot, panel, "third")
    choose(qtbot, panel, "first", modifier=CTRL)
    qtbot.mouseClick(panel._button("trash"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(panel.empty.isVisible, timeout=TIMEOUT_MS)
    assert len(list(trash.iterdir())) == 3


def test_no_trash_is_told_and_the_take_stays(
    qtbot: QtBot, window: MainWindow, panel: TakesPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(path: Path) -> None:
        raise OSError(13, "Permission denied")

    monkeypatch.setattr(edit, "send2trash", refuses)
    choose(qtbot, panel, "second")
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(said(window, "second.npz cannot be put into the trash"), timeout=TIMEOUT_MS)
    assert names(panel) == ["third", "second", "first"]


def test_an_interrupted_take_is_saved_from_the_list(
    qtbot: QtBot, open_window: OpenWindow, panel_of: Panel, tmp_path: Path
) -> None:
    record(tmp_path / "takes" / "lost.npz", finish=False)
    panel = panel_of(open_window())
    qtbot.waitUntil(lambda: names(panel) == ["lost"], timeout=TIMEOUT_MS)
    assert panel.rows.index(0, 1).data() == "not saved"
    choose(qtbot, panel, "lost")
    assert not panel.actions_by_name["replay"].isEnabled()
    assert not panel.actions_by_name["rename"].isEnabled()
    assert panel.actions_by_name["save"].isVisible()
    panel.actions_by_name["save"].trigger()
    qtbot.waitUntil(lambda: panel.rows.index(0, 1).data() == "00:02.0", timeout=TIMEOUT_MS)
    assert len(load_recording(tmp_path / "takes" / "lost.npz")) == 60
    assert not panel.actions_by_name["save"].isVisible()


def test_a_damaged_take_is_listed_with_what_is_wrong_and_can_only_be_deleted(
    qtbot: QtBot, open_window: OpenWindow, panel_of: Panel, folder: Path
) -> None:
    (folder / "broken.npz").write_bytes((folder / "first.npz").read_bytes()[:5000])
    panel = panel_of(open_window())
    qtbot.waitUntil(lambda: "broken" in names(panel), timeout=TIMEOUT_MS)
    row = names(panel).index("broken")
    assert panel.rows.index(row, 1).data() == "damaged"
    assert "it was cut short" in panel.rows.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)
    choose(qtbot, panel, "broken")
    assert not panel.actions_by_name["replay"].isEnabled()
    assert panel.actions_by_name["trash"].isEnabled()
    assert not panel.formats.actions()[0].isEnabled()
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert panel.player._replay._wanted is None


def test_a_take_that_breaks_while_it_is_replayed_is_told_and_left(
    qtbot: QtBot, window: MainWindow, panel: TakesPanel, folder: Path
) -> None:
    replay = open_replay(qtbot, panel, "third")
    pause_at(qtbot, panel, 0.0)
    with (folder / "third.npz").open("r+b") as file:
        file.truncate(3000)
    panel.player.slider.setValue(2000)
    qtbot.waitUntil(said(window, "it is damaged"), timeout=TIMEOUT_MS)
    assert replay.path is None
    assert window.app.view.replayed is None


def test_a_folder_that_cannot_be_read_is_told(
    qtbot: QtBot, open_window: OpenWindow, panel_of: Panel, tmp_path: Path
) -> None:
    (tmp_path / "takes").write_text("a file")
    window = open_window()
    panel_of(window)
    qtbot.waitUntil(said(window, "this folder cannot be read"), timeout=TIMEOUT_MS)


def test_the_context_menu_offers_the_same(qtbot: QtBot, panel: TakesPanel) -> None:
    place = choose(qtbot, panel, "first")
    panel._open_menu(place)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    texts = [action.text() for action in menu.actions()]
    assert texts == ["Replay", "Rename", "Save", "Convert to", "Delete", "Open folder", "Read the folder anew"]
    qtbot.keyClick(menu, Qt.Key.Key_Escape)


def test_a_slow_disk_holds_nothing_up(
    qtbot: QtBot,
    qapp: WatchedApplication,
    window: MainWindow,
    panel: TakesPanel,
    monkeypatch: pytest.MonkeyPatch,
    trash: Path,  # noqa: F811
) -> None:
    for module, names_of_work in (
        (takes_model, ("list_takes", "rename_take", "trim_take", "trash_take")),
        (takes_replay, ("TakeReplay",)),
    ):
        for name in names_of_work:
            monkeypatch.setattr(module, name, slowly(getattr(module, name)))
    monkeypatch.setattr(edit.TakeArchive, "recording", slowly(edit.TakeArchive.recording))
    qtbot.waitUntil(lambda: window.sidebar.is_prepared, timeout=TIMEOUT_MS)
    with Watchdog(qapp) as dog:
        replay = open_replay(qtbot, panel, "third")
        qtbot.waitUntil(lambda: replay.position_s > 0.7, timeout=TIMEOUT_MS)
        qtbot.keyClick(panel.table, Qt.Key.Key_I, CTRL)
        qtbot.mouseClick(panel.player.trim_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: "third_trimmed" in names(panel), timeout=TIMEOUT_MS)
        qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
        qtbot.waitUntil(lambda: "third_trimmed" not in names(panel), timeout=TIMEOUT_MS)
    assert len(dog.turns) > 100
    assert max(turn.held_ms for turn in dog.turns) < 150, dog.worst()


@pytest.mark.usefixtures("slow_bvh")
def test_closing_ends_what_is_under_way(
    qtbot: QtBot, open_window: OpenWindow, panel_of: Panel, tmp_path: Path, body: BodyModel
) -> None:
    record(tmp_path / "takes" / "long.npz", body=body)
    window = open_window()
    panel = panel_of(window)
    qtbot.waitUntil(lambda: names(panel) == ["long"], timeout=TIMEOUT_MS)
    open_replay(qtbot, panel, "long")
    trigger(panel, "bvh")
    qtbot.waitUntil(lambda: panel.progress.value() > 0, timeout=4 * TIMEOUT_MS)
    model = window.app.takes
    model.close()
    qtbot.waitUntil(lambda: model.progress is None, timeout=TIMEOUT_MS)
    assert [path.name for path in (tmp_path / "takes").iterdir()] == ["long.npz"]
