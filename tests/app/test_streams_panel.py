from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from pose2pose_live.app.streams_panel import StreamRow, StreamsPanel
from pose2pose_live.app.window import MainWindow
from pose2pose_live.body import BodyModel
from pose2pose_live.streaming import Target

from ..fakes import FakeMocap, FakeSource
from ..streaming.decoding import messages
from .conftest import OpenWindow

pytestmark = pytest.mark.usefixtures("needs_opengl")
TIMEOUT_MS = 8000


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(5)
        yield opened


@pytest.fixture
def window(qtbot: QtBot, open_window: OpenWindow, body: BodyModel, receiver: socket.socket) -> MainWindow:
    """Sends to the receiver from the start on."""

    def open_mocap() -> FakeMocap:
        mocap = FakeMocap()
        mocap.body = body
        return mocap

    target = Target.parse(f"vmc://127.0.0.1:{receiver.getsockname()[1]}")
    opened = open_window(FakeSource, open_mocap, targets=[target])
    qtbot.waitUntil(lambda: opened.app.streams.sending == 1, timeout=TIMEOUT_MS)  # the body is loaded
    opened.sidebar.show_panel("send")
    return opened


def panel(window: MainWindow) -> StreamsPanel:
    found = window.sidebar.panel("send")
    assert isinstance(found, StreamsPanel)
    return found


def addresses(receiver: socket.socket) -> set[str]:
    return {message.address for message in messages([receiver.recv(2000)])}


def drain(receiver: socket.socket) -> None:
    receiver.setblocking(False)
    try:
        while True:
            receiver.recv(2000)
    except BlockingIOError:
        receiver.settimeout(5)


def choose(row: StreamRow, submenu: str, entry: str) -> None:
    """As a person clicks through the menu of options."""
    row.menu.aboutToShow.emit()
    for action in row.menu.actions():
        menu = action.menu()
        if action.text() == submenu and menu is not None:
            next(one for one in menu.actions() if one.text() == entry).trigger()
            return
        if action.text().startswith(submenu) and not entry:
            action.trigger()
            return
    raise AssertionError(f"no {submenu} in {[action.text() for action in row.menu.actions()]}")


def test_poses_are_sent_from_the_start_and_the_panel_says_so(qtbot: QtBot, window: MainWindow, receiver: socket.socket):
    assert any(address.startswith("/VMC/") for address in addresses(receiver))
    assert panel(window).isVisible()
    (row,) = panel(window).rows
    qtbot.waitUntil(lambda: "packets/s" in row.state.text() and "after capture" in row.state.text(), timeout=TIMEOUT_MS)
    button = window.sidebar.buttons["send"]
    assert button.text() == "Send (1)"
    button.click()
    assert not panel(window).isVisible()


def test_a_target_can_be_switched_off_changed_and_removed(qtbot: QtBot, window: MainWindow, receiver: socket.socket):
    (row,) = panel(window).rows
    addresses(receiver)
    row.is_on.click()
    assert row.entry.stream is None
    assert row.state.text() == "off"
    qtbot.wait(100)
    drain(receiver)
    qtbot.wait(200)
    receiver.setblocking(False)
    with pytest.raises(BlockingIOError):
        receiver.recv(2000)
    receiver.settimeout(5)

    row.protocol.setCurrentText("OSC")
    assert row.address.text() == "127.0.0.1:7000"
    row.address.setText(f"127.0.0.1:{receiver.getsockname()[1]}")
    row.is_on.click()
    assert any(address.startswith("/smplx/") for address in addresses(receiver))
    row.remove.click()
    assert panel(window).rows == []
    assert window.app.streams.sending == 0


def test_options_are_chosen_in_a_menu_built_from_the_same_table(qtbot: QtBot, window: MainWindow, monkeypatch):
    (row,) = panel(window).rows
    choose(row, "Where the translation goes", "root")
    choose(row, "Parts", "face")
    choose(row, "Mirror", "")
    monkeypatch.setattr(QInputDialog, "getDouble", lambda *_: (20.0, True))
    choose(row, "Most poses per second", "")
    assert row.entry.stream is not None
    written = str(row.entry.stream.target)
    assert written.endswith("?parts=body,legs,hands&translation=root&mirror=yes&rate=20")


def test_no_part_at_all_is_refused_in_words(qtbot: QtBot, window: MainWindow):
    (row,) = panel(window).rows
    row.address.setText("nowhere:0")
    row.address.editingFinished.emit()
    assert row.entry.stream is None
    assert "expected vmc://HOST:PORT" in row.state.text()
    assert row.state.property("problem")
    qtbot.wait(400)  # the figures that are shown again and again do not wipe it away
    assert "expected vmc://HOST:PORT" in row.state.text()


def test_an_absent_receiver_is_told_in_its_row_and_slows_nothing(
    qtbot: QtBot, window: MainWindow, receiver: socket.socket
):
    window.app.streams.add(Target.parse("osc://127.0.0.1:9"))
    row = panel(window).rows[-1]
    row.is_on.click()
    qtbot.waitUntil(lambda: row.state.text() == "nobody listens at port 9 of 127.0.0.1 yet", timeout=TIMEOUT_MS)
    drain(receiver)
    assert any(address.startswith("/VMC/") for address in addresses(receiver))
    assert not window.error.isVisible()
    panel(window).recentre_button.click()


def test_the_folder_of_the_takes_opens(qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch):
    opened: list[QUrl] = []

    def open_once(url: QUrl) -> bool:
        opened.append(url)
        return len(opened) == 1

    monkeypatch.setattr(QDesktopServices, "openUrl", open_once)
    qtbot.waitUntil(window.record_button.isEnabled, timeout=TIMEOUT_MS)
    window.open_folder.click()
    assert opened[0].toLocalFile() == str((tmp_path / "takes").resolve())
    window.open_folder.click()
    assert "No file manager was found; the recordings are in" in window.message.text()
