"""Acceleration and lag of motions whose acceleration and lag are known."""

from __future__ import annotations

import numpy as np
import pytest

from pose2pose_live.evaluation.acceleration import ARMS, accelerations_m_s2, blazepose_arms, smplx_arms
from pose2pose_live.evaluation.capture import stretches
from pose2pose_live.motion import lag
from pose2pose_live.skeleton import POSE, SMPLX


def test_a_parabola_has_its_acceleration_at_uneven_times_too():
    times = np.array([0.0, 0.1, 0.13, 0.3, 0.31])
    points = np.zeros((5, 2, 3))
    points[:, 0, 0] = 3.0 * times**2  # 6 m/s^2
    points[:, 1] = np.outer(times, [1.0, -2.0, 0.5])  # even motion: none
    np.testing.assert_allclose(accelerations_m_s2(points, times), np.tile([6.0, 0.0], (3, 1)), atol=1e-12)


def test_a_jump_of_a_centimetre_at_30_fps_is_9_m_s2():
    points = np.zeros((4, 1, 3))
    points[2:, 0, 1] = 0.01
    np.testing.assert_allclose(accelerations_m_s2(points, np.arange(4) / 30), [[9.0], [9.0]])


def test_positions_are_relative_to_the_pelvis():
    joints = np.random.default_rng(0).normal(size=(2, 55, 3))
    landmarks = np.random.default_rng(1).normal(size=(2, 33, 3))
    row = ARMS.index("right_wrist")
    np.testing.assert_allclose(smplx_arms(joints)[:, row], joints[:, SMPLX["right_wrist"]] - joints[:, SMPLX["pelvis"]])
    hips = (landmarks[:, POSE["left_hip"]] + landmarks[:, POSE["right_hip"]]) / 2
    np.testing.assert_allclose(blazepose_arms(landmarks)[:, row], landmarks[:, POSE["right_wrist"]] - hips)
    assert len(ARMS) == 6


def test_a_stretch_ends_where_somebody_is_lost_or_new():
    seen = [True] * 4 + [False] + [True] * 7 + [False, True, True]
    begins = [index in (0, 5, 8, 13) for index in range(len(seen))]
    assert stretches(seen, begins) == [slice(0, 4), slice(5, 8), slice(8, 12)]
    assert stretches([True] * 3, [False] * 3) == [slice(0, 3)]
    assert stretches([], []) == []


@pytest.mark.parametrize("late_s", [0.0, 0.04, 0.133])
def test_the_lag_of_a_late_copy_is_found(late_s: float):
    times = np.cumsum(np.random.default_rng(0).uniform(0.02, 0.045, 90))
    plain, smooth = (np.stack([np.sin(3 * t), 0.2 * np.cos(5 * t)], 1) for t in (times, times - late_s))
    assert lag.lag_ms(lag.shift_costs(times, plain, smooth)) == pytest.approx(1000 * late_s, abs=2)


def test_motions_are_weighed_by_how_much_moves():
    times = np.arange(90) / 30
    large, small = np.sin(3 * times)[:, None], 0.02 * np.sin(3 * times)[:, None]
    late = np.sin(3 * (times - 0.1))[:, None]
    costs = lag.shift_costs(times, large, late) + lag.shift_costs(times, small, small)
    assert lag.lag_ms(costs) == pytest.approx(100, abs=2)


def test_what_does_not_move_has_no_lag():
    times = np.arange(60) / 30
    still = 0.005 * np.sin(3 * times)[:, None]
    assert np.isnan(lag.lag_ms(lag.shift_costs(times, still, still)))
    assert np.isnan(lag.lag_ms(lag.shift_costs(times[:3], 100 * still[:3], still[:3])))  # too short to shift
