from __future__ import annotations

import cv2
import numpy as np
import pytest

from pose2pose_live.errors import RecordingError
from pose2pose_live.sinks import OverlayWriter, overlay
from pose2pose_live.sources import PictureSource, VideoSource
from tests.sinks.takes import picture, random_pose
from tests.sources.clips import number_of

POSE = random_pose(0)


class Plain:
    """Draws nothing, into a buffer that it uses again and again, as the true renderer does."""

    def __call__(self, source, pose):
        self.buffer = np.array(source.image)
        return self.buffer


def write(path, pictures, fps=30.0):
    draw = Plain()
    writer = OverlayWriter(path, draw, fps=fps)
    for source in pictures:
        writer.write(POSE, source)
        draw.buffer[:] = 255
    writer.close()
    return writer


def frames_of(path):
    with VideoSource(path) as source:
        return [frame.image for frame in source]


def test_every_frame_of_a_constant_rate_source_is_there_once(tmp_path):
    writer = write(tmp_path / "new" / "clip_overlay.mp4", [picture(i) for i in range(12)])
    assert writer.path == tmp_path / "new" / "clip_overlay.mp4"
    assert writer.frames_written == 12
    assert [number_of(frame) for frame in frames_of(writer.path)] == list(range(12))
    assert [file.name for file in writer.path.parent.iterdir()] == ["clip_overlay.mp4"]


@pytest.mark.parametrize(
    ("times_s", "shown"),
    [
        ([0, 1 / 30, 4 / 30, 5 / 30], [0, 1, 1, 1, 2, 3]),  # a gap is filled with the picture before it
        ([0, 0.034, 0.066, 0.101], [0, 1, 2, 3]),  # times in whole milliseconds
        ([0, 0.010, 0.033, 0.043, 0.067], [1, 3, 4]),  # twice the rate: the later of two is shown
        ([100.0, 100.033, 100.1], [0, 1, 1, 2]),  # a camera's clock starts anywhere
        ([0, 1e6, 1e6 + 1 / 30], [0, 1, 2]),  # a clock that jumped is no gap to fill
    ],
)
def test_the_rate_is_constant_whatever_the_times(tmp_path, times_s, shown):
    pictures = [picture(i, time_s=time_s) for i, time_s in enumerate(times_s)]
    assert [number_of(frame) for frame in frames_of(write(tmp_path / "a.mp4", pictures).path)] == shown


@pytest.mark.parametrize(("size_px", "expected"), [((65, 49), (66, 50)), ((64, 49), (64, 50)), ((63, 48), (64, 48))])
def test_odd_sizes_get_a_border_of_one_pixel(tmp_path, size_px, expected):
    frames = frames_of(write(tmp_path / "a.mp4", [picture(10, size_px=size_px)]).path)
    assert frames[0].shape == (expected[1], expected[0], 3)
    assert number_of(frames[0][:48, :62]) == 10


def test_a_picture_of_another_size_is_letterboxed_into_the_first(tmp_path):
    pictures = [
        picture(10, time_s=0),
        picture(20, time_s=1 / 30, size_px=(32, 48)),
        picture(20, time_s=2 / 30, size_px=(640, 240)),
    ]
    frames = frames_of(write(tmp_path / "a.mp4", pictures).path)
    assert {frame.shape for frame in frames} == {(48, 64, 3)}
    upright, wide = frames[1], frames[2]
    assert number_of(upright[:, 18:46]) == 20
    assert number_of(upright[:, :14]) == number_of(upright[:, 50:]) == 0
    assert number_of(wide[14:34]) == 20
    assert number_of(wide[:10]) == number_of(wide[38:]) == 0


def test_pictures_of_a_folder_become_a_folder_of_pictures(tmp_path):
    names = ["a.jpg", "a.png", "straße.webp"]
    pictures = [picture(i + 5, name, size_px=(64 + i, 48)) for i, name in enumerate(names)]
    writer = write(tmp_path / "take_overlay.mp4", pictures)
    assert writer.path == tmp_path / "take_overlay"
    assert writer.frames_written == 3
    with PictureSource(writer.path) as source:
        found = {frame.name: (number_of(frame.image), frame.image.shape[1]) for frame in source}
    assert found == {"a.jpg": (5, 64), "a.png.jpg": (6, 65), "straße.jpg": (7, 66)}


def test_nothing_is_overwritten(tmp_path):
    assert [write(tmp_path / "a.mp4", [picture(i)]).path.name for i in range(3)] == ["a.mp4", "a_2.mp4", "a_3.mp4"]
    assert [write(tmp_path / "a.mp4", [picture(1, "p.jpg")]).path.name for _ in range(2)] == ["a", "a_2"]
    assert [number_of(frames_of(tmp_path / name)[0]) for name in ("a.mp4", "a_2.mp4", "a_3.mp4")] == [0, 1, 2]


def test_without_pictures_no_file(tmp_path):
    write(tmp_path / "a.mp4", [])
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_cannot_be_opened_is_explained(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    for source in (picture(0), picture(0, "a.jpg")):
        with pytest.raises(RecordingError, match="the video cannot be written"):
            write(tmp_path / "file" / "a.mp4", [source])
    monkeypatch.setattr(overlay, "CODECS", ("zzzz",))
    with pytest.raises(RecordingError, match="no video of 64x48 at 30 fps can be written with zzzz; install"):
        write(tmp_path / "a.mp4", [picture(0)])
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_frames_that_did_not_come_to_the_disk_are_noticed(tmp_path, monkeypatch):
    class Forgetful:
        """Takes every second frame only, without a word: so does OpenCV when the disk is full."""

        def __init__(self, *arguments):
            self._real, self._count = REAL_WRITER(*arguments), 0

        def write(self, image):
            self._count += 1
            if self._count % 2:
                self._real.write(image)

        def __getattr__(self, name):
            return getattr(self._real, name)

        fourcc = staticmethod(cv2.VideoWriter.fourcc)

    REAL_WRITER = cv2.VideoWriter
    monkeypatch.setattr(cv2, "VideoWriter", Forgetful)
    with pytest.raises(RecordingError, match="only 5 of 10 frames of the video came to the disk"):
        write(tmp_path / "a.mp4", [picture(i) for i in range(10)])
    assert len(frames_of(tmp_path / "a.mp4")) == 5
