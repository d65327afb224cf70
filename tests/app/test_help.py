"""The help panel: keys as they are, and the way back to the settings of the first start."""

from __future__ import annotations

import re
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from pose2pose_live import __version__
from pose2pose_live.app.help_keys import Key, keys_of
from pose2pose_live.app.help_panel import HelpPanel
from pose2pose_live.app.settings import Settings, SourceSettings
from pose2pose_live.app.window import MainWindow

from .conftest import OpenWindow

TIMEOUT_MS = 8000


def help_of(qtbot: QtBot, window: MainWindow) -> HelpPanel:
    """Opened by its key."""
    if window.sidebar.open_panel != "help":
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=TIMEOUT_MS)
        qtbot.keyClick(window, Qt.Key.Key_F1)
    panel = window.sidebar.panel("help")
    assert window.sidebar.open_panel == "help"
    assert isinstance(panel, HelpPanel)
    qtbot.waitUntil(lambda: panel.keys == keys_of(window), timeout=TIMEOUT_MS)
    return panel


def test_keys_are_those_of_the_window(qtbot: QtBot, open_window: OpenWindow, needs_opengl: None):
    window = open_window()
    panel = help_of(qtbot, window)
    assert Key("R", "Start or stop a recording") in panel.keys
    assert Key("F1", "Open the help") in panel.keys
    assert not [key for key in panel.keys if not key.text], "say what they do: QShortcut.setWhatsThis"
    qtbot.waitUntil(lambda: window.sidebar.is_prepared, timeout=TIMEOUT_MS)
    qtbot.waitUntil(
        lambda: panel.keys == keys_of(window), timeout=TIMEOUT_MS
    )  # of panels that were made meanwhile, too
    shown = panel.key_sheet.toPlainText()
    for key in panel.keys:
        assert f"{key.keys}\n{key.text}\n" in shown

    window.sidebar.show_panel("log")
    added = QShortcut(QKeySequence("Ctrl+Shift+X"), window.sidebar.panel("log"))
    added.setWhatsThis("Do something")
    assert Key("Ctrl+Shift+X", "Do something", "Log") in help_of(qtbot, window).keys
    assert "Log" in panel.key_sheet.toPlainText().split("\n")


def test_no_key_does_two_things_at_once(open_window: OpenWindow):
    """Qt runs neither of two shortcuts with one key."""
    window = open_window()
    for name in window.sidebar.buttons:
        window.sidebar.panel(name)

    def keys_at(place: str) -> list[str]:
        return [one for key in keys_of(window) if key.place == place for one in key.keys.split(", ")]

    everywhere = keys_at("")
    assert len(everywhere) == len(set(everywhere)), everywhere
    for name in window.sidebar.buttons:
        title = window.sidebar.buttons[name].accessibleName()
        keys = [*everywhere, *keys_at(title)]
        assert len(keys) == len(set(keys)), (name, keys)


def test_versions_places_and_terms_are_told(qtbot: QtBot, open_window: OpenWindow, tmp_path: Path):
    panel = help_of(qtbot, open_window())
    qtbot.waitUntil(lambda: bool(panel.versions.text()), timeout=TIMEOUT_MS)
    assert f"Pose2Pose Live {__version__}" in panel.versions.text()
    assert re.search(r"^PyQt6 6\.\d+", panel.versions.text(), re.MULTILINE)
    assert str(tmp_path / "takes") in panel.places.text()
    assert str(tmp_path / "settings.json") in panel.places.text()
    for word in ("Apache-2.0", "GPL-3.0", "NOTICE"):
        assert word in panel.terms.text()


def answer(qtbot: QtBot, panel: HelpPanel, role: QMessageBox.ButtonRole) -> None:
    qtbot.mouseClick(panel.reset_button, Qt.MouseButton.LeftButton)
    box = panel.confirmation
    assert box is not None
    qtbot.waitUntil(box.isVisible, timeout=TIMEOUT_MS)
    (button,) = (one for one in box.buttons() if box.buttonRole(one) == role)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def test_reset_asks_and_then_forgets_all(qtbot: QtBot, open_window: OpenWindow):
    window = open_window()
    window.app.settings.change("views", theme="light")
    window.app.settings.change("source", is_mirrored=False)
    window.app.settings.change("quality", smoothing=2.5)
    panel = help_of(qtbot, window)
    before = window.app.settings.value
    answer(qtbot, panel, QMessageBox.ButtonRole.RejectRole)
    assert window.app.settings.value == before
    assert panel.theme.currentData() == "light"
    answer(qtbot, panel, QMessageBox.ButtonRole.DestructiveRole)
    assert window.app.settings.value.source == SourceSettings()
    assert window.app.settings.value.quality == Settings().quality
    assert panel.theme.currentData() == "dark"
    assert window.mirror.isChecked()


def test_reset_forgets_targets_for_good(qtbot: QtBot, open_window: OpenWindow):
    window = open_window()
    window.sidebar.show_panel("send")
    target = window.app.streams.targets[0]
    window.app.streams.switch(target, on=True)
    answer(qtbot, help_of(qtbot, window), QMessageBox.ButtonRole.DestructiveRole)
    assert window.app.settings.value.streaming == Settings().streaming
    assert not window.app.streams.sending
    assert not window.app.streams.targets


def test_nothing_is_reset_while_a_take_is_written(qtbot: QtBot, open_window: OpenWindow, needs_opengl: None):
    window = open_window()
    panel = help_of(qtbot, window)
    qtbot.waitUntil(window.record_button.isEnabled, timeout=TIMEOUT_MS)
    assert panel.reset_button.isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: not panel.reset_button.isEnabled(), timeout=TIMEOUT_MS)
    qtbot.keyClick(window, Qt.Key.Key_R)
    qtbot.waitUntil(panel.reset_button.isEnabled, timeout=TIMEOUT_MS)
