"""The geometric solver gives back poses that a perfect network saw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.estimation.limits import limit_body
from pose2pose_live.estimation.placement import joint_centres, lift_landmarks
from pose2pose_live.estimation.points import Palms
from pose2pose_live.estimation.rest import SIDES, RestSkeleton
from pose2pose_live.estimation.solve_body import local_rotations, solve_body
from pose2pose_live.estimation.solve_hand import palm_rotation
from pose2pose_live.frame import SmplxFrame
from pose2pose_live.rotations import geodesic_angle, rotvec_to_rotmat
from pose2pose_live.skeleton import BODY, SMPLX

from . import people

POSES = {
    "t pose": people.frame(),
    "arms down": people.frame(left_shoulder=(0, 0, -75), right_shoulder=(0, 0, 75)),
    "elbows bent forward": people.frame(
        left_shoulder=(0, 0, -70), right_shoulder=(0, 0, 70), left_elbow=(0, -90, 0), right_elbow=(0, 90, 0)
    ),
    "arms up": people.frame(left_shoulder=(0, 0, 60), right_shoulder=(0, 0, -60)),
    "hand to mouth": people.frame(left_shoulder=(0, -20, -60), left_elbow=(0, -130, 0), right_shoulder=(0, 0, 75)),
    "turned": people.frame(pelvis=(0, 70, 0), left_shoulder=(0, 0, -60), right_shoulder=(0, 0, 60)),
    "from behind": people.frame(pelvis=(0, 180, 0), left_shoulder=(0, 0, -40), right_shoulder=(0, 0, 50)),
    "squat": people.frame(
        left_hip=(-80, 0, 10), right_hip=(-80, 0, -10), left_knee=(95, 0, 0), right_knee=(95, 0, 0),
        left_ankle=(-15, 0, 0), right_ankle=(-15, 0, 0), left_shoulder=(0, -60, -20), right_shoulder=(0, 60, 20)
    ),
    "knee up": people.frame(left_hip=(-90, 0, 0), left_knee=(90, 0, 0)),
    "twist": people.frame(spine1=(0, 12, 0), spine2=(0, 12, 0), spine3=(0, 12, 0), right_shoulder=(0, 0, 70)),
    "bend forward": people.frame(pelvis=(35, 0, 0), left_shoulder=(0, 0, -50), right_shoulder=(0, 0, 50)),
    "aside and near": people.frame(transl=np.array([0.7, 0.1, -2.8]), left_shoulder=(0, 0, -75)),
}  # fmt: skip


def solve(body: BodyModel, pose: SmplxFrame, *, scale: float = 1.0, with_hands: bool = True) -> SmplxFrame:
    rest = RestSkeleton(body.rest_joints(np.zeros(10)))
    seen = joint_centres(people.see(body, pose, scale))
    points = lift_landmarks(seen, people.CAMERA, people.WIDTH_PX, people.HEIGHT_PX)
    palms = np.stack([palm_rotation(rest, i, people.hand_positions(body, pose, side)) for i, side in enumerate(SIDES)])
    head = people.world_rotations(pose)[SMPLX["head"]]
    world, _ = solve_body(rest, points, Palms(palms, np.full(2, float(with_hands))), head)
    local = limit_body(local_rotations(world))
    return replace(pose, global_orient=local[0], body_pose=local[1:])


@pytest.mark.parametrize("name", POSES)
def test_joints_come_back(body: BodyModel, name: str):
    pose = POSES[name]
    error_m = np.linalg.norm(body.joints(solve(body, pose))[:22] - body.joints(pose)[:22], axis=1)
    assert error_m.mean() < 0.02, dict(zip(BODY, error_m[1:].round(3), strict=True))
    assert error_m.max() < 0.06


@pytest.mark.parametrize("name", POSES)
def test_world_rotations_come_back(body: BodyModel, name: str):
    """Not only where the joints are: how upper arms and thighs are turned about themselves, too."""
    pose = POSES[name]
    found, true = people.world_rotations(solve(body, pose)), people.world_rotations(pose)
    error_deg = np.degrees(geodesic_angle(found[:22], true[:22]))
    # A straight limb says nothing about its own twist, except through palm or foot.
    assert error_deg.mean() < 9, dict(zip(["pelvis", *BODY], error_deg.round(), strict=True))
    assert error_deg[SMPLX["pelvis"]] < 6
    assert error_deg[[SMPLX["left_wrist"], SMPLX["right_wrist"]]].max() < 3


@pytest.mark.parametrize("scale", [0.8, 1.25])
def test_a_network_that_misjudges_size_changes_little(body: BodyModel, scale: float):
    pose = POSES["elbows bent forward"]
    error_m = np.linalg.norm(body.joints(solve(body, pose, scale=scale))[:22] - body.joints(pose)[:22], axis=1)
    assert error_m.max() < 0.06


def test_elbow_bends_about_its_hinge_only(body: BodyModel):
    """Flexion of 100 degrees, no hands known: all of it must be in the elbow's hinge axis."""
    pose = people.frame(left_shoulder=(0, 0, -70), left_elbow=(0, -100, 0))
    elbow = np.degrees(solve(body, pose, with_hands=False).body_pose[BODY["left_elbow"]])
    np.testing.assert_allclose(elbow, [0, -100, 0], atol=6)


@pytest.mark.parametrize("pronation_deg", [-80, -40, 40, 80])
def test_forearm_twist_follows_the_palm(body: BodyModel, pronation_deg: float):
    pose = people.frame(left_shoulder=(0, 0, -60), left_elbow=(0, -90, 0), left_wrist=(pronation_deg, 0, 0))
    solved = solve(body, pose)
    twist = np.degrees(solved.body_pose[[BODY["left_elbow"], BODY["left_wrist"]]][:, 0])
    assert twist[0] == pytest.approx(pronation_deg / 2, abs=10)  # half of it in the forearm, half at the wrist
    found, true = people.world_rotations(solved), people.world_rotations(pose)
    wrist = SMPLX["left_wrist"]
    assert np.degrees(geodesic_angle(found[wrist], true[wrist])) < 3


def test_legs_outside_the_picture_go_to_a_neutral_stance(body: BodyModel):
    """Hips-up: the person is so near that hips and legs are below the picture, squatting for all we know."""
    pose = people.frame(
        transl=np.array([0.0, -0.45, -0.9]), left_hip=(-80, 0, 0), left_knee=(90, 0, 0), right_hip=(-80, 0, 0)
    )
    solved = solve(body, pose)
    for joint in ("left_hip", "right_hip", "left_knee", "right_knee"):
        assert np.degrees(np.linalg.norm(solved.body_pose[BODY[joint]])) < 12, joint


def test_mirrored_people_give_mirrored_poses(body: BodyModel):
    pose = people.frame(left_shoulder=(10, -20, -50), left_elbow=(0, -60, 0), right_shoulder=(0, 0, 75))
    mirrored = people.frame(right_shoulder=(10, 20, 50), right_elbow=(0, 60, 0), left_shoulder=(0, 0, -75))
    one, other = solve(body, pose), solve(body, mirrored)
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee"):
        expected = one.body_pose[BODY[f"left_{joint}"]] * [1, -1, -1]
        np.testing.assert_allclose(other.body_pose[BODY[f"right_{joint}"]], expected, atol=0.06)


def test_random_poses_respect_the_limits(body: BodyModel):
    rng = np.random.default_rng(0)
    local = rotvec_to_rotmat(rng.normal(size=(200, 22, 3)) * 1.5)
    for sample in local:
        limited = limit_body(sample)
        np.testing.assert_allclose(
            limited[0], limit_body(np.concatenate([sample[:1], rotvec_to_rotmat(limited[1:])]))[0]
        )
        again = limit_body(rotvec_to_rotmat(limited))
        np.testing.assert_allclose(
            rotvec_to_rotmat(again), rotvec_to_rotmat(limited), atol=1e-6, err_msg="limiting twice must change nothing"
        )
        assert np.degrees(np.linalg.norm(limited[1 + BODY["left_knee"]])) < 165
        assert limited[1 + BODY["left_knee"]][0] > np.radians(-40)
