"""Sampled poses stay inside what bodies can do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.estimation.limits import limit_body
from pose2pose_live.frame import Camera, SmplxFrame
from pose2pose_live.rotations import geodesic_angle, rotmat_to_rotvec, rotvec_to_rotmat
from pose2pose_live.skeleton import HAND, MIRROR_JOINT, SMPLX
from pose2pose_live.training.synthetic.arms import ArmGoal, LeftArm
from pose2pose_live.training.synthetic.collision import arms_collide
from pose2pose_live.training.synthetic.faces import sample_face
from pose2pose_live.training.synthetic.hands import HAND_SHAPES, Fingers
from pose2pose_live.training.synthetic.motion import MotionBank
from pose2pose_live.training.synthetic.poses import Person, PoseSampler, mirrored

CAMERA = Camera(1, 1, 0, 0)


@pytest.fixture(scope="module")
def model() -> BodyModel:
    return BodyModel.load()


@pytest.fixture(scope="module")
def drawn(model: BodyModel) -> list[Person]:
    sampler = PoseSampler(model, model.expression_from_arkit, None)
    return [sampler.sample(np.random.default_rng(seed)) for seed in range(150)]


def test_joints_stay_inside_their_limits(drawn: list[Person]) -> None:
    for person in drawn:
        pose = person.frame.full_pose[:22]
        again = limit_body(rotvec_to_rotmat(pose))
        # Clipping swing and twist apart is not quite a projection: a second clip may move a joint by a degree or two.
        assert geodesic_angle(rotvec_to_rotmat(pose), rotvec_to_rotmat(again)).max() < np.radians(3)
        for hand in (person.frame.left_hand_pose, person.frame.right_hand_pose):
            assert np.linalg.norm(hand, axis=1).max() < np.radians(125)


def test_arms_do_not_run_through_the_body(model: BodyModel, drawn: list[Person]) -> None:
    through = [arms_collide(model.joints(person.frame)) for person in drawn]
    assert np.mean(through) < 0.06
    # And the rule itself: hands in the belly, and hands in front of it.
    arm = LeftArm(model.rest_joints(np.zeros(10)))
    rng = np.random.default_rng(0)
    for place, collides in (((0.08, -0.35, 0.02), True), ((0.12, -0.3, 0.33), False), ((0.02, 0.2, 0.03), True)):
        pose = np.zeros((21, 3))
        solved = arm.reach(ArmGoal(np.array(place), beyond_wrist_m=0.0), rng)
        local = np.tile(np.eye(3), (22, 1, 1))
        for name in ("collar", "shoulder", "elbow", "wrist"):
            rotation = getattr(solved, name)
            local[SMPLX[f"left_{name}"]] = rotation
        pose = limit_body(local)[1:]
        pose[SMPLX["right_shoulder"] - 1] = (0, 0, 1.0)  # the other arm out of the way
        assert arms_collide(model.joints(SmplxFrame(0.0, CAMERA, body_pose=pose))) == collides, place


def test_an_arm_reaches_its_goal_with_its_palm(model: BodyModel) -> None:
    rest = model.rest_joints(np.zeros(10))
    arm = LeftArm(rest)
    rng = np.random.default_rng(1)
    for place in ((0.2, -0.2, 0.35), (0.3, 0.2, 0.25), (0.0, -0.25, 0.3)):
        solved = arm.reach(ArmGoal(np.array(place), np.array([0.0, 0.0, 1.0]), 0.0), rng)
        local = np.tile(np.eye(3), (22, 1, 1))
        for name in ("collar", "shoulder", "elbow", "wrist"):
            local[SMPLX[f"left_{name}"]] = getattr(solved, name)
        frame = SmplxFrame(0.0, CAMERA, body_pose=limit_body(local)[1:])
        wrist = model.joints(frame)[SMPLX["left_wrist"]]
        np.testing.assert_allclose(wrist, arm.origin + place, atol=0.03)
    # A palm that looks forward when the hand is raised: the T-pose palm looks down.
    hand = np.eye(3)
    for name in ("collar", "shoulder", "elbow", "wrist"):
        hand = hand @ getattr(arm.reach(ArmGoal(np.array([0.3, 0.2, 0.25]), np.array([0.0, 0, 1]), 0.0), rng), name)
    assert (hand @ [0, -1, 0])[2] > 0.6


def with_hand(name: str, pose: np.ndarray) -> SmplxFrame:
    if name == "left":
        return SmplxFrame(0.0, CAMERA, left_hand_pose=pose)
    return SmplxFrame(0.0, CAMERA, right_hand_pose=pose)


def test_signs_of_the_fingers_are_what_they_are_called(model: BodyModel) -> None:
    fingers = Fingers(model.rest_joints(np.zeros(10)))
    for side, name in enumerate(("left", "right")):

        def tips(shape: str, side: int = side, name: str = name) -> dict[str, float]:
            """Distance of each finger's last joint from the wrist, m."""
            joints = model.joints(with_hand(name, fingers.shape(side, shape)))
            return {
                finger: float(np.linalg.norm(joints[SMPLX[f"{name}_{finger}3"]] - joints[SMPLX[f"{name}_wrist"]]))
                for finger in ("index", "middle", "ring", "pinky")
            }

        flat, fist, two, spread = (tips(shape) for shape in ("flat", "fist", "two", "spread"))
        assert all(fist[finger] < 0.75 * flat[finger] for finger in flat)
        assert two["index"] > 0.97 * flat["index"]
        assert two["ring"] < 0.75 * flat["ring"]
        assert spread["index"] == pytest.approx(flat["index"], rel=0.03)

        def gap(shape: str, side: int = side, name: str = name) -> float:
            joints = model.joints(with_hand(name, fingers.shape(side, shape)))
            return float(np.linalg.norm(joints[SMPLX[f"{name}_index3"]] - joints[SMPLX[f"{name}_pinky3"]]))

        assert gap("spread") > gap("flat") + 0.02
    # Left and right hand of a shape are mirror images.
    for shape in HAND_SHAPES:
        np.testing.assert_allclose(fingers.shape(1, shape), fingers.shape(0, shape) * (1, -1, -1), atol=0.06)
    assert fingers.shape(0, "flat")[HAND["index1"]] == pytest.approx(0, abs=1e-9)


def test_a_mirrored_pose_has_mirrored_joints(model: BodyModel, drawn: list[Person]) -> None:
    for person in drawn[:5]:
        frame = replace(
            person.frame, left_hand_pose=np.zeros((15, 3)), right_hand_pose=np.zeros((15, 3)), eye_pose=np.zeros((2, 3))
        )
        frame = replace(frame, jaw_pose=np.zeros(3), expression=np.zeros(10))
        local = mirrored(rotvec_to_rotmat(frame.full_pose[:22]))
        pose = rotmat_to_rotvec(local)
        joints = model.joints(frame)
        other = model.joints(replace(frame, global_orient=pose[0], body_pose=pose[1:]))
        np.testing.assert_allclose(other, joints[list(MIRROR_JOINT)] * (-1, 1, 1), atol=2e-3)


def test_faces_use_every_expression_within_range(model: BodyModel) -> None:
    faces = [sample_face(np.random.default_rng(seed), model.expression_from_arkit) for seed in range(300)]
    jaw, expression = (np.stack([face[i] for face in faces]) for i in (0, 1))
    assert jaw[:, 0].min() >= 0
    assert 0.25 < jaw[:, 0].max() < 0.55
    assert np.abs(expression).max() <= 1.15
    assert (np.abs(expression).max(axis=0) > 0.5).all()


def test_recorded_poses_come_with_the_name_of_their_clip(model: BodyModel) -> None:
    poses = np.zeros((4, 22, 3), np.float32)
    poses[:, SMPLX["left_knee"], 0] = 1.0
    bank = MotionBank(poses, np.array([0, 0, 1, 1], np.int32), ("a/1", "b/1"))
    sampler = PoseSampler(model, model.expression_from_arkit, bank)
    people = [sampler.sample(np.random.default_rng(seed)) for seed in range(40)]
    sources = [person.source for person in people]
    assert set(sources) == {"procedural", "a/1", "b/1"}
    assert 8 < sum(source != "procedural" for source in sources) < 32
