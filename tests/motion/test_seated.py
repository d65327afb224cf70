"""Legs at rest: they don't twitch, sitting stays sitting, and the trunk stays where it was seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.frame import Camera, Ground, PartConfidence, SmplxFrame
from pose2pose_live.motion import SeatedLegs
from pose2pose_live.motion.controls import SEATED, Seated
from pose2pose_live.motion.legs_seen import NO_LEGS, LegsSeen
from pose2pose_live.rotations import geodesic_angle, rotmat_to_rotvec, rotvec_to_rotmat
from pose2pose_live.skeleton import BODY, SMPLX

CAMERA = Camera(500, 500, 320, 240)
ALL_LEGS = LegsSeen(np.ones(2), np.ones(2))
THIGHS_ONLY = LegsSeen(np.ones(2), np.zeros(2))
TRUNK = [SMPLX[name] for name in ("spine1", "spine3", "head", "left_shoulder", "right_wrist")]
REST_DEG = 6.0  # how far thighs are from straight down in the T-pose
LEGS = [SMPLX[f"{side}_{joint}"] for side in ("left", "right") for joint in ("knee", "ankle", "foot")]


def posed(
    time_s: float, *, thighs_deg: float = 0.0, tremble: float = 0.0, pelvis: tuple = (0.0, 0.0, 0.0)
) -> SmplxFrame:
    """Thighs lifted so far and knees bent likewise; tremble (rad): how far each leg joint is off by chance."""
    rng = np.random.default_rng(round(1000 * time_s))
    pose = rng.normal(0, 0.02, (21, 3))
    for side in ("left", "right"):
        pose[BODY[f"{side}_hip"]] = [-np.radians(thighs_deg), 0, 0]
        pose[BODY[f"{side}_knee"]] = [np.radians(thighs_deg), 0, 0]
    rows = [BODY[f"{side}_{joint}"] for side in ("left", "right") for joint in ("hip", "knee", "ankle")]
    pose[rows] += rng.normal(0, 1, (6, 3)) * tremble
    orient = np.radians(pelvis) + rng.normal(0, 1, 3) * tremble / 3
    return SmplxFrame(
        time_s, CAMERA, orient, pose, transl=np.array([0.1, 0.0, -2.0]), confidence=PartConfidence(1, 1, 1, 1, 1), tracked=True
    )  # fmt: skip


def thigh_angle_deg(body: BodyModel, frame: SmplxFrame) -> float:
    """Of the left thigh, from straight down."""
    joints = body.joints(frame)
    thigh = joints[SMPLX["left_knee"]] - joints[SMPLX["left_hip"]]
    return float(np.degrees(np.arccos(-thigh[1] / np.linalg.norm(thigh))))


def run(
    legs: SeatedLegs, mode: Seated, seen: LegsSeen | None, times_s: np.ndarray, **how
) -> Iterator[tuple[SmplxFrame, SmplxFrame]]:
    for time_s in times_s:
        frame = posed(time_s, **how)
        yield frame, legs(frame, seen, mode)


def seconds(start_s: float, end_s: float, fps: float = 30.0) -> np.ndarray:
    return np.arange(round(start_s * fps), round(end_s * fps)) / fps


@pytest.mark.parametrize("mode", SEATED)
def test_legs_that_are_seen_are_left_alone_unless_they_are_told_to_rest(body, mode):
    pairs = list(run(SeatedLegs(body), mode, ALL_LEGS, seconds(0, 2), thighs_deg=20, tremble=0.1))
    assert all((before is after) == (mode != "on") for before, after in pairs)


@pytest.mark.parametrize("mode", ["auto", "on"])
def test_legs_at_rest_do_not_twitch_and_hips_are_steady(body, mode):
    pairs = list(run(SeatedLegs(body), mode, NO_LEGS, seconds(0, 3), tremble=0.15))
    before, after = (np.array([body.joints(frame) for frame in frames])[30:] for frames in zip(*pairs, strict=True))
    # The hips' places are the trunk's to say; the legs below them hardly move.
    legs = [joints[:, LEGS] - joints[:, :1] for joints in (before, after)]
    speeds = [np.linalg.norm(np.diff(joints, axis=0), axis=-1).mean() for joints in legs]
    assert speeds[1] < 0.1 * speeds[0]
    turns = [
        rotvec_to_rotmat(np.array([frame.global_orient for frame in frames])) for frames in zip(*pairs, strict=True)
    ]
    steps = [geodesic_angle(turn[30:-1], turn[31:]).mean() for turn in turns]
    assert steps[1] < 0.3 * steps[0]
    assert all(frame.confidence.legs == 0 for _, frame in pairs[30:])


@pytest.mark.parametrize("pelvis", [(0, 0, 0), (25, 40, 0), (-10, -80, 12)])
def test_the_trunk_stays_where_it_was_seen(body, pelvis):
    for before, after in run(SeatedLegs(body), "on", NO_LEGS, seconds(0, 1.5), tremble=0.3, pelvis=pelvis):
        np.testing.assert_allclose(body.joints(after)[TRUNK], body.joints(before)[TRUNK], atol=1e-9)
        turned = [body.joint_to_world(frame)[TRUNK, :3, :3] for frame in (before, after)]
        np.testing.assert_allclose(turned[1], turned[0], atol=1e-9)


def test_who_was_seen_to_sit_goes_on_sitting_under_the_desk(body):
    legs = SeatedLegs(body)
    list(run(legs, "auto", ALL_LEGS, seconds(0, 2), thighs_deg=80))
    # The estimator makes unseen legs stand.
    *_, (_, last) = run(legs, "auto", NO_LEGS, seconds(2, 5))
    assert thigh_angle_deg(body, last) == pytest.approx(85, abs=REST_DEG)


def test_who_was_seen_to_stand_goes_on_standing(body):
    legs = SeatedLegs(body)
    list(run(legs, "auto", ALL_LEGS, seconds(0, 2), thighs_deg=5))
    *_, (_, last) = run(legs, "auto", NO_LEGS, seconds(2, 5), thighs_deg=70)
    assert thigh_angle_deg(body, last) < REST_DEG
    *_, (_, last) = run(legs, "on", NO_LEGS, seconds(5, 8), thighs_deg=70)
    assert thigh_angle_deg(body, last) < REST_DEG


def test_thighs_on_a_chair_are_enough_and_a_squat_is_not(body):
    for seen, expected in ((THIGHS_ONLY, 0.0), (ALL_LEGS, 1.0)):
        *_, (_, last) = run(SeatedLegs(body), "auto", seen, seconds(0, 4), thighs_deg=75)
        assert last.confidence.legs == expected


@pytest.mark.parametrize(("mode", "angle_deg"), [("auto", 0), ("on", 85)])
def test_legs_that_were_never_seen_stand_unless_they_are_told_to_sit(body, mode, angle_deg):
    *_, (_, last) = run(SeatedLegs(body), mode, NO_LEGS, seconds(0, 2), pelvis=(20, 30, 0))
    assert thigh_angle_deg(body, last) == pytest.approx(angle_deg, abs=REST_DEG)  # whatever the pelvis leans


@pytest.mark.parametrize("fps", [12, 30, 60])
def test_it_blends_in_half_a_second_at_any_rate(body, fps):
    legs = SeatedLegs(body)
    list(run(legs, "off", ALL_LEGS, seconds(0, 1, fps), thighs_deg=30))
    found = [after for _, after in run(legs, "on", ALL_LEGS, seconds(1, 2.2, fps), thighs_deg=30)]
    joints = np.array([body.joints(frame)[LEGS] for frame in found])
    steps_m = np.linalg.norm(np.diff(joints, axis=0), axis=-1).max(axis=1)
    assert steps_m.max() < 4.0 / fps  # no jump
    assert steps_m[round(0.6 * fps) :].max() < 0.1 / fps * 3
    middle = found[round(0.25 * fps)]
    assert 0.2 < middle.confidence.legs < 0.8


def test_it_comes_back_when_the_legs_are_seen_again(body):
    legs = SeatedLegs(body)
    list(run(legs, "auto", NO_LEGS, seconds(0, 2)))
    pairs = list(run(legs, "auto", ALL_LEGS, seconds(2, 5), thighs_deg=10))
    assert pairs[-1][0] is pairs[-1][1]
    moved = [body.joints(after)[LEGS] for _, after in pairs]
    assert max(np.abs(b - a).max() for a, b in pairwise(moved)) < 0.1


def test_a_moment_behind_a_hand_is_no_desk(body):
    legs = SeatedLegs(body)
    list(run(legs, "auto", ALL_LEGS, seconds(0, 1)))
    assert all(before is after for before, after in run(legs, "auto", NO_LEGS, seconds(1, 1.8)))


def test_who_is_lost_while_sitting_does_not_stand_up(body):
    legs = SeatedLegs(body)
    list(run(legs, "auto", THIGHS_ONLY, seconds(0, 3), thighs_deg=80))
    lost = [legs(replace(posed(time_s), tracked=False), None, "auto") for time_s in seconds(3, 6)]
    assert min(thigh_angle_deg(body, frame) for frame in lost) > 75


def test_legs_stand_on_the_floor_of_a_camera_that_looks_down(body):
    """Up leans to the camera by 20 degrees, and so does the person."""
    turn = rotvec_to_rotmat(np.radians([20.0, 0.0, 0.0]))
    ground = Ground(tuple(turn @ [0.0, 1.0, 0.0]))
    legs = SeatedLegs(body)
    for time_s in seconds(0, 2):
        frame = posed(time_s)
        tilted = replace(
            frame, global_orient=rotmat_to_rotvec(turn @ rotvec_to_rotmat(frame.global_orient)), ground=ground
        )
        found = legs(tilted, NO_LEGS, "auto")
    joints = body.joints(found)
    thigh = joints[SMPLX["left_knee"]] - joints[SMPLX["left_hip"]]
    assert np.degrees(np.arccos(-thigh @ np.array(ground.up) / np.linalg.norm(thigh))) < REST_DEG
