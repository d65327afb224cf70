from __future__ import annotations

import numpy as np
import pytest

from pose2pose_live.evaluation import pck
from pose2pose_live.evaluation.samples import Person
from pose2pose_live.frame import Camera
from pose2pose_live.skeleton import POSE, SMPLX


def person(x_px: float, size_px: float = 100.0) -> Person:
    return Person({"left_wrist": np.array([x_px, 0.0]), "right_knee": np.array([x_px, 50.0])}, size_px)


def points(x_px: float) -> pck.Points:
    return {name: np.array([x_px, 50.0 if name.endswith("knee") else 0.0]) for name in pck.JOINTS}


def test_an_error_is_a_share_of_the_persons_longer_side():
    assert pck.joint_errors(points(5.0), person(0.0)) == {"left_wrist": 0.05, "right_knee": 0.05}
    assert pck.joint_errors(points(5.0), person(0.0, 200.0)) == {"left_wrist": 0.025, "right_knee": 0.025}


def test_nobody_found_hits_nothing():
    errors = pck.joint_errors(None, person(0.0))
    assert list(errors.values()) == [np.inf, np.inf]
    assert pck.share(errors.values(), 0.1) == 0


def test_joints_that_not_both_bodies_have_do_not_count():
    assert "nose" not in pck.joint_errors(points(0.0), Person({"nose": np.zeros(2)}, 1.0))


def test_share_counts_what_lies_on_the_threshold():
    assert pck.share([0.05, 0.0500001, 0.1, np.inf], 0.05) == 0.25
    assert np.isnan(pck.share([], 0.05))


def test_the_person_who_is_hit_is_meant():
    people = [person(0.0, 200.0), person(50.0)]
    assert pck.nearest_person(points(49.0), people) is people[1]
    assert pck.nearest_person(points(-1.0), people) is people[0]
    assert pck.nearest_person(None, people[::-1]) is people[0]  # the largest


def test_of_two_poses_with_the_same_hits_the_nearer_one_is_taken():
    near, far = points(1.0), points(2.0)
    assert pck.nearest_pose([far, near], person(0.0)) is near
    assert pck.nearest_pose([], person(0.0)) is None


def test_places_have_the_names_of_the_annotation():
    camera = Camera(100.0, 100.0, 50.0, 40.0)
    joints = np.tile([0.0, 0.0, -2.0], (55, 1))
    joints[SMPLX["left_wrist"]] = [1.0, 0.5, -2.0]
    joints[SMPLX["right_eye_smplhf"]] = [0.0, 1.0, -1.0]
    found = pck.smplx_points(joints, camera)
    assert found["left_wrist"] == pytest.approx([100.0, 15.0])
    assert found["right_eye"] == pytest.approx([50.0, -60.0])
    landmarks = np.arange(66.0).reshape(33, 2)
    np.testing.assert_array_equal(pck.blazepose_points(landmarks)["right_eye"], landmarks[POSE["right_eye"]])
    assert set(found) == set(pck.blazepose_points(landmarks)) == set(pck.JOINTS)
