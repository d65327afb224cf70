"""What a posed face does against what the landmarks of the real one do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.estimation.face_measures import FROM_MEDIAPIPE, measures
from pose2pose_live.evaluation.faces import MEASURES, correlations, differences, face_values
from pose2pose_live.frame import Camera, SmplxFrame
from pose2pose_live.mocap import Sighting
from pose2pose_live.rotations import rotvec_to_rotmat

CAMERA = Camera(500.0, 500.0, 320.0, 240.0)
OPENING, WIDTH, EYES, BROWS = range(len(MEASURES))


def frame(jaw_rad: float = 0.0, **expression: float) -> SmplxFrame:
    names = ("smile", "frown", "brow_up", "brow_down", "blink_left", "blink_right")
    coefficients = np.array([expression.get(name, 0.0) for name in names] + [0.0] * 4)
    return SmplxFrame(0.0, CAMERA, jaw_pose=np.array([jaw_rad, 0.0, 0.0]), expression=coefficients)


def sighting_of(body: BodyModel, pose: SmplxFrame, turn: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Sighting:
    """Landmarks as a perfect network gives them of this face: px, y down, z away, however the head is turned."""
    points = body.face_points(body.pose(pose).vertices)
    assert points is not None
    points_px = np.zeros((478, 3))
    points_px[list(FROM_MEDIAPIPE)] = 900 * (points @ rotvec_to_rotmat(np.array(turn)).T) * [1, -1, -1] + [300, 200, 0]
    parts = SimpleNamespace(face=SimpleNamespace(points_px=points_px))
    return cast(Sighting, SimpleNamespace(camera=CAMERA, observation=SimpleNamespace(parts=parts)))


@pytest.mark.parametrize(
    ("pose", "measure", "sign"),
    [
        (frame(jaw_rad=0.2), OPENING, 1),
        (frame(smile=1.0), WIDTH, 1),
        (frame(blink_left=1.0, blink_right=1.0), EYES, -1),
        (frame(brow_up=1.0), BROWS, 1),
        (frame(brow_down=1.0), BROWS, -1),
    ],
)
def test_each_expression_moves_its_measure(body: BodyModel, pose: SmplxFrame, measure: int, sign: int):
    posed, _ = face_values(body, pose, sighting_of(body, pose))
    assert sign * posed[measure] > 0.03


def test_a_face_measures_the_same_from_all_sides_and_distances(body: BodyModel):
    pose = frame(jaw_rad=0.15, smile=0.5)
    front, aside = (face_values(body, pose, sighting_of(body, pose, turn)) for turn in ((0, 0, 0), (0.3, -0.7, 0.2)))
    np.testing.assert_allclose(front, aside, atol=1e-6)
    resting = face_values(body, frame(), sighting_of(body, frame()))
    np.testing.assert_allclose(resting[0], 0, atol=1e-6)
    np.testing.assert_allclose(front[0], front[1] - resting[1], atol=1e-6)  # the mesh is what was seen


def test_where_no_face_is_seen_there_is_nothing_to_compare(body: BodyModel):
    for observation in (None, SimpleNamespace(), SimpleNamespace(parts=SimpleNamespace(face=None))):
        seen = cast(Sighting, SimpleNamespace(camera=CAMERA, observation=observation))
        assert np.isnan(face_values(body, frame(), seen)).all()
    assert np.isnan(correlations(np.full((20, 2, 4), np.nan))).all()
    assert np.isnan(differences(np.full((20, 2, 4), np.nan))).all()


def test_correlation_and_difference_of_a_clip():
    seen = np.zeros((21, 4))
    seen[:, OPENING] = np.linspace(0.0, 0.2, 21)
    seen[:, WIDTH] = 0.7 + np.linspace(0.0, 0.1, 21)
    seen[:, EYES] = 0.1 + 0.02 * np.sin(np.arange(21))
    posed = np.zeros((21, 4))
    posed[:, OPENING] = 0.5 * seen[:, OPENING]
    posed[:, WIDTH] = 0.8 - seen[:, WIDTH]
    values = np.stack([posed, seen], axis=1)
    values[4] = np.nan  # a picture without a face does not count
    right = correlations(values)
    assert right[OPENING] == pytest.approx(1)
    assert right[WIDTH] == pytest.approx(-1)
    assert right[EYES] == 0  # what does not move along does not go along
    assert np.isnan(right[BROWS])  # the real ones keep still
    off = differences(values)
    assert off[OPENING] == pytest.approx(np.delete(seen[:, OPENING], 4).mean() / 2)
    assert off[BROWS] == 0
    other_face, parted = values.copy(), values.copy()
    other_face[:, 0, WIDTH:] += [0.3, 0.1, 0.2]
    np.testing.assert_allclose(differences(other_face), off, atol=1e-12)  # faces differ
    parted[:, 0, OPENING] -= 0.1
    assert differences(parted)[OPENING] == pytest.approx(off[OPENING] + 0.1)  # but closed lips are closed


def test_measures_are_shares_of_the_faces_size():
    points = np.random.default_rng(1).normal(size=(3, 51, 3))
    one, large = measures(points), measures(12.5 * points + 4)
    for name, value in one.items():
        assert value.shape == (3,)
        np.testing.assert_allclose(large[name], value)
