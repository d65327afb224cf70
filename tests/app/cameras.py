"""A machine whose cameras are plugged in and out by a test."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from pose2pose_live.app.backend import Backend
from pose2pose_live.app.settings import Settings, SourceSettings
from pose2pose_live.errors import SourceError
from pose2pose_live.frame import CameraFrame
from pose2pose_live.pipeline import Mocap
from pose2pose_live.sources import CameraDevice, FrameSource, PictureFormat, VideoPlayer, find_source
from pose2pose_live.sources.opencv import cv2

from ..fakes import FakeMocap, FakeSource

BUILT_IN = CameraDevice(0, "Integrated Camera", cv2.CAP_V4L2, "", "04f2:b6d0", "1-8:1.0")
C920 = CameraDevice(2, "HD Pro Webcam C920", cv2.CAP_V4L2, "", "046d:082d", "1-2:1.0")
FORMATS = (
    PictureFormat("MJPG", 1280, 720, (30.0,)),
    PictureFormat("MJPG", 640, 480, (30.0,)),
    PictureFormat("YUYV", 640, 480, (30.0,)),
)


class FakeCamera(FakeSource):
    """Gives pictures until it is unplugged."""

    def __init__(self, machine: FakeMachine, device: CameraDevice, wish: PictureFormat | None) -> None:
        super().__init__()
        self.name = device.name
        self.device = device
        self.format = PictureFormat("YUYV", 320, 240, (30.0,)) if wish == FORMATS[0] else wish or FORMATS[1]
        self._machine = machine

    def read(self) -> CameraFrame | None:
        if self.device not in self._machine.cameras:
            raise SourceError(f"camera {self.device} is not plugged in any more; plug it in again")
        return super().read()


class FakeMachine:
    """cameras: plugged in; busy: those of them that another program uses. opened: every source there was. A `Backend` for the window."""

    def __init__(self, *cameras: CameraDevice, open_mocap: Callable[[], Mocap] = FakeMocap) -> None:
        self.cameras = list(cameras)
        self.busy: set[CameraDevice] = set()
        self.opened: list[FrameSource] = []
        self.watching = False
        self._tell: Callable[[list[CameraDevice]], None] = lambda cameras: None
        self._open_mocap = open_mocap

    def backend(self) -> Backend:
        return Backend(self._open_source, self._load_mocap, self._watch, lambda camera: FORMATS)

    @property
    def present(self) -> FrameSource:
        return self.opened[-1]

    def plug(self, camera: CameraDevice) -> None:
        self.cameras.append(camera)
        self._told()

    def unplug(self, camera: CameraDevice) -> None:
        self.cameras.remove(camera)
        self._told()

    def stop(self) -> None:
        self.watching = False

    def _told(self) -> None:
        thread = threading.Thread(target=self._tell, args=(list(self.cameras),))
        thread.start()
        thread.join()

    def _watch(self, tell: Callable[[list[CameraDevice]], None]) -> FakeMachine:
        self.watching, self._tell = True, tell
        self._told()
        return self

    def _load_mocap(self, settings: Settings) -> Mocap:
        return self._open_mocap()

    def _open_source(self, settings: SourceSettings) -> FrameSource:
        found = find_source(settings.source or None, self.cameras)
        if isinstance(found, Path):
            self.opened.append(VideoPlayer(found, loop=settings.is_looped))
            return self.opened[-1]
        if found in self.busy:
            raise SourceError(f"camera {found} is used by another program (obs); close that program")
        self.opened.append(FakeCamera(self, found, PictureFormat.parse(settings.format)))
        return self.opened[-1]
