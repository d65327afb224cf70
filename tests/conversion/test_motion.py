from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.conversion import motion_of
from pose2pose_live.conversion.motion import Y_TO_Z_UP, Motion, continuous, levelled, smoothed, turned
from pose2pose_live.errors import RecordingError
from pose2pose_live.frame import Ground, SmplxFrame
from pose2pose_live.recording import steady_times
from pose2pose_live.rotations import geodesic_angle, rotvec_to_quat, rotvec_to_rotmat
from tests.conversion.takes import CAMERA, frame_at, loaded


def jittered(count: int, rate: float, seed: int = 0) -> np.ndarray:
    """Times of a camera that is never quite regular."""
    return 10.0 + np.arange(count) / rate + np.random.default_rng(seed).uniform(-0.2, 0.2, count) / rate


def worst_angle(motion: Motion) -> float:
    truth = rotvec_to_rotmat(np.array([frame_at(time_s).full_pose for time_s in motion.times_s]))
    return float(geodesic_angle(rotvec_to_rotmat(motion.poses), truth).max())


@pytest.mark.parametrize(
    ("rate", "expected"), [(12.5, 30), (24, 30), (29.97, 30), (30, 30), (31, 60), (60, 60), (90, 120), (240, 120)]
)
def test_the_rate_is_one_that_blenders_add_ons_take(tmp_path, body, rate, expected):
    motion = motion_of(loaded(tmp_path, body, np.arange(20) / rate, rate))
    assert motion.fps == expected
    np.testing.assert_allclose(np.diff(motion.times_s), 1 / expected)


def test_irregular_times_become_regular_ones_and_the_poses_those_of_these_times(tmp_path, body):
    times_s = jittered(120, 29.3)
    motion = motion_of(loaded(tmp_path, body, times_s))
    assert worst_angle(motion) < 0.002  # what a straight line between two pictures leaves of a curve
    rows = np.array([frame_at(time_s).transl for time_s in motion.times_s])
    np.testing.assert_allclose(motion.trans, rows, atol=1e-3)
    assert motion.times_s[0] == pytest.approx(times_s[0])
    assert times_s[-1] - 1 / 30 < motion.times_s[-1] <= times_s[-1] + 1e-6
    np.testing.assert_allclose(motion.source_times_s, times_s)


def test_a_regular_take_comes_back_row_by_row(tmp_path, body):
    recording = loaded(tmp_path, body, np.arange(50) / 30)
    motion = motion_of(recording)
    assert len(motion) == 50
    np.testing.assert_allclose(motion.trans, recording.trans, atol=1e-6)
    angles = geodesic_angle(rotvec_to_rotmat(motion.poses), rotvec_to_rotmat(recording.poses.astype(float)))
    assert angles.max() < 1e-6


def test_a_part_of_a_take(tmp_path, body):
    recording = loaded(tmp_path, body, 5.0 + np.arange(90) / 30)
    part = motion_of(recording, start_s=0.5, end_s=1.5, fps=60)
    assert len(part) == 61
    assert (part.times_s[0], part.times_s[-1]) == pytest.approx((5.5, 6.5))
    assert worst_angle(part) < 0.002
    assert motion_of(recording, start_s=1.0).times_s[-1] == pytest.approx(5 + 89 / 30)
    with pytest.raises(RecordingError, match=r"nothing is left from 7 s on of a take of 2\.97 s"):
        motion_of(recording, start_s=7)


def test_one_picture_is_a_take_too(tmp_path, body):
    motion = motion_of(loaded(tmp_path, body, [3.0]))
    assert (len(motion), motion.fps) == (1, 30)
    assert len(smoothed(motion, 6.0)) == 1


def test_what_is_held_stays_marked(tmp_path, body):
    recording = loaded(tmp_path, body, np.arange(30) / 30)
    recording = replace(recording, tracked=np.arange(30) < 20)
    assert motion_of(recording, fps=60).tracked.tolist() == [True] * 39 + [False] * 20


def test_clocks_that_jump_are_straightened():
    np.testing.assert_allclose(
        steady_times(np.array([1.0, 1.1, 0.2, 0.3, 500.0, 500.1]), 10.0), 1.0 + 0.1 * np.arange(6)
    )
    assert len(steady_times(np.zeros(0), 30.0)) == 0


def test_smoothing_takes_noise_away_and_delays_nothing(tmp_path, body):
    clean = motion_of(loaded(tmp_path, body, np.arange(150) / 30))
    rng = np.random.default_rng(1)
    noisy = replace(
        clean,
        poses=clean.poses + rng.normal(0, 0.03, clean.poses.shape),
        trans=clean.trans + rng.normal(0, 0.01, clean.trans.shape),
    )
    calm = smoothed(noisy, 3.0)

    def error(motion: Motion) -> float:
        angles = geodesic_angle(rotvec_to_rotmat(motion.poses), rotvec_to_rotmat(clean.poses))
        return float(np.sqrt((angles[5:-5] ** 2).mean()))

    assert error(calm) < 0.6 * error(noisy)
    # Best explained by a shift of nothing, not of a frame to either side.
    x = clean.trans[10:-10, 0]
    shifts = {s: np.abs(calm.trans[10 + s : len(calm) - 10 + s, 0] - x).mean() for s in (-1, 0, 1)}
    assert min(shifts, key=lambda s: shifts[s]) == 0
    backwards = smoothed(replace(noisy, poses=noisy.poses[::-1], trans=noisy.trans[::-1]), 3.0)
    np.testing.assert_allclose(backwards.trans[::-1][30:-30], calm.trans[30:-30], atol=1e-3)


@pytest.mark.parametrize("cutoff_hz", [15.0, 20.0, 0.0])
def test_smoothing_that_cannot_be_is_refused(tmp_path, body, cutoff_hz):
    motion = motion_of(loaded(tmp_path, body, np.arange(10) / 30))
    with pytest.raises(RecordingError, match="expected a frequency between 0 and 15 Hz"):
        smoothed(motion, cutoff_hz)


def test_quaternions_keep_their_side(tmp_path, body):
    motion = motion_of(loaded(tmp_path, body, np.arange(150) / 30))  # the root turns round and round
    quats = rotvec_to_quat(motion.poses)
    assert (np.vecdot(quats[1:], quats[:-1]) < 0).any()
    steady = continuous(quats)
    assert (np.vecdot(steady[1:], steady[:-1]) > 0).all()
    np.testing.assert_allclose(np.abs(np.vecdot(steady, quats)), 1)


def joints_at(body: BodyModel, motion: Motion, i: int) -> np.ndarray:
    frame = replace(SmplxFrame(0.0, CAMERA), betas=motion.betas, transl=motion.trans[i])
    return body.joints(frame.with_full_pose(motion.poses[i]))


def test_turning_the_world_turns_every_joint_alike(tmp_path, body):
    motion = motion_of(loaded(tmp_path, body, np.arange(10) / 30))
    z_up = turned(motion, Y_TO_Z_UP)
    for i in range(10):
        before, after = joints_at(body, motion, i), joints_at(body, z_up, i)
        np.testing.assert_allclose(after, before @ Y_TO_Z_UP.T, atol=1e-6)
        np.testing.assert_allclose(after[:, 2], before[:, 1], atol=1e-6)  # what was high is high


@pytest.mark.parametrize(("height_m", "floor_m"), [(-1.3, -1.3), (None, 0.0)], ids=["floor known", "tilt only"])
def test_what_a_tilted_camera_took_becomes_upright_and_stands_on_the_floor(tmp_path, body, height_m, floor_m):
    up = np.array([0.1, 0.9, 0.3]) / np.linalg.norm([0.1, 0.9, 0.3])
    recording = loaded(tmp_path, body, np.arange(5) / 30)
    motion = motion_of(recording)
    assert levelled(motion, None) is motion
    level = levelled(motion, Ground(tuple(up), height_m))
    for i in range(5):
        before, after = joints_at(body, motion, i), joints_at(body, level, i)
        np.testing.assert_allclose(after[:, 1], before @ up - floor_m, atol=1e-6)
        np.testing.assert_allclose(np.ptp(after, axis=0)[1], np.ptp(before @ up), atol=1e-6)
