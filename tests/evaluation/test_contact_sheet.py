from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from pose2pose_live.errors import RecordingError
from pose2pose_live.evaluation.contact_sheet import ContactSheet, square_around


def plain(colour: tuple[int, int, int], width: int = 40, height: int = 40) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def test_cells_lie_in_rows_with_their_pictures_side_by_side(tmp_path: Path):
    sheet = ContactSheet((40, 40), 2)
    red, green, blue = plain((0, 0, 255)), plain((0, 255, 0)), plain((255, 0, 0))
    for pictures in ((red, green), (green, blue), (blue, red)):
        sheet.add("a", pictures)
    assert sheet.write(tmp_path / "sheet.jpg")
    image = cv2.imread(str(tmp_path / "sheet.jpg"))
    assert image is not None
    assert image.shape == (120, 160, 3)
    found = [[int(image[row, column].argmax()) for column in (20, 60, 100, 140)] for row in (40, 100)]
    assert found[0] == [2, 1, 1, 0]
    assert found[1][:2] == [0, 2]
    assert image[100, 120].max() < 40  # no fourth cell
    assert image[:20, :30].max() > 150  # the label


def test_a_picture_of_another_shape_is_fitted_in(tmp_path: Path):
    sheet = ContactSheet((40, 40), 1)
    sheet.add("", [plain((255, 255, 255), 80, 40)])
    sheet.write(tmp_path / "sheet.jpg")
    image = cv2.imread(str(tmp_path / "sheet.jpg"))
    assert image is not None
    assert image[40, 20].min() > 200
    assert image[22, 20].max() < 40


def test_an_empty_sheet_is_not_written(tmp_path: Path):
    assert not ContactSheet((40, 40), 1).write(tmp_path / "sheet.jpg")
    assert not (tmp_path / "sheet.jpg").exists()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path):
    sheet = ContactSheet((40, 40), 1)
    sheet.add("", [plain((0, 0, 0))])
    with pytest.raises(RecordingError, match="the contact sheet cannot be written"):
        sheet.write(tmp_path / "nowhere" / "sheet.jpg")


def test_the_square_around_points_keeps_to_the_picture():
    points = np.array([[100.0, 100.0], [200.0, 120.0]])
    assert square_around(points, 640, 480, margin=0.5) == (slice(10, 210), slice(50, 250))
    assert square_around(points, 220, 150, margin=0.5) == (slice(10, 150), slice(50, 220))
    assert square_around(points - 1000, 220, 150) == (slice(0, 150), slice(0, 220))
