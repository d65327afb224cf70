"""The estimator of the trained engine, with a body network that sees perfectly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.detection.region import Region, view_to_world
from pose2pose_live.estimation.body_net import BodyLandmarks
from pose2pose_live.estimation.hand_net import HandRotations
from pose2pose_live.estimation.observer import PersonObservation
from pose2pose_live.estimation.parts import Parts
from pose2pose_live.estimation.pose2pose import Pose2PoseEstimator, _chance_within
from pose2pose_live.estimation.rest import SIDES
from pose2pose_live.frame import SmplxFrame
from pose2pose_live.inference import Engine
from pose2pose_live.motion.hold import neutral_body_pose
from pose2pose_live.rotations import geodesic_angle, rotvec_to_rotmat
from pose2pose_live.skeleton import BODY, POSE, SMPLX

from . import people

LOOKED_AT = Region(250.0, 300.0, 420.0, 0.3)


@pytest.fixture
def estimator(body: BodyModel):
    made = Pose2PoseEstimator(Engine.load(), body)
    yield made
    made.close()


@pytest.fixture
def without_depths(body: BodyModel):
    """For landmarks whose depths are right, of which the depth network makes what bodies usually do."""
    engine = Engine.load()
    graphs = {name: graph for name, graph in engine.graphs.items() if name != "depths"}
    made = Pose2PoseEstimator(replace(engine, graphs=graphs), body)
    yield made
    made.close()


def observe(
    body: BodyModel, pose: SmplxFrame, *, spread_m: float = 0.02, with_hands: bool = False
) -> PersonObservation:
    """Perfect landmarks, and heads that know the truth in the axes of a region that is aside and turned."""
    to_view = view_to_world(people.CAMERA, LOOKED_AT).T
    rotations = rotvec_to_rotmat(pose.full_pose[:22])
    rotations[0] = to_view @ rotations[0]
    seen = people.see(body, pose)
    sight = BodyLandmarks(
        seen.image_px, seen.world_m, seen.visibility, seen.presence, seen.region, rotations=rotations,
        spread_m=np.full(6, spread_m), looked_at=LOOKED_AT,
    )  # fmt: skip
    left, right = (people.see_hand(people.hand_positions(body, pose, side)) for side in SIDES)
    parts = Parts((left, right) if with_hands else (None, None), None)
    size = (people.WIDTH_PX, people.HEIGHT_PX)
    return PersonObservation(0.5, 7, size, people.CAMERA, sight, parts, None)


def test_the_truth_comes_back_from_any_region(
    body: BodyModel, without_depths: Pose2PoseEstimator, estimator: Pose2PoseEstimator
):
    true = people.frame(
        transl=np.array([0.4, 0.1, -3.0]), pelvis=(10, 40, 5), left_shoulder=(0, -20, -50), left_elbow=(0, -80, 0), right_hip=(-50, 0, 0),
        right_knee=(60, 0, 0),
    )  # fmt: skip
    found = without_depths.solve(observe(body, true))
    assert np.linalg.norm(body.joints(found)[:22] - body.joints(true)[:22], axis=1).max() < 0.05
    assert np.degrees(geodesic_angle(rotvec_to_rotmat(found.global_orient), rotvec_to_rotmat(true.global_orient))) < 1
    with_depths = estimator.solve(observe(body, true))
    assert np.linalg.norm(body.joints(with_depths)[:22] - body.joints(true)[:22], axis=1).max() < 0.1
    assert found.tracked
    assert (found.time_s, found.index) == (0.5, 7)


def test_a_hand_lies_where_the_hand_network_sees_it(body: BodyModel, estimator: Pose2PoseEstimator):
    true = people.frame(left_shoulder=(0, -20, -60), left_elbow=(0, -120, 0))
    seen = observe(body, true, with_hands=True)
    rough = seen.pose.image_px.copy()
    rough[POSE["left_wrist"]] += [25.0, -20.0]
    found = estimator.solve(replace(seen, pose=replace(seen.pose, image_px=rough)))
    wrist = SMPLX["left_wrist"]
    off_px = people.CAMERA.project(body.joints(found)[wrist]) - people.CAMERA.project(body.joints(true)[wrist])
    assert np.hypot(*off_px) < 2


def test_hands_are_turned_as_their_heads_read_them(body: BodyModel, estimator: Pose2PoseEstimator):
    rng = np.random.default_rng(2)
    true = replace(
        people.frame(left_shoulder=(0, -20, -60), left_elbow=(0, -120, 0), left_wrist=(10, 20, -15)),
        left_hand_pose=rng.normal(0, 0.3, (15, 3)), right_hand_pose=rng.normal(0, 0.3, (15, 3)),
    )  # fmt: skip
    seen, world = observe(body, true, with_hands=True), people.world_rotations(true)
    region = Region(200.0, 150.0, 90.0, -0.4)
    to_view = view_to_world(people.CAMERA, region).T
    left, right = seen.parts.hands
    assert left is not None
    assert right is not None
    left, right = (
        replace(
            hand, rotations=HandRotations(to_view @ world[SMPLX[f"{side}_wrist"]], rotvec_to_rotmat(fingers), region)
        )
        for side, hand, fingers in (("left", left, true.left_hand_pose), ("right", right, true.right_hand_pose))
    )
    found = estimator.solve(replace(seen, parts=replace(seen.parts, hands=(left, right))))
    np.testing.assert_allclose(found.left_hand_pose, true.left_hand_pose, atol=1e-6)
    np.testing.assert_allclose(found.right_hand_pose, true.right_hand_pose, atol=1e-6)
    turned = people.world_rotations(found)
    for side in SIDES:
        wrist = SMPLX[f"{side}_wrist"]
        assert np.degrees(geodesic_angle(turned[wrist], world[wrist])) < 1


def test_a_wrist_below_the_picture_counts_if_there_is_a_hand(body: BodyModel, estimator: Pose2PoseEstimator):
    """A webcam that shows head, shoulders and fingers."""
    raised = people.frame(transl=np.array([0.0, -0.9, -0.9]), left_shoulder=(0, -20, -70), left_elbow=(0, -130, 0))
    wrist_px = people.CAMERA.project(body.joints(raised)[SMPLX["left_wrist"]])
    assert wrist_px[1] > people.HEIGHT_PX
    with_hand = estimator.solve(observe(body, raised, with_hands=True))
    assert np.hypot(*(people.CAMERA.project(body.joints(with_hand)[SMPLX["left_wrist"]]) - wrist_px)) < 25
    without = estimator.solve(observe(body, raised))
    hanging = rotvec_to_rotmat(neutral_body_pose()[BODY["left_shoulder"]])
    assert np.degrees(geodesic_angle(rotvec_to_rotmat(without.body_pose[BODY["left_shoulder"]]), hanging)) < 1


def test_a_back_taken_for_a_front_is_turned_round(body: BodyModel, estimator: Pose2PoseEstimator):
    """In the mirror of the picture plane somebody who faces the camera turns a back on it, with left and right exchanged."""
    front = people.frame(left_shoulder=(0, 0, -40), right_shoulder=(0, 0, 75), left_elbow=(0, -60, 0))
    seen = observe(body, front)
    turned = estimator.solve(replace(seen, pose=seen.pose.turned_round()))
    forward = rotvec_to_rotmat(turned.global_orient)[:, 2]
    assert forward[2] < -0.9, "the mirror stands across the ray to the region, which is aside"
    joints, mirrored = body.joints(turned), body.joints(front)
    for side, other in (("left", "right"), ("right", "left")):
        for joint in ("elbow", "wrist"):
            found, goal = (
                people.CAMERA.project(points[SMPLX[name]])
                for points, name in ((joints, f"{side}_{joint}"), (mirrored, f"{other}_{joint}"))
            )
            assert np.hypot(*(found - goal)) < 3, "where the picture shows it"
    again = seen.pose.turned_round().turned_round()
    for name in ("rotations", "image_px", "world_m", "spread_m"):
        np.testing.assert_allclose(getattr(again, name), getattr(seen.pose, name), atol=1e-12)


def test_who_is_unsure_says_so(body: BodyModel, estimator: Pose2PoseEstimator):
    pose = people.frame()
    sure = estimator.solve(observe(body, pose, spread_m=0.03)).confidence
    unsure = estimator.solve(observe(body, pose, spread_m=0.25)).confidence
    assert sure.body > 0.95
    assert sure.legs > 0.9
    assert unsure.body < 0.3
    assert unsure.legs < 0.3


def test_the_chance_of_being_near_is_maxwells():
    rng = np.random.default_rng(0)
    for spread_m in (0.03, 0.1, 0.2):
        errors = rng.normal(0, spread_m / np.sqrt(3), (200_000, 3))
        share = (np.linalg.norm(errors, axis=1) < 0.1).mean()
        assert _chance_within(0.1, spread_m) == pytest.approx(share, abs=0.005)


def test_long_arms_are_learnt_from_the_picture(body: BodyModel, without_depths: Pose2PoseEstimator):
    long_arms = replace(
        people.frame(left_shoulder=(0, 0, -40), left_elbow=(0, -60, 0), right_shoulder=(0, 0, 40)),
        betas=np.eye(10)[6] * 2,
    )
    rest_m = body.rest_joints(np.zeros(10))
    usual_m = np.linalg.norm(rest_m[SMPLX["left_elbow"]] - rest_m[SMPLX["left_wrist"]])
    for _ in range(100):
        found = without_depths.solve(observe(body, long_arms))
    true_m, found_m = (
        np.linalg.norm(rest[SMPLX["left_elbow"]] - rest[SMPLX["left_wrist"]])
        for rest in (body.rest_joints(long_arms.betas), body.rest_joints(found.betas))
    )
    assert abs(found_m - true_m) < 0.35 * abs(true_m - usual_m)
    wrist = SMPLX["left_wrist"]
    off_px = people.CAMERA.project(body.joints(found)[wrist]) - people.CAMERA.project(body.joints(long_arms)[wrist])
    assert np.hypot(*off_px) < 2
    without_depths.forget_person()
    without_depths.solve(observe(body, people.frame()))
    assert np.abs(without_depths.solve(observe(body, people.frame())).betas).max() < 0.2
