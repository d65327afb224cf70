from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import sysconfig
from configparser import ConfigParser
from pathlib import Path

import pytest

from pose2pose_live import desktop
from pose2pose_live.cli import main

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="menus of Linux desktops")
REGISTERED = {"AudioVideo", "Video", "Recorder"}
"""Of the categories of the Desktop Menu Specification 1.1: a main one, and two that belong to it."""
KEYS = {
    "Type", "Version", "Name", "GenericName", "Comment", "Exec", "Icon", "Terminal", "Categories", "Keywords", "StartupNotify", "StartupWMClass",
}  # fmt: skip


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "data"


def entry_of(data: Path) -> dict[str, str]:
    parser = ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(data / "applications" / "pose2pose-live.desktop", encoding="utf-8")
    assert parser.sections() == ["Desktop Entry"]
    return dict(parser["Desktop Entry"])


def test_the_entry_follows_the_specification(data: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["desktop", "install"]) == 0
    written = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert written[0] == data / "applications" / "pose2pose-live.desktop"
    assert all(path.is_file() for path in written)
    entry = entry_of(data)
    assert set(entry) == KEYS
    assert (entry["Type"], entry["Terminal"], entry["Icon"]) == ("Application", "false", "pose2pose-live")
    assert set(entry["Categories"].rstrip(";").split(";")) <= REGISTERED
    for key in ("Categories", "Keywords"):
        assert entry[key].endswith(";")
    assert not entry["Comment"].endswith(".")


def test_the_entry_starts_this_program(data: Path):
    desktop.install()
    command = shlex.split(entry_of(data)["Exec"].replace("%%", "%"))
    script = Path(sysconfig.get_path("scripts")) / "pose2pose-live"
    assert command[:-2] == ([str(script)] if script.exists() else [sys.executable, "-m", "pose2pose_live"])
    assert command[-2:] == ["--output", str(data.parent / "pose2pose-live")]
    told = subprocess.run([*command[:-2], "--version"], capture_output=True, text=True, check=True).stdout
    assert told.startswith("pose2pose-live ")


def test_takes_go_among_the_videos_where_there_is_such_a_folder(data: Path):
    (data.parent / "Videos").mkdir()
    desktop.install()
    assert entry_of(data)["Exec"].endswith(f"{data.parent}/Videos/pose2pose-live")


def test_icons_lie_where_themes_look(data: Path):
    desktop.install()
    theme = data / "icons" / "hicolor"
    assert (theme / "scalable" / "apps" / "pose2pose-live.svg").read_text().startswith("<svg")
    for size in (16, 48, 256):
        assert (theme / f"{size}x{size}" / "apps" / "pose2pose-live.png").read_bytes().startswith(b"\x89PNG")


def test_remove_leaves_nothing_behind_and_may_be_repeated(data: Path, capsys: pytest.CaptureFixture[str]):
    written = desktop.install()
    other = data / "applications" / "other.desktop"
    other.touch()
    assert main(["desktop", "remove"]) == 0
    assert {Path(line) for line in capsys.readouterr().out.splitlines()} == set(written)
    assert [path for path in data.rglob("*") if path.is_file()] == [other]
    assert desktop.remove() == []


@pytest.mark.parametrize(
    ("argument", "written"),
    [
        ("/opt/p2p/bin/x", "/opt/p2p/bin/x"),
        ("/home/Ann Lee/x", '"/home/Ann Lee/x"'),
        ("100%", "100%%"),
        ('a"b', r'"a\"b"'),
        ("$HOME `ls`", r'"\$HOME \`ls\`"'),
        ("back\\slash", r'"back\\slash"'),
    ],
)
def test_arguments_are_quoted_as_exec_wants_it(argument: str, written: str):
    assert desktop.quoted(argument) == written


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_are_told_what_to_do(platform: str, data: Path, monkeypatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(desktop.sys, "platform", platform)
    for action in ("install", "remove"):
        assert main(["desktop", action]) == 1
        assert "README says how" in capsys.readouterr().err
    assert not data.exists()


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="desktop-file-utils is not installed")
def test_the_validator_of_desktops_finds_nothing(data: Path):
    path = desktop.install()[0]
    done = subprocess.run(["desktop-file-validate", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
