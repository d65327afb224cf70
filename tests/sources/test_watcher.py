from __future__ import annotations

import queue
import sys
import threading
import time

import pytest

from pose2pose_live.sources import CameraDevice, CameraWatcher, watcher
from pose2pose_live.sources.opencv import cv2
from pose2pose_live.sources.watcher import signs_of_cameras

CAMERA = CameraDevice(0, "Cam", cv2.CAP_V4L2)


class Machine:
    """A machine whose cameras come and go. signs: what its files say. listed: how often the cameras were asked for."""

    def __init__(self, monkeypatch, platform):
        self.cameras: list[CameraDevice] = []
        self.signs: frozenset[object] = frozenset()
        self.listed = 0
        monkeypatch.setattr(watcher.sys, "platform", platform)
        monkeypatch.setattr(watcher, "list_cameras", self.list_cameras)
        monkeypatch.setattr(watcher, "signs_of_cameras", lambda: self.signs)

    def list_cameras(self):
        self.listed += 1
        if self.cameras == ["broken"]:
            raise RuntimeError("a driver's bug")
        return list(self.cameras)


@pytest.fixture
def told():
    return queue.Queue()


@pytest.fixture(params=["linux", "win32"])
def machine(request, monkeypatch):
    return Machine(monkeypatch, request.param)


def test_cameras_that_come_and_go_are_told_once(machine, told):
    watching = CameraWatcher(told.put, interval_s=0.005)
    try:
        assert told.get(timeout=5) == []
        for cameras in ([CAMERA], [], [CAMERA]):
            machine.cameras, machine.signs = cameras, frozenset((time.monotonic(),))
            assert told.get(timeout=5) == cameras
        time.sleep(0.05)
        assert told.empty()
        machine.cameras, machine.signs = ["broken"], frozenset("b")
        time.sleep(0.05)
        machine.cameras, machine.signs = [], frozenset("c")  # it lives on
        assert told.get(timeout=5) == []
    finally:
        watching.stop()
    machine.cameras, machine.signs = [CAMERA], frozenset("d")
    time.sleep(0.03)
    assert told.empty()
    assert "cameras" not in [thread.name for thread in threading.enumerate()]


def test_on_linux_nothing_is_asked_of_cameras_while_nothing_changes(monkeypatch, told):
    machine = Machine(monkeypatch, "linux")
    watching = CameraWatcher(told.put, interval_s=0.002)
    time.sleep(0.1)
    watching.stop()
    assert machine.listed == 1


@pytest.mark.skipif(sys.platform != "linux", reason="files of Linux")
def test_signs_are_device_name_and_permission(tmp_path, monkeypatch):
    devices, sysfs = tmp_path / "dev", tmp_path / "sysfs"
    devices.mkdir()
    for name in ("video0", "video1", "null"):
        (devices / name).touch()
    (sysfs / "video0").mkdir(parents=True)
    (sysfs / "video0" / "name").write_text("Cam\n")
    allowed = {"video0": True, "video1": False}
    monkeypatch.setattr(watcher.os, "access", lambda path, mode: allowed[path.name])
    assert signs_of_cameras(devices, sysfs) == {("video0", "Cam", True), ("video1", "", False)}
    allowed["video1"] = True  # as udev does a moment after the device has come
    assert signs_of_cameras(devices, sysfs) == {("video0", "Cam", True), ("video1", "", True)}
