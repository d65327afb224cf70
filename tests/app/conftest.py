from __future__ import annotations

import gc
import os

# Before PyQt6 makes its application: the tests need no display.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from pose2pose_live.app.backend import Backend
from pose2pose_live.app.settings_store import SettingsStore
from pose2pose_live.app.view_model import ViewModel
from pose2pose_live.app.window import MainWindow
from pose2pose_live.errors import DisplayError
from pose2pose_live.pipeline import Mocap
from pose2pose_live.sources import FrameSource
from pose2pose_live.streaming import Target
from pose2pose_live.viewport import EglContext

from ..fakes import FakeMocap, FakeSource
from .cameras import BUILT_IN, FakeMachine
from .watchdog import WatchedApplication

OpenWindow = Callable[..., MainWindow]


@pytest.fixture(scope="session")
def qapp_cls() -> type[WatchedApplication]:
    """The application that pytest-qt makes."""
    return WatchedApplication


@pytest.fixture(scope="module")
def needs_opengl() -> None:
    try:
        EglContext().close()
    except DisplayError as error:
        pytest.skip(f"no OpenGL on this machine: {error}")


def fake_backend(
    open_source: Callable[[], FrameSource] = FakeSource, open_mocap: Callable[[], Mocap] = FakeMocap
) -> Backend:
    """A backend that gives these, whatever the settings say, on a machine with a camera."""
    machine = FakeMachine(BUILT_IN).backend()
    return replace(machine, open_source=lambda _: open_source(), open_mocap=lambda _: open_mocap())


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[OpenWindow]:
    """Opens a window over fakes, or over another backend, and closes it in the end. Its settings are kept in tmp_path / "settings.json"."""
    windows: list[MainWindow] = []

    def make(
        open_source: Callable[[], FrameSource] = FakeSource,
        open_mocap: Callable[[], Mocap] = FakeMocap,
        *,
        backend: Backend | None = None,
        banner: str = "",
        targets: Sequence[Target] = (),
    ) -> MainWindow:
        model = ViewModel(
            backend or fake_backend(open_source, open_mocap),
            SettingsStore(tmp_path / "settings.json"),
            output_dir=tmp_path / "takes",
            banner=banner,
            targets=targets,
        )
        window = MainWindow(model)
        windows.append(window)
        window.show()
        return window

    yield make
    for window in windows:
        window.close()
    windows.clear()
    gc.collect()  # here: widgets that Python finds to be garbage in another thread end the process
