from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np
import pytest

from pose2pose_live.estimation.person_crop import clean_box, crop_matrix, crop_person, processed_box

REFERENCE = Path(__file__).parents[3] / "shared" / "reference"
SIZE = (512, 384)


def _naive(image: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Pixel by pixel: bilinear, zeros outside; RGB planes in [0,1]."""
    height, width = image.shape[:2]
    padded = np.zeros((height + 2, width + 2, 3))
    padded[1:-1, 1:-1] = image
    out = np.zeros((3, *SIZE))
    for i in range(0, SIZE[0], 8):
        for j in range(0, SIZE[1], 8):
            x, y = box[0] + j * box[2] / SIZE[1], box[1] + i * box[3] / SIZE[0]
            if not (-1 < x < width and -1 < y < height):
                continue
            column, row = int(np.floor(x)), int(np.floor(y))
            dx, dy = x - column, y - row
            square = padded[row + 1 : row + 3, column + 1 : column + 3]
            level = (1 - dy) * ((1 - dx) * square[0, 0] + dx * square[0, 1]) + dy * (
                (1 - dx) * square[1, 0] + dx * square[1, 1]
            )
            out[:, i, j] = level[::-1] / 255
    return out


@pytest.mark.parametrize(
    ("box", "cleaned"),
    [
        ((100, 40, 60, 150), (100, 40, 59, 149)),
        ((-20, 10, 200, 100), (0, 10, 199, 99)),
        ((250, 100, 120, 200), (250, 100, 69, 139)),
        ((10, 10, 0, 50), None),
        ((10, 10, -5, -5), None),
        ((10, 10, 1, 50), None),
        ((400, 10, 50, 50), None),
    ],
)
def test_boxes_are_cut_to_the_picture(box: tuple[float, ...], cleaned: tuple[float, ...] | None):
    found = clean_box(np.array(box, float), 320, 240)
    assert (found is None) == (cleaned is None)
    if found is not None and cleaned is not None:
        np.testing.assert_allclose(found, np.array(cleaned))


@pytest.mark.parametrize("box", [(30.0, 20.0, 40.0, 200.0), (30.0, 20.0, 200.0, 40.0), (0.5, 0.5, 75.0, 100.0)])
def test_boxes_grow_to_the_crops_aspect_about_their_centre(box: tuple[float, ...]):
    before = np.array(box)
    grown = processed_box(before, SIZE)
    assert grown[2] / grown[3] == pytest.approx(0.75)
    np.testing.assert_allclose(grown[:2] + grown[2:] / 2, before[:2] + before[2:] / 2)
    assert min(grown[2:] / before[2:]) == pytest.approx(1.25)


def test_a_crop_is_bilinear_rgb_with_black_outside():
    image = np.random.default_rng(1).integers(0, 256, (100, 120, 3), np.uint8)
    box = np.array([-20.3, -10.6, 90.0, 120.0])
    crop = crop_person(image, box, SIZE)
    assert crop.shape == (1, 3, *SIZE)
    assert crop.dtype == np.float32
    # OpenCV rounds to whole levels; before version 5 it rounds positions to 1/32 px, too.
    exact = int(cv2.__version__.split(".")[0]) >= 5
    difference = np.abs(crop[0] - _naive(image, box))[:, ::8, ::8]
    assert difference.max() * 255 < (1.01 if exact else 16)
    assert (crop[0, :, :40, :] == 0).all()


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the numeric reference does not lie beside the checkout")
def test_boxes_and_crops_agree_with_the_published_code():
    ref = np.load(REFERENCE / "ref_units.npz")
    spec = importlib.util.spec_from_file_location("seeded_weights", REFERENCE / "seeded_weights.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    photo = np.ascontiguousarray(module.test_image(1, 240, 320, tag="photo")[0].transpose(1, 2, 0) * 255)
    for i, xywh in enumerate(ref["preproc/boxes_xywh"]):
        cleaned = clean_box(xywh, 320, 240)
        assert cleaned is not None
        box = processed_box(cleaned, SIZE)
        np.testing.assert_allclose(box, ref["preproc/process_bbox"][i], rtol=2e-5, atol=2e-5)
        matrix = crop_matrix(box, SIZE)
        np.testing.assert_allclose(matrix, ref["preproc/img2bb"][i], rtol=2e-5, atol=2e-5)
        back = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
        np.testing.assert_allclose(back, ref["preproc/bb2img"][i], rtol=2e-5, atol=2e-5)
        if int(cv2.__version__.split(".")[0]) >= 5:
            patch = cv2.warpAffine(photo, matrix, SIZE[::-1], flags=cv2.INTER_LINEAR)[4::16, 4::16]
            np.testing.assert_allclose(patch, ref["preproc/patch_every16_from4"][i], rtol=0, atol=2e-5 * 255)
    turned = crop_matrix(np.array([100 - 30, 80 - 40, 60, 80.0]), SIZE, scale=1.1, rotation_deg=25)
    np.testing.assert_allclose(turned, ref["preproc/img2bb_scale1.1_rot25_c100_80_wh60_80"], rtol=2e-5, atol=2e-5)
