from __future__ import annotations

import errno
import struct
import subprocess
import sys

import cv2_enumerate_cameras
import pytest
from cv2_enumerate_cameras.camera_info import CameraInfo

from pose2pose_live.sources import (
    CameraDevice,
    PictureFormat,
    devices,
    formats_to_choose,
    list_cameras,
    picture_formats,
    v4l2,
)
from pose2pose_live.sources.opencv import cv2

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Video4Linux2 is Linux's")

MJPG, YUYV = (int.from_bytes(code, "little") for code in (b"MJPG", b"YUYV"))
# What a camera would answer: the numbers of the kernel's header, not those of the module under test.
ENUM_FMT, ENUM_FRAMESIZES, ENUM_FRAMEINTERVALS, REQBUFS = 0xC0405602, 0xC02C564A, 0xC034564B, 0xC0145608
SIZES: dict[int, list[tuple[int, ...]]] = {
    MJPG: [(640, 480), (1280, 720)],
    YUYV: [(320, 240, 1920, 1088, 16, 16)],
}  # stepwise: min, max, step
INTERVALS: dict[tuple[int, ...], list[tuple[int, int]]] = {(640, 480): [(1, 30), (1, 60)], (1280, 720): [(1001, 30000)]}


def fake_ioctl(device, request, record):
    """A driver with two discrete MJPG sizes and a stepwise YUYV range, its rates continuous from 5 to 30."""
    index, code = struct.unpack_from("=II", record)
    try:
        if request == ENUM_FMT:
            assert len(record) == 64
            assert code == 1  # V4L2_BUF_TYPE_VIDEO_CAPTURE
            fourcc = list(SIZES)[index]
            struct.pack_into("=II32sI", record, 4, 1, 0, b"a name", fourcc)
        elif request == ENUM_FRAMESIZES:
            assert len(record) == 44
            size = SIZES[code][index]
            if len(size) == 2:
                struct.pack_into("=III", record, 8, 1, *size)
            else:
                low_w, low_h, high_w, high_h, step_w, step_h = size
                struct.pack_into("=7I", record, 8, 3, low_w, high_w, step_w, low_h, high_h, step_h)
        elif request == ENUM_FRAMEINTERVALS:
            assert len(record) == 52
            size = struct.unpack_from("=II", record, 8)
            if code == YUYV:
                if index:
                    raise IndexError
                struct.pack_into("=7I", record, 16, 2, 1, 30, 1, 5, 0, 0)
            else:
                struct.pack_into("=III", record, 16, 1, *INTERVALS[size][index])
        else:
            raise OSError(errno.ENOTTY, "unknown request")
    except IndexError as error:
        raise OSError(errno.EINVAL, "end of list") from error
    return 0


@pytest.fixture
def driver(tmp_path, monkeypatch):
    path = tmp_path / "video0"
    path.touch()
    monkeypatch.setattr("fcntl.ioctl", fake_ioctl)
    return CameraDevice(0, "Fake", cv2.CAP_V4L2, str(path))


def test_v4l2_formats(driver):
    assert picture_formats(driver) == (
        PictureFormat("MJPG", 640, 480, (60.0, 30.0)),
        PictureFormat("MJPG", 1280, 720, (29.97,)),
        PictureFormat("YUYV", 640, 480, (30.0, 5.0)),
        PictureFormat("YUYV", 1280, 720, (30.0, 5.0)),
        # 1920x1080 is not on the 16 px grid of the range; its largest size is.
        PictureFormat("YUYV", 1920, 1088, (30.0, 5.0)),
    )


def test_one_choice_for_each_rate_and_mjpg_first(driver, monkeypatch):
    monkeypatch.setitem(SIZES, int.from_bytes(b"H264", "little"), [(640, 480)])  # OpenCV would hand it on undecoded
    assert [str(one) for one in formats_to_choose(driver)] == [
        "MJPG 1280x720 at 29.97 fps",
        "MJPG 640x480 at 60 fps",
        "MJPG 640x480 at 30 fps",
        "YUYV 1920x1088 at 30 fps",
        "YUYV 1920x1088 at 5 fps",
        "YUYV 1280x720 at 30 fps",
        "YUYV 1280x720 at 5 fps",
        "YUYV 640x480 at 30 fps",
        "YUYV 640x480 at 5 fps",
    ]


def test_where_formats_cannot_be_listed_the_usual_ones_are_offered_without_opening(monkeypatch):
    monkeypatch.setattr(cv2, "VideoCapture", None)
    assert [str(one) for one in formats_to_choose(CameraDevice(0, "Fake", cv2.CAP_DSHOW))] == [
        "MJPG 1920x1080 at 30 fps",
        "MJPG 1280x720 at 30 fps",
        "MJPG 640x480 at 30 fps",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MJPG 1280x720 at 30 fps", PictureFormat("MJPG", 1280, 720, (30.0,))),
        ("YUYV 640x480 at 60, 29.97 fps", PictureFormat("YUYV", 640, 480, (60.0, 29.97))),
        ("???? 640x480 at unknown fps", PictureFormat("", 640, 480)),
        ("Y16 640x480", PictureFormat("Y16", 640, 480)),
        ("1920x1080", PictureFormat("", 1920, 1080)),
        *((text, None) for text in ("", "MJPG", "0x480", "640x", "640x480 at . fps", "640x480 fps", "x", "a b 6x4")),
    ],
)
def test_formats_are_read_as_they_are_written(text, expected):
    assert PictureFormat.parse(text) == expected
    if expected is not None:
        assert PictureFormat.parse(str(expected)) == expected


def test_the_one_who_may_not_ask_for_buffers_hears_that_the_camera_is_busy(driver, monkeypatch):
    asked = []

    def answer(number):
        def ioctl(device, request, record):
            asked.append((request, struct.unpack("=5I", record)))
            if number:
                raise OSError(number, "no")
            return 0

        return ioctl

    monkeypatch.setattr("fcntl.ioctl", answer(0))
    assert v4l2.why_unusable(driver.path) is None
    assert asked == [(REQBUFS, (0, 1, 1, 0, 0))]  # none, for pictures, in mapped memory: the kernel changes nothing
    for number, expected in ((errno.EBUSY, errno.EBUSY), (errno.ENODEV, errno.ENODEV), (errno.ENOTTY, None)):
        monkeypatch.setattr("fcntl.ioctl", answer(number))
        error = v4l2.why_unusable(driver.path)
        assert (error and error.errno) == expected
    gone = v4l2.why_unusable(driver.path + "0")
    assert gone is not None
    assert gone.errno == errno.ENOENT


def test_who_uses_a_device_is_named(tmp_path):
    for number, (name, opened) in enumerate((("obs", "/dev/video0"), ("bash", "/dev/null"), ("zoom", "/dev/video0"))):
        process = tmp_path / str(2**22 + 1 + number)
        (process / "fd").mkdir(parents=True)
        (process / "comm").write_text(name + "\n")
        (process / "fd" / "3").symlink_to(opened)
    (tmp_path / "99").mkdir()  # one that ended meanwhile
    assert v4l2.programs_using("/dev/video0", tmp_path) == ["obs", "zoom"]


def test_a_real_program_is_found_by_the_device_that_it_has_open(tmp_path):
    held = tmp_path / "video7"
    held.touch()
    with subprocess.Popen(["sleep", "60"], stdin=held.open("rb")) as other:
        assert v4l2.programs_using(str(held)) == ["sleep"]
        other.kill()


def test_model_and_port_tell_cameras_apart_that_have_one_name(tmp_path, monkeypatch):
    for number, (interface, place) in enumerate((("1-2:1.0", "0"), ("1-2:1.0", "1"), ("3-1:1.0", "0"))):
        real = tmp_path / "devices" / interface
        real.mkdir(parents=True, exist_ok=True)
        device = tmp_path / f"video{number}"
        device.mkdir()
        (device / "device").symlink_to(real)
        (device / "index").write_text(place + "\n")

    def enumerate_cameras(backend):
        return [CameraInfo(i, "USB Camera", f"/dev/video{i}", 0x46D, 0x82D, backend) for i in range(3)] + [
            CameraInfo(9, "Virtual", "/dev/video9", None, None, backend)
        ]

    monkeypatch.setattr(devices, "SYSFS", tmp_path)
    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", enumerate_cameras)
    assert [camera.identity for camera in list_cameras()] == [
        "USB Camera [046d:082d 1-2:1.0]",
        "USB Camera [046d:082d 1-2:1.0.1]",
        "USB Camera [046d:082d 3-1:1.0]",
        "Virtual []",
    ]


def test_a_device_that_is_no_camera_has_no_formats(tmp_path):
    path = tmp_path / "video0"
    path.touch()
    assert picture_formats(CameraDevice(0, "A file", cv2.CAP_V4L2, str(path))) == ()
    assert picture_formats(CameraDevice(1, "Gone", cv2.CAP_V4L2, str(tmp_path / "none"))) == ()


def test_elsewhere_the_usual_sizes_are_tried(monkeypatch):
    class Capture:
        """A camera that knows 640x480 and 1280x720."""

        def __init__(self, index, backend):
            self.width, self.height = 640, 480

        def isOpened(self):
            return True

        def set(self, prop, value):
            if prop == cv2.CAP_PROP_FRAME_HEIGHT and value in (480, 720):
                self.width, self.height = (640, 480) if value == 480 else (1280, 720)

        def get(self, prop):
            return {cv2.CAP_PROP_FRAME_WIDTH: self.width, cv2.CAP_PROP_FRAME_HEIGHT: self.height}.get(prop, 30.0)

        def release(self):
            pass

    monkeypatch.setattr(cv2, "VideoCapture", Capture)
    camera = CameraDevice(0, "Fake", cv2.CAP_DSHOW)
    assert [str(mode) for mode in picture_formats(camera)] == ["???? 640x480 at 30 fps", "???? 1280x720 at 30 fps"]


def test_the_second_interface_is_asked_only_if_the_first_knows_no_camera(monkeypatch):
    asked: list[int] = []

    def enumerate_cameras(backend):
        asked.append(backend)
        return []

    monkeypatch.setattr(devices, "BACKENDS", {sys.platform: (cv2.CAP_DSHOW, cv2.CAP_MSMF)})
    monkeypatch.setattr(cv2_enumerate_cameras, "supported_backends", (cv2.CAP_MSMF, cv2.CAP_DSHOW))
    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", enumerate_cameras)
    assert list_cameras() == []
    assert asked == [cv2.CAP_DSHOW, cv2.CAP_MSMF]
