"""The views of the window: what they show, from where, and in which windows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QAbstractButton, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from pose2pose_live.app.settings_store import SettingsStore
from pose2pose_live.app.view_model import ViewModel
from pose2pose_live.app.views_panel import ViewsPanel
from pose2pose_live.app.views_windows import GREEN_SCREEN_TITLE

from .conftest import fake_backend
from .test_window import pixels

pytestmark = pytest.mark.usefixtures("needs_opengl")
TIMEOUT_MS = 8000
BACKGROUND = (29, 31, 35)

Open = Callable[[], ViewsPanel]


@pytest.fixture
def open_views(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    """The panel alone over a running capture; its settings are kept in tmp_path."""
    opened: list[tuple[ViewsPanel, ViewModel]] = []

    def make() -> ViewsPanel:
        app = ViewModel(fake_backend(), SettingsStore(tmp_path / "settings.json"), output_dir=tmp_path / "takes")
        panel = ViewsPanel(app)
        opened.append((panel, app))
        panel.resize(1000, 480)
        panel.show()
        app.start()
        qtbot.waitUntil(lambda: app.pipeline.statistics.figures().painted > 2, timeout=TIMEOUT_MS)
        return panel

    yield make
    for panel, app in opened:
        panel.close_windows()
        panel.close()
        app.close()


def body_share(widget: QWidget) -> float:
    return float((pixels(widget).sum(axis=2) > 250).mean())


def green_share(widget: QWidget) -> float:
    return float((pixels(widget) == (0, 255, 0)).all(axis=2).mean())


def next_painting(qtbot: QtBot, panel: ViewsPanel) -> None:
    """Until what was set is on the screen."""
    statistics = panel._app.pipeline.statistics
    seen = statistics.figures().painted
    qtbot.waitUntil(lambda: statistics.figures().painted > seen + 3, timeout=TIMEOUT_MS)


def orange_pixels(panel: QWidget) -> int:
    picture = pixels(panel)
    return int(((picture[..., 0] > 200) & (picture[..., 2] < 140) & (picture[..., 1] > 100)).sum())


def choose(qtbot: QtBot, box: QComboBox, text: str) -> None:
    """As a person does with the keyboard."""
    box.setFocus()
    wanted = box.findText(text)
    while (now := box.currentIndex()) != wanted:
        qtbot.keyClick(box, Qt.Key.Key_Down if wanted > now else Qt.Key.Key_Up)
        assert box.currentIndex() != now


def test_the_overlay_is_chosen_in_the_list_and_with_a_key(qtbot: QtBot, open_views: Open) -> None:
    panel = open_views()
    view = panel._app.view
    assert view.options.overlay == "skeleton"
    choose(qtbot, panel.bar.overlay, "Nothing")
    assert view.options.overlay == "off"
    next_painting(qtbot, panel)
    plain = pixels(panel.camera_panel)
    qtbot.keyClick(panel, Qt.Key.Key_O)
    assert panel.bar.overlay.currentText() == "Skeleton"
    qtbot.waitUntil(lambda: bool((pixels(panel.camera_panel) != plain).any(axis=2).mean() > 0.005), timeout=TIMEOUT_MS)
    qtbot.keyClick(panel, Qt.Key.Key_O)
    assert view.options.overlay == "mesh"


def test_the_3d_view_shows_mesh_skeleton_or_nothing(qtbot: QtBot, open_views: Open) -> None:
    panel = open_views()
    mesh = body_share(panel.body_panel)
    qtbot.keyClick(panel, Qt.Key.Key_B)
    assert panel.bar.body.currentText() == "Skeleton"
    qtbot.waitUntil(lambda: 0 < body_share(panel.body_panel) < 0.7 * mesh, timeout=TIMEOUT_MS)
    width = panel.camera_panel.width()
    qtbot.keyClick(panel, Qt.Key.Key_B)
    assert not panel.body_slot.isVisible()
    qtbot.waitUntil(lambda: panel.camera_panel.width() > 1.8 * width, timeout=TIMEOUT_MS)
    next_painting(qtbot, panel)  # the camera picture goes on, and is counted
    assert not panel.bar.front.isEnabled()
    choose(qtbot, panel.bar.body, "Mesh")
    assert panel.body_slot.isVisible()
    qtbot.waitUntil(lambda: body_share(panel.body_panel) > 0.8 * mesh, timeout=TIMEOUT_MS)


def test_grid_and_follow_are_switches(qtbot: QtBot, open_views: Open) -> None:
    panel = open_views()
    view = panel._app.view
    qtbot.mouseClick(panel.bar.grid, Qt.MouseButton.LeftButton)
    assert not view.options.has_grid
    qtbot.waitUntil(
        lambda: len(np.unique(pixels(panel.body_panel)[-20:].reshape(-1, 3), axis=0)) == 1, timeout=TIMEOUT_MS
    )
    assert tuple(pixels(panel.body_panel)[-1, 0]) == BACKGROUND
    qtbot.keyClick(panel, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: not view.options.is_following, timeout=TIMEOUT_MS)
    assert not panel.bar.follow.isChecked()


@pytest.mark.parametrize(
    ("button", "key", "yaw", "pitch"),
    [("front", Qt.Key.Key_1, 0, 0), ("side", Qt.Key.Key_2, 90, 0), ("top", Qt.Key.Key_3, 0, 86)],
)
def test_presets_turn_the_view_by_key_and_by_mouse(
    qtbot: QtBot, open_views: Open, button: str, key: Qt.Key, yaw: float, pitch: float
) -> None:
    panel = open_views()
    orbit = panel._app.view.orbit

    def is_there() -> bool:
        # Whole turns do not count.
        off = np.remainder(np.degrees(orbit.yaw_rad) - yaw + 180, 360) - 180
        return bool(abs(off) < 0.1 and abs(np.degrees(orbit.pitch_rad) - pitch) < 0.1)

    for act in (
        lambda: qtbot.keyClick(panel, key),
        lambda: qtbot.mouseClick(getattr(panel.bar, button), Qt.MouseButton.LeftButton),
    ):
        orbit.look_from(2.5, 0.5)
        act()
        qtbot.waitUntil(is_there, timeout=TIMEOUT_MS)


def test_home_undoes_turn_pan_and_zoom_and_a_drag_ends_a_turn(qtbot: QtBot, open_views: Open) -> None:
    panel = open_views()
    orbit, body = panel._app.view.orbit, panel.body_panel
    home = orbit.yaw_rad, orbit.pitch_rad, orbit.distance_m, orbit.offset_m
    centre = body.rect().center()

    def drag(button: Qt.MouseButton, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        qtbot.mousePress(body, button, modifier, centre)
        moved = body.mapToGlobal(centre + QPoint(40, 30))
        event = _move(body, moved, button, modifier)
        body.mouseMoveEvent(event)
        qtbot.mouseRelease(body, button, modifier, centre)

    drag(Qt.MouseButton.LeftButton)
    assert orbit.yaw_rad != home[0]
    assert orbit.offset_m == home[3]
    drag(Qt.MouseButton.RightButton)
    panned = orbit.offset_m
    assert panned != home[3]
    drag(Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)
    assert orbit.offset_m != panned
    body.setFocus()
    before = orbit.yaw_rad, orbit.distance_m, orbit.offset_m
    qtbot.keyClick(body, Qt.Key.Key_Left)
    qtbot.keyClick(body, Qt.Key.Key_Plus)
    qtbot.keyClick(body, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert orbit.yaw_rad != before[0]
    assert orbit.distance_m < before[1]
    assert orbit.offset_m[1] < before[2][1]  # the body goes up, as if it was dragged
    yaw_rad = orbit.yaw_rad
    qtbot.keyClick(panel, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: orbit.yaw_rad != yaw_rad, timeout=TIMEOUT_MS)
    drag(Qt.MouseButton.LeftButton)
    yaw_rad = orbit.yaw_rad
    qtbot.wait(400)
    assert orbit.yaw_rad == yaw_rad
    qtbot.keyClick(panel, Qt.Key.Key_0)
    qtbot.waitUntil(
        lambda: (orbit.yaw_rad, orbit.pitch_rad, orbit.distance_m, orbit.offset_m) == home, timeout=TIMEOUT_MS
    )


def _move(body: QWidget, at: QPoint, button: Qt.MouseButton, modifier: Qt.KeyboardModifier):
    from PyQt6.QtCore import QEvent, QPointF
    from PyQt6.QtGui import QMouseEvent

    return QMouseEvent(
        QEvent.Type.MouseMove, QPointF(body.mapFromGlobal(at)), QPointF(at), Qt.MouseButton.NoButton, button, modifier
    )


@pytest.mark.parametrize(
    ("name", "key", "modifier"),
    [
        ("body", Qt.Key.Key_F11, Qt.KeyboardModifier.NoModifier),
        ("camera", Qt.Key.Key_F11, Qt.KeyboardModifier.ShiftModifier),
    ],
)
def test_a_view_goes_full_screen_and_comes_back(
    qtbot: QtBot, open_views: Open, name: str, key: Qt.Key, modifier: Qt.KeyboardModifier
) -> None:
    panel = open_views()
    slot = getattr(panel, f"{name}_slot")
    qtbot.keyClick(panel, key, modifier)
    qtbot.waitUntil(lambda: slot.window_out is not None, timeout=TIMEOUT_MS)  # a key presses its button for a moment
    window = slot.window_out
    assert window.isFullScreen()
    assert slot.panel.window() is window
    assert "Escape" in slot.currentWidget().text()
    qtbot.waitUntil(lambda: slot.panel.size_in_device_px() == (window.width(), window.height()), timeout=TIMEOUT_MS)
    next_painting(qtbot, panel)
    assert pixels(slot.panel).std() > 5
    sizes = panel._app.view.body_size_px if name == "body" else panel._app.view.camera_size_px
    assert sizes == slot.panel.size_in_device_px()
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert not window.isFullScreen()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert slot.window_out is None
    assert slot.panel.window() is panel.window()
    assert slot.currentWidget() is slot.panel
    assert slot.panel.isVisible()
    next_painting(qtbot, panel)
    qtbot.keyClick(panel, key, modifier)  # and once more
    qtbot.waitUntil(lambda: slot.window_out is not None, timeout=TIMEOUT_MS)
    slot.toggle()
    assert slot.panel.isVisible()


def test_hiding_the_3d_view_brings_it_back_from_its_window_first(qtbot: QtBot, open_views: Open) -> None:
    panel = open_views()
    panel.body_slot.toggle()
    panel._app.views.change(body="off")
    assert panel.body_slot.window_out is None
    assert not panel.body_slot.isVisible()
    assert not panel.bar.pop_body.isEnabled()


def test_the_green_screen_shows_the_body_alone_under_a_fixed_title(qtbot: QtBot, open_views: Open) -> None:
    panel = open_views()
    green = panel.green_screen
    assert not green.isVisible()
    qtbot.keyClick(panel, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(green.isVisible, timeout=TIMEOUT_MS)
    assert green.windowTitle() == GREEN_SCREEN_TITLE == "Pose2Pose Live Green Screen"
    qtbot.waitUntil(lambda: 0.6 < green_share(green) < 0.99, timeout=TIMEOUT_MS)
    green.resize(800, 300)  # the picture has the shape of the window
    qtbot.waitUntil(lambda: panel._app.view.body_size_px == green.size_in_device_px(), timeout=TIMEOUT_MS)
    next_painting(qtbot, panel)
    picture = pixels(green)
    assert (picture[[0, 0, -1, -1], [0, -1, 0, -1]] == (0, 255, 0)).all()
    assert not panel.bar.grid.isEnabled()
    green.close()
    assert not panel.bar.green.isChecked()
    qtbot.waitUntil(lambda: green_share(panel.body_panel) == 0, timeout=TIMEOUT_MS)


def test_the_green_screen_has_a_body_while_the_3d_view_is_hidden(qtbot: QtBot, open_views: Open) -> None:
    panel = open_views()
    panel._app.views.change(body="off", has_green_screen=True)
    qtbot.waitUntil(lambda: 0.6 < green_share(panel.green_screen) < 0.99, timeout=TIMEOUT_MS)
    assert not panel.body_slot.isVisible()
    next_painting(qtbot, panel)


def test_what_was_chosen_is_there_at_the_next_start(qtbot: QtBot, open_views: Open, tmp_path: Path) -> None:
    panel = open_views()
    panel._app.views.change(overlay="boxes", body="skeleton", has_grid=False, is_following=False, has_green_screen=True)
    panel.close_windows()
    panel.close()
    panel._app.close()
    saved = json.loads((tmp_path / "settings.json").read_text())["views"]
    assert (saved["overlay"], saved["has_green_screen"]) == ("boxes", True)
    again = open_views()
    assert again.bar.overlay.currentText() == "Boxes"
    assert again.bar.body.currentText() == "Skeleton"
    assert not again.bar.grid.isChecked()
    assert again.green_screen.isVisible()
    assert again._app.view.options.overlay == "boxes"


def test_a_setting_made_while_no_pictures_come_is_shown(qtbot: QtBot, open_views: Open, monkeypatch) -> None:
    panel = open_views()
    redrawn: list[bool] = []
    monkeypatch.setattr(type(panel._app.source), "is_moving", property(lambda _: False))
    monkeypatch.setattr(panel._app.pipeline, "redraw", lambda: redrawn.append(True))
    panel.bar.grid.click()
    assert redrawn
    redrawn.clear()
    panel.bar.home.click()
    assert redrawn


def test_every_control_has_a_name_a_tooltip_and_its_key(open_views: Open) -> None:
    panel = open_views()
    controls = [*panel.bar.findChildren(QAbstractButton), *panel.bar.findChildren(QComboBox)]
    assert len(controls) == 11
    for control in controls:
        assert control.accessibleName()
        assert control.toolTip().rstrip(")").split("(")[-1]
        if isinstance(control, QAbstractButton):
            key = control.shortcut().toString(control.shortcut().SequenceFormat.NativeText)
            assert f"({key})" in control.toolTip()
