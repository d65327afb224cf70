from __future__ import annotations

import builtins
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pose2pose_live import doctor, resources, sources, viewport
from pose2pose_live.doctor import Finding, examine
from pose2pose_live.errors import DisplayError, SourceError
from pose2pose_live.resources import asset_path, engine_path
from pose2pose_live.sources import CameraDevice, PictureFormat
from pose2pose_live.sources.opencv import cv2

CAMERA = CameraDevice(0, "Cam", cv2.CAP_V4L2)


def check(what: str) -> Finding:
    """The finding of one check alone."""
    return doctor._check(what, getattr(doctor, f"_{what}"))


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """A copy of the bundled files, to be damaged."""
    root = tmp_path / "_data"
    for name in ("open", "landmarks"):
        shutil.copytree(engine_path(name), root / "engines" / name)
    (root / "assets" / "detector").mkdir(parents=True)
    shutil.copy(asset_path("open_body.npz"), root / "assets")
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "pose2pose_live")
    (tmp_path / "pose2pose_live").mkdir()
    root.rename(tmp_path / "pose2pose_live" / "_data")
    return tmp_path / "pose2pose_live" / "_data"


def test_every_part_is_looked_at_and_the_needed_ones_work_here(monkeypatch):
    monkeypatch.setattr(sources, "list_cameras", list)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    findings = {finding.what: finding for finding in examine()}
    assert list(findings) == [
        "python", "opencv", "runtime", "engine", "body", "detector", "opengl", "window", "camera"
    ]  # fmt: skip
    needed = [name for name, finding in findings.items() if finding.needed]
    assert needed == ["python", "opencv", "runtime", "engine", "body", "detector"]
    assert all(findings[name].works for name in needed), findings
    assert re.search(r"opencv-contrib-python \d", findings["opencv"].detail)
    assert "onnxruntime 1." in findings["runtime"].detail
    assert "pose, hand" in findings["engine"].detail
    assert "open_body" in findings["body"].detail
    assert "mediapipe 0.10" in findings["detector"].detail
    assert "plug one in" in findings["camera"].detail


def test_one_failure_hides_no_other(monkeypatch):
    def broken() -> str:
        raise OSError("first line\nsecond line")

    monkeypatch.setattr(sources, "list_cameras", list)
    for name in ("_opencv", "_runtime", "_engine", "_body", "_detector", "_opengl", "_window"):
        monkeypatch.setattr(doctor, name, broken)
    findings = list(examine())
    assert len(findings) == 9
    assert [finding.works for finding in findings[1:]] == [False] * 8
    assert str(findings[1]) == "[FAIL] opencv    OSError: first line second line; reinstall pose2pose-live"
    assert str(findings[6]).startswith("[none] opengl")


def test_two_opencv_distributions_are_told_of(monkeypatch):
    def distribution(name: str) -> object:
        return type("Distribution", (), {"metadata": {"Name": name}})()

    names = ["numpy", "opencv-python", "Opencv-contrib-python", "opencv-stubs"]
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: map(distribution, names))
    finding = check("opencv")
    assert not finding.works
    assert "found opencv-contrib-python, opencv-python; they overwrite each other: uninstall" in finding.detail


def test_a_library_that_the_system_lacks_is_named_with_its_package(monkeypatch):
    really_import = builtins.__import__

    def fails(name, *arguments, **options):
        if name == "onnxruntime":
            raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")
        return really_import(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", fails)
    finding = check("runtime")
    assert not finding.works
    assert "libGL.so.1" in finding.detail
    assert "apt-get install libgl1" in finding.detail


def test_a_missing_engine(data):
    shutil.rmtree(data / "engines" / "open")
    finding = check("engine")
    assert not finding.works
    assert "engines/open is missing" in finding.detail
    assert "reinstall pose2pose-live" in finding.detail


@pytest.mark.parametrize("graph", ["pose", "blendshapes"])
def test_a_damaged_graph(data, graph):
    path = data / "engines" / "landmarks" / f"{graph}.onnx"
    path.write_bytes(path.read_bytes()[:-1])
    finding = check("engine")
    assert not finding.works
    assert f"{graph}.onnx is damaged or was changed" in finding.detail
    assert "reinstall pose2pose-live" in finding.detail


@pytest.mark.parametrize("content", [None, b"hello"])
def test_a_body_that_is_missing_or_broken(data, content):
    path = data / "assets" / "open_body.npz"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    finding = check("body")
    assert not finding.works
    assert "open_body.npz" in finding.detail


def test_a_missing_detector(data):
    finding = check("detector")
    assert not finding.works
    assert "pose_landmarker.task is missing" in finding.detail


def test_a_mediapipe_that_reports_usage_is_refused(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "0.10.35")
    finding = check("detector")
    assert not finding.works
    assert 'reports usage to a server; go back to one that does not: `pip install "mediapipe' in finding.detail


def test_the_refused_versions_are_those_that_the_package_excludes():
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (wanted,) = (line for line in project["dependencies"] if line.startswith("mediapipe"))
    assert wanted.endswith(f"<{'.'.join(map(str, doctor.MEDIAPIPE_REPORTS_FROM))}")
    assert f'"{wanted}"' in Path(doctor.__file__).read_text(encoding="utf-8")


def test_missing_opengl_is_told_with_its_packages(monkeypatch):
    def fails(stack):
        raise DisplayError("no EGL device gives an OpenGL 4.1 context. On Debian or Ubuntu: apt-get install libegl1")

    monkeypatch.setattr(viewport, "windowless_context", fails)
    finding = check("opengl")
    assert not finding.works
    assert "apt-get install libegl1" in finding.detail


def test_opengl_is_named():
    finding = check("opengl")
    if not finding.works:
        pytest.skip(f"no OpenGL on this machine: {finding.detail}")
    assert finding.detail.startswith("OpenGL without a window, by ")


def test_without_a_display_the_way_out_is_told(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    finding = check("window")
    assert not finding.works
    assert "recordings work: `pose2pose-live process`" in finding.detail


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        (
            "qt.qpa.xcb: could not connect to display :77\nThis application failed to start\n\nAvailable platforms: xcb\n",
            "could not connect to display :77; check DISPLAY",
        ),
        (
            "Traceback\nImportError: libEGL.so.1: cannot open\n",
            "libEGL.so.1: cannot open; Debian, Ubuntu: apt-get install",
        ),
        ("", "exit code -6"),
    ],
)
def test_a_window_that_cannot_be_opened(stderr, said, monkeypatch):
    probe = subprocess.CompletedProcess([], -6, "", stderr)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **options: probe)
    monkeypatch.setenv("DISPLAY", ":77")
    finding = check("window")
    assert not finding.works
    assert said in finding.detail


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_the_window_is_tried_in_a_process_of_its_own(monkeypatch):
    """Qt aborts the process that names a display which is not there."""
    monkeypatch.setenv("DISPLAY", ":77")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    assert not check("window").works
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    finding = check("window")
    if not check("opengl").works:
        pytest.skip("no OpenGL on this machine")
    assert finding.works, finding
    assert "Qt platform offscreen, OpenGL by" in finding.detail


def test_each_camera_is_opened(monkeypatch):
    class Source:
        format = PictureFormat("MJPG", 640, 480, (30.0,))

        def __init__(self, camera):
            if camera.name == "Busy":
                raise SourceError("camera 1 (Busy) cannot be opened: close that program")

        def __enter__(self):
            return self

        def __exit__(self, *_):
            closed.append(True)

    closed: list[bool] = []
    monkeypatch.setattr(sources, "CameraSource", Source)
    monkeypatch.setattr(sources, "list_cameras", lambda: [CAMERA, CameraDevice(1, "Busy", cv2.CAP_V4L2)])
    good, busy = doctor._cameras()
    assert str(good) == "[ok  ] camera    0 (Cam): MJPG 640x480 at 30 fps"
    assert str(busy) == "[none] camera    camera 1 (Busy) cannot be opened: close that program"
    assert closed == [True]


def test_a_camera_list_that_fails_is_contained(monkeypatch):
    def fails():
        raise RuntimeError("no such interface")

    monkeypatch.setattr(sources, "list_cameras", fails)
    (finding,) = doctor._cameras()
    assert (finding.works, finding.detail) == (False, "no such interface")
