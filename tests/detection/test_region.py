"""Crops: the same pixels whichever way they are cut."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pose2pose_live.detection.region import Region, blob, region_from_points

IMAGE = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)


@pytest.mark.parametrize("region", [Region(80, 60, 50, 0.3), Region(80, 60, 400, -0.2), Region(5, 100, 60, 2.0)])
def test_a_crop_is_bilinear_with_its_border_repeated(region: Region):
    """Inside, across the edge and far outside, against a warp that repeats the border in any case."""
    expected = cv2.warpAffine(
        IMAGE,
        region.crop_to_image(64),
        (64, 64),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    assert np.abs(region.crop(IMAGE, 64).astype(int) - expected).max() <= 1


def test_an_upright_crop_of_its_own_size_is_the_picture():
    region = Region(60.0, 50.0, 40.0)
    np.testing.assert_array_equal(region.crop(IMAGE, 40), IMAGE[30:70, 40:80])


def test_a_blob_is_rgb_planes_in_0_to_1():
    crop = IMAGE[:32, :32]
    np.testing.assert_allclose(blob(crop), cv2.dnn.blobFromImage(crop, 1 / 255, swapRB=True), atol=1e-7)
    assert blob(crop)[0, 0, 3, 5] == pytest.approx(crop[3, 5, 2] / 255)


def test_points_of_a_crop_lie_where_they_were_cut():
    marked = np.zeros((120, 160, 3), np.uint8)
    cv2.circle(marked, (100, 40), 3, (255, 255, 255), -1)
    region = Region(90, 50, 60, 0.7)
    row, column = np.unravel_index(region.crop(marked, 128)[:, :, 0].argmax(), (128, 128))
    np.testing.assert_allclose(region.to_image(np.array([column, row], float), 128), [100, 40], atol=3.5)


@pytest.mark.parametrize(("up", "rotation_deg"), [((0, -10), 0), ((10, 0), 90), ((0, 10), -180), ((-10, 0), -90)])
def test_a_region_stands_upright_towards_its_second_point(up: tuple[int, int], rotation_deg: float):
    region = region_from_points(np.array([50.0, 50.0]), np.array([50.0, 50.0]) + up, 1.25)
    assert np.degrees(region.rotation_rad) == pytest.approx(rotation_deg)
    assert region.size_px == pytest.approx(25)
    np.testing.assert_allclose(
        region.to_image(np.array([64.0, 0.0]), 128), np.array([50.0, 50.0]) + np.array(up) * 1.25
    )
