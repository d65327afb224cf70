"""Head, jaw and eyes from face landmarks and blendshapes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.detection.region import Region
from pose2pose_live.estimation import solve_face
from pose2pose_live.estimation.face_net import FaceLandmarks, ReadFace
from pose2pose_live.estimation.whole_body import read_or_solved_face
from pose2pose_live.rotations import geodesic_angle, rotvec_to_rotmat
from pose2pose_live.skeleton import ARKIT, ARKIT_INDEX, BLENDSHAPES


def face_px(rotation: np.ndarray, scale_px: float = 12.0) -> np.ndarray:
    """Landmarks of the canonical face as a perfect network gives them: px, y down, z away."""
    points = np.zeros((478, 3))
    points[solve_face._INDEX] = scale_px * (solve_face._POINTS @ rotation.T) * [1, -1, -1] + [320, 200, 0]
    return points


@pytest.mark.parametrize("rotvec_deg", [(0, 0, 0), (0, 60, 0), (25, -30, 10), (-40, 10, 25)])
def test_head_rotation_comes_back(rotvec_deg: tuple[float, float, float]):
    true = rotvec_to_rotmat(np.radians(rotvec_deg))
    assert np.degrees(geodesic_angle(solve_face.head_rotation(face_px(true), np.eye(3)), true)) < 1e-3


def test_head_rotation_is_turned_into_the_world():
    to_world = rotvec_to_rotmat(np.array([0.1, -0.3, 0.0]))
    found = solve_face.head_rotation(face_px(np.eye(3)), to_world)
    np.testing.assert_allclose(found, to_world, atol=1e-6)


def test_noise_turns_the_head_little():
    rng = np.random.default_rng(5)
    noisy = face_px(np.eye(3)) + rng.normal(size=(478, 3))
    assert np.degrees(geodesic_angle(solve_face.head_rotation(noisy, np.eye(3)), np.eye(3))) < 3


def test_arkit_values_go_to_their_names():
    values = np.zeros(len(BLENDSHAPES))
    values[BLENDSHAPES.index("jawOpen")] = 0.7
    values[BLENDSHAPES.index("_neutral")] = 0.9
    arkit = solve_face.arkit_from_network(values)
    assert arkit[ARKIT_INDEX["jawOpen"]] == pytest.approx(0.7)
    assert arkit.sum() == pytest.approx(0.7)
    assert arkit.shape == (len(ARKIT),)


def arkit(**values: float) -> np.ndarray:
    result = np.zeros(len(ARKIT))
    for name, value in values.items():
        result[ARKIT_INDEX[name]] = value
    return result


def test_jaw_opens_downwards():
    """The chin lies in front (+z) of the jaw's joint: opening moves it down (-y)."""
    turned = rotvec_to_rotmat(solve_face.jaw_pose(arkit(jawOpen=1.0))) @ [0.0, 0.0, 1.0]
    assert turned[1] < -0.3
    sideways = rotvec_to_rotmat(solve_face.jaw_pose(arkit(jawLeft=1.0))) @ [0.0, 0.0, 1.0]
    assert sideways[0] > 0.05  # +x is the subject's left


@pytest.mark.parametrize(
    ("shapes", "axis", "sign"),
    [
        ({"eyeLookUpLeft": 1.0, "eyeLookUpRight": 1.0}, 1, 1),
        ({"eyeLookDownLeft": 1.0, "eyeLookDownRight": 1.0}, 1, -1),
        ({"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0}, 0, 1),  # both to the subject's left
        ({"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0}, 0, -1),
    ],
)
def test_both_eyes_look_where_the_blendshapes_say(shapes: dict[str, float], axis: int, sign: int):
    gaze = rotvec_to_rotmat(solve_face.eye_pose(arkit(**shapes))) @ [0.0, 0.0, 1.0]
    assert (sign * gaze[:, axis] > 0.3).all()


@pytest.mark.parametrize(("has_head", "knows_expressions"), [(True, True), (False, True), (True, False)])
def test_the_head_counts_where_there_is_one_and_the_body_is_its_own(has_head: bool, knows_expressions: bool):
    read = ReadFace(rotvec_to_rotmat(np.array([0.3, 0.0, 0.0])), np.full(10, 0.5))
    face = FaceLandmarks(np.zeros((478, 3)), 1.0, np.zeros(52), Region(0, 0, 1), read if has_head else None)
    to_expression = np.zeros((10, 52))
    to_expression[0, ARKIT_INDEX["jawOpen"]] = 2.0
    body = cast(BodyModel, SimpleNamespace(expression_from_arkit=to_expression if knows_expressions else None))
    jaw, expression = read_or_solved_face(body, face, arkit(jawOpen=1.0))
    if has_head and knows_expressions:
        np.testing.assert_allclose(jaw, [0.3, 0, 0], atol=1e-9)
        np.testing.assert_array_equal(expression, read.expression)
    else:
        np.testing.assert_allclose(jaw, [solve_face.JAW_OPEN_RAD, 0, 0])
        np.testing.assert_array_equal(expression, [1.1 if knows_expressions else 0.0, *[0.0] * 9])
