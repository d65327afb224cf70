"""Finger poses come back from the landmarks of a perfect hand network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.estimation.rest import FINGER_ROWS, SIDES, RestSkeleton
from pose2pose_live.estimation.solve_hand import palm_rotation, relaxed_fingers, solve_fingers
from pose2pose_live.frame import SmplxFrame
from pose2pose_live.rotations import geodesic_angle
from pose2pose_live.skeleton import HAND, SMPLX

from . import people

CURLS_DEG: dict[str, list[list[int]]] = {
    "flat": [[0, 0, 0]] * 5,
    "fist": [[20, 40, 60], *[[80, 100, 60]] * 4],
    "pointing": [[10, 40, 50], [0, 0, 0], *[[80, 100, 60]] * 3],
    "horns": [[10, 40, 50], [0, 0, 0], [80, 100, 60], [80, 100, 60], [0, 0, 0]],
    "relaxed": [[10, 10, 15], *[[20, 25, 15]] * 4],
}


@pytest.fixture(scope="module")
def rest(body: BodyModel) -> RestSkeleton:
    return RestSkeleton(body.rest_joints(np.zeros(10)))


def curled(rest: RestSkeleton, side: int, degrees: list[list[int]]) -> np.ndarray:
    pose = np.zeros((15, 3))
    turns = np.radians(np.array(degrees, float))[..., None] * rest.flexion_axes[side][:, None]
    pose[np.array(FINGER_ROWS).ravel()] = turns.reshape(15, 3)
    return pose


def with_hand(side: int, fingers: np.ndarray, wrist_deg: tuple[float, float, float] = (20, -10, 15)) -> SmplxFrame:
    turns = {"left_shoulder": (0, 0, -40), "right_shoulder": (0, 0, 40), f"{SIDES[side]}_wrist": wrist_deg}
    pose = people.frame(people.STANDING, **turns)
    return replace(pose, **{f"{SIDES[side]}_hand_pose": fingers})  # type: ignore[arg-type]


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("name", CURLS_DEG)
def test_curls_come_back(body: BodyModel, rest: RestSkeleton, side: int, name: str):
    pose = with_hand(side, curled(rest, side, CURLS_DEG[name]))
    points = people.hand_positions(body, pose, SIDES[side])
    palm = palm_rotation(rest, side, points)
    true_palm = people.world_rotations(pose)[SMPLX[f"{SIDES[side]}_wrist"]]
    assert np.degrees(geodesic_angle(palm, true_palm)) < 1e-3
    found = replace(pose, **{f"{SIDES[side]}_hand_pose": solve_fingers(rest, side, points, palm)})  # type: ignore[arg-type]
    error_m = np.linalg.norm(people.hand_positions(body, found, SIDES[side]) - points, axis=1)
    assert error_m.max() < 0.006, error_m.round(4)


def test_spread_comes_back_with_its_sign(body: BodyModel, rest: RestSkeleton):
    """Index away from the middle finger by 15 degrees: about the palm's normal, towards the thumb."""
    fingers = np.zeros((15, 3))
    fingers[HAND["index1"]] = [0, -np.radians(15), 0]  # left hand: fingers along +x, thumb at +z
    pose = with_hand(0, fingers)
    points = people.hand_positions(body, pose, "left")
    found = solve_fingers(rest, 0, points, palm_rotation(rest, 0, points))
    np.testing.assert_allclose(np.degrees(found[HAND["index1"]]), [0, -15, 0], atol=1.5)


def test_fingers_never_bend_backwards_far(rest: RestSkeleton):
    """Noise instead of a hand: whatever comes, each joint stays within what a hand can do."""
    rng = np.random.default_rng(1)
    for _ in range(100):
        points = rng.normal(size=(21, 3)) * 0.05
        for side in (0, 1):
            pose = solve_fingers(rest, side, points, palm_rotation(rest, side, points))
            assert np.isfinite(pose).all()
            axes = rest.flexion_axes[side]
            for finger, rows in enumerate(FINGER_ROWS[1:], start=1):
                flex_deg = np.degrees(pose[list(rows[1:])] @ axes[finger])
                assert (flex_deg > -6).all()
                assert (flex_deg < 116).all()


def test_relaxed_hands_mirror_each_other(rest: RestSkeleton):
    left, right = relaxed_fingers(rest, 0), relaxed_fingers(rest, 1)
    np.testing.assert_allclose(left * [1, -1, -1], right, atol=0.03)
