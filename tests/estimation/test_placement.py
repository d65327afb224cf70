"""From pixels to metres."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.detection.region import Region, ray_rotation
from pose2pose_live.estimation.facing import FacingGuard
from pose2pose_live.estimation.placement import fit_translation, joint_centres, lift_landmarks
from pose2pose_live.estimation.pose_net import refine_by_heatmap, sigmoid
from pose2pose_live.estimation.shape import USUAL_M, KnownShape, ShapeFitter
from pose2pose_live.skeleton import POSE, SMPLX

from . import people

RNG = np.random.default_rng(2)


def test_translation_comes_back_exactly():
    points = RNG.normal(size=(20, 3)) * 0.4
    true = np.array([0.3, -0.2, -2.5])
    found = fit_translation(points, people.CAMERA.project(points + true), np.ones(20), people.CAMERA)
    np.testing.assert_allclose(found, true, atol=1e-6)


def test_unseen_points_do_not_pull():
    points = RNG.normal(size=(20, 3)) * 0.4
    true = np.array([0.1, 0.0, -3.0])
    image_px = people.CAMERA.project(points + true)
    image_px[:8] += 300
    weights = np.ones(20)
    weights[:8] = 0
    found = fit_translation(points, image_px, weights, people.CAMERA)
    np.testing.assert_allclose(found, true, atol=0.15)


@pytest.mark.parametrize("pixel", [(320.0, 240.0), (500.0, 100.0)])
def test_a_person_is_never_put_behind_the_camera(pixel: tuple[float, float]):
    """All points on one pixel: no depth can be told from that."""
    points = RNG.normal(size=(20, 3)) * 0.3
    found = fit_translation(points, np.tile(pixel, (20, 1)), np.ones(20), people.CAMERA)
    assert np.isfinite(found).all()
    assert (points + found)[:, 2].max() < 0


def test_lifted_landmarks_lie_on_their_pixels(body: BodyModel):
    seen = joint_centres(people.see(body, people.frame()))
    lifted = lift_landmarks(seen, people.CAMERA, people.WIDTH_PX, people.HEIGHT_PX)
    np.testing.assert_allclose(people.CAMERA.project(lifted.positions), seen.image_px, atol=0.5)
    hips = lifted.pair("hip")
    true = body.joints(people.frame())[[SMPLX["left_hip"], SMPLX["right_hip"]]]
    np.testing.assert_allclose(hips, true, atol=0.01)


def test_the_view_ray_of_a_crop():
    """What a network sees straight ahead in a crop at the picture's corner lies on that corner's ray."""
    pixel = np.array([600.0, 60.0])
    forward = ray_rotation(people.CAMERA, pixel) @ [0.0, 0.0, -1.0]
    np.testing.assert_allclose(people.CAMERA.project(forward[None])[0], pixel, atol=1e-6)


def test_heatmap_moves_a_point_to_the_peak_nearby():
    logits = np.full((2, 64, 64), -20.0)
    logits[0, 22, 31] = 8.0  # row 22, column 31: (124, 88) px of a 256 px crop
    found = refine_by_heatmap(np.array([[119.0, 92.0], [50.0, 50.0]]), logits, 256)
    np.testing.assert_allclose(found, [[124.0, 88.0], [50.0, 50.0]], atol=0.05)


def test_heatmap_equals_a_naive_twin():
    points = RNG.uniform(-20, 276, size=(39, 2))
    logits = RNG.normal(size=(39, 64, 64)) * 3
    expected = points.copy()
    for k in range(39):
        column, row = int(points[k, 0] * 0.25), int(points[k, 1] * 0.25)
        if not (0 <= column < 64 and 0 <= row < 64) or (points[k] < 0).any():
            continue
        total = best = 0.0
        sums = np.zeros(2)
        for r in range(max(0, row - 3), min(64, row + 4)):
            for c in range(max(0, column - 3), min(64, column + 4)):
                weight = float(sigmoid(logits[k, r, c]))
                total, best, sums = total + weight, max(best, weight), sums + weight * np.array([c, r])
        if best >= 0.5:
            expected[k] = sums / total * 4
    inside = ((points >= 0) & (points < 256)).all(axis=1)
    np.testing.assert_allclose(refine_by_heatmap(points, logits, 256)[inside], expected[inside], atol=1e-9)


def test_shape_follows_a_tall_person_and_settles(body: BodyModel):
    fitter = ShapeFitter(body, USUAL_M)
    seen = people.see(body, people.frame())
    history = [fitter.update(seen.world_m, np.ones(33)) for _ in range(300)]
    zero = body.rest_joints(np.zeros(10))
    length = np.linalg.norm(zero[SMPLX["left_knee"]] - zero[SMPLX["left_hip"]])
    tall = ShapeFitter(body, USUAL_M)
    big = people.see(body, people.frame(), scale=1.1)
    for _ in range(300):
        betas = tall.update(big.world_m, np.ones(33))
    joints, usual = body.rest_joints(betas), body.rest_joints(history[-1])
    assert np.linalg.norm(joints[SMPLX["left_knee"]] - joints[SMPLX["left_hip"]]) > 1.03 * np.linalg.norm(
        usual[SMPLX["left_knee"]] - usual[SMPLX["left_hip"]]
    ), length
    changes = sum(history[i] is not history[i - 1] for i in range(1, 300))
    assert changes < 12  # a body that changes its shape in every picture would breathe


def test_unseen_limbs_do_not_change_the_shape(body: BodyModel):
    fitter = ShapeFitter(body, USUAL_M)
    assert not fitter.update(people.see(body, people.frame(), scale=3.0).world_m, np.zeros(33)).any()


class TestFacingGuard:
    def front_and_back(self, body: BodyModel):
        return people.see(body, people.frame()), people.see(body, people.frame(pelvis=(0, 180, 0)))

    def test_a_sudden_turn_round_is_undone(self, body: BodyModel):
        front, back = self.front_and_back(body)
        guard = FacingGuard()
        guard(front, 0.0, None)
        kept = guard(back, 0.033, None)
        left, right = (kept.world_m[POSE[f"{side}_shoulder"]] for side in ("left", "right"))
        assert left[0] > right[0]  # facing the camera, the subject's left is on the picture's right
        np.testing.assert_allclose(kept.image_px[POSE["left_wrist"]], back.image_px[POSE["right_wrist"]])

    def test_who_stays_turned_is_believed(self, body: BodyModel):
        front, back = self.front_and_back(body)
        guard = FacingGuard()
        guard(front, 0.0, None)
        answers = [guard(back, t, None) is back for t in np.arange(0.033, 2.0, 0.033)]
        assert not answers[0]
        assert answers[-1]

    def test_a_face_outweighs_the_body(self, body: BodyModel):
        _, back = self.front_and_back(body)
        guard = FacingGuard()
        towards_camera = np.array([0.0, 0.0, 1.0])
        assert all(guard(back, t, towards_camera) is not back for t in np.arange(0, 3.0, 0.1))

    def test_turning_step_by_step_passes(self, body: BodyModel):
        guard = FacingGuard()
        for i, yaw in enumerate(np.arange(0, 360, 15)):
            seen = people.see(body, people.frame(pelvis=(0, float(yaw), 0)))
            assert guard(seen, i / 30, None) is seen, yaw


def test_region_of_a_crop_and_back():
    region = Region(100.0, 80.0, 60.0, 0.4)
    corners = region.to_image(np.array([[0.0, 0.0], [256.0, 256.0], [128.0, 128.0]]), 256)
    np.testing.assert_allclose(corners[2], [100, 80])
    assert np.linalg.norm(corners[1] - corners[0]) == pytest.approx(60 * np.sqrt(2))


class TestKnownHeight:
    """A stature that is given, beside limbs that are seen."""

    @pytest.mark.parametrize("usual_m", [None, USUAL_M])
    @pytest.mark.parametrize("height_m", [1.4, 1.7, 2.05])
    def test_it_is_met(self, body, usual_m, height_m):
        fitter = ShapeFitter(body, usual_m)
        points = people.landmark_positions(body, people.frame())
        for _ in range(5):
            betas = fitter.update(points, np.ones(33), KnownShape(height_m=height_m))
        low, high = body.rest_height(betas)
        assert high - low == pytest.approx(height_m, abs=0.003)

    def test_it_holds_before_anything_is_seen_and_for_the_next_person(self, body):
        fitter = ShapeFitter(body)
        for _ in range(2):
            betas = fitter.update(np.zeros((33, 3)), np.zeros(33), KnownShape(height_m=1.9))
            low, high = body.rest_height(betas)
            assert high - low == pytest.approx(1.9, abs=0.003)
            fitter.reset()

    def test_limbs_keep_their_proportions(self, body):
        """Long arms are long at any stature."""
        long_arms = np.zeros(10)
        long_arms[6] = 1.5
        points = people.landmark_positions(body, replace(people.frame(), betas=long_arms))
        found = {}
        for height_m in (None, 1.55, 1.9):
            fitter = ShapeFitter(body)
            for _ in range(70):
                betas = fitter.update(points, np.ones(33), KnownShape(height_m=height_m))
            found[height_m] = betas[6]
        assert min(found.values()) > 0.4

    def test_it_is_forgotten_when_it_is_taken_back(self, body):
        points = people.landmark_positions(body, people.frame())
        fitter, fresh = ShapeFitter(body), ShapeFitter(body)
        fitter.update(points, np.ones(33), KnownShape(height_m=2.0))
        fresh.update(points, np.ones(33))
        np.testing.assert_allclose(fitter.update(points, np.ones(33)), fresh.update(points, np.ones(33)), atol=1e-12)

    def test_known_betas_are_worn_as_they_are(self, body):
        fitter = ShapeFitter(body)
        known = KnownShape(tuple(np.linspace(-1, 1, 10)))
        betas = fitter.update(np.zeros((33, 3)), np.zeros(33), known)
        np.testing.assert_array_equal(betas, known.betas)
        assert fitter.update(np.zeros((33, 3)), np.zeros(33), known) is betas  # the same array until they change
