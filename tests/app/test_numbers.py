from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from pose2pose_live.app.graph import Graph, Line, round_up
from pose2pose_live.app.log_panel import LogPanel
from pose2pose_live.app.numbers_panel import NumbersPanel
from pose2pose_live.app.window import MainWindow
from pose2pose_live.statistics import Figures

from .conftest import OpenWindow
from .test_window import pixels

TIMEOUT_MS = 8000
FIGURES = Figures(30.0, 29.5, 28.0, 40.0, 70.0, 3, 900, 1.0)


@pytest.fixture
def window(open_window: OpenWindow, needs_opengl: None) -> MainWindow:
    return open_window()


def numbers(window: MainWindow) -> NumbersPanel:
    window.sidebar.show_panel("numbers")
    panel = window.sidebar.panel("numbers")
    assert isinstance(panel, NumbersPanel)
    return panel


def test_figures_of_a_running_capture_are_shown_and_drawn(qtbot: QtBot, window: MainWindow) -> None:
    panel = numbers(window)
    qtbot.waitUntil(lambda: "p95" in panel.values["latency"].text(), timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: len(panel.rates.lines[0].points) > 3, timeout=TIMEOUT_MS)
    assert panel.values["captured"].text().endswith("of 60")
    assert float(panel.values["cpu"].text().split()[0]) > 0
    assert float(panel.values["memory"].text().split()[0]) > 50
    assert panel.values["renderer"].text() == window.app.view.renderer_name
    assert "camera" in panel.rates.accessibleDescription()
    window.app.close()
    for graph in (panel.rates, panel.latency):
        graph.show_lines([])
        empty = pixels(graph)
        graph.show_lines([Line("a", [(40.0, 10.0), (0.0, 25.0)])])
        assert (pixels(graph) != empty).any()


def test_history_is_a_minute_long(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window.app.close()  # nothing but what this test reads
    window.app.numbers.samples.clear()
    now_s = 0.0
    monkeypatch.setattr("pose2pose_live.app.numbers_model.clock_s", lambda: now_s)
    for i in range(500):
        now_s = i / 4
        window.app.figures_read.emit(replace(FIGURES, dropped=i))
    samples = window.app.numbers.samples
    assert len(samples) == 241
    assert (samples[0].figures.dropped, samples[-1].figures.dropped) == (259, 499)


def test_figures_that_are_not_there_yet_are_no_numbers(window: MainWindow) -> None:
    window.app.close()
    panel = numbers(window)
    window.app.figures_read.emit(replace(FIGURES, latency_p50_ms=math.nan, latency_p95_ms=math.nan))
    assert panel.values["latency"].text() == "-"


def test_the_scale_is_round_and_holds_every_value(qtbot: QtBot) -> None:
    assert [round_up(v) for v in (0.3, 1, 1.1, 30, 50, 51, 999)] == pytest.approx([0.5, 1, 2, 50, 50, 100, 1000])
    graph = Graph("Rate", "per s", 60.0, 30)
    qtbot.addWidget(graph)
    assert graph.top() == 50
    graph.show_lines([Line("a", [(2.0, 3.0), (1.0, math.nan), (0.0, 70.0)])])
    assert graph.top() == 100
    assert graph.accessibleDescription() == "a 70 per s"
    graph.resize(300, 150)
    graph.show_lines([Line("a", [(float(s), math.nan) for s in range(5)])])
    gaps = pixels(graph)
    graph.show_lines([Line("a", [(float(s), 20.0) for s in range(5)])])
    assert np.any(pixels(graph) != gaps)


def test_the_log_holds_what_was_told_before_and_after_and_can_be_passed_on(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window.app.messages.tell("before")
    window.sidebar.show_panel("log")
    panel = window.sidebar.panel("log")
    assert isinstance(panel, LogPanel)
    window.app.messages.fail("the camera was unplugged", "capture")
    assert "info     before" in panel.text.toPlainText()
    assert "error    the camera was unplugged" in panel.text.toPlainText()
    qtbot.mouseClick(panel.copy_button, Qt.MouseButton.LeftButton)
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    assert "unplugged" in clipboard.text()
    assert clipboard.text().startswith("pose2pose-live ")
    path = tmp_path / "a.log"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    qtbot.mouseClick(panel.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: path.exists() and "unplugged" in path.read_text(), timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: window.message.text() == f"Saved {path}", timeout=TIMEOUT_MS)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "a.log"), ""))
    qtbot.mouseClick(panel.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "No such file" in window.message.text(), timeout=TIMEOUT_MS)
