"""Smoothing on rotations: calm at rest, prompt in motion, indifferent to the frame rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pose2pose_live.frame import Camera, CameraFrame, PartConfidence, SmplxFrame
from pose2pose_live.motion import LossHolder, PoseSmoother
from pose2pose_live.motion.hold import neutral_body_pose
from pose2pose_live.rotations import geodesic_angle, rotvec_to_rotmat
from pose2pose_live.skeleton import BODY

CAMERA = Camera(500, 500, 320, 240)
BLACK = np.zeros((4, 4, 3), np.uint8)
SEEN = PartConfidence(1, 1, 1, 1, 1)


def posed(time_s: float, elbow: np.ndarray, confidence: PartConfidence = SEEN) -> SmplxFrame:
    pose = np.zeros((21, 3))
    pose[BODY["left_elbow"]] = elbow
    return SmplxFrame(
        time_s, CAMERA, body_pose=pose, transl=np.array([0, 0, -2.0]), confidence=confidence, tracked=True
    )


def elbow_angle(a: SmplxFrame, b: np.ndarray) -> float:
    row = BODY["left_elbow"]
    return float(np.degrees(geodesic_angle(rotvec_to_rotmat(a.body_pose[row]), rotvec_to_rotmat(b))))


def test_noise_at_rest_is_taken_out():
    rng = np.random.default_rng(0)
    smoother, base = PoseSmoother(), np.array([0.2, -1.0, 0.1])
    noise = rng.normal(size=(300, 3)) * np.radians(2)
    found = [smoother(posed(i / 30, base + n)) for i, n in enumerate(noise)]
    raw = np.mean(np.square([elbow_angle(posed(0, base + n), base) for n in noise[60:]])) ** 0.5
    smooth = np.mean(np.square([elbow_angle(f, base) for f in found[60:]])) ** 0.5
    assert smooth < 0.5 * raw


def test_fast_motion_lags_little():
    """A punch: the elbow opens at 400 degrees a second."""
    smoother = PoseSmoother()
    for i in range(60):
        true = np.array([0.0, -np.radians(min(max(i - 30, 0) / 30 * 400, 120)), 0.0])
        found = smoother(posed(i / 30, true))
        if i == 38:  # in the middle of it
            assert elbow_angle(found, true) < 400 * 0.055  # less than 55 ms late


@pytest.mark.parametrize(("fps", "left"), [(30, 0.6), (60, 0.25)])
def test_fast_motion_does_not_tremble(fps: int, left: float):
    """An arm that swings to and fro, by 230 degrees a second at most, seen with an error of one degree: the truth's acceleration shows again."""
    rng, times_s = np.random.default_rng(1), np.arange(4 * fps) / fps
    true = -1 + np.sin(4 * times_s)
    seen = true + np.radians(1) * rng.normal(size=len(times_s))
    smoother = PoseSmoother()
    found = np.array(
        [
            smoother(posed(t, np.array([0.0, a, 0.0]))).body_pose[BODY["left_elbow"], 1]
            for t, a in zip(times_s, seen, strict=True)
        ]
    )

    def trembling(angles: np.ndarray) -> float:
        return float(np.std(np.diff(angles - true, 2)[fps:]))

    assert trembling(found) < left * trembling(seen)
    lag_s = min(
        np.arange(100) / 1000, key=lambda s: np.square(found - np.interp(times_s - s, times_s, true))[fps:].sum()
    )
    assert lag_s < 0.05


def test_half_turns_do_not_spin_the_long_way():
    """Axis-angle jumps from +pi to -pi: the rotation hardly moves, so neither may the result."""
    smoother = PoseSmoother()
    for i, angle in enumerate([3.10, 3.13, -3.12, -3.10, 3.13, -3.14]):
        found = smoother(posed(i / 30, np.array([angle, 0.0, 0.0])))
        assert elbow_angle(found, np.array([np.pi, 0.0, 0.0])) < 4


def test_the_frame_rate_does_not_matter():
    """The same motion at 15 and 60 pictures a second ends in the same pose."""
    ends = []
    for fps in (15, 60):
        smoother = PoseSmoother()
        for i in range(2 * fps + 1):
            found = smoother(posed(i / fps, np.array([0.0, -np.sin(2 * i / fps), 0.0])))
        ends.append(found.body_pose[BODY["left_elbow"]])
    assert np.degrees(np.linalg.norm(ends[0] - ends[1])) < 3


def test_a_gap_starts_anew():
    smoother = PoseSmoother()
    smoother(posed(0.0, np.zeros(3)))
    found = smoother(posed(2.0, np.array([0, -2.0, 0])))
    assert elbow_angle(found, np.array([0, -2.0, 0])) < 1e-6


@pytest.mark.parametrize("times_s", [[0.0, 0.0, 0.1], [0.0, 0.1, 0.05]])
def test_times_that_stand_still_or_go_back_do_no_harm(times_s: list[float]):
    smoother = PoseSmoother()
    for time_s in times_s:
        found = smoother(posed(time_s, np.array([0, -1.0, 0])))
    assert np.isfinite(found.full_pose).all()


def test_strength_zero_changes_nothing():
    smoother = PoseSmoother(0)
    smoother(posed(0, np.zeros(3)))
    frame = posed(1 / 30, np.array([0.3, -1.0, 0]))
    assert smoother(frame) is frame


class TestHold:
    def hand_frames(self, seen_s: float, total_s: float):
        """A fist that is seen for a while; afterwards the estimator gives an open relaxed hand, confidence 0."""
        holder = LossHolder()
        fist, relaxed = np.full((15, 3), 0.8), np.full((15, 3), 0.2)
        for i in range(round(total_s * 30)):
            time_s = i / 30
            seen = time_s < seen_s
            frame = replace(
                posed(time_s, np.zeros(3), replace(SEEN, left_hand=1.0 if seen else 0.0)),
                left_hand_pose=fist if seen else relaxed,
            )
            yield time_s, holder(frame).left_hand_pose

    def test_a_lost_hand_is_held_then_relaxes(self):
        for time_s, hand in self.hand_frames(1.0, 4.0):
            if time_s < 1.35:
                np.testing.assert_allclose(hand, 0.8, atol=1e-9)
            if time_s > 2.6:
                np.testing.assert_allclose(hand, 0.2, atol=1e-6)

    def test_it_never_snaps(self):
        hands = np.array([hand for _, hand in self.hand_frames(1.0, 4.0)])
        assert np.abs(np.diff(hands, axis=0)).max() < 0.05

    def test_a_hand_never_seen_is_not_held(self):
        for _, hand in self.hand_frames(0.0, 0.5):
            np.testing.assert_allclose(hand, 0.2)

    def test_a_lost_person_is_held_then_stands_at_ease_and_is_not_tracked(self):
        holder = LossHolder()
        raised = replace(posed(0.0, np.array([0, -2.0, 0])), global_orient=np.array([0.5, 0.0, 0.0]))
        holder(raised)
        frames = [holder.lost(CameraFrame(BLACK, i / 30, i), CAMERA) for i in range(1, 120)]
        assert not any(f.tracked for f in frames)
        assert all(f.confidence == PartConfidence() for f in frames)
        np.testing.assert_allclose(frames[20].body_pose, raised.body_pose, atol=1e-9)
        np.testing.assert_allclose(frames[-1].body_pose, neutral_body_pose(), atol=1e-3)
        assert np.linalg.norm(frames[-1].global_orient) < 1e-3  # upright again
        np.testing.assert_allclose(frames[-1].transl, raised.transl)

    def test_nobody_yet_is_a_neutral_person_at_a_distance(self):
        frame = LossHolder().lost(CameraFrame(BLACK, 0.0, 0), CAMERA)
        assert not frame.tracked
        assert frame.transl[2] < -1


class TestStrength:
    """A strength that is changed in the middle of a motion."""

    @pytest.mark.parametrize(("before", "after"), [(3.0, 0.0), (0.0, 3.0), (1.0, 5.0), (5.0, 0.2)])
    def test_nothing_jumps(self, before: float, after: float):
        rng = np.random.default_rng(2)
        smoother = PoseSmoother(before)
        angles = 0.3 * np.sin(3 * np.arange(120) / 30) + rng.normal(0, 0.01, 120)
        found = []
        for i, angle in enumerate(angles):
            if i == 60:
                smoother.strength = after
            found.append(smoother(posed(i / 30, np.array([0.0, -angle, 0.0]))).body_pose[BODY["left_elbow"], 1])
        steps = np.abs(np.diff(found))
        assert steps[59] < 0.05  # the first under the new strength: no farther than between other pictures
        settled = PoseSmoother(after)
        for i, angle in enumerate(angles):
            expected = settled(posed(i / 30, np.array([0.0, -angle, 0.0]))).body_pose[BODY["left_elbow"], 1]
        assert found[-1] == pytest.approx(expected, abs=0.01)  # and in the end it is the new one alone

    def test_off_is_off_after_a_moment(self):
        smoother = PoseSmoother(1.0)
        for i in range(30):
            smoother(posed(i / 30, np.array([0.0, -0.02 * i, 0.0])))
        smoother.strength = 0.0
        for i in range(30, 90):
            frame = posed(i / 30, np.array([0.0, -0.02 * i, 0.0]))
            found = smoother(frame)
        assert found is frame
