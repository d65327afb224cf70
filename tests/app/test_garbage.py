from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest
from pytestqt.qtbot import QtBot

from pose2pose_live.app.garbage import GarbageCollector
from pose2pose_live.app.window import MainWindow

from .conftest import OpenWindow

TIMEOUT_MS = 8000
pytestmark = pytest.mark.usefixtures("needs_opengl")


class Loop:
    """Only a collection frees it; notes in which thread."""

    died_in: ClassVar[list[str]] = []

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        self.died_in.append(threading.current_thread().name)


@pytest.fixture
def window(open_window: OpenWindow) -> Iterator[MainWindow]:
    Loop.died_in.clear()
    opened = open_window()
    collector = GarbageCollector(opened)
    yield opened
    collector.close()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_garbage_of_other_threads_is_collected_in_the_gui_thread(qtbot: QtBot, window: MainWindow) -> None:
    made = threading.Thread(target=lambda: [Loop() for _ in range(5000)])
    made.start()
    made.join()
    assert Loop.died_in == []  # automatic collection would have come after some hundreds
    qtbot.waitUntil(lambda: len(Loop.died_in) == 5000, timeout=TIMEOUT_MS)
    assert set(Loop.died_in) == {threading.current_thread().name}


def test_what_was_loaded_is_left_out_once_all_panels_are_made(qtbot: QtBot, window: MainWindow) -> None:
    gc.unfreeze()
    qtbot.waitUntil(lambda: window.sidebar.is_prepared, timeout=TIMEOUT_MS)
    assert gc.get_freeze_count() > 10_000
