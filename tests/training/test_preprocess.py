"""Boxes, crops, mirroring and targets, by hand-made numbers and by what a camera would see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from pose2pose_live.errors import TrainingError
from pose2pose_live.estimation.person_crop import clean_box, crop_matrix, processed_box
from pose2pose_live.metrics import rotation_error_deg
from pose2pose_live.rotations import rotvec_to_rotmat
from pose2pose_live.skeleton import SUPERVISION, SUPERVISION_FROM_SMPLX, SUPERVISION_ROOT
from pose2pose_live.training import augment
from pose2pose_live.training.augment import Augmentation
from pose2pose_live.training.body_layer import BodyLayer
from pose2pose_live.training.parts import BODY_ONLY, FACE_ONLY, HAND_ONLY, WHOLE_BODY, smplx_arguments
from pose2pose_live.training.preprocess import Preprocessor
from pose2pose_live.training.sample import Sample, SmplxTarget

FOCAL, PRINCIPAL = np.array([500.0, 500.0]), np.array([160.0, 120.0])


@pytest.fixture(scope="module")
def layer() -> BodyLayer:
    return BodyLayer().for_joints()


def random_target(seed: int = 0) -> SmplxTarget:
    """A person turned towards the camera, 3.5 m away, joints bent by up to a third of a radian or so."""
    rng = np.random.default_rng(seed)
    return SmplxTarget(
        global_orient=np.array([np.pi - 0.2, 0.1, 0.1]), body_pose=rng.normal(0, 0.2, (21, 3)), left_hand_pose=rng.normal(0, 0.2, (15, 3)),
        right_hand_pose=rng.normal(0, 0.2, (15, 3)), jaw_pose=np.array([0.1, 0, 0]), betas=rng.normal(0, 1, 10),
        expression=rng.normal(0, 1, 10), transl=np.array([0.05, 0.1, 4.5]),
    )  # fmt: skip


def sample(**changes: Any) -> Sample:
    picture = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    whole = Sample("p.json: 3", picture, np.array([80.0, 10, 160, 220]), FOCAL, PRINCIPAL, random_target())
    return replace(whole, **changes)


def test_boxes_by_hand():
    for box, cleaned in (([-10.0, 20, 50, 30], [0, 20, 49, 29]), ([80.0, 70, 50, 30], [80, 70, 19, 9])):
        assert np.array_equal(clean_box(np.array(box), 100, 80), cleaned)  # type: ignore[arg-type]
    for empty in ([10.0, 10, 0, 5], [200.0, 10, 5, 5], [10.0, 10, 1, 1]):
        assert clean_box(np.array(empty), 100, 80) is None
    # 90 x 100 px is too wide for 384 : 512: the height grows to 120, then both by a quarter, about the centre (65, 70).
    np.testing.assert_allclose(
        processed_box(np.array([20.0, 20, 90, 100]), (512, 384), 1.25), [65 - 56.25, 70 - 75, 112.5, 150]
    )
    np.testing.assert_allclose(processed_box(np.array([0.0, 0, 10, 100]), (512, 384), 1.25)[2:], [93.75, 125])


def test_crop_maps_the_three_points_of_the_specification():
    box = processed_box(np.array([20.0, 30, 60, 100]), (512, 384), 1.25)
    matrix = crop_matrix(box, (512, 384))
    centre = box[:2] + box[2:] / 2
    points = centre + np.array([[0, 0], [0, box[3] / 2], [box[2] / 2, 0]])
    np.testing.assert_allclose(points @ matrix[:, :2].T + matrix[:, 2], [[192, 256], [192, 512], [384, 256]])


def test_rotation_turns_picture_and_points_alike():
    box = np.array([0.0, 0, 75, 100])
    matrix = crop_matrix(box, (512, 384), rotation_deg=90)
    # The box turns clockwise on the screen, so its contents turn anticlockwise: what was right of the middle is now above it.
    point = matrix[:, :2] @ np.array([37.5 + 10, 50]) + matrix[:, 2]
    np.testing.assert_allclose(point, [192, 256 - 10 * 5.12], atol=1e-9)
    np.testing.assert_allclose(Augmentation(rotation_deg=90).rotation @ [1, 0, 0], [0, -1, 0], atol=1e-12)


def test_crop_is_rgb_in_unit_range(layer: BodyLayer):
    picture = np.zeros((240, 320, 3), np.uint8)
    picture[:] = (10, 100, 200)  # blue, green, red
    item = Preprocessor(WHOLE_BODY, layer)(sample(picture=picture), Augmentation(colour=(1.0, 0.5, 2.0)))
    assert item["image"].shape == (3, 512, 384)
    np.testing.assert_allclose(item["image"][:, 256, 192], [200 / 255, 50 / 255, 20 / 255], atol=1e-6)


def test_targets_are_what_the_camera_sees(layer: BodyLayer):
    """The pelvis of the fit, marked in the picture, is found in the crop where the target says, for any augmentation."""
    plain = Preprocessor(WHOLE_BODY, layer)
    fit = plain._fit(sample())
    pelvis = fit.joints_2d[SUPERVISION["pelvis"]]
    picture = np.zeros((240, 320, 3), np.uint8)
    cv2.circle(picture, [round(16 * v) for v in pelvis], 16 * 4, (255, 255, 255), -1, cv2.LINE_AA, 4)
    for change in (Augmentation(), Augmentation(1.2, 33.0, (1, 1, 1), flip=True), Augmentation(0.8, -20.0)):
        item = plain(sample(picture=picture), change)
        weight = item["image"].sum(0)
        y, x = np.indices(weight.shape)
        centroid = np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum()
        target = item["fit_joints_2d"][SUPERVISION["pelvis"]] * 64  # grid units of 64 px each way
        assert item["fit_joints_2d_valid"][SUPERVISION["pelvis"]]
        np.testing.assert_allclose(centroid, target, atol=1.0)


@pytest.mark.parametrize("flip", [False, True])
def test_augmented_parameters_pose_the_augmented_joints(layer: BodyLayer, flip: bool):
    """Rotations, joints and mirroring agree: the layer, fed with the target rotations, gives the target joints."""
    change = Augmentation(1.1, 25.0, (1, 1, 1), flip=flip)
    item = Preprocessor(WHOLE_BODY, layer)(sample(), change)
    batch = {name: torch.as_tensor(values)[None] for name, values in item.items()}
    joints = layer(**smplx_arguments(WHOLE_BODY, batch, layer)).joints[0].numpy()
    relative = joints - joints[list(SUPERVISION_ROOT)]
    known = item["fit_joints_3d_valid"]
    assert known.sum() == 120
    np.testing.assert_allclose(relative[known], item["fit_joints_3d"][known], atol=1e-5)


def test_mirroring_twice_is_the_identity(layer: BodyLayer):
    target, mirror = random_target(), layer.expression_mirror()
    back = augment.mirror_target(augment.mirror_target(replace(target, left_hand_valid=False), mirror), mirror)
    for name in ("global_orient", "body_pose", "left_hand_pose", "right_hand_pose", "jaw_pose", "expression", "transl"):
        np.testing.assert_allclose(getattr(back, name), getattr(target, name), atol=1e-6)
    assert (back.left_hand_valid, back.right_hand_valid) == (False, True)
    once = augment.mirror_target(replace(target, left_hand_valid=False), mirror)
    assert (once.left_hand_valid, once.right_hand_valid) == (True, False)
    pixels = np.random.default_rng(0).uniform(0, 100, (137, 2))
    once_px = augment.mirror_pixels(pixels, 100)
    np.testing.assert_allclose(
        once_px[SUPERVISION["left_wrist"]],
        [99 - pixels[SUPERVISION["right_wrist"], 0], pixels[SUPERVISION["right_wrist"], 1]],
    )
    np.testing.assert_allclose(augment.mirror_pixels(once_px, 100), pixels)


def test_augmentation_draws_follow_the_paper():
    draws = [augment.draw(np.random.default_rng([0, i])) for i in range(4000)]
    scales, angles = np.array([d.scale for d in draws]), np.array([d.rotation_deg for d in draws])
    assert scales.min() == 0.75
    assert scales.max() == 1.25
    assert np.abs(angles).max() == 60
    assert 0.57 < (angles != 0).mean() < 0.63
    assert 0.47 < np.mean([d.flip for d in draws]) < 0.53
    colours = np.array([d.colour for d in draws])
    assert 0.8 <= colours.min() < 0.81
    assert 1.19 < colours.max() <= 1.2


def test_masks_say_what_is_annotated(layer: BodyLayer):
    process = Preprocessor(WHOLE_BODY, layer)
    item = process(sample(smplx=replace(random_target(), left_hand_valid=False, face_valid=False)))
    assert not item["left_hand_rotations_valid"]
    assert item["right_hand_rotations_valid"]
    assert not item["expression_valid"]
    assert not item["fit_joints_3d_valid"][25:45].any()
    assert item["fit_joints_3d_valid"][45:65].all()
    assert not item["joints_2d_valid"].any()
    assert item["box_valid"].tolist() == [False, True, False]
    bare = process(sample(smplx=None, focal_px=None, principal_px=None))
    assert not any(bare[name].any() for name in bare if name.endswith("_valid"))


def test_large_betas_are_cut_off_one_by_one(layer: BodyLayer):
    betas = np.array([5.0, -4, 1, 0, 0, 0, 0, 0, 0, 0])
    item = Preprocessor(BODY_ONLY, layer)(sample(smplx=replace(random_target(), betas=betas)))
    np.testing.assert_allclose(item["betas"][:3], [3, -3, 1])


def test_hand_boxes_surround_the_hands(layer: BodyLayer):
    item = Preprocessor(WHOLE_BODY, layer)(sample())
    grid = item["fit_joints_2d"][45:65]
    np.testing.assert_allclose(item["box_centers"][1] - item["box_sizes"][1] / 2, grid.min(0), atol=1e-5)
    np.testing.assert_allclose(item["box_centers"][1] + item["box_sizes"][1] / 2, grid.max(0), atol=1e-5)


def test_a_left_hand_is_seen_as_a_right_one(layer: BodyLayer):
    process = Preprocessor(HAND_ONLY, layer)
    target = random_target()
    large = sample(picture=np.zeros((1200, 1600, 3), np.uint8), focal_px=2 * FOCAL, principal_px=5 * PRINCIPAL)
    left, right = (process(large, hand=side) for side in ("left", "right"))
    assert left["image"].shape == (3, 256, 256)
    np.testing.assert_allclose(
        right["hand_rotations"], rotvec_to_rotmat(target.right_hand_pose - layer.hand_means[1]), atol=1e-6
    )
    # The mirrored left hand, relative to the right mean: the two means of the open body mirror each other.
    expected = rotvec_to_rotmat((target.left_hand_pose - layer.hand_means[0]) * [1, -1, -1])
    assert rotation_error_deg(left["hand_rotations"], expected).max() < 0.5
    for item in (left, right):
        rows = slice(45, 65)
        inside = (item["fit_joints_2d"][rows] > 1.8) & (
            item["fit_joints_2d"][rows] < 6.25
        )  # extension 2: the middle half of 8 cells, but for the pixel that cleaning the box takes off
        assert item["fit_joints_2d_valid"][rows].all()
        assert inside.all()


def test_face_targets_turn_with_the_head(layer: BodyLayer):
    target = replace(random_target(), body_pose=np.zeros((21, 3)))
    turned = replace(
        target, body_pose=np.eye(21)[SUPERVISION_FROM_SMPLX[SUPERVISION["head"]] - 1][:, None] * [0.0, 0.3, 0.0]
    )
    process = Preprocessor(FACE_ONLY, layer)
    straight, aside = process(sample(smplx=target)), process(sample(smplx=turned))
    assert rotation_error_deg(
        straight["root_rotation"].astype(float), aside["root_rotation"].astype(float)
    ) == pytest.approx(np.degrees(0.3), abs=0.01)


def test_an_unseen_hand_is_a_row_without_targets(layer: BodyLayer):
    far = replace(random_target(), transl=np.array([50.0, 0, 4.5]))
    item = Preprocessor(HAND_ONLY, layer)(sample(smplx=far))
    assert not any(item[name].any() for name in item if name.endswith("_valid"))


def test_a_box_outside_the_picture_is_an_error_with_its_name(layer: BodyLayer):
    with pytest.raises(TrainingError, match=r"p\.json: 3: expected a person box"):
        Preprocessor(BODY_ONLY, layer)(sample(person_box_xywh=np.array([400.0, 0, 10, 10])))
