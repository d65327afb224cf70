"""Calibration: its values, the cues on the way to a T-pose, and what is measured of a drawn one."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from pose2pose_live.estimation.pose_net import PoseLandmarks
from pose2pose_live.frame import CameraFrame, Ground, SmplxFrame
from pose2pose_live.motion import Calibration, MocapControls, Moment
from pose2pose_live.motion.calibrator import HOLD_S, TPoseCalibrator
from pose2pose_live.motion.t_pose import Cue
from pose2pose_live.rotations import rotmat_to_rotvec, rotvec_to_rotmat
from pose2pose_live.skeleton import SMPLX
from tests.estimation import people

FAR = np.array([0.0, -0.1, -4.2])
PICTURE = np.zeros((people.HEIGHT_PX, people.WIDTH_PX, 3), np.uint8)


FULL = Calibration(1.82, (0.5, *[0.0] * 8, -1.0), "open_body 1.0", Ground((0.0, 0.8, 0.6), -1.2))


class TestValues:
    @pytest.mark.parametrize("calibration", [Calibration(), Calibration(1.7), FULL, Calibration(ground=Ground())])
    def test_it_comes_back_from_json(self, calibration):
        assert Calibration.from_json(json.loads(json.dumps(calibration.to_json()))) == calibration

    @pytest.mark.parametrize(
        "values",
        [None, [], {}, {"height_m": 1.8}, *[FULL.to_json() | wrong for wrong in (
            {"height_m": "tall"}, {"height_m": 18}, {"height_m": float("nan")}, {"betas": [1, 2]}, {"betas": [float("inf")] * 10},
            {"up": [0, 0, 0]}, {"up": [0, 1]}, {"up": "up"}, {"floor_m": float("nan")},
        )]],
    )  # fmt: skip
    def test_nonsense_is_refused(self, values):
        with pytest.raises(ValueError, match=r"expected|could not convert|values to unpack"):
            Calibration.from_json(values)

    def test_betas_hold_for_their_own_body_only(self):
        assert FULL.known_shape("open_body 1.0").betas == FULL.betas
        assert FULL.known_shape("SMPLX_NEUTRAL 0123").betas is None
        assert FULL.known_shape("SMPLX_NEUTRAL 0123").height_m == 1.82

    def test_a_shape_chosen_by_hand_comes_before_a_calibrated_one(self):
        chosen = MocapControls(calibration=FULL, betas=(1.0,) * 10).known_shape("open_body 1.0")
        assert chosen.betas == (1.0,) * 10
        assert chosen.height_m is None

    def test_somebody_taller_was_farther_away(self):
        corrected = FULL.with_height(2 * 0.91)
        assert corrected == FULL
        assert FULL.with_height(0.91).ground == Ground((0.0, 0.8, 0.6), -0.6)

    @pytest.mark.parametrize("controls", [{"smoothing": -1}, {"smoothing": float("nan")}, {"seated": "maybe"}])
    def test_controls_that_cannot_be_are_refused(self, controls):
        with pytest.raises(ValueError, match="expected"):
            MocapControls(**controls)


def moment(body, pose: SmplxFrame, time_s: float, landmarks: PoseLandmarks | None = None) -> Moment:
    pose = replace(pose, time_s=time_s, tracked=True)
    seen = landmarks or people.see(body, pose)
    return Moment(CameraFrame(PICTURE, time_s, 0), pose, pose, seen, body)


def cue_of(body, pose: SmplxFrame, landmarks: PoseLandmarks | None = None) -> Cue:
    """After half a second of it."""
    calibrator = TPoseCalibrator()
    for index in range(15):
        calibrator(moment(body, pose, index / 30, landmarks))
    return calibrator.progress.cue


def arms(deg: float) -> dict:
    return {"left_shoulder": (0, 0, deg), "right_shoulder": (0, 0, -deg)}


@pytest.mark.parametrize(
    ("cue", "pose"),
    [
        (Cue.HOLD, {}),
        (Cue.HOLD, arms(15)),
        (Cue.HOLD, arms(-15)),
        (Cue.HOLD, {"pelvis": (8, 0, 0)}),
        (Cue.RAISE_ARMS, arms(-75)),
        (Cue.RAISE_ARMS, arms(-35)),
        (Cue.LOWER_ARMS, arms(50)),
        (Cue.LOWER_ARMS, arms(85)),
        (Cue.SPREAD_ARMS, {"left_shoulder": (0, -80, 0), "right_shoulder": (0, 80, 0)}),
        (Cue.SPREAD_ARMS, {"left_elbow": (0, -100, 0), "right_elbow": (0, 100, 0)}),
        (Cue.FACE_CAMERA, {"pelvis": (0, 50, 0)}),
        (Cue.FACE_CAMERA, {"pelvis": (0, 180, 0)}),
        (Cue.STAND_STRAIGHT, {"left_knee": (60, 0, 0), "left_hip": (-60, 0, 0)}),
    ],
)  # fmt: skip
def test_the_cue_says_what_is_wrong(body, cue, pose):
    assert cue_of(body, people.frame(FAR, **pose)) is cue


@pytest.mark.parametrize(
    ("cue", "where"),
    [(Cue.SHOW_FEET, (0, -1.3, -4.2)), (Cue.SHOW_HEAD, (0, 1.5, -4.2)), (Cue.SHOW_HANDS, (2.1, -0.1, -4.2))],
)
def test_the_cue_says_what_is_not_in_the_picture(body, cue, where):
    assert cue_of(body, people.frame(np.array(where))) is cue


def test_nobody_is_asked_to_step_in(body):
    calibrator = TPoseCalibrator()
    pose = replace(people.frame(FAR), tracked=False)
    for index in range(15):
        calibrator(Moment(CameraFrame(PICTURE, index / 30, 0), replace(pose, time_s=index / 30), pose, None, body))
    assert calibrator.progress.cue is Cue.STEP_IN


def test_a_cue_does_not_flicker(body):
    """A picture in which the network is wrong changes nothing."""
    calibrator = TPoseCalibrator()
    shown = []
    for index in range(60):
        pose = people.frame(FAR, **arms(-75 if index % 8 else 60))
        calibrator(moment(body, pose, index / 30))
        shown.append(calibrator.progress.cue)
    assert Cue.LOWER_ARMS not in shown


def hold(
    body, pose: SmplxFrame, height_m: float | None = None, seconds_s: float = 2.0, fps: float = 30.0
) -> TPoseCalibrator:
    """A network that errs by a pixel."""
    calibrator = TPoseCalibrator(height_m)
    rng = np.random.default_rng(0)
    for index in range(round(seconds_s * fps)):
        seen = people.see(body, pose)
        seen = replace(seen, image_px=seen.image_px + rng.normal(0, 1, seen.image_px.shape))
        calibrator(moment(body, pose, index / fps, seen))
    return calibrator


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_it_is_done_after_a_second_and_a_half_at_any_rate(body, fps):
    assert hold(body, people.frame(FAR), seconds_s=HOLD_S - 0.2, fps=fps).progress.cue is Cue.HOLD
    assert 0.7 < hold(body, people.frame(FAR), seconds_s=HOLD_S - 0.2, fps=fps).progress.share < 1
    done = hold(body, people.frame(FAR), seconds_s=HOLD_S + 0.3, fps=fps).progress
    assert (done.cue, done.share) == (Cue.DONE, 1.0)


def test_who_lets_the_arms_sink_begins_anew(body):
    calibrator = TPoseCalibrator()
    for index in range(30):
        calibrator(moment(body, people.frame(FAR), index / 30))
    assert calibrator.progress.share > 0.6
    for index in range(30, 45):
        calibrator(moment(body, people.frame(FAR, **arms(-60)), index / 30))
    assert (calibrator.progress.cue, calibrator.progress.share) == (Cue.RAISE_ARMS, 0.0)


def test_who_waves_the_arms_is_asked_to_hold_still(body):
    calibrator = TPoseCalibrator()
    for index in range(90):
        calibrator(moment(body, people.frame(FAR, **arms(20 if index % 60 < 30 else -20)), index / 30))
        if calibrator.progress.cue is Cue.HOLD_STILL:
            return
    pytest.fail("never asked")


SHAPES = [
    (0,) * 10,
    (1.2, 0, 0, 0, 0, 1, 0, 0, 0, 0),
    (-1, 0, 0, 0, 0, 0, 1.5, 0, 0, 0),
    (0.5, 0, 0, 0, 0, -1, -1, 1, 0, 0),
]


@pytest.mark.parametrize("betas", SHAPES)
@pytest.mark.parametrize("tilt_deg", [(0, 0, 0), (12, 0, 0), (-8, 0, 4)])
def test_a_drawn_person_is_measured(body, betas, tilt_deg):
    """Seen by a perfect estimator which knows nothing of the shape: limbs within 3 %, height and tilt as they are."""
    betas, turn = np.array(betas, float), rotvec_to_rotmat(np.radians(np.array(tilt_deg, float)))
    low, high = body.rest_height(betas)
    pelvis = body.rest_joints(betas)[0]
    place = turn @ np.array([0.0, -0.1, -4.3])
    pose = SmplxFrame(0.0, people.CAMERA, rotmat_to_rotvec(turn), betas=betas, transl=place - pelvis)
    floor_m = (turn[:, 1] @ place) - pelvis[1] + low
    found = hold(body, pose, high - low).progress.calibration
    assert found is not None
    assert found.ground is not None
    assert found.betas is not None
    np.testing.assert_allclose(
        found.ground.up, turn[:, 1], atol=0.06
    )  # from the ankles, which lie behind the shoulders
    assert found.ground.height_m == pytest.approx(floor_m, abs=0.25)
    ours, theirs = (_limbs(body, np.array(b)) for b in (found.betas, betas))
    np.testing.assert_allclose(ours, theirs, rtol=0.03)
    found_low, found_high = body.rest_height(np.array(found.betas))
    assert found_high - found_low == pytest.approx(high - low, abs=0.003)
    assert found.body_model == body.tag


def _limbs(body, betas: np.ndarray) -> np.ndarray:
    joints = body.rest_joints(betas)
    chains = (("left_hip", "left_knee", "left_ankle"), ("left_shoulder", "left_elbow", "left_wrist"))
    return np.array([sum(np.linalg.norm(joints[SMPLX[b]] - joints[SMPLX[a]]) for a, b in pairwise(c)) for c in chains])


def test_a_height_that_nobody_has_is_refused():
    with pytest.raises(ValueError, match="height: expected 80 to 240 cm, found 18"):
        TPoseCalibrator(0.18)
