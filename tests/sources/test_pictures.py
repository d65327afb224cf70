from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest

from pose2pose_live.errors import SourceError
from pose2pose_live.sources import PictureSource
from tests.sources.clips import number_of, numbered_picture


def write_picture(path, number, width_px=64, height_px=48):
    encoded = cv2.imencode(path.suffix, numbered_picture(number, width_px, height_px))[1]
    path.write_bytes(encoded.tobytes())


def exif_rotated(jpeg: bytes, orientation: int) -> bytes:
    """The JPEG with an EXIF segment that holds nothing but its orientation."""
    tiff = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    segment = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


def test_natural_order_names_and_sizes(tmp_path):
    for number, name in enumerate(["1.jpg", "2.PNG", "10.webp", "11.bmp", "b.jpeg"]):
        path = tmp_path / name
        path.write_bytes(cv2.imencode(path.suffix.lower(), numbered_picture(number, 64 + number, 48))[1].tobytes())
    (tmp_path / "notes.txt").write_text("not a picture")
    (tmp_path / "3.jpg").mkdir()
    with PictureSource(tmp_path) as source:
        frames = list(source)
    assert [frame.name for frame in frames] == ["1.jpg", "2.PNG", "10.webp", "11.bmp", "b.jpeg"]
    assert [number_of(frame.image) for frame in frames] == [0, 1, 2, 3, 4]
    assert [frame.image.shape[1] for frame in frames] == [64, 65, 66, 67, 68]
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    assert np.all(np.diff([frame.time_s for frame in frames]) > 0)
    assert (source.size_px, source.frame_count, source.live, source.warning) == ((64, 48), 5, False, "")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
@pytest.mark.parametrize("damage", ["truncated", "empty", "text"])
def test_a_broken_picture_is_left_out_and_counted(tmp_path, capfd, suffix, damage):
    for number in range(4):
        write_picture(tmp_path / f"{number}.jpg", number)
    (tmp_path / "1.jpg").unlink()
    broken = tmp_path / f"1{suffix}"
    write_picture(broken, 1)
    data = broken.read_bytes()
    broken.write_bytes({"truncated": data[: len(data) // 2], "empty": b"", "text": b"hello"}[damage])
    with PictureSource(tmp_path) as source:
        frames = list(source)
    assert [(frame.index, frame.name) for frame in frames] == [(0, "0.jpg"), (2, "2.jpg"), (3, "3.jpg")]
    assert source.skipped == [broken.name]
    assert f"1 of 4 pictures could not be read and were left out ({broken.name})" in source.warning
    assert capfd.readouterr().err == ""


def test_the_first_picture_may_be_the_broken_one(tmp_path):
    (tmp_path / "0.jpg").write_bytes(b"")
    write_picture(tmp_path / "1.jpg", 1)
    with PictureSource(tmp_path) as source:
        assert [frame.index for frame in source] == [1]
    assert source.skipped == ["0.jpg"]


def test_exif_orientation_is_applied(tmp_path):
    jpeg = cv2.imencode(".jpg", numbered_picture(3, 64, 48))[1].tobytes()
    (tmp_path / "upright.jpg").write_bytes(jpeg)
    (tmp_path / "turned.jpg").write_bytes(exif_rotated(jpeg, 6))
    with PictureSource(tmp_path) as source:
        shapes = {frame.name: frame.image.shape for frame in source}
    assert shapes == {"upright.jpg": (48, 64, 3), "turned.jpg": (64, 48, 3)}


def test_one_picture_can_be_named_itself(tmp_path):
    write_picture(tmp_path / "photo.png", 5)
    write_picture(tmp_path / "photo2.png", 6)
    with PictureSource(tmp_path / "photo.png") as source:
        assert [(frame.name, number_of(frame.image)) for frame in source] == [("photo.png", 5)]


def test_errors_say_what_was_found(tmp_path):
    with pytest.raises(SourceError, match=r"no pictures; expected files that end in \.jpg"):
        PictureSource(tmp_path)
    with pytest.raises(SourceError, match="no such folder"):
        PictureSource(tmp_path / "none")
    for number in range(2):
        (tmp_path / f"{number}.jpg").write_text("hello")
    with pytest.raises(SourceError, match="none of the 2 pictures can be read"):
        PictureSource(tmp_path)
