"""Cuts `assets/demo.mp4`, the clip that stands in for a camera where there is none.

`python -m export demo-clip [--output FILE] [--cache FOLDER]`. The source is one of the demonstration videos of Pose2Sim
(David Pagnon, BSD-3-Clause): a man seen from the front, his face pixelated by its authors, keeps his balance on a beam.
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

from .sources import Wheel, download_wheel, sha256_of

POSE2SIM = Wheel("pose2sim", "0.10.49", "BSD-3-Clause")
MEMBER = "Pose2Sim/Demo_SinglePerson/videos/cam02.mp4"
SHA256 = "94ff87cf978b8406e8aa36ab3c5362e72848994e87652f0dc7a33c315e8e0442"

LEFT_PX, TOP_PX, WIDTH_PX, HEIGHT_PX = 40, 356, 1040, 780
"""The part of the 1080x1920 picture that holds the whole man."""
SIZE_PX = (640, 480)
FPS = 30
LEFT_OUT = (66,)
"""Frames in which his face was not pixelated."""


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
    """The clip out of the source's frames.

    The source lasts 1.7 s at 60 frames/s. Played at 30 frames/s, forwards and then backwards, it becomes 6.5 s that can be
    looped without a jump, at the speed of a careful movement.
    """
    window = np.s_[TOP_PX : TOP_PX + HEIGHT_PX, LEFT_PX : LEFT_PX + WIDTH_PX]
    kept = [frame[window] for i, frame in enumerate(frames) if i not in LEFT_OUT]
    scaled = [cv2.resize(frame, SIZE_PX, interpolation=cv2.INTER_AREA) for frame in kept]
    return scaled + scaled[-2:0:-1]


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
    wheel = download_wheel(POSE2SIM, options.cache)
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        data = archive.read(MEMBER)
        if sha256_of(data) != SHA256:
            raise ModelError(
                f"{MEMBER} in {wheel} has sha256 {sha256_of(data)}, expected {SHA256}; delete the file, run again"
            )
        source = Path(folder) / "source.mp4"
        source.write_bytes(data)
        frames = cut(read_frames(source))
    write_clip(options.output, frames)
    size_mb = options.output.stat().st_size / 1e6
    print(f"{options.output}: {len(frames)} frames, {len(frames) / FPS:.1f} s, {size_mb:.2f} MB")
    return 0
