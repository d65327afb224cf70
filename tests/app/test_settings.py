from __future__ import annotations

import json
import logging
import stat
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from pose2pose_live.app.messages import Messages
from pose2pose_live.app.settings import Settings, read_settings, write_settings
from pose2pose_live.app.settings_store import SettingsStore

pytestmark = pytest.mark.usefixtures("qapp")  # timers need one


def written(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "settings.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.json"
    store = SettingsStore(path)
    store.change("source", source="Café Cam", rotation_deg=90, recent=("a.mp4", "b.mp4"))
    store.change("body", betas=(0.5, -1.0), calibration={"tilt": [0, 1]})
    store.close()
    assert read_settings(path) == (store.value, [])
    assert not list(path.parent.glob("*.part"))


def test_without_a_file_there_are_defaults_and_no_complaint(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "none.json") == (Settings(), [])


@pytest.mark.parametrize(
    ("section", "name", "value", "words"),
    [
        ("quality", "smoothing", 7, "expected 0 to 5, found 7"),
        ("quality", "smoothing", float("nan"), "expected 0 to 5, found nan"),
        ("quality", "smoothing", "much", "expected float, found 'much'"),
        ("source", "rotation_deg", 45, "expected one of 0, 90, 180, 270, found 45"),
        ("source", "is_mirrored", 1, "expected bool, found 1"),
        ("source", "recent", "a.mp4", "expected a list"),
        ("views", "overlay", "xray", "expected one of mesh, skeleton, boxes, off, found 'xray'"),
    ],
)
def test_a_value_that_makes_no_sense_is_the_default_and_the_others_stay(
    tmp_path: Path, section: str, name: str, value: Any, words: str
) -> None:
    table = {"views": {"has_grid": False}}
    table.setdefault(section, {})[name] = value
    settings, problems = read_settings(written(tmp_path, table))
    assert len(problems) == 1
    assert problems[0].startswith(f"Settings, {section}.{name}: ")
    assert words in problems[0]
    assert not settings.views.has_grid
    assert getattr(getattr(settings, section), name) == getattr(getattr(Settings(), section), name)


@pytest.mark.parametrize("content", ["", "{", "[1]", "\x00\xff", "[" * 100_000])
def test_a_file_that_is_no_settings_is_kept_beside_and_never_stops_the_start(tmp_path: Path, content: str) -> None:
    path = written(tmp_path, content)
    settings, problems = read_settings(path)
    assert settings == Settings()
    assert "could not be understood" in problems[0]
    assert (tmp_path / "settings.json.broken").read_text(encoding="utf-8") == content
    write_settings(path, settings)
    assert read_settings(path) == (Settings(), [])


def test_a_section_that_is_no_table_is_left_out(tmp_path: Path) -> None:
    settings, problems = read_settings(written(tmp_path, {"views": 3, "quality": {"seated": "on"}}))
    assert (settings.views, settings.quality.seated) == (Settings().views, "on")
    assert "views: expected a table, found 3" in problems[0]


def test_what_a_newer_version_wrote_is_kept(tmp_path: Path) -> None:
    newer = {"telepathy": {"on": True}, "views": {"has_grid": False, "smell": "rose"}}
    path = written(tmp_path, newer)
    settings, problems = read_settings(path)
    assert problems == []
    assert not settings.views.has_grid
    write_settings(path, settings)
    kept = json.loads(path.read_text())
    assert kept["telepathy"] == {"on": True}
    assert kept["views"]["smell"] == "rose"


def test_changes_are_told_once_and_saved_by_themselves(qtbot: QtBot, tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    told: list[str] = []
    store.changed.connect(told.append)
    store.change("quality", smoothing=2.0)
    store.change("quality", smoothing=2.0)
    assert told == ["quality"]
    qtbot.waitUntil(lambda: read_settings(tmp_path / "settings.json")[0] == store.value, timeout=3000)
    store.close()


def test_values_of_the_command_line_hold_for_one_run_until_somebody_changes_them(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    store = SettingsStore(path)
    store.change("quality", smoothing=0.5, engine="mine")
    store.override("quality", smoothing=2.0, engine="landmarks")
    assert (store.value.quality.smoothing, store.value.quality.engine) == (2.0, "landmarks")
    store.change("quality", engine="")
    store.close()
    assert (read_settings(path)[0].quality.smoothing, read_settings(path)[0].quality.engine) == (0.5, "")


def test_reset_brings_the_defaults_back(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    store.change("quality", smoothing=2.0)
    store.change("views", has_grid=False)
    store.reset(["quality"])
    assert (store.value.quality, store.value.views.has_grid) == (Settings().quality, False)
    store.reset()
    assert store.value == Settings()
    store.close()
    assert read_settings(store.path)[0] == Settings()  # type: ignore[arg-type]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    store = SettingsStore(blocked / "settings.json")
    told: list[str] = []
    store.could_not_save.connect(told.append)
    store.change("quality", smoothing=2.0)
    store.close()
    assert len(told) == 1
    assert "cannot be saved" in told[0]


def test_a_file_that_may_not_be_read_gives_defaults(tmp_path: Path) -> None:
    folder = tmp_path / "settings.json"
    folder.mkdir(mode=stat.S_IRWXU)
    settings, problems = read_settings(folder)
    assert settings == Settings()
    assert "cannot be read" in problems[0]


def test_every_section_has_defaults_that_it_accepts_itself(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    write_settings(path, Settings())
    assert set(json.loads(path.read_text())) == {entry.name for entry in fields(Settings)}
    assert read_settings(path) == (Settings(), [])


def test_messages_keep_a_log_and_the_newest_error_that_is_not_over() -> None:
    messages = Messages()
    shown: list[str] = []
    messages.error_changed.connect(shown.append)
    messages.fail("no camera", "capture")
    messages.fail("disk full", "recording")
    messages.clear_error("recording")
    messages.clear_error("recording")
    messages.clear_error("capture")
    assert shown == ["no camera", "disk full", "no camera", ""]
    messages.tell("")
    logging.getLogger("pose2pose_live.any").warning("a pose was left out")
    assert [(one.level, one.text) for one in messages.log] == [
        ("error", "no camera"), ("error", "disk full"), ("warning", "a pose was left out"),
    ]  # fmt: skip
    assert messages.has_failed
    messages.close()
