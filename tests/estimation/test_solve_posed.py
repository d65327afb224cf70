"""The trained heads' rotations, laid on the landmarks: right ones stay, wrong ones are mended, unseen limbs are at ease."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.estimation.placement import joint_centres, seen_in_picture
from pose2pose_live.estimation.points import Palms
from pose2pose_live.estimation.rest import SIDES, RestSkeleton
from pose2pose_live.estimation.solve_body import local_rotations
from pose2pose_live.estimation.solve_hand import palm_rotation
from pose2pose_live.estimation.solve_posed import Evidence, joint_positions, solve_posed
from pose2pose_live.frame import SmplxFrame
from pose2pose_live.motion.hold import neutral_body_pose
from pose2pose_live.rotations import geodesic_angle, rotvec_to_rotmat
from pose2pose_live.skeleton import BODY, POSE, SMPLX

from . import people
from .test_solve_body import POSES

NO_PALMS = Palms(np.tile(np.eye(3), (2, 1, 1)), np.zeros(2))


@pytest.fixture(scope="module")
def rest(body: BodyModel) -> RestSkeleton:
    return RestSkeleton(body.rest_joints(np.zeros(10)))


def turns_of(pose: SmplxFrame) -> np.ndarray:
    return rotvec_to_rotmat(pose.full_pose[:22])


def landmarks(body: BodyModel, pose: SmplxFrame) -> Evidence:
    seen = joint_centres(people.see(body, pose))
    hips = [SMPLX[f"{side}_hip"] for side in SIDES]
    relative = people.landmark_positions(body, pose) - body.joints(pose)[hips].mean(axis=0)
    return Evidence(seen.image_px, seen_in_picture(seen, people.WIDTH_PX, people.HEIGHT_PX), relative, people.CAMERA)


def error_deg(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    return np.degrees(geodesic_angle(found, true))


@pytest.mark.parametrize("name", POSES)
def test_what_is_right_stays(body: BodyModel, rest: RestSkeleton, name: str):
    pose = POSES[name]
    points = replace(landmarks(body, pose), seen=np.ones(33))
    posed = solve_posed(rest, turns_of(pose), points, NO_PALMS, None)
    assert error_deg(local_rotations(posed.world), turns_of(pose)).max() < 4
    assert (posed.legs_seen == 1).all()
    assert np.abs(posed.pelvis_m - body.joints(pose)[0]).max() < 0.02


def test_a_wrong_arm_swings_towards_its_landmarks(body: BodyModel, rest: RestSkeleton):
    true = people.frame(left_shoulder=(0, 0, -30), right_shoulder=(0, 0, 75))
    wrong = people.frame(left_shoulder=(0, 0, -60), right_shoulder=(0, 0, 75))
    posed = solve_posed(rest, turns_of(wrong), landmarks(body, true), NO_PALMS, None)
    found = joint_positions(posed.world, rest) + posed.pelvis_m
    goal, guess = body.joints(true), body.joints(wrong)
    for name, share in (("left_elbow", 0.35), ("left_wrist", 0.05)):
        at_px, found_px, guess_px = (
            people.CAMERA.project(joint) for joint in (goal[SMPLX[name]], found[SMPLX[name]], guess[SMPLX[name]])
        )
        assert np.hypot(*(found_px - at_px)) < share * np.hypot(*(guess_px - at_px)), name


def test_a_trunk_turns_towards_where_its_corners_are(body: BodyModel, rest: RestSkeleton):
    true, wrong = people.frame(pelvis=(25, 30, 0)), people.frame(pelvis=(5, 30, 0))
    points = landmarks(body, true)

    def off(evidence: Evidence) -> float:
        posed = solve_posed(rest, turns_of(wrong), evidence, NO_PALMS, None)
        return float(error_deg(posed.world[SMPLX["pelvis"]], turns_of(true)[0]))

    assert 7 < off(points) < 13, "half way"
    seen = points.seen.copy()
    seen[POSE["left_hip"]] = 0.0
    hidden = replace(points, seen=seen, relative_m=points.relative_m)
    upright = solve_posed(rest, turns_of(people.frame()), hidden, NO_PALMS, None).world[SMPLX["pelvis"]]
    assert error_deg(upright, np.eye(3)) < 1, "a hip that nobody sees tells nothing"


def test_the_heads_twist_of_a_straight_arm_is_kept(body: BodyModel, rest: RestSkeleton):
    """No landmark tells how a straight arm is turned about itself."""
    twisted = turns_of(people.frame(left_shoulder=(0, 0, -40)))
    twisted[SMPLX["left_shoulder"]] = twisted[SMPLX["left_shoulder"]] @ rotvec_to_rotmat(
        np.radians(50) * rest.directions[SMPLX["left_elbow"]]
    )
    points = landmarks(body, people.frame(left_shoulder=(0, 0, -40)))
    posed = solve_posed(rest, twisted, points, NO_PALMS, None)
    assert error_deg(local_rotations(posed.world), twisted)[SMPLX["left_shoulder"]] < 4


def test_unseen_limbs_are_at_ease(body: BodyModel, rest: RestSkeleton):
    pose = people.frame(left_hip=(-80, 0, 0), left_knee=(90, 0, 0), left_shoulder=(0, 0, 60), right_shoulder=(0, 0, 75))
    points = landmarks(body, pose)
    seen = np.ones(33)
    seen[[POSE[f"left_{name}"] for name in ("elbow", "wrist", "knee", "ankle")]] = 0
    posed = solve_posed(rest, turns_of(pose), replace(points, seen=seen), NO_PALMS, None)
    local, neutral = local_rotations(posed.world), rotvec_to_rotmat(neutral_body_pose())
    for name in ("left_hip", "left_knee"):
        assert error_deg(local[SMPLX[name]], np.eye(3)) < 0.1
    for name in ("left_shoulder", "left_elbow"):
        assert error_deg(local[SMPLX[name]], neutral[BODY[name]]) < 0.1
    assert posed.legs_seen.tolist() == [0, 1]


def test_a_hand_is_reached_with_an_elbow_out_of_sight(body: BodyModel, rest: RestSkeleton):
    """A hand at the chin before a webcam: the picture ends above the elbow."""
    true = people.frame(left_shoulder=(0, -20, -60), left_elbow=(0, -130, 0), right_shoulder=(0, 0, 75))
    guessed = people.frame(left_shoulder=(0, -20, -75), left_elbow=(0, -60, 0), right_shoulder=(0, 0, 75))
    points = landmarks(body, true)
    seen = points.seen.copy()
    seen[POSE["left_elbow"]] = 0
    posed = solve_posed(rest, turns_of(guessed), replace(points, seen=seen), NO_PALMS, None)
    found, goal = joint_positions(posed.world, rest)[SMPLX["left_wrist"]], body.joints(true)
    assert np.linalg.norm(found - (goal[SMPLX["left_wrist"]] - goal[0])) < 0.03


def test_a_trunk_whose_hips_are_unseen_is_raised(body: BodyModel, rest: RestSkeleton):
    pose = people.frame(pelvis=(-40, 0, 0))
    points = landmarks(body, pose)
    seen = points.seen.copy()
    for side in SIDES:
        seen[POSE[f"{side}_hip"]] = 0
    lean = [
        np.degrees(np.arccos(solve_posed(rest, turns_of(pose), replace(points, seen=s), NO_PALMS, None).world[0, 1, 1]))
        for s in (points.seen, seen)
    ]
    assert lean[0] == pytest.approx(40, abs=0.1)
    assert 20 < lean[1] < 35


def test_the_palm_turns_wrist_and_forearm(body: BodyModel, rest: RestSkeleton):
    pose = people.frame(left_shoulder=(0, 0, -60), left_elbow=(0, -80, 0), left_wrist=(60, 0, 0))
    palms = np.stack([palm_rotation(rest, i, people.hand_positions(body, pose, side)) for i, side in enumerate(SIDES)])
    guessed = turns_of(replace(pose, body_pose=pose.body_pose * (np.arange(21) != BODY["left_wrist"])[:, None]))
    posed = solve_posed(rest, guessed, landmarks(body, pose), Palms(palms, np.array([1.0, 0.0])), None)
    assert error_deg(posed.world[SMPLX["left_wrist"]], palms[0]) < 1e-6
    wrist = error_deg(local_rotations(posed.world)[SMPLX["left_wrist"]], np.eye(3))
    assert 20 < wrist < 40, "the forearm takes its half of the turn"


def test_the_head_is_the_faces(body: BodyModel, rest: RestSkeleton):
    pose = people.frame()
    head = rotvec_to_rotmat(np.radians([0.0, 40.0, 0.0]))
    posed = solve_posed(rest, turns_of(pose), landmarks(body, pose), NO_PALMS, head)
    assert error_deg(posed.world[SMPLX["head"]], head) < 1e-6
    assert 10 < error_deg(posed.world[SMPLX["neck"]], np.eye(3)) < 30


def test_joint_positions_are_the_models(body: BodyModel, rest: RestSkeleton):
    pose = POSES["squat"]
    joints, found = body.joints(pose), joint_positions(people.world_rotations(pose)[:22], rest)
    np.testing.assert_allclose(found, (joints - joints[0])[:25], atol=1e-9)
