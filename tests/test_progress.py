from __future__ import annotations

import io
import sys

import pytest

from pose2pose_live import progress as progress_module
from pose2pose_live.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch, total: int | None, counts: list[int]) -> str:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress_module, "_INTERVAL_S", 0.0)
    progress = Progress(total, "pictures")
    for count in counts:
        progress.show(count)
    progress.end()
    return terminal.getvalue()


def test_a_bar_fills_up(monkeypatch):
    first, *_, last = shown(monkeypatch, 4, [1, 2, 3, 4]).strip().split("\r")
    assert first.startswith(f"[{'#' * 8}{' ' * 22}]  25 %  1/4 pictures")
    assert last.startswith(f"[{'#' * 30}] 100 %  4/4 pictures")


def test_without_a_known_end_it_counts(monkeypatch):
    lines = shown(monkeypatch, None, [1, 2]).strip().split("\r")
    assert [line.split("  ")[0] for line in lines] == ["1 pictures", "2 pictures", "2 pictures"]


def test_a_file_with_more_pictures_than_it_declares_stays_at_100_percent(monkeypatch):
    assert "] 100 %  5/4 pictures" in shown(monkeypatch, 4, [5])


@pytest.mark.parametrize("counts", [[], [1, 2]])
def test_a_log_file_gets_no_bar(monkeypatch, counts):
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    progress = Progress(10, "pictures")
    for count in counts:
        progress.show(count)
    progress.end()
    assert log.getvalue() == ""
