from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtGui import QImage, QImageReader

from export.icons import FOLDER, ICO_SIZES_PX, NAME, SIZES_PX, draw, main
from pose2pose_live.errors import ModelError


def rgba(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    bits = image.constBits()
    assert bits is not None
    return (
        np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8)
        .reshape(image.height(), image.width(), 4)
        .astype(int)
    )


@pytest.mark.parametrize("size_px", SIZES_PX)
def test_bundled_pictures_are_drawn_from_the_bundled_drawing(size_px: int):
    image = QImage(str(FOLDER / f"{NAME}-{size_px}.png"))
    assert (image.width(), image.height()) == (size_px, size_px)
    assert (
        np.abs(rgba(image) - rgba(draw(FOLDER / f"{NAME}.svg", size_px))).mean() < 2
    )  # another Qt may smooth otherwise


@pytest.mark.parametrize("size_px", SIZES_PX)
def test_the_figure_stands_out_at_every_size(size_px: int):
    pixels = rgba(QImage(str(FOLDER / f"{NAME}-{size_px}.png")))
    opaque = pixels[..., 3] == 255
    white = opaque & (pixels[..., :3].min(axis=2) > 220)
    orange = opaque & (pixels[..., 0] > 200) & (pixels[..., 2] < 120)
    assert 0.04 < white.mean() < 0.3
    assert 0.02 < orange.mean() < 0.15
    assert pixels[0, 0, 3] < 64  # a corner


def test_the_windows_icon_holds_its_sizes(tmp_path: Path):
    assert main(["--output", str(tmp_path)]) == 0
    for data in ((tmp_path / f"{NAME}.ico").read_bytes(), (FOLDER / f"{NAME}.ico").read_bytes()):
        assert struct.unpack_from("<HHH", data) == (0, 1, len(ICO_SIZES_PX))
        end = 6 + 16 * len(ICO_SIZES_PX)
        for i, size_px in enumerate(ICO_SIZES_PX):
            side, _, _, _, _, bits, length, offset = struct.unpack_from("<BBBBHHII", data, 6 + 16 * i)
            assert (side or 256, bits, offset) == (size_px, 32, end)
            image = QImage.fromData(data[offset : offset + length], "PNG")
            assert image.width() == size_px
            end += length
        assert end == len(data)
    assert QImageReader(str(FOLDER / f"{NAME}.ico")).imageCount() == len(ICO_SIZES_PX)


def test_a_drawing_that_is_none_is_told(tmp_path: Path):
    bad = tmp_path / "bad.svg"
    bad.write_text("hello")
    with pytest.raises(ModelError, match="no SVG file"):
        draw(bad, 16)
