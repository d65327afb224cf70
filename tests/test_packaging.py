"""The wheel: what it carries, what it asks for, and that it works where there is no checkout."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import pose2pose_live
from pose2pose_live.recording import load_recording

REPOSITORY = Path(__file__).resolve().parent.parent
MAX_WHEEL_MB = 100
"""What the Python package index takes."""


def _run(command: Sequence[object], folder: Path, **environment: str) -> str:
    """What the command prints. It sees nothing of the checkout: another folder, and no PYTHONPATH but the given one."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, REPOSITORY]
    _run(build, folder)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel in it; its dependencies are those of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", folder, wheel]
    _run(pip, folder)
    return folder


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def _names(requirements: Sequence[str]) -> set[str]:
    """Names of the packages that are needed on this machine, without those of extras."""
    parsed = map(Requirement, requirements)
    return {
        canonicalize_name(needed.name)
        for needed in parsed
        if needed.marker is None or needed.marker.evaluate({"extra": ""})
    }


def _files_under(folder: str) -> set[str]:
    """Files under a folder of the repository that belong into the wheel, relative to the repository."""
    return {
        path.relative_to(REPOSITORY).as_posix()
        for path in (REPOSITORY / folder).rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".plan")
    }


def test_wheel_carries_assets_engines_and_shaders(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    data = {f"pose2pose_live/_data/{path}" for folder in ("assets", "engines") for path in _files_under(folder)}
    assert "pose2pose_live/_data/engines/open/engine.toml" in data
    assert "pose2pose_live/_data/assets/icons/pose2pose-live-16.png" in data
    assert "pose2pose_live/_data/assets/translations/pose2pose_live_en.ts" in data
    assert data <= carried
    assert _files_under("pose2pose_live") <= carried
    assert not {name.split("/")[0] for name in carried} - {"pose2pose_live", wheel.name.split("-py3")[0] + ".dist-info"}
    assert wheel.stat().st_size < MAX_WHEEL_MB * 1e6


def test_licences_travel_with_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        licences = {
            name.rsplit("/", 1)[1]: archive.read(name).decode()
            for name in archive.namelist()
            if ".dist-info/licenses/" in name
        }
    assert licences["LICENSE"] == (REPOSITORY / "LICENSE").read_text()
    # The demo clip's licence asks that its text goes wherever the clip goes.
    assert "Redistributions in binary form must reproduce the above copyright notice" in licences["NOTICE"]


def test_requirements_hold_no_torch_and_one_opencv(metadata: Message) -> None:
    names = _names(metadata.get_all("Requires-Dist", []))
    assert {"numpy", "onnxruntime", "mediapipe", "pyqt6"} <= names
    assert not names & {"torch", "torchvision", "smplx", "lightning", "tensorflow"}
    assert {name for name in names if "opencv" in name} == {"opencv-contrib-python"}


def test_requirements_of_requirements_hold_no_torch_and_one_opencv() -> None:
    """Two OpenCV distributions overwrite each other's files without a word, and uninstalling either breaks the other."""
    waiting, seen = ["pose2pose-live"], {"pose2pose-live"}
    while waiting:
        asked = _names(importlib.metadata.requires(waiting.pop()) or [])
        waiting += asked - seen
        seen |= asked
    assert "flatbuffers" in seen, "mediapipe's own requirements were not looked at"
    assert "torch" not in seen
    assert {name for name in seen if "opencv" in name} == {"opencv-contrib-python"}


def test_setup_looks_for_the_supported_pythons(metadata: Message) -> None:
    setup = (REPOSITORY / ".ci" / "setup").read_text()
    offered = re.search(r"^versions=\((.*)\)$", setup, re.MULTILINE)
    prefix = "Programming Language :: Python :: "
    classified = [text.removeprefix(prefix) for text in metadata.get_all("Classifier", []) if text.startswith(prefix)]
    assert offered is not None
    assert sorted(offered[1].split()) == sorted(classified)


def test_installed_copy_says_its_version(installed: Path, tmp_path: Path) -> None:
    printed = _run([sys.executable, "-m", "pose2pose_live", "--version"], tmp_path, PYTHONPATH=str(installed))
    assert printed.strip() == f"pose2pose-live {pose2pose_live.__version__}"


def test_installed_copy_goes_into_the_menu(installed: Path, tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(installed), "XDG_DATA_HOME": str(tmp_path)}
    entry, *icons = _run(
        [sys.executable, "-m", "pose2pose_live", "desktop", "install"], tmp_path, **environment
    ).split()
    assert "\nIcon=pose2pose-live\n" in Path(entry).read_text()
    assert len(icons) == 9


def test_commands_are_installed(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))
        points = archive.read(name).decode()
    console, _, window = points.partition("[gui_scripts]")
    assert "pose2pose-live = pose2pose_live.cli:main" in console
    assert "pose2pose-live-window = pose2pose_live.cli:main" in window


def test_installed_copy_loads_what_it_carries(installed: Path, tmp_path: Path) -> None:
    code = """
from pose2pose_live.body import BodyModel
from pose2pose_live.inference import Engine
from pose2pose_live.resources import asset_path, engine_path
print(BodyModel.load().vertex_count, len(Engine.load().graphs))
for path in (asset_path("open_body.npz"), asset_path("demo.mp4"), asset_path("icons"), engine_path("open")):
    print(path)
"""
    counts, *paths = _run([sys.executable, "-c", code], tmp_path, PYTHONPATH=str(installed)).splitlines()
    vertex_count, graph_count = map(int, counts.split())
    assert vertex_count > 10_000
    assert graph_count >= 4
    assert len(paths) == 4
    assert all(Path(path).is_relative_to(installed.resolve() / "pose2pose_live" / "_data") for path in paths)


def test_installed_copy_captures(installed: Path, tmp_path: Path) -> None:
    clip = installed / "pose2pose_live" / "_data" / "assets" / "demo.mp4"
    command = [sys.executable, "-m", "pose2pose_live", "process", clip, "-o", "takes", "--seconds", "0.3"]
    _run(command, tmp_path, PYTHONPATH=str(installed))
    take = load_recording(tmp_path / "takes" / "demo.npz")
    assert len(take) == 9
    assert take.tracked.all()
