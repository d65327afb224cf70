"""Quality, calibration and body: every control reaches the estimator at once, is kept, and what fails is taken back."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QStandardItemModel
from PyQt6.QtWidgets import QComboBox, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from pose2pose_live.app import calibration_model, quality_choices
from pose2pose_live.app.body_panel import BodyShapePanel
from pose2pose_live.app.calibration_panel import CalibrationPanel
from pose2pose_live.app.quality_choices import Choice, engine_choices
from pose2pose_live.app.quality_controls import controls_of
from pose2pose_live.app.quality_panel import QualityPanel
from pose2pose_live.app.settings import BodySettings, QualitySettings, Settings
from pose2pose_live.app.window import MainWindow
from pose2pose_live.body import BodyModel
from pose2pose_live.errors import ModelError
from pose2pose_live.frame import CameraFrame, Ground, SmplxFrame
from pose2pose_live.motion import Calibration, MocapControls, Moment
from pose2pose_live.resources import asset_path

from ..estimation import people
from ..fakes import FakeMocap
from .cameras import BUILT_IN, FakeMachine
from .conftest import OpenWindow
from .test_window import has_pose

pytestmark = pytest.mark.usefixtures("needs_opengl")
TIMEOUT_MS = 8000


class Watched(FakeMocap):
    """Shows its watchers a person in the open body; pose: what the person does."""

    pose: SmplxFrame = people.frame(np.array([0.0, -0.1, -4.2]))
    body_file: BodyModel

    def __init__(self) -> None:
        super().__init__(delay_s=0.01)
        self.body = self.body_file

    def solve(self, picture: CameraFrame) -> SmplxFrame:
        pose = replace(self.pose, time_s=picture.time_s, index=picture.index, tracked=True)
        image = np.zeros((people.HEIGHT_PX, people.WIDTH_PX, 3), np.uint8)
        seen = CameraFrame(image, picture.time_s, picture.index)
        for watcher in self.controls.watchers:
            watcher(Moment(seen, pose, pose, people.see(self.body, pose), self.body, 0.02))
        return pose


class Machine:
    """A machine on which engines can be loaded, but for the broken ones. opened: settings that were loaded, in order."""

    def __init__(self, body: BodyModel) -> None:
        self.opened: list[Settings] = []
        self.mocaps: list[Watched] = []
        Watched.body_file = body

    def open_mocap(self, settings: Settings) -> Watched:
        self.opened.append(settings)
        if settings.quality.engine == "broken" or settings.quality.runtime == "cuda":
            raise ModelError("engine broken: it lacks its graphs; choose another")
        self.mocaps.append(Watched())
        return self.mocaps[-1]

    @property
    def controls(self) -> MocapControls:
        return self.mocaps[-1].controls


@pytest.fixture
def machine(body: BodyModel, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(Watched, "pose", Watched.pose)  # what a test makes of it is undone
    engines = (Choice("", "open", "trained"), Choice("landmarks", "landmarks", "by geometry"), Choice("broken", "broken", "no"),
               Choice("mine", "mine", problem="mine lacks body.onnx", is_yours=True))  # fmt: skip
    runtimes = (
        Choice("auto", "auto"),
        Choice("cuda", "CUDA"),
        Choice("tensorrt", "TensorRT", problem="no NVIDIA driver"),
        Choice("cpu", "Processor"),
    )
    monkeypatch.setattr("pose2pose_live.app.quality_model.engine_choices", lambda chosen: engines)
    monkeypatch.setattr("pose2pose_live.app.quality_model.runtime_choices", lambda: runtimes)
    return Machine(body)


@pytest.fixture
def window(qtbot: QtBot, open_window: OpenWindow, machine: Machine) -> MainWindow:
    backend = replace(FakeMachine(BUILT_IN).backend(), open_mocap=machine.open_mocap)
    window = open_window(backend=backend)
    qtbot.waitUntil(has_pose(window), timeout=TIMEOUT_MS)
    return window


def panel(window: MainWindow, name: str) -> QWidget:
    window.sidebar.show_panel(name)
    return window.sidebar.panel(name)


def pick(qtbot: QtBot, box: QComboBox, name: str) -> None:
    """By key, as somebody without a mouse does."""
    box.setFocus()
    index = box.findData(name)
    for _ in range(box.count()):
        if box.currentIndex() == index:
            break
        qtbot.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < index else Qt.Key.Key_Up)
    assert box.currentIndex() == index


def said(window: MainWindow) -> str:
    return window.app.messages.log[-1].text if window.app.messages.log else ""


def section_of(tmp_path: Path, section: str) -> dict:
    """What the settings file says of a section now."""
    path = tmp_path / "settings.json"
    return json.loads(path.read_text())[section] if path.exists() else {}


def wait_until_kept(qtbot: QtBot, tmp_path: Path, section: str, **expected: object) -> None:
    """Until the settings file says so."""
    qtbot.waitUntil(lambda: section_of(tmp_path, section).items() >= expected.items(), timeout=TIMEOUT_MS)


class TestQuality:
    @pytest.fixture
    def quality(self, qtbot: QtBot, window: MainWindow) -> QualityPanel:
        found = panel(window, "quality")
        assert isinstance(found, QualityPanel)
        qtbot.waitUntil(lambda: found.engine.count() == 4 and found.runtime.count() == 4, timeout=TIMEOUT_MS)
        return found

    def test_every_control_reaches_the_estimator_at_once_and_is_kept(self, qtbot, window, machine, quality, tmp_path):
        loaded = len(machine.opened)
        quality.smoothing.setFocus()
        qtbot.keyClick(quality.smoothing, Qt.Key.Key_Home)
        assert machine.controls.smoothing == 0
        for _ in range(3):
            qtbot.keyClick(quality.smoothing, Qt.Key.Key_PageUp)
        assert machine.controls.smoothing == 0.75
        pick(qtbot, quality.seated, "on")
        assert machine.controls.seated == "on"
        for box, name, expected in (
            (quality.floor, "floor", True),
            (quality.hands, "hands", False),
            (quality.face, "face", False),
        ):
            qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.rect().center() * 0.1 + box.rect().topLeft())
            assert getattr(machine.controls, name) is expected
        assert len(machine.opened) == loaded  # nothing was loaded for it
        wait_until_kept(
            qtbot, tmp_path, "quality", smoothing=0.75, seated="on", has_floor=True, has_hands=False, has_face=False
        )

    def test_another_engine_is_loaded_while_the_present_one_goes_on(self, qtbot, window, machine, quality, tmp_path):
        first = machine.mocaps[0]
        pick(qtbot, quality.engine, "landmarks")
        assert window.app.loader.is_loading
        qtbot.waitUntil(lambda: not window.app.loader.is_loading, timeout=TIMEOUT_MS)
        qtbot.waitUntil(lambda: first.closed, timeout=TIMEOUT_MS)
        assert machine.opened[-1].quality.engine == "landmarks"
        assert machine.controls == replace(MocapControls(is_live=True), watchers=machine.controls.watchers)
        assert "by geometry" in quality.about_engine.text()
        wait_until_kept(qtbot, tmp_path, "quality", engine="landmarks")

    def test_one_that_cannot_be_loaded_is_taken_back(self, qtbot, window, machine, quality, tmp_path):
        pick(qtbot, quality.engine, "landmarks")
        qtbot.waitUntil(lambda: not window.app.loader.is_loading, timeout=TIMEOUT_MS)
        present = machine.mocaps[-1]
        pick(qtbot, quality.engine, "broken")
        qtbot.waitUntil(lambda: "lacks its graphs" in window.app.messages.error, timeout=TIMEOUT_MS)
        assert quality.engine.currentData() == "landmarks"
        assert not present.closed
        painted = window.app.pipeline.statistics.figures().painted
        qtbot.waitUntil(lambda: window.app.pipeline.statistics.figures().painted > painted + 3, timeout=TIMEOUT_MS)
        wait_until_kept(qtbot, tmp_path, "quality", engine="landmarks")
        pick(qtbot, quality.runtime, "cuda")
        qtbot.waitUntil(lambda: quality.runtime.currentData() == "auto", timeout=TIMEOUT_MS)

    def test_nothing_is_exchanged_during_a_take(self, qtbot, window, machine, quality):
        qtbot.keyClick(window, Qt.Key.Key_R)
        qtbot.waitUntil(lambda: window.app.is_recording, timeout=TIMEOUT_MS)
        loaded = len(machine.opened)
        for box in (quality.engine, quality.runtime):
            before = box.currentData()
            qtbot.keyClick(box, Qt.Key.Key_Down)
            assert box.currentData() == before
            assert "Stop the recording first" in said(window)
        qtbot.keyClick(quality.smoothing, Qt.Key.Key_Home)
        assert machine.controls.smoothing == 0  # what holds at once may be changed
        assert len(machine.opened) == loaded
        qtbot.keyClick(window, Qt.Key.Key_R)

    def test_what_cannot_be_used_here_says_why_and_cannot_be_chosen(self, quality):
        items = quality.runtime.model()
        assert isinstance(items, QStandardItemModel)
        row = quality.runtime.findData("tensorrt")
        item = items.item(row)
        assert item is not None
        assert not item.isEnabled()
        assert "not here" in quality.runtime.itemText(row)
        assert quality.runtime.itemData(row, Qt.ItemDataRole.ToolTipRole) == "no NVIDIA driver"
        assert "3 of 4" in quality.about_runtime.text()
        row = quality.engine.findData("mine")
        assert "yours" in quality.engine.itemText(row)
        assert "lacks body.onnx" in quality.engine.itemData(row, Qt.ItemDataRole.ToolTipRole)

    def test_the_figures_are_shown_and_the_speed_is_remembered(self, qtbot, window, machine, quality, tmp_path):
        qtbot.waitUntil(lambda: "50 pictures/s" in quality.speed.text(), timeout=TIMEOUT_MS)
        assert "20 ms a picture" in quality.speed.text()
        assert "0.0 mm" in quality.figures.text()  # a person who does not move at all
        assert "move your arms" in quality.figures.text()
        qtbot.waitUntil(lambda: "50 pictures/s here" in quality.engine.itemText(0), timeout=TIMEOUT_MS)
        wait_until_kept(qtbot, tmp_path, "quality", measured={"open, auto": 50.0})

    def test_figures_cost_nothing_while_nobody_looks(self, qtbot, window, machine, quality):
        assert len(machine.controls.watchers) == 2
        window.sidebar.show_panel("")
        assert machine.controls.watchers == ()


class TestChoices:
    def test_the_bundled_engines_are_found_and_the_default_is_first(self):
        found = engine_choices("")
        assert (found[0].name, found[0].title) == ("", "open")
        assert {choice.title for choice in found} >= {"open", "landmarks"}
        assert all(choice.description and not choice.problem for choice in found)

    def test_the_users_engines_and_one_elsewhere(self, tmp_path, monkeypatch):
        mine = tmp_path / "engines" / "mine"
        mine.mkdir(parents=True)
        (mine / "engine.toml").write_text("[engine")
        monkeypatch.setattr(quality_choices, "user_engines", lambda: tmp_path / "engines")
        monkeypatch.setattr("pose2pose_live.resources.user_engines", lambda: tmp_path / "engines")
        elsewhere = tmp_path / "elsewhere"
        by_name = {choice.name: choice for choice in engine_choices(str(elsewhere))}
        assert by_name["mine"].is_yours
        assert "cannot be used" in by_name["mine"].problem
        assert "no engine folder" in by_name[str(elsewhere)].problem

    def test_every_runtime_is_told_of(self):
        found = {choice.name: choice for choice in quality_choices.runtime_choices()}
        assert not found["auto"].problem
        assert not found["cpu"].problem
        assert all(choice.title for choice in found.values())


class TestControls:
    def test_they_are_those_of_the_settings(self):
        quality = QualitySettings(smoothing=0.5, seated="off", has_floor=True, has_hands=False, has_face=False)
        calibration = Calibration(1.8, (0.1,) * 10, "open_body 1.0", Ground((0.0, 1.0, 0.0), -1.0))
        body = BodySettings(betas=(0.2,) * 10, height_m=1.8, calibration=calibration.to_json())
        found = controls_of(Settings(quality=quality, body=body))
        assert found == MocapControls(0.5, "off", True, False, False, calibration, (0.2,) * 10, is_live=True)

    def test_a_height_alone_is_a_calibration(self):
        assert controls_of(Settings(body=BodySettings(height_m=1.65))).calibration == Calibration(1.65)
        assert controls_of(Settings()).calibration is None

    @pytest.mark.parametrize("broken", [{"height_m": 3}, {"up": [1]}, {"x": {}}])
    def test_what_is_broken_in_the_file_counts_as_not_there(self, broken):
        assert controls_of(Settings(body=BodySettings(calibration=broken))).calibration is None
        assert controls_of(Settings(body=BodySettings(calibration=broken, height_m=0.3))).calibration is None
        assert controls_of(Settings(body=BodySettings(betas=(1.0, 2.0)))).betas is None


class TestCalibration:
    @pytest.fixture(autouse=True)
    def quick(self, monkeypatch):
        monkeypatch.setattr(calibration_model, "COUNTDOWN_S", 1)

    @pytest.fixture
    def calibration(self, window: MainWindow) -> CalibrationPanel:
        found = panel(window, "calibrate")
        assert isinstance(found, CalibrationPanel)
        return found

    def test_a_height_makes_the_body_so_tall_and_is_kept(self, qtbot, window, machine, calibration, tmp_path):
        field = calibration.height_field
        assert field.text() == "unknown"
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, "182")
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert machine.controls.calibration == Calibration(1.82)
        wait_until_kept(qtbot, tmp_path, "body", height_m=1.82)
        field.setValue(field.minimum())
        assert machine.controls.calibration is None

    def test_a_t_pose_is_measured_shown_kept_undone_and_forgotten(self, qtbot, window, machine, calibration, tmp_path):
        cue = window.calibration_cue
        assert not cue.isVisible()
        assert not calibration.undo_button.isEnabled()
        calibration.height_field.setValue(170)
        qtbot.keyClick(calibration, Qt.Key.Key_T)
        qtbot.waitUntil(cue.isVisible, timeout=TIMEOUT_MS)
        assert cue.geometry() == window.camera_panel.rect()
        assert cue.text.startswith("1\nStand so that all of you")
        qtbot.waitUntil(lambda: "Very good" in cue.text, timeout=TIMEOUT_MS)
        assert calibration.progress.isVisible()
        qtbot.waitUntil(lambda: not window.app.calibration.is_running, timeout=TIMEOUT_MS)
        assert not cue.isVisible()
        found = machine.controls.calibration
        assert found.betas is not None
        assert found.body_model == machine.mocaps[-1].body.tag
        assert not any(isinstance(one, calibration_model.TPoseCalibrator) for one in machine.controls.watchers)
        assert "Calibrated by a T-pose" in calibration.state.text()
        assert "below the camera" in calibration.state.text()
        wait_until_kept(qtbot, tmp_path, "body", calibration=found.to_json())

        qtbot.mouseClick(calibration.forget_button, Qt.MouseButton.LeftButton)
        assert machine.controls.calibration == Calibration(1.7)
        qtbot.mouseClick(calibration.undo_button, Qt.MouseButton.LeftButton)
        assert machine.controls.calibration == found
        qtbot.mouseClick(calibration.undo_button, Qt.MouseButton.LeftButton)
        assert machine.controls.calibration == Calibration(1.7)
        assert not calibration.undo_button.isEnabled()

    def test_what_is_missing_is_told_over_the_picture(self, qtbot, window, machine, calibration):
        Watched.pose = people.frame(np.array([0.0, -0.1, -4.2]), left_shoulder=(0, 0, -75), right_shoulder=(0, 0, 75))
        qtbot.mouseClick(calibration.start_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: "Raise your arms" in window.calibration_cue.text, timeout=TIMEOUT_MS)
        assert "Raise your arms" in calibration.cue.text()
        Watched.pose = people.frame(np.array([0.0, -1.4, -4.2]))
        qtbot.waitUntil(lambda: "your feet are not in the picture" in window.calibration_cue.text, timeout=TIMEOUT_MS)
        qtbot.keyClick(calibration, Qt.Key.Key_T)
        qtbot.waitUntil(lambda: not window.app.calibration.is_running, timeout=TIMEOUT_MS)
        assert not window.calibration_cue.isVisible()
        assert machine.controls.calibration is None
        assert "nothing has changed" in said(window)

    def test_it_does_not_wait_for_ever(self, qtbot, window, machine, calibration, monkeypatch):
        monkeypatch.setattr(calibration_model, "PATIENCE_S", 0.5)
        Watched.pose = replace(people.frame(np.array([0.0, -1.4, -4.2])))
        qtbot.mouseClick(calibration.start_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: "No T-pose was seen" in said(window), timeout=TIMEOUT_MS)
        assert not window.app.calibration.is_running

    def test_a_take_keeps_its_shape(self, qtbot, window, calibration):
        qtbot.keyClick(window, Qt.Key.Key_R)
        qtbot.waitUntil(lambda: window.app.is_recording, timeout=TIMEOUT_MS)
        qtbot.keyClick(calibration, Qt.Key.Key_T)
        qtbot.waitUntil(lambda: "Stop the recording first" in said(window), timeout=TIMEOUT_MS)
        assert not window.app.calibration.is_running
        qtbot.keyClick(window, Qt.Key.Key_R)

    def test_every_cue_has_a_text(self, window):
        texts = [window.app.calibration.text_of(cue) for cue in calibration_model.Cue]
        assert texts == [cue.value for cue in calibration_model.Cue]  # English, as the command line would say it


class TestBody:
    @pytest.fixture
    def shape(self, window: MainWindow) -> BodyShapePanel:
        found = panel(window, "body")
        assert isinstance(found, BodyShapePanel)
        return found

    def choose(self, monkeypatch: pytest.MonkeyPatch, path: Path | str) -> None:
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))

    def test_the_shape_has_names_and_follows_the_person_until_a_slider_is_moved(
        self, qtbot, window, machine, shape, tmp_path
    ):
        texts = [label.text() for label in shape._labels]
        assert texts[:2] == ["Height", "Weight"]
        assert len(set(texts)) == 10
        Watched.pose = replace(Watched.pose, betas=np.linspace(-0.5, 0.5, 10))
        qtbot.waitUntil(lambda: shape.sliders[0].value() == -10 and shape.sliders[9].value() == 10, timeout=TIMEOUT_MS)
        assert machine.controls.betas is None
        shape.sliders[1].setFocus()
        qtbot.keyClick(shape.sliders[1], Qt.Key.Key_End)
        assert machine.controls.betas is not None
        assert machine.controls.betas[1] == 3.0
        assert machine.controls.betas[0] == pytest.approx(-0.5)
        assert shape.shape_state.text() == "By hand."
        qtbot.waitUntil(lambda: section_of(tmp_path, "body").get("betas", [0, 0])[1:2] == [3.0], timeout=TIMEOUT_MS)
        qtbot.mouseClick(shape.fit_button, Qt.MouseButton.LeftButton)
        assert machine.controls.betas is None
        assert not shape.fit_button.isEnabled()

    @pytest.mark.parametrize("kind", ["text", "other arrays", "absent"])
    def test_a_wrong_file_gets_a_clear_message_and_changes_nothing(
        self, qtbot, window, machine, shape, monkeypatch, tmp_path, kind
    ):
        path = tmp_path / "wrong.npz"
        if kind == "text":
            path.write_text("hello")
        elif kind == "other arrays":
            np.savez(path, poses=np.zeros(3))
        self.choose(monkeypatch, path)
        loaded = len(machine.opened)
        qtbot.mouseClick(shape.choose_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: bool(shape.problem.text()), timeout=TIMEOUT_MS)
        assert "wrong.npz" in shape.problem.text()
        assert any(word in shape.problem.text() for word in ("SMPLX_NEUTRAL.npz", "SMPL-X"))
        assert shape.problem.isVisible()
        assert shape.open_body.isChecked()
        assert len(machine.opened) == loaded
        assert window.app.settings.value.body.path == ""

    def test_a_right_file_is_worn_and_the_shape_by_hand_is_given_up(
        self, qtbot, window, machine, shape, monkeypatch, tmp_path
    ):
        qtbot.keyClick(shape.sliders[0], Qt.Key.Key_End)
        assert machine.controls.betas is not None
        self.choose(monkeypatch, asset_path("open_body.npz"))
        qtbot.mouseClick(shape.own_file, Qt.MouseButton.LeftButton, pos=shape.own_file.rect().center() * 0.1)
        qtbot.waitUntil(lambda: len(machine.mocaps) == 2, timeout=TIMEOUT_MS)
        qtbot.waitUntil(lambda: not window.app.loader.is_loading, timeout=TIMEOUT_MS)
        assert machine.opened[-1].body.path == str(asset_path("open_body.npz"))
        assert machine.controls.betas is None
        assert shape.own_file.isChecked()
        assert shape.file.text() == "open_body.npz"
        wait_until_kept(qtbot, tmp_path, "body", path=str(asset_path("open_body.npz")))
        qtbot.mouseClick(shape.open_body, Qt.MouseButton.LeftButton, pos=shape.open_body.rect().center() * 0.1)
        qtbot.waitUntil(lambda: len(machine.mocaps) == 3, timeout=TIMEOUT_MS)
        assert machine.opened[-1].body.path == ""

    def test_a_dialog_that_is_closed_changes_nothing(self, qtbot, window, machine, shape, monkeypatch):
        self.choose(monkeypatch, "")
        qtbot.mouseClick(shape.own_file, Qt.MouseButton.LeftButton, pos=shape.own_file.rect().center() * 0.1)
        assert shape.open_body.isChecked()
        assert not shape.own_file.isChecked()

    def test_a_take_is_made_with_one_body(self, qtbot, window, machine, shape, monkeypatch):
        qtbot.keyClick(window, Qt.Key.Key_R)
        qtbot.waitUntil(lambda: window.app.is_recording, timeout=TIMEOUT_MS)
        self.choose(monkeypatch, asset_path("open_body.npz"))
        qtbot.mouseClick(shape.choose_button, Qt.MouseButton.LeftButton)
        assert "Stop the recording first" in said(window)
        assert window.app.settings.value.body.path == ""
        qtbot.keyClick(window, Qt.Key.Key_R)

    def test_where_the_file_comes_from_and_its_licence_are_told(self, shape):
        text = shape.about.text()
        assert "smpl-x.is.tue.mpg.de" in text
        assert "non-commercial" in text


def test_settings_are_there_at_the_next_start(qtbot, open_window, machine, tmp_path):
    calibration = Calibration(None, (0.3,) * 10, machine_tag(machine), Ground((0.0, 1.0, 0.0), -1.2))
    settings = {
        "quality": {"smoothing": 2.0, "has_face": False},
        "body": {"height_m": 1.75, "calibration": calibration.to_json()},
    }
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    window = open_window(backend=replace(FakeMachine(BUILT_IN).backend(), open_mocap=machine.open_mocap))
    qtbot.waitUntil(has_pose(window), timeout=TIMEOUT_MS)
    assert machine.controls.smoothing == 2.0
    assert not machine.controls.face
    assert machine.controls.calibration == calibration.with_height(1.75)
    found = panel(window, "calibrate")
    assert isinstance(found, CalibrationPanel)
    assert found.height_field.value() == 175
    assert math.isclose(window.app.calibration.tilt_deg, 0.0)


def machine_tag(machine: Machine) -> str:
    return Watched.body_file.tag
