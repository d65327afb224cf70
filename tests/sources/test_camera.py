from __future__ import annotations

from typing import ClassVar

import cv2_enumerate_cameras
import pytest
from cv2_enumerate_cameras.camera_info import CameraInfo

from pose2pose_live.errors import SourceError
from pose2pose_live.sources import CameraSource, PictureSource, VideoSource, camera, clock_s, devices, open_source
from pose2pose_live.sources.opencv import cv2
from tests.sources.clips import numbered_picture, write_video

FOUND = {0: "Integrated Camera", 2: "HD Pro Webcam C920", 4: "USB Camera", 10: "USB Camera"}


class FakeCapture:
    """A camera: `script` says of each picture whether it comes (True), fails (False) or comes empty (None)."""

    opens = True
    script: ClassVar[list[bool | None]] = []  # past its end everything comes
    instances: ClassVar[list[FakeCapture]] = []

    def __init__(self, index, backend):
        self.index, self.backend = index, backend
        self.settings: list[tuple[int, float]] = []
        self.grabs = 0
        self.released = False
        FakeCapture.instances.append(self)

    def isOpened(self):
        return self.opens

    def set(self, prop, value):
        self.settings.append((prop, value))
        return True

    def get(self, prop):
        return {cv2.CAP_PROP_FPS: 30.0}.get(prop, 0.0)

    def _outcome(self):
        return self.script[self.grabs - 1] if self.grabs <= len(self.script) else True

    def grab(self):
        self.grabs += 1
        return self._outcome() is not False

    def retrieve(self):
        # This camera ignores the wish for 640x480, and changes its size at the fifth picture.
        size = (80, 60) if self.grabs < 5 else (120, 90)
        return (True, numbered_picture(self.grabs, *size)) if self._outcome() else (False, None)

    def release(self):
        self.released = True


@pytest.fixture
def cameras(monkeypatch):
    """Four cameras, two of the same name; no real device is touched and no one waits."""

    def enumerate_cameras(backend):
        return [CameraInfo(i, name, f"/dev/video{i}", None, None, backend) for i, name in reversed(FOUND.items())]

    monkeypatch.setattr(devices, "BACKENDS", {devices.sys.platform: (cv2.CAP_V4L2,)})
    monkeypatch.setattr(cv2_enumerate_cameras, "supported_backends", (cv2.CAP_GSTREAMER, cv2.CAP_V4L2))
    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", enumerate_cameras)
    monkeypatch.setattr(cv2, "VideoCapture", FakeCapture)
    monkeypatch.setattr(FakeCapture, "instances", [])
    monkeypatch.setattr(camera, "WARM_UP_S", 0.05)
    monkeypatch.setattr(camera, "SILENCE_S", 0.05)


@pytest.fixture
def no_cameras(cameras, monkeypatch):
    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", lambda backend: [])


@pytest.mark.parametrize(
    ("spec", "index"),
    [
        (None, 0), ("camera", 0), (2, 2), ("10", 10), ("HD Pro Webcam C920", 2), ("c920", 2), ("/dev/video4", 4),
    ],
)  # fmt: skip
def test_a_camera_is_found_by_number_name_or_path(cameras, spec, index):
    with open_source(spec) as source:
        assert isinstance(source, CameraSource)
        assert source.name == FOUND[index]
    assert (FakeCapture.instances[0].index, FakeCapture.instances[0].backend) == (index, cv2.CAP_V4L2)
    assert FakeCapture.instances[0].released


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (7, r"no camera 7; cameras found: 0 \(Integrated Camera\), 2 \(HD Pro Webcam C920\)"),
        ("kinect", "no file or folder of this name; there is no camera kinect; cameras found"),
        (
            "USB Camera",
            r"several cameras match 'USB Camera': 4 \(USB Camera\), 10 \(USB Camera\); name one by its number",
        ),
        ("clip.mp4", "no such file or folder"),
        ("folder/clip", "no such file or folder"),
    ],
)
def test_what_cannot_be_found_is_explained(cameras, spec, expected):
    with pytest.raises(SourceError, match=expected):
        open_source(spec)
    assert not FakeCapture.instances


def test_without_any_camera_the_error_says_what_else_there_is(no_cameras):
    with pytest.raises(SourceError, match=r"no camera was found on this machine; plug one in, or name a video file"):
        open_source(None)
    with pytest.raises(SourceError, match="there is no camera 0; no camera was found on this machine"):
        open_source(0)


@pytest.mark.parametrize(
    "address", ["rtsp://10.0.0.2/stream", "https://example.org/clip.mp4", "HTTP://x/y", "udp://:5000"]
)
def test_network_addresses_are_refused(cameras, address):
    with pytest.raises(SourceError, match="network addresses are not opened"):
        open_source(address)
    assert not FakeCapture.instances


def test_mjpg_is_asked_for_before_size_and_rate(cameras):
    with open_source(0, size_px=(1280, 720), fps=60):
        pass
    assert FakeCapture.instances[0].settings == [
        (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
        (cv2.CAP_PROP_FRAME_WIDTH, 1280),
        (cv2.CAP_PROP_FRAME_HEIGHT, 720),
        (cv2.CAP_PROP_FPS, 60),
        (cv2.CAP_PROP_BUFFERSIZE, 1),
    ]


def test_pictures_are_stamped_counted_and_may_change_their_size(cameras):
    before_s = clock_s()
    with open_source(0) as source:
        frames = [source.read() for _ in range(5)]
    read = [frame for frame in frames if frame is not None]
    assert source.live
    assert source.size_px == (80, 60)
    assert [frame.index for frame in read] == [1, 2, 3, 4, 5]
    assert [frame.image.shape[1] for frame in read] == [80, 80, 80, 120, 120]
    stamps = [frame.time_s for frame in read]
    assert stamps == sorted(stamps)
    assert before_s < stamps[0] <= stamps[-1] < clock_s()


def test_a_busy_camera_that_cannot_be_opened(cameras, monkeypatch):
    monkeypatch.setattr(FakeCapture, "opens", False)
    with pytest.raises(SourceError, match=r"camera 2 \(HD Pro.*cannot be opened: another program.*cameras found: 0"):
        open_source(2)
    assert FakeCapture.instances[0].released


def test_a_busy_camera_that_opens_but_stays_silent(cameras, monkeypatch):
    monkeypatch.setattr(FakeCapture, "script", [False] * 1000)
    with pytest.raises(SourceError, match="opens but delivers no pictures: another program"):
        open_source(0)
    assert FakeCapture.instances[0].released


def test_single_failures_are_counted_and_survived(cameras, monkeypatch):
    monkeypatch.setattr(FakeCapture, "script", [False, True, True, False, None, True])
    with open_source(0) as source:
        assert isinstance(source, CameraSource)
        assert source.read() is not None
        assert source.failed_reads == 1
        assert source.read() is not None
        assert source.failed_reads == 3


def test_an_unplugged_camera_is_an_error_not_an_end(cameras, monkeypatch):
    monkeypatch.setattr(FakeCapture, "script", [True, True] + [False] * 1000)
    with open_source(0) as source:
        assert source.read() is not None
        with pytest.raises(
            SourceError, match=r"camera 0 \(Integrated Camera\) stopped delivering pictures \(\d+ failed"
        ):
            source.read()


def test_files_and_folders_are_told_apart(tmp_path):
    video = write_video(tmp_path / "clip.mp4")
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(cv2.imencode(".jpg", numbered_picture(1))[1].tobytes())
    for spec, kind in (
        (video, VideoSource),
        (str(video), VideoSource),
        (tmp_path, PictureSource),
        (picture, PictureSource),
    ):
        with open_source(spec) as source:
            assert isinstance(source, kind)
