"""Every measure against a case whose answer is known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pose2pose_live import metrics
from pose2pose_live.body.files import read_body
from pose2pose_live.resources import asset_path
from pose2pose_live.rotations import rotvec_to_rotmat


def points(seed: int = 0, count: int = 14) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 3))


def test_mean_distance_of_a_3_4_5_triangle():
    true = np.zeros((2, 2, 3))
    predicted = true.copy()
    predicted[0, 0] = (0.03, 0.04, 0.0)  # 50 mm off, the other three points exact
    np.testing.assert_allclose(metrics.mean_distance_m(predicted, true), [0.025, 0])
    mask = np.array([[True, False], [False, False]])
    np.testing.assert_allclose(metrics.mean_distance_m(predicted, true, mask), [0.05, np.nan])


def test_root_alignment_forgives_translation_only():
    true = points()
    shifted = true + np.array([1, 2, 3])
    moved, aligned = metrics.align_to_root(shifted, true, shifted[0], true[0])
    assert metrics.mean_distance_m(moved, aligned) == pytest.approx(0, abs=1e-12)
    doubled, aligned = metrics.align_to_root(2 * true, true, 2 * true[0], true[0])
    assert metrics.mean_distance_m(doubled, aligned) == pytest.approx(np.linalg.norm(true - true[0], axis=-1).mean())


def test_procrustes_undoes_scale_rotation_and_translation():
    true = np.stack([points(0), points(1)])
    turn = rotvec_to_rotmat(np.array([[0.3, -1.2, 0.5], [2.0, 1.0, 0.1]]))
    moved = 1.7 * true @ np.swapaxes(turn, -1, -2) + np.array([0.1, -3.0, 2.0])
    np.testing.assert_allclose(metrics.procrustes_distance_m(moved, true), 0, atol=1e-12)
    assert metrics.mean_distance_m(moved, true).min() > 1


def test_procrustes_does_not_mirror():
    true = points()
    mirrored = true * [-1, 1, 1]
    assert metrics.procrustes_distance_m(mirrored, true) > 0.3


def test_procrustes_scale_by_hand():
    # Of two points 1 m apart on to two points 2 m apart: exact. With a third in the middle of the source, off the line of the target
    # by h, the source's three points stay collinear: the target's triangle has height h, so the distances are h/3, h/3 and 2h/3.
    source = np.array([[-0.5, 0, 0], [0.5, 0, 0], [0, 0, 0.0]])
    target = np.array([[-1, 0, 0], [1, 0, 0], [0, 0.3, 0.0]])
    assert metrics.procrustes_distance_m(source[:2], target[:2]) == pytest.approx(0, abs=1e-12)
    assert metrics.procrustes_distance_m(source, target) == pytest.approx((0.1 + 0.1 + 0.2) / 3)
    mask = np.array([True, True, False])
    assert metrics.procrustes_distance_m(source, target, mask) == pytest.approx(0, abs=1e-12)


def test_procrustes_of_coincident_points_is_their_mean():
    target = points()
    aligned = metrics.procrustes(np.zeros((14, 3)), target)
    np.testing.assert_allclose(aligned, np.broadcast_to(target.mean(0), (14, 3)), atol=1e-12)


def test_pck_counts_points_within_the_threshold():
    true = np.zeros((1, 4, 2))
    predicted = np.array([[[0, 0], [3, 4], [5, 0.1], [0, 20.0]]])
    assert metrics.correct_share(predicted, true, 5.0) == 0.5
    assert metrics.correct_share(predicted, true, np.array([[10.0]])) == 0.75
    assert metrics.correct_share(predicted, true, 5.0, np.array([[False, True, True, True]])) == pytest.approx(1 / 3)


def test_acceleration_of_a_parabola():
    # x = a t^2 / 2 has the acceleration a at any rate; the second difference of a parabola is exact.
    for fps in (30.0, 50.0):
        t = np.arange(6) / fps
        predicted = np.zeros((6, 2, 3))
        predicted[:, 0, 1] = 0.5 * 8.0 * t**2
        assert metrics.acceleration_error_m_s2(predicted, np.zeros_like(predicted), fps) == pytest.approx(4.0)
        seen = np.ones((6, 2), bool)
        seen[3, 1] = False  # takes the still point out of three of its four differences
        measured = metrics.acceleration_error_m_s2(predicted, np.zeros_like(predicted), fps, seen)
        assert measured == pytest.approx(4 * 8.0 / 5)
    assert np.isnan(metrics.acceleration_error_m_s2(np.zeros((2, 1, 3)), np.zeros((2, 1, 3)), 30.0))


def test_rotation_error_is_the_angle():
    axis = np.array([1.0, 2.0, -2.0]) / 3
    predicted = rotvec_to_rotmat(np.radians([[0.0], [25.0], [180.0]]) * axis)
    np.testing.assert_allclose(metrics.rotation_error_deg(predicted, np.eye(3)), [0, 25, 180], atol=1e-6)


def test_parts_of_the_open_body_lie_where_they_should():
    body = read_body(asset_path("open_body.npz"))
    parts = metrics.part_vertices(body.weights)
    rest = body.j_regressor @ body.v_template
    left, right, face = (body.v_template[parts[name]] for name in ("left_hand", "right_hand", "face"))
    assert 500 < len(left) < 3000
    assert len(left) == len(right)
    assert left[:, 0].min() > rest[20, 0] - 0.04
    assert right[:, 0].max() < rest[21, 0] + 0.04
    assert face[:, 1].min() > rest[12, 1]
    assert face[:, 1].max() == body.v_template[:, 1].max()
