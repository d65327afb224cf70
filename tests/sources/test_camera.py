from __future__ import annotations

import errno
import re
import threading
from typing import ClassVar

import cv2_enumerate_cameras
import pytest
from cv2_enumerate_cameras.camera_info import CameraInfo

from pose2pose_live.errors import SourceError
from pose2pose_live.sources import (
    CameraDevice,
    CameraSource,
    PictureFormat,
    PictureSource,
    VideoPlayer,
    VideoSource,
    camera,
    clock_s,
    devices,
    open_live,
    open_source,
    selection,
    trouble,
    v4l2,
)
from pose2pose_live.sources.opencv import cv2
from pose2pose_live.sources.selection import find_camera
from pose2pose_live.sources.trouble import why_no_pictures
from tests.sources.clips import numbered_picture, write_video

FOUND = {0: "Integrated Camera", 2: "HD Pro Webcam C920", 4: "USB Camera", 10: "USB Camera"}


class FakeCapture:
    """A camera: `script` says of each picture whether it comes (True), fails (False) or comes empty (None)."""

    opens = True
    gives = cv2.VideoWriter.fourcc(*"YUYV")  # whatever it is asked for
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
        return {cv2.CAP_PROP_FPS: 30.0, cv2.CAP_PROP_FOURCC: self.gives}.get(prop, 0.0)

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
    monkeypatch.setattr(camera, "is_unplugged", lambda device: False)
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


def test_what_was_really_given_is_reported(cameras):
    with CameraSource(CameraDevice(0, "Cam", cv2.CAP_V4L2), PictureFormat("MJPG", 1920, 1080, (60.0,))) as source:
        assert str(source.format) == "YUYV 80x60 at 30 fps"
        assert (source.size_px, source.fps) == ((80, 60), 30.0)
    assert (cv2.CAP_PROP_FPS, 60.0) in FakeCapture.instances[0].settings


def test_another_pixel_format_is_asked_for_by_name(cameras):
    open_live(0, PictureFormat("NV12", 640, 480)).close()
    assert FakeCapture.instances[0].settings[0] == (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"NV12"))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errno.EBUSY, r"camera 2 \(HD Pro Webcam C920\) is used by another program \(obs, zoom\); close that program"),
        (errno.EACCES, r"may not be used by you \(/dev/video2: permission denied\).*`sudo usermod -aG video"),
        (errno.ENODEV, r"is not plugged in any more; plug it in again \(cameras found: 0 \(Integrated"),
        (errno.ENOENT, r"is not plugged in any more"),
        (
            None,
            "gives no pictures: another program is probably using it; close that program or plug .*cameras found: 0",
        ),
    ],
)
@pytest.mark.parametrize("opens", [False, True], ids=["cannot be opened", "stays silent"])
def test_a_camera_without_pictures_says_why(cameras, monkeypatch, error, said, opens):
    monkeypatch.setattr(FakeCapture, "opens", opens)
    monkeypatch.setattr(FakeCapture, "script", [False] * 1000)
    monkeypatch.setattr(v4l2, "why_unusable", lambda path: error and OSError(error, "the system says so", path))
    monkeypatch.setattr(v4l2, "programs_using", lambda path: ["obs", "zoom"])
    with pytest.raises(SourceError, match=said) as caught:
        open_source(2)
    assert "\n" not in str(caught.value)
    assert FakeCapture.instances[0].released


@pytest.mark.parametrize(
    ("platform", "where"), [("win32", "Settings > Privacy"), ("darwin", "System Settings > Privacy")]
)
def test_elsewhere_the_two_usual_causes_are_named(cameras, monkeypatch, platform, where):
    monkeypatch.setattr(trouble.sys, "platform", platform)
    monkeypatch.setattr(trouble, "list_cameras", lambda: [camera])
    camera = CameraDevice(0, "Cam", cv2.CAP_DSHOW)
    assert re.search(f"another program is probably using it, or .* forbids it; .*{where}", why_no_pictures(camera))
    monkeypatch.setattr(trouble, "list_cameras", list)
    assert "not plugged in any more" in why_no_pictures(camera)


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
    monkeypatch.setattr(v4l2, "why_unusable", lambda path: OSError(errno.ENODEV, "gone"))
    with open_source(0) as source:
        assert source.read() is not None
        with pytest.raises(SourceError, match=r"camera 0 \(Integrated Camera\) is not plugged in any more"):
            source.read()
        assert FakeCapture.instances[0].released  # or the driver would keep its number for the one that comes back


def test_nobody_waits_for_one_that_the_system_knows_is_gone(cameras, monkeypatch):
    monkeypatch.setattr(FakeCapture, "script", [True] + [False] * 100000)
    monkeypatch.setattr(camera, "SILENCE_S", 60)
    monkeypatch.setattr(camera, "is_unplugged", trouble.is_unplugged)
    source = CameraSource(CameraDevice(0, "Cam", cv2.CAP_V4L2, "/dev/video_none"))
    with pytest.raises(SourceError, match="is not plugged in any more"):
        source.read()


def test_nobody_waits_for_a_silent_camera_that_is_not_wanted_any_more(cameras, monkeypatch):
    monkeypatch.setattr(FakeCapture, "script", [True] + [False] * 100000)
    monkeypatch.setattr(camera, "SILENCE_S", 60)
    with open_source(0) as source:
        threading.Timer(0.05, source.interrupt).start()
        assert source.read() is None


@pytest.mark.parametrize(("identity", "index"), [
    ("USB Camera [046d:082d 1-3:1.0]", 10),
    ("USB Camera [046d:0000 9-9:1.0]", 4),  # the only one of its model, in another place
    ("Integrated Camera []", 0),
])  # fmt: skip
def test_a_camera_is_known_again(cameras, monkeypatch, identity, index):
    models = {4: ("046d:0000", "1-2:1.0"), 10: ("046d:082d", "1-3:1.0")}
    known = [
        CameraDevice(i, name, cv2.CAP_V4L2, f"/dev/video{i}", *models.get(i, ("", ""))) for i, name in FOUND.items()
    ]
    monkeypatch.setattr(selection, "list_cameras", lambda: known)
    assert find_camera(identity) == known[list(FOUND).index(index)]
    with open_live(identity) as source:
        assert source.name == FOUND[index]


def test_another_camera_is_not_taken_for_it(cameras):
    with pytest.raises(SourceError, match="there is no camera"):
        open_live("Kinect [045e:02ae 1-4:1.0]")


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


def test_what_the_window_plays(tmp_path):
    video = write_video(tmp_path / "clip.mp4")
    with open_live(video, loop=True) as player:
        assert isinstance(player, VideoPlayer)
        assert player.is_looped
    (tmp_path / "photo.jpg").write_bytes(cv2.imencode(".jpg", numbered_picture(1))[1].tobytes())
    for pictures in (tmp_path, tmp_path / "photo.jpg"):
        with pytest.raises(SourceError, match=r"use `pose2pose-live process .*` for pictures"):
            open_live(pictures)
