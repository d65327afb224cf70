"""Fingers and palms of hands that are bent and turned by known angles."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.detection.region import Region
from pose2pose_live.estimation.hand_net import HandLandmarks
from pose2pose_live.estimation.parts import Parts
from pose2pose_live.estimation.rest import FINGER_ROWS, RestSkeleton
from pose2pose_live.evaluation.fingers import FINGERS, extended, flexions_deg, signing_side
from pose2pose_live.evaluation.palms import angle_deg, palm_errors, place_error
from pose2pose_live.frame import Camera, PartConfidence, SmplxFrame
from pose2pose_live.mocap import Sighting
from pose2pose_live.rotations import cross
from pose2pose_live.skeleton import HAND_LANDMARK, SMPLX

CAMERA = Camera(500.0, 500.0, 320.0, 240.0)


@pytest.fixture(scope="module")
def rest(body: BodyModel) -> RestSkeleton:
    return RestSkeleton(body.rest_joints(np.zeros(10)))


def bent(rest: RestSkeleton, side: int, degrees: dict[str, tuple[float, float, float]]) -> np.ndarray:
    pose = np.zeros((15, 3))
    for finger, angles in degrees.items():
        number = FINGERS.index(finger)
        pose[list(FINGER_ROWS[number])] = np.radians(angles)[:, None] * rest.flexion_axes[side, number]
    return pose


@pytest.mark.parametrize("side", [0, 1])
def test_flexion_is_the_angle_by_which_a_joint_was_bent(rest: RestSkeleton, side: int):
    given = {"index": (80.0, 95.0, 50.0), "thumb": (10.0, 40.0, 45.0), "pinky": (-10.0, 5.0, 0.0)}
    found = flexions_deg(rest, side, bent(rest, side, given))
    for number, finger in enumerate(FINGERS):
        np.testing.assert_allclose(found[number], given.get(finger, (0, 0, 0)), atol=1e-6)


def test_spreading_a_finger_is_not_bending_it(rest: RestSkeleton):
    number = FINGERS.index("ring")
    pose = np.zeros((15, 3))
    down = cross(rest.flexion_axes[0, number], rest.finger_directions[0, number, 0])
    pose[FINGER_ROWS[number][0]] = np.radians(20) * down
    assert np.abs(flexions_deg(rest, 0, pose)).max() < 1


@pytest.mark.parametrize("side", [0, 1])
def test_a_finger_bent_by_less_than_half_a_fist_is_extended(rest: RestSkeleton, side: int):
    just_extended = dict.fromkeys(FINGERS[1:], (40.0, 40.0, 42.0)) | {"thumb": (24.0, 20.0, 20.0)}
    just_folded = dict.fromkeys(FINGERS[1:], (40.0, 40.0, 43.0)) | {"thumb": (26.0, 20.0, 20.0)}
    for degrees, state in ((just_extended, True), (just_folded, False)):
        found = extended(flexions_deg(rest, side, bent(rest, side, degrees)))
        assert found == dict.fromkeys(FINGERS, state)


def test_the_higher_of_the_hands_that_were_found_signs():
    joints = np.zeros((55, 3))
    joints[SMPLX["right_wrist"], 1] = 1.0
    both, left, none = (
        SmplxFrame(0.0, CAMERA, confidence=PartConfidence(left_hand=left, right_hand=right))
        for left, right in ((1.0, 0.5), (1.0, 0.0), (0.0, 0.0))
    )
    assert (signing_side(both, joints), signing_side(left, joints), signing_side(none, joints)) == (1, 0, None)


def seen_palm(turn_deg: float) -> HandLandmarks:
    """A palm in the middle of the picture, fingers up, turned about them by turn_deg from facing the camera."""
    world = np.zeros((21, 3))
    across = np.array([np.cos(np.radians(turn_deg)), 0.0, np.sin(np.radians(turn_deg))])
    world[HAND_LANDMARK["wrist"]] = [0.0, 0.05, 0.0]  # y down
    world[HAND_LANDMARK["middle_mcp"]] = [0.0, -0.04, 0.0]
    world[HAND_LANDMARK["index_mcp"]] = [0.0, -0.04, 0.0] + 0.02 * across
    world[HAND_LANDMARK["pinky_mcp"]] = [0.0, -0.03, 0.0] - 0.04 * across
    return HandLandmarks(np.zeros((21, 2)), world, 1.0, 1.0, Region(CAMERA.cx, CAMERA.cy, 100.0))


def sighting(observation: object) -> Sighting:
    return cast(Sighting, SimpleNamespace(camera=CAMERA, observation=observation))


def posed_palm() -> np.ndarray:
    """Joints with the same left palm, facing the camera; y up, z towards the camera."""
    joints = np.zeros((55, 3))
    for name, place in (("wrist", (0, 0)), ("middle1", (0, 0.09)), ("index1", (0.02, 0.09)), ("pinky1", (-0.04, 0.08))):
        joints[SMPLX[f"left_{name}"]] = [*place, -1.0]
    return joints


@pytest.mark.parametrize("turn_deg", [0.0, 30.0, 90.0, 180.0])
def test_palms_differ_by_the_turn_between_them(turn_deg: float):
    parts = Parts((seen_palm(turn_deg), None), None)
    left, right = palm_errors(posed_palm(), sighting(SimpleNamespace(parts=parts)))
    assert left[0] == pytest.approx(turn_deg, abs=1e-6)
    assert left[1] > 0
    assert np.isnan(right).all()


def test_a_palm_is_off_by_its_middle_in_its_own_size():
    seen_px = np.array([[0.0, 0.0], [0.0, 100.0], [40.0, 90.0], [-40.0, 90.0]])
    assert place_error(seen_px[::-1], seen_px) == 0
    assert place_error(seen_px + np.array([30.0, 40.0]), seen_px) == pytest.approx(0.5)
    assert place_error(2 * seen_px, 2 * seen_px + np.array([30.0, 40.0])) == pytest.approx(0.25)


@pytest.mark.parametrize("observation", [None, SimpleNamespace()])
def test_an_engine_without_a_hand_network_has_no_palms_to_compare(observation: object):
    assert np.isnan(palm_errors(posed_palm(), sighting(observation))).all()


def test_angles_are_exact_at_both_ends():
    x, y = np.eye(3)[:2]
    assert (angle_deg(x, x), angle_deg(x, y), angle_deg(x, -x)) == pytest.approx((0.0, 90.0, 180.0))
