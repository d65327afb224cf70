"""Draws the icon's PNG and ICO files from `assets/icons/pose2pose-live.svg`, which was made by hand.

`python -m export icons [--output FOLDER]`.
"""

from __future__ import annotations

import argparse
import struct
from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QBuffer, QByteArray, QIODevice
from PyQt6.QtGui import QImage, QPainter
from PyQt6.QtSvg import QSvgRenderer

from pose2pose_live.errors import ModelError

NAME = "pose2pose-live"
SIZES_PX = (16, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES_PX = (16, 24, 32, 48, 64, 256)
FOLDER = Path(__file__).parents[1] / "assets" / "icons"


def draw(svg: Path, size_px: int) -> QImage:
    """The drawing as a square picture with a transparent ground. Raises ModelError when it is no SVG."""
    renderer = QSvgRenderer(str(svg))
    if not renderer.isValid():
        raise ModelError(f"{svg} is no SVG file that Qt can draw; check it out again")
    image = QImage(size_px, size_px, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    return image


def png_bytes(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return data.data()


def ico_bytes(images: Sequence[QImage]) -> bytes:
    """A Windows icon file: a directory, then each picture as PNG, which Windows reads since Vista."""
    pictures = [png_bytes(image) for image in images]
    offset = 6 + 16 * len(images)
    directory = struct.pack("<HHH", 0, 1, len(images))
    for image, picture in zip(images, pictures, strict=True):
        side = image.width() % 256  # 0 stands for 256
        directory += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(picture), offset)
        offset += len(picture)
    return directory + b"".join(pictures)


def main(argv: Sequence[str]) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m export icons", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=FOLDER)
    folder = parser.parse_args(argv).output
    folder.mkdir(parents=True, exist_ok=True)
    images = {size_px: draw(FOLDER / f"{NAME}.svg", size_px) for size_px in SIZES_PX}
    for size_px, image in images.items():
        (folder / f"{NAME}-{size_px}.png").write_bytes(png_bytes(image))
    (folder / f"{NAME}.ico").write_bytes(ico_bytes([images[size_px] for size_px in ICO_SIZES_PX]))
    print(f"{folder}: {len(images)} PNG files and {NAME}.ico")
    return 0
