"""Jitter and lag as they are shown beside the slider."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pose2pose_live.frame import CameraFrame, SmplxFrame
from pose2pose_live.motion import Moment, PoseSmoother, SmoothingMeter
from pose2pose_live.skeleton import BODY
from tests.fakes import waving_pose

PICTURE = CameraFrame(np.zeros((4, 4, 3), np.uint8), 0.0, 0)


def measure(body, strength: float, noise_rad: float, *, moves: bool, fps: float = 30.0):
    meter, smoother = SmoothingMeter(), PoseSmoother(strength)
    rng = np.random.default_rng(0)
    for index in range(round(3 * fps)):
        time_s = index / fps
        pose = waving_pose(time_s if moves else 0.0)
        body_pose = pose.body_pose + rng.normal(0, 1, (21, 3)) * noise_rad
        frame = SmplxFrame(time_s, pose.camera, body_pose=body_pose, transl=pose.transl, tracked=True)
        meter(Moment(PICTURE, frame, smoother(frame), None, body))
    return meter.figures()


def test_still_arms_that_tremble(body):
    figures = measure(body, 1.0, 0.004, moves=False)
    # The wrist is 0.5 m from the shoulder, and the elbow 0.25 m: each trembles by its own and the trunk's noise.
    assert 2 < figures.jitter_before_mm < 10
    assert figures.jitter_after_mm < 0.5 * figures.jitter_before_mm
    assert math.isnan(figures.lag_ms)  # nothing moves


@pytest.mark.parametrize("fps", [15, 30, 60])
def test_waving_arms_are_late_by_the_smoothing(body, fps):
    lags = [measure(body, strength, 0.0, moves=True, fps=fps).lag_ms for strength in (0.0, 1.0, 4.0)]
    assert lags[0] == 0
    assert 0 <= lags[1] <= lags[2]
    assert 10 <= lags[2] < 200


def test_a_stronger_smoothing_trembles_less(body):
    after = [measure(body, strength, 0.01, moves=False).jitter_after_mm for strength in (0.0, 0.5, 1.0, 3.0)]
    assert after == sorted(after, reverse=True)
    assert after[0] == measure(body, 0.0, 0.01, moves=False).jitter_before_mm


def test_nothing_is_said_of_nothing(body):
    assert math.isnan(SmoothingMeter().figures().jitter_before_mm)
    meter = SmoothingMeter()
    for index in range(30):
        meter(Moment(PICTURE, (pose := waving_pose(index / 30)), pose, None, body))
    assert not math.isnan(meter.figures().jitter_before_mm)
    lost = SmplxFrame(1.0, pose.camera)
    meter(Moment(PICTURE, lost, lost, None, body))
    assert math.isnan(meter.figures().jitter_before_mm)  # who comes next is another motion


def test_jitter_of_white_noise_is_its_size(body):
    """Noise of the arms' end of 1 degree, seen by an estimator that is otherwise right."""
    rng = np.random.default_rng(0)
    meter, angles = SmoothingMeter(), np.radians(rng.normal(0, 1, 90))
    for index, angle in enumerate(angles):
        pose = np.zeros((21, 3))
        pose[[BODY["left_elbow"], BODY["right_elbow"]], 1] = angle
        frame = SmplxFrame(index / 30, waving_pose(0).camera, body_pose=pose, tracked=True)
        meter(Moment(PICTURE, frame, frame, None, body))
    forearm_m = np.linalg.norm(np.diff(body.rest_joints(np.zeros(10))[[18, 20]], axis=0))
    # Elbows don't move, so root mean square over four points halves the variance; a median is below a mean.
    expected_mm = 1000 * forearm_m * np.radians(1) / np.sqrt(2)
    assert 0.5 * expected_mm < meter.figures().jitter_before_mm < 1.1 * expected_mm
