"""Pictures and labels agree, and a sample is the same whenever and wherever it is asked for."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys

import cv2
import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.frame import Camera, SmplxFrame
from pose2pose_live.skeleton import POSITION_BODY_JOINTS, SMPLX, SUPERVISION
from pose2pose_live.training.synthetic import SyntheticPeople

BODY_IN_SMPLX = [
    (SUPERVISION[name], SMPLX[name]) for name in POSITION_BODY_JOINTS if name in SMPLX
]  # the rest are vertices


def same(a: object, b: object) -> None:
    for name in ("picture", "person_box_xywh", "joints_2d", "joints_3d", "joints_visible"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_joints_follow_from_the_parameters_in_the_axes_of_the_data_sets(people: SyntheticPeople) -> None:
    model = BodyModel.load()
    for index in range(6):
        sample = people[index]
        target = sample.smplx
        assert target is not None
        assert sample.joints_3d is not None
        # The body model knows nothing of axes: given the parameters in OpenCV's, it gives the joints in OpenCV's.
        frame = SmplxFrame(
            0.0, Camera(1, 1, 0, 0), global_orient=target.global_orient, body_pose=target.body_pose,
            left_hand_pose=target.left_hand_pose, right_hand_pose=target.right_hand_pose, jaw_pose=target.jaw_pose,
            betas=target.betas, expression=target.expression, transl=target.transl,
        )  # fmt: skip
        joints = model.joints(frame)
        for ours, theirs in BODY_IN_SMPLX:
            np.testing.assert_allclose(sample.joints_3d[ours], joints[theirs], atol=1e-6)
        assert (sample.joints_3d[sample.joints_3d_valid, 2] > 0.1).all()


def test_pixels_are_the_projection_of_the_joints(people: SyntheticPeople) -> None:
    sample = people[7]
    assert sample.joints_3d is not None
    assert sample.joints_2d is not None
    assert sample.focal_px is not None
    assert sample.principal_px is not None
    assert sample.joints_2d_valid is not None
    points = sample.joints_3d[sample.joints_2d_valid]
    pixels = points[:, :2] / points[:, 2:] * sample.focal_px + sample.principal_px
    np.testing.assert_allclose(sample.joints_2d[sample.joints_2d_valid], pixels, atol=1e-6)


def test_visible_joints_lie_on_the_drawn_person_and_the_box_around_it(people: SyntheticPeople) -> None:
    for index in range(8):
        staged = people.stage(index)
        shot, sample = staged.shot, staged.sample
        assert sample.joints_2d is not None
        drawn, mask = shot.kind > 0, (shot.kind > 0) & (shot.kind <= 55)
        assert mask.mean() > 0.01
        near = cv2.dilate(drawn.astype(np.uint8), np.ones((5, 5), np.uint8))
        pixel = np.rint(sample.joints_2d[sample.joints_visible]).astype(int)
        assert near[pixel[:, 1], pixel[:, 0]].mean() > 0.99
        x, y, width, height = sample.person_box_xywh
        rows, columns = np.nonzero(mask)
        # Clothes and hair reach a little beyond the body that is labelled.
        slack = 0.06 * max(width, height) + 2
        assert x - slack <= columns.min()
        assert columns.max() <= x + width + slack
        assert y - slack <= rows.min()
        assert rows.max() <= y + height + slack


def test_a_head_turned_away_shows_no_face(people: SyntheticPeople) -> None:
    seen = []
    nose, left_ear, right_ear = (SUPERVISION[name] for name in ("nose", "left_ear", "right_ear"))
    for index in range(60):
        sample = people[index]
        assert sample.smplx is not None
        assert sample.joints_3d is not None
        joints = sample.joints_3d
        looks = joints[nose] - 0.5 * (joints[left_ear] + joints[right_ear])
        along = (
            looks @ joints[nose] / np.linalg.norm(looks) / np.linalg.norm(joints[nose])
        )  # 1: straight away from the camera
        if abs(along) > 0.6:
            seen.append((along > 0, sample.smplx.face_valid))
    away = [face for is_away, face in seen if is_away]
    towards = [face for is_away, face in seen if not is_away]
    assert len(away) >= 3
    assert not any(away)
    assert np.mean(towards) > 0.7


def test_a_sample_is_the_same_in_any_order_and_instance(people: SyntheticPeople) -> None:
    first = people[5]
    people[11]
    same(people[5], first)
    same(people[5 - len(people)], first)
    again = pickle.loads(pickle.dumps(people))
    same(again[5], first)
    again.close()
    assert not np.array_equal(people[6].picture, first.picture)


def test_a_sample_is_the_same_in_another_process(people: SyntheticPeople) -> None:
    code = (
        "import hashlib; from pose2pose_live.training.synthetic import SyntheticPeople; "
        "print(hashlib.sha256(SyntheticPeople(1000, seed=3, size_px=160)[9].picture.tobytes()).hexdigest())"
    )
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    assert answer == hashlib.sha256(people[9].picture.tobytes()).hexdigest()


def test_splits_and_seeds_differ(people: SyntheticPeople) -> None:
    for other in (SyntheticPeople(10, seed=4, size_px=160), SyntheticPeople(10, seed=3, size_px=160, split="test")):
        assert not np.array_equal(other[0].picture, people[0].picture)
        other.close()


def test_index_errors_and_slices(people: SyntheticPeople) -> None:
    with pytest.raises(IndexError):
        people[1000]
    assert [sample.name for sample in people[2:4]] == [people[2].name, people[3].name]
