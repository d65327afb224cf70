"""Floor contact: standing feet stand, and everything else is left as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.frame import Camera, Ground, SmplxFrame
from pose2pose_live.motion import FloorContact
from pose2pose_live.motion.leg_reach import move_feet
from pose2pose_live.motion.legs_seen import NO_LEGS, LegsSeen
from pose2pose_live.motion.soles import Soles
from pose2pose_live.rotations import rotmat_to_rotvec, rotvec_to_rotmat
from pose2pose_live.skeleton import BODY, SMPLX

CAMERA = Camera(500, 500, 320, 240)
SEEN = LegsSeen(np.ones(2), np.ones(2))
FPS = 30
FEET = [SMPLX["left_ankle"], SMPLX["right_ankle"]]


def standing(time_s: float, at: tuple[float, float, float] = (0.0, 0.0, -3.0), knees_deg: float = 12.0) -> SmplxFrame:
    pose = np.zeros((21, 3))
    for side in ("left", "right"):
        pose[BODY[f"{side}_hip"], 0] = -np.radians(knees_deg) / 2
        pose[BODY[f"{side}_knee"], 0] = np.radians(knees_deg)
        pose[BODY[f"{side}_ankle"], 0] = -np.radians(knees_deg) / 2
    return SmplxFrame(time_s, CAMERA, body_pose=pose, transl=np.array(at), tracked=True)


def run(body: BodyModel, path: Callable[[float], tuple[float, float, float]], seconds_s: float = 4.0, *, seen: LegsSeen = SEEN, is_on: bool = True,
        floor: FloorContact | None = None, start_s: float = 0.0) -> tuple[list[SmplxFrame], list[SmplxFrame]]:  # fmt: skip
    floor = floor or FloorContact(body)
    times_s = start_s + np.arange(round(seconds_s * FPS)) / FPS
    frames = [standing(time_s, path(time_s)) for time_s in times_s]
    return frames, [floor(frame, seen, is_on=is_on) for frame in frames]


def soles_of(body: BodyModel, frames: list[SmplxFrame]) -> np.ndarray:
    soles = Soles(body)
    return np.array([soles(body.joint_to_world(frame), frame.betas) for frame in frames])


def speeds(points: np.ndarray) -> np.ndarray:
    return np.linalg.norm(np.diff(points, axis=0), axis=-1) * FPS


def sliding(time_s: float) -> tuple[float, float, float]:
    """As depth does where somebody stands still: 5 cm to and fro, trembling."""
    return (
        0.01 * np.sin(2.1 * time_s),
        0.008 * np.sin(3 * time_s),
        -3 + 0.04 * np.sin(2.5 * time_s) + 0.004 * np.sin(40 * time_s),
    )


def test_soles_are_under_the_feet(body):
    soles = Soles(body)(body.joint_to_world(standing(0, (0, 0, 0), knees_deg=0)), np.zeros(10))
    low, _ = body.rest_height(np.zeros(10))
    assert soles[..., 1].min(axis=1) == pytest.approx([low, low], abs=0.008)
    assert (soles[0, :, 0] > 0).all()
    assert (soles[1, :, 0] < 0).all()
    heel, toe = soles[:, 0, 2], soles[:, 1, 2]
    assert toe - heel == pytest.approx([0.23, 0.23], abs=0.05)


def test_standing_feet_do_not_slide_and_stay_on_the_floor(body):
    before, after = run(body, sliding)
    slides = [speeds(soles_of(body, frames).mean(axis=2))[FPS:].mean() for frames in (before, after)]
    assert slides[1] < 0.25 * slides[0]
    heights = [soles_of(body, frames)[FPS:, ..., 1].min(axis=-1).std() for frames in (before, after)]
    assert heights[1] < 0.3 * heights[0]


def test_nothing_but_legs_is_moved(body):
    before, after = run(body, sliding)
    for a, b in zip(before, after, strict=True):
        same = [
            i for i in range(22) if "hip" not in (name := list(SMPLX)[i]) and "knee" not in name and "ankle" not in name
        ]
        np.testing.assert_array_equal(b.full_pose[same], a.full_pose[same])
        np.testing.assert_array_equal(b.transl, a.transl)
        feet = [body.joint_to_world(frame)[FEET, :3, :3] for frame in (a, b)]
        np.testing.assert_allclose(feet[1], feet[0], atol=1e-9)  # they are moved, not turned


def test_nothing_jumps_when_it_is_switched_on_and_off(body):
    floor = FloorContact(body)
    joints = []
    raw = []
    for start_s, is_on in ((0, False), (2, True), (4, False), (5, True)):
        before, after = run(body, sliding, 2.0 if start_s < 4 else 1.0, is_on=is_on, floor=floor, start_s=start_s)
        joints += [body.joints(frame) for frame in after]
        raw += [body.joints(frame) for frame in before]
    steps, raw_steps = (np.linalg.norm(np.diff(np.array(points), axis=0), axis=-1).max() for points in (joints, raw))
    assert steps < raw_steps + 0.02
    run(body, sliding, 1.5, is_on=False, floor=floor, start_s=6)
    frame = standing(7.5)
    assert floor(frame, SEEN, is_on=False) is frame  # it has faded away


def test_a_jump_is_a_jump(body):
    def jumping(time_s: float) -> tuple[float, float, float]:
        air_s = (time_s - 1) % 1.5
        return (0.0, 4.905 * air_s * (0.6 - air_s) if time_s > 1 and air_s < 0.6 else 0.0, -3.0)

    before, after = run(body, jumping, 5.0)
    heights = [np.array([body.joints(frame)[FEET, 1] for frame in frames]) for frames in (before, after)]
    assert np.ptp(heights[1]) == pytest.approx(np.ptp(heights[0]), rel=0.03)
    np.testing.assert_allclose(heights[1], heights[0], atol=0.03)


def test_walking_feet_go_where_they_go(body):
    """Half a metre a second: what stands is held a little and let go, never more than 10 cm away."""
    before, after = run(body, lambda time_s: (0.5 * time_s - 1, 0.0, -3.0))
    off = np.array([body.joints(b)[FEET] - body.joints(a)[FEET] for a, b in zip(before, after, strict=True)])
    assert np.linalg.norm(off, axis=-1).max() < 0.1


def test_feet_that_are_not_seen_are_left_alone(body):
    before, after = run(body, sliding, seen=NO_LEGS)
    assert all(a is b for a, b in zip(before, after, strict=True))
    floor = FloorContact(body)
    run(body, sliding, floor=floor)
    before, after = run(body, sliding, seen=NO_LEGS, floor=floor, start_s=4)
    joints = np.array([body.joints(frame)[FEET] for frame in after])
    assert np.linalg.norm(np.diff(joints, axis=0), axis=-1).max() < 0.02
    assert after[-1] is before[-1]


def test_somebody_else_or_a_gap_begins_anew(body):
    floor = FloorContact(body)
    run(body, sliding, floor=floor)
    frame = standing(20.0, (0.5, 0.3, -2.0))
    assert floor(frame, SEEN, is_on=True) is frame


def test_the_floor_of_a_camera_that_looks_down(body):
    """The same motion before a camera that is tilted by 25 degrees: the same result, turned."""
    turn = rotvec_to_rotmat(np.radians([25.0, 0.0, 5.0]))
    ground = Ground(tuple(turn @ [0.0, 1.0, 0.0]), None)
    level, tilted = FloorContact(body), FloorContact(body)
    pelvis = body.rest_joints(np.zeros(10))[0]
    for index in range(3 * FPS):
        frame = standing(index / FPS, sliding(index / FPS))
        turned = replace(
            frame,
            global_orient=rotmat_to_rotvec(turn @ rotvec_to_rotmat(frame.global_orient)),
            transl=turn @ (frame.transl + pelvis) - pelvis,
            ground=ground,
        )
        expected = body.joints(level(frame, SEEN, is_on=True)) @ turn.T
        np.testing.assert_allclose(body.joints(tilted(turned, SEEN, is_on=True)), expected, atol=1e-6)


def test_a_calibrated_floor_is_where_it_begins(body):
    heights = soles_of(body, [standing(0.0)])[0, ..., 1].min()
    floor = FloorContact(body)
    for index in range(FPS):
        found = floor(replace(standing(index / FPS), ground=Ground(height_m=heights + 0.03)), SEEN, is_on=True)
    assert soles_of(body, [found])[0, ..., 1].min() == pytest.approx(heights + 0.03, abs=0.01)


class TestMoveFeet:
    @pytest.mark.parametrize("knees_deg", [0.0, 4.0, 30.0, 90.0])
    def test_a_foot_that_need_not_move_does_not(self, body, knees_deg):
        frame = standing(0, knees_deg=knees_deg)
        moved = move_feet(frame, body.joint_to_world(frame), np.zeros((2, 3)))
        np.testing.assert_allclose(body.joints(moved), body.joints(frame), atol=1e-6)

    def test_feet_go_where_they_are_told_within_reach(self, body):
        rng = np.random.default_rng(0)
        for _ in range(50):
            frame = standing(0, knees_deg=rng.uniform(25, 90))
            frame = replace(
                frame, body_pose=frame.body_pose + rng.normal(0, 0.05, (21, 3)), global_orient=rng.normal(0, 0.5, 3)
            )
            move_m = rng.uniform(-0.01, 0.01, (2, 3))
            moved = move_feet(frame, body.joint_to_world(frame), move_m)
            off = body.joints(moved)[FEET] - body.joints(frame)[FEET]
            np.testing.assert_allclose(off, move_m, atol=1e-6)
            hips = [SMPLX["left_hip"], SMPLX["right_hip"]]
            np.testing.assert_allclose(body.joints(moved)[hips], body.joints(frame)[hips], atol=1e-9)

    def test_out_of_reach_the_leg_is_straight_and_points_there(self, body):
        frame = standing(0, knees_deg=20)
        moved = move_feet(frame, body.joint_to_world(frame), np.array([[0.0, -0.3, 0.0], [0.0, 0.0, 0.0]]))
        joints = body.joints(moved)
        thigh, shank = (
            joints[SMPLX[b]] - joints[SMPLX[a]] for a, b in (("left_hip", "left_knee"), ("left_knee", "left_ankle"))
        )
        bend = np.degrees(np.arccos(thigh @ shank / np.linalg.norm(thigh) / np.linalg.norm(shank)))
        assert bend < 5
