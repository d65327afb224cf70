from __future__ import annotations

import numpy as np
import pytest
import torch

from pose2pose_live.network.open_body_net import Perception
from pose2pose_live.skeleton import OPEN_BODY_PARTS, POSE, SMPLX
from pose2pose_live.skeleton import OPEN_BODY_POINT as POINT
from pose2pose_live.training.body_layer import BodyLayer
from pose2pose_live.training.open_engine.batches import Batch, read_batch
from pose2pose_live.training.open_engine.losses import (
    WEIGHTS,
    head_losses,
    heatmap_loss,
    perception_losses,
    total,
    unlabelled_losses,
)
from pose2pose_live.training.open_engine.shards import Crops
from pose2pose_live.training.open_engine.targets import (
    LANDMARKS,
    landmark_targets,
    position_targets,
    rotation_targets,
    world_rotations,
)


@pytest.fixture
def batch(crops: Crops) -> Batch:
    return read_batch(crops, np.arange(8))


@pytest.fixture(scope="module")
def layer() -> BodyLayer:
    return BodyLayer().for_joints()


def perfect_perception(batch: Batch) -> Perception:
    target = landmark_targets(batch)
    world = torch.zeros(len(target.world), 39, 3)
    world[:, LANDMARKS] = target.world
    landmarks = batch["teacher"].clone()
    landmarks[:, :35, :2] = target.xy_px
    landmarks[:, LANDMARKS, 2] = target.z_px
    seen = {"world": world, "landmarks": landmarks, "presence": batch["teacher_presence"].clone()}
    return Perception(seen, torch.zeros(0), position_targets(batch)[0])


def perfect_answer(batch: Batch) -> dict[str, torch.Tensor]:
    rotations = batch["rotations"]
    return {
        "joints": batch["points"], "root_rotation": rotations[:, 0], "body_rotations": rotations[:, 1:], "betas": batch["betas"],
        "log_variance": torch.full((len(rotations), len(OPEN_BODY_PARTS)), -9.0),
    }  # fmt: skip


def test_perfect_perception_costs_nothing_and_every_error_costs(batch: Batch):
    for name, value in perception_losses(perfect_perception(batch), batch).items():
        assert value == pytest.approx(0, abs=1e-5), name
    for name, change in (("world", "world"), ("bones", "world"), ("depth", "landmarks"), ("landmarks", "landmarks")):
        wrong = perfect_perception(batch)
        wrong.seen[change] += 0.1 * torch.randn(wrong.seen[change].shape)
        assert perception_losses(wrong, batch)[name] > 1e-4, name
    moved = perfect_perception(batch)._replace(positions=position_targets(batch)[0] + 1.0)
    assert perception_losses(moved, batch)["positions"] > 0.1


def test_the_true_pose_costs_only_what_hidden_legs_shall_not_do(batch: Batch, layer: BodyLayer):
    losses = head_losses(perfect_answer(batch), batch, layer)
    for name in ("joints", "betas"):
        assert losses[name] == 0
    assert losses["posed"] < 5e-3  # fingers and face are neutral in the posed body
    shown = dict(batch) | {"inside": torch.ones_like(batch["inside"])}
    seen = head_losses(perfect_answer(batch), shown, layer)
    assert seen["local"] == pytest.approx(0, abs=1e-6)
    assert seen["world_rotation"] == pytest.approx(0, abs=1e-6)
    turned = perfect_answer(batch)
    turned["body_rotations"] = turned["body_rotations"].roll(1, dims=0)
    worse = head_losses(turned, shown, layer)
    assert all(worse[name] > seen[name] + 1e-3 for name in ("posed", "local", "world_rotation", "sureness"))


def test_a_leg_that_nobody_sees_stands_at_ease(batch: Batch):
    inside = torch.ones_like(batch["inside"])
    inside[0, POINT["left_knee"]] = 0
    target, weight = rotation_targets(dict(batch) | {"inside": inside})
    for joint in ("left_hip", "left_knee", "left_ankle", "left_foot"):
        torch.testing.assert_close(target[0, SMPLX[joint]], torch.eye(3))
        assert weight[0, SMPLX[joint]] < weight[1, SMPLX[joint]]
    torch.testing.assert_close(target[0, SMPLX["right_hip"]], batch["rotations"][0, SMPLX["right_hip"]])
    torch.testing.assert_close(target[1:], batch["rotations"][1:])


def test_the_teacher_is_believed_near_the_truth_and_nowhere_else(batch: Batch):
    shown = dict(batch) | {
        "inside": torch.ones_like(batch["inside"]),
        "teacher_presence": torch.ones_like(batch["teacher_presence"]),
    }
    truth = landmark_targets(dict(shown) | {"teacher": shown["teacher"] + 1000}).xy_px[:, LANDMARKS]
    near, far = shown["teacher"].clone(), shown["teacher"].clone()
    near[:, LANDMARKS, :2], far[:, LANDMARKS, :2] = truth + 4, truth + 40
    torch.testing.assert_close(landmark_targets(dict(shown) | {"teacher": near}).xy_px[:, LANDMARKS], truth + 4)
    torch.testing.assert_close(landmark_targets(dict(shown) | {"teacher": far}).xy_px[:, LANDMARKS], truth)
    # Hips are as far apart as the published network has them, wider than the body's own.
    hips = [LANDMARKS.index(POSE[f"{side}_hip"]) for side in ("left", "right")]
    wide = (truth[:, hips[0]] - truth[:, hips[1]]).norm(dim=-1)
    own = (batch["points_px"][:, POINT["left_hip"]] - batch["points_px"][:, POINT["right_hip"]]).norm(dim=-1)
    torch.testing.assert_close(wide, own / 0.77, rtol=1e-3, atol=1e-3)


def test_world_rotations_follow_the_chain(batch: Batch):
    world = world_rotations(batch["rotations"])
    expected = batch["rotations"][:, 0]
    for joint in ("spine1", "spine2", "spine3", "left_collar", "left_shoulder", "left_elbow"):
        expected = expected @ batch["rotations"][:, SMPLX[joint]]
    torch.testing.assert_close(world[:, SMPLX["left_elbow"]], expected)


def test_sureness_is_best_where_it_says_what_is_wrong(batch: Batch, layer: BodyLayer):
    answer = perfect_answer(batch)
    answer["root_rotation"] = answer["root_rotation"].roll(1, dims=0)
    log_variance = torch.zeros(len(batch["betas"]), len(OPEN_BODY_PARTS), requires_grad=True)
    optimizer = torch.optim.Adam([log_variance], 0.4)
    for _ in range(40):
        optimizer.zero_grad()
        loss = head_losses({**answer, "log_variance": log_variance}, batch, layer)["sureness"]
        loss.backward()
        optimizer.step()
    found = log_variance.detach().exp()
    exact = head_losses({**answer, "log_variance": log_variance.detach()}, batch, layer)["sureness"]
    assert exact <= head_losses({**answer, "log_variance": log_variance.detach() + 0.5}, batch, layer)["sureness"]
    assert found[:, 1].mean() > found[:, 0].mean()  # a wrong root throws the head farther than the trunk


def test_real_pictures_teach_landmarks_but_only_where_somebody_is_seen(batch: Batch):
    seen = {"landmarks": batch["teacher"].clone(), "presence": batch["teacher_presence"].clone()}
    assert unlabelled_losses(seen, batch)["landmarks"] == 0
    seen["landmarks"] = seen["landmarks"] + 12.8
    assert unlabelled_losses(seen, dict(batch) | {"teacher_presence": torch.ones(8, 1)})["landmarks"] == pytest.approx(
        0.1, rel=1e-4
    )
    assert unlabelled_losses(seen, dict(batch) | {"teacher_presence": torch.zeros(8, 1)})["landmarks"] == 0


def test_every_term_has_a_weight_and_a_gradient(batch: Batch, layer: BodyLayer):
    answer = {name: value.clone().requires_grad_() for name, value in perfect_answer(batch).items()}
    perception = perfect_perception(batch)
    terms = perception_losses(perception, batch) | head_losses(answer, batch, layer)
    terms["heatmap"] = heatmap_loss({"heatmap": torch.ones(2, 39, 64, 64)}, {"heatmap": torch.zeros(2, 39, 64, 64)})
    terms["presence"] = unlabelled_losses(perception.seen, batch)["presence"]
    assert set(terms) == set(WEIGHTS)
    total(terms).backward()
    for name, value in answer.items():
        assert value.grad is not None, name
        assert torch.isfinite(value.grad).all(), name


def test_a_person_who_is_not_there_costs(batch: Batch):
    seen = perfect_perception(batch).seen
    nobody = batch | {"teacher_presence": torch.zeros_like(seen["presence"])}
    wrong = seen | {"presence": torch.full_like(seen["presence"], 0.9).requires_grad_()}
    right = seen | {"presence": torch.full_like(seen["presence"], 0.1)}
    cost = unlabelled_losses(wrong, nobody)["presence"]
    assert cost > 5 * unlabelled_losses(right, nobody)["presence"]
    cost.backward()
    assert (wrong["presence"].grad > 0).all()
