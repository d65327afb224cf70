"""Cuts `assets/demo.mp4`, the clip that stands in for a camera where there is none.

`python -m export demo-clip [--output FILE] [--cache FOLDER]`. The source is the demonstration video of Sports2D (David
Pagnon, BSD-3-Clause): a man seen from the front does jumping jacks, turns and walks.
"""

from __future__ import annotations

import argparse
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from pose2pose_live.errors import ModelError
from pose2pose_live.frame import Image

from .sources import Wheel, checked, download_wheel

SPORTS2D = Wheel("sports2d", "0.8.34", "BSD-3-Clause")
MEMBER = "Sports2D/Demo/demo.mp4"
SHA256 = "d9a66417185647b112304b57093f0c180f37a768e6a14daca75ca541f3b78039"

LEFT_PX, TOP_PX = 340, 0
SIZE_PX = (640, 480)
"""The part of the 1768x994 picture that holds the whole man and nobody else; it is not scaled."""
FPS = 30
LAST_FRAME = 119
"""Then he reaches the edge and crouches for a somersault."""


def read_frames(path: Path) -> list[Image]:
    """Every frame of the video. Raises ModelError when OpenCV cannot read it."""
    capture = cv2.VideoCapture(str(path))
    frames: list[Image] = []
    while capture.grab():
        frames.append(np.asarray(capture.retrieve()[1]))
    capture.release()
    if not frames:
        raise ModelError(f"OpenCV cannot read {path}; install opencv-contrib-python anew")
    return frames


def cut(frames: Sequence[Image]) -> list[Image]:
    """The clip out of the source's frames: forwards and then backwards, so that it can be looped without a jump."""
    width, height = SIZE_PX
    window = np.s_[TOP_PX : TOP_PX + height, LEFT_PX : LEFT_PX + width]
    kept = [frame[window] for frame in frames[: LAST_FRAME + 1]]
    return kept + kept[-2:0:-1]


def write_clip(path: Path, frames: Sequence[Image]) -> None:
    """MPEG-4 video: the only codec that OpenCV writes and reads on every platform. Raises ModelError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), FPS, SIZE_PX)
    if not writer.isOpened():
        raise ModelError(f"{path} cannot be written; check that the folder can be written to")
    for frame in frames:
        writer.write(frame)
    writer.release()


def main(argv: Sequence[str]) -> int:
    """Command line; returns the exit status."""
    repository = Path(__file__).parents[1]
    parser = argparse.ArgumentParser(prog="python -m export demo-clip", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=repository / "assets" / "demo.mp4")
    parser.add_argument("--cache", type=Path, default=repository / "build" / "packages")
    options = parser.parse_args(argv)
    wheel = download_wheel(SPORTS2D, options.cache)
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        data = checked(archive.read(MEMBER), MEMBER, SHA256, wheel)
        source = Path(folder) / "source.mp4"
        source.write_bytes(data)
        frames = cut(read_frames(source))
    write_clip(options.output, frames)
    size_mb = options.output.stat().st_size / 1e6
    print(f"{options.output}: {len(frames)} frames, {len(frames) / FPS:.1f} s, {size_mb:.2f} MB")
    return 0
