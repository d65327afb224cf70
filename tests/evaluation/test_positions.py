"""Errors of joints in space, where the answer is known."""

from __future__ import annotations

import numpy as np

from pose2pose_live.evaluation.positions import JOINTS, blazepose_positions, position_errors_m, smplx_positions
from pose2pose_live.rotations import rotvec_to_rotmat
from pose2pose_live.skeleton import POSE, SMPLX

RNG = np.random.default_rng(0)
TRUE = RNG.normal(0, 0.4, (5, 12, 3))


def test_the_truth_anywhere_has_no_error():
    np.testing.assert_allclose(position_errors_m(TRUE + np.array([3.0, 1.0, -2.0]), TRUE), 0, atol=1e-12)


def test_turn_and_size_count_only_before_the_alignment():
    turned = 1.3 * TRUE @ rotvec_to_rotmat(np.array([0.2, 0.5, 0.1])).T
    mpjpe, aligned = position_errors_m(turned, TRUE)
    assert mpjpe > 0.1
    assert aligned < 1e-9


def test_one_joint_that_is_off():
    found = TRUE.copy()
    found[:, JOINTS.index("left_wrist"), 1] += 0.12
    np.testing.assert_allclose(position_errors_m(found, TRUE)[0], 0.12 / 12)


def test_pictures_without_a_person_or_a_reference_do_not_count():
    found, true = TRUE + RNG.normal(0, 0.02, TRUE.shape), TRUE.copy()
    expected = position_errors_m(found[[1, 4]], true[[1, 4]])
    found[0], true[2], true[3, 5] = np.nan, np.nan, np.nan
    np.testing.assert_allclose(position_errors_m(found, true), expected)
    assert np.isnan(position_errors_m(np.full_like(TRUE, np.nan), TRUE)).all()


def test_both_skeletons_give_the_same_joints_in_the_same_axes():
    joints, landmarks = np.zeros((55, 3)), np.zeros((33, 3))
    for name in JOINTS:
        place = RNG.normal(size=3)
        joints[SMPLX[name]], landmarks[POSE[name]] = place, place * [1, -1, -1]
    np.testing.assert_allclose(smplx_positions(joints), blazepose_positions(landmarks))
    assert smplx_positions(joints).any()
