"""Tiny videos and pictures, made by the tests for the tests."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np

from pose2pose_live.frame import Image


def numbered_picture(number: int, width_px: int = 64, height_px: int = 48) -> Image:
    """A picture whose brightness tells its number (8 grey levels a number, up to 31)."""
    return np.full((height_px, width_px, 3), 8 * number, np.uint8)


def number_of(image: Image) -> int:
    return round(float(image.mean()) / 8)


def write_video(path: Path, frames: int = 20, fps: float = 30, size_px: tuple[int, int] = (64, 48)) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, size_px)
    assert writer.isOpened()
    for number in range(frames):
        writer.write(numbered_picture(number, *size_px))
    writer.release()
    return path


def write_noise_video(path: Path, frames: int = 30, size_px: tuple[int, int] = (160, 120)) -> Path:
    """A video of noise, in which every frame takes its share of the bytes."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, size_px)
    assert writer.isOpened()
    rng = np.random.default_rng(0)
    for _ in range(frames):
        writer.write(rng.integers(0, 255, (size_px[1], size_px[0], 3), np.uint8))
    writer.release()
    return path


def set_frame_durations(path: Path, ticks: list[int]) -> None:
    """Give an MP4 of `write_video` a variable rate: one duration per frame, in units of the frame duration it had."""
    data = bytearray(path.read_bytes())
    at = data.rfind(b"stts")
    size, _, _, runs, _, unit = struct.unpack(">I4sIIII", data[at - 4 : at + 20])
    assert runs == 1
    table = b"".join(struct.pack(">II", 1, unit * tick) for tick in ticks)
    growth = len(table) - 8
    data[at - 4 : at - 4 + size] = struct.pack(">I4sII", size + growth, b"stts", 0, len(ticks)) + table
    # Every box around the table grows with it. OpenCV writes the index after the pictures, so no offset moves.
    for box in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        start = data.rfind(box, 0, at) - 4
        (length,) = struct.unpack(">I", data[start : start + 4])
        data[start : start + 4] = struct.pack(">I", length + growth)
    # The edit list says how much of the track is shown.
    at = data.rfind(b"elst") + 12
    data[at : at + 4] = struct.pack(">I", 2**31 - 1)
    path.write_bytes(data)


def set_rotated(path: Path) -> None:
    """Mark an MP4 of `write_video` as taken with the camera turned by 90 degrees, as telephones do."""
    data = bytearray(path.read_bytes())
    at = data.rfind(b"tkhd") + 44
    data[at : at + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 48 << 16, 0, 1 << 30)
    path.write_bytes(data)
