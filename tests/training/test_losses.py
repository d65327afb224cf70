"""Each loss term against hand-computed cases, and the whole sum against targets fed back as outputs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pose2pose_live.rotations import rotvec_to_rotmat
from pose2pose_live.training.body_layer import BodyLayer
from pose2pose_live.training.losses import into_box, masked_l1, training_losses
from pose2pose_live.training.parts import (
    BODY_ONLY,
    FACE_ONLY,
    HAND_ONLY,
    PARTS,
    WHOLE_BODY,
    Part,
    joints_and_projection,
)
from pose2pose_live.training.preprocess import Preprocessor

from .test_preprocess import sample

WHOLE_BODY_TERMS = {
    "rotations", "betas", "expression", "joints_3d", "fit_joints_3d", "projection", "positions", "fit_positions", "left_hand_box",
    "right_hand_box", "face_box",
}  # fmt: skip


@pytest.fixture(scope="module")
def layer() -> BodyLayer:
    return BodyLayer().for_joints()


def batch_of(part: Part, layer: BodyLayer, count: int = 2) -> dict[str, torch.Tensor]:
    item = Preprocessor(part, layer)(sample())
    return {name: torch.as_tensor(values)[None].repeat(count, *(1,) * np.ndim(values)) for name, values in item.items()}


def outputs_of(part: Part, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """A perfect network's outputs, but for the camera, which no target tells."""
    count = len(batch["betas"])
    outputs = {name: batch[name].clone() for name in (*part.rotations, "betas", "expression") if name in batch}
    outputs["camera_translation"] = torch.tensor([0.0, 0.0, 40.0]).expand(count, 3)
    xy, z = batch["fit_joints_2d"], batch["fit_joints_3d"][..., 2]
    depth = (z / (torch.tensor(part.depth_m) / 2) + 1) / 2 * 8
    if part is WHOLE_BODY:
        outputs |= {name: batch[name].clone() for name in ("box_centers", "box_sizes")}
        centre, half = 64 * batch["box_centers"], 64 * batch["box_sizes"].amax(-1, keepdim=True)
        boxes = torch.cat([centre - half, centre + half], dim=-1)
        for row, (name, rows) in enumerate(
            {"left_hand": slice(25, 45), "right_hand": slice(45, 65), "face": None}.items()
        ):
            outputs[f"{name}_box"] = boxes[:, row]
            if rows is not None:
                outputs[f"{name}_positions"] = torch.cat(
                    [into_box(xy[:, rows], boxes[:, row], part), depth[:, rows, None]], -1
                )
        outputs["body_positions"] = torch.cat([xy, depth[..., None]], -1)[:, :25]
    elif part.positions:
        outputs["joint_positions"] = torch.cat([xy, depth[..., None]], -1)[:, list(part.positions)]
    return outputs


def test_masked_l1_counts_all_elements():
    output, target = torch.tensor([[1.0, 5.0], [2.0, 8.0]]), torch.zeros(2, 2)
    assert masked_l1(output, target, torch.tensor([True, False])).item() == pytest.approx(6 / 4)
    assert masked_l1(output, target, torch.tensor([[True, False], [False, True]])).item() == pytest.approx(9 / 4)


@pytest.mark.parametrize("part", [WHOLE_BODY, BODY_ONLY, HAND_ONLY, FACE_ONLY], ids=lambda part: part.name)
def test_a_perfect_network_has_no_loss(layer: BodyLayer, part: Part):
    batch = batch_of(part, layer)
    outputs = outputs_of(part, batch)
    losses = training_losses(part, outputs, layer, batch)
    for name, value in losses.items():
        # A face alone turns rigidly about its head joint; in the whole body the neck pulls a little at the skin of the jaw.
        tolerance = 2e-3 if name == "rotations" or part is FACE_ONLY else 2e-5
        if name != "projection":  # needs the true camera
            assert value.item() == pytest.approx(0, abs=tolerance), name
    if part is WHOLE_BODY:
        assert set(losses) == WHOLE_BODY_TERMS
    wrong = outputs | {"root_rotation": outputs["root_rotation"].flip(1)}
    assert training_losses(part, wrong, layer, batch)["fit_joints_3d"] > 0.001


def test_rotation_term_is_the_mean_angle(layer: BodyLayer):
    batch = batch_of(BODY_ONLY, layer)
    outputs = outputs_of(BODY_ONLY, batch)
    turn = torch.tensor(rotvec_to_rotmat(np.array([0.0, 1.5, 0.0])), dtype=torch.float32)
    outputs["body_rotations"][0, 3] = outputs["body_rotations"][0, 3] @ turn
    assert training_losses(BODY_ONLY, outputs, layer, batch)["rotations"].item() == pytest.approx(1.5 / 44, abs=1e-3)
    batch["body_rotations_valid"][0] = False
    assert training_losses(BODY_ONLY, outputs, layer, batch)["rotations"].item() == pytest.approx(0, abs=1e-3)


def test_joints_are_relative_to_their_roots_and_projection_is_the_virtual_camera(layer: BodyLayer):
    batch = batch_of(WHOLE_BODY, layer)
    outputs = outputs_of(WHOLE_BODY, batch)
    joints, projected = joints_and_projection(WHOLE_BODY, outputs, layer)
    assert joints[:, [0, 7, 12, 13]].abs().amax() > 0  # neck and wrists are relative to the pelvis
    assert joints[0, 0].abs().max() == 0
    # A point on the axis of the camera falls in the middle of the grid of 6 x 8; 1 m to the right at 40 m is 125 px of 192.
    single = WHOLE_BODY.camera.project(torch.tensor([[[0.0, 0, 0], [0.5, 0, 0]]]), torch.tensor([[0.0, 0, 40]]))
    np.testing.assert_allclose(single[0].numpy(), np.array([[3, 4], [3 + 0.5 / 40 * 5000 / 32, 4]]), atol=1e-4)
    assert projected.shape == (2, 137, 2)


def test_hand_projection_forgives_where_the_hand_is(layer: BodyLayer):
    """Where the arm is does not count in the hand's own box; a shift of the target of the hand alone leaves the loss of the hand."""
    batch = batch_of(WHOLE_BODY, layer)
    outputs = outputs_of(WHOLE_BODY, batch)
    before = training_losses(WHOLE_BODY, outputs, layer, batch)["projection"]
    batch["fit_joints_2d"] = batch["fit_joints_2d"].clone()
    batch["fit_joints_2d"][:, 25:45] += 0.05
    after = training_losses(WHOLE_BODY, outputs, layer, batch)["projection"]
    assert after.item() == pytest.approx(before.item(), rel=1e-3)


def test_targets_outside_the_predicted_box_are_masked(layer: BodyLayer):
    batch = batch_of(WHOLE_BODY, layer)
    outputs = outputs_of(WHOLE_BODY, batch)
    outputs["left_hand_positions"] = outputs["left_hand_positions"] + 3
    assert training_losses(WHOLE_BODY, outputs, layer, batch)["fit_positions"] > 0.1
    outputs["left_hand_box"] = torch.tensor([[0.0, 0, 1, 1]]).expand(2, 4)
    assert training_losses(WHOLE_BODY, outputs, layer, batch)["fit_positions"].item() == pytest.approx(0, abs=1e-5)
    outputs["left_hand_box"] = torch.tensor([[100.0, 100, 50, 50]]).expand(2, 4)  # turned inside out
    assert torch.isfinite(training_losses(WHOLE_BODY, outputs, layer, batch)["fit_positions"])


def test_depth_counts_only_with_3d(layer: BodyLayer):
    """No z loss on 2D data: with points measured in 2D alone, only x and y of the positions are compared."""
    batch = batch_of(BODY_ONLY, layer)
    outputs = outputs_of(BODY_ONLY, batch)
    outputs["joint_positions"] = outputs["joint_positions"] + torch.tensor([0.0, 0.0, 1.0])
    with_depth = training_losses(BODY_ONLY, outputs, layer, batch)["fit_positions"]
    assert with_depth.item() == pytest.approx(
        1 / 3 * batch["fit_joints_2d_valid"][0, :25].float().mean().item(), rel=0.3
    )
    batch["fit_joints_3d_valid"] = torch.zeros_like(batch["fit_joints_3d_valid"])
    assert training_losses(BODY_ONLY, outputs, layer, batch)["fit_positions"].item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("name", sorted(PARTS))
def test_every_term_reaches_the_network(layer: BodyLayer, name: str):
    """Gradients of the sum arrive at every output that is trained, and are finite."""
    part = PARTS[name]
    batch = batch_of(part, layer)
    outputs = {key: (value + 0.01).requires_grad_() for key, value in outputs_of(part, batch).items()}
    torch.stack(list(training_losses(part, outputs, layer, batch).values())).sum().backward()
    for key, value in outputs.items():
        if key.endswith("_box"):
            assert value.grad is None, key
        else:
            assert value.grad is not None, key
            assert torch.isfinite(value.grad).all(), key
            assert value.grad.abs().max() > 0, key


def test_projection_may_be_kept_from_the_pose(layer: BodyLayer):
    """With `projection_moves_pose` off, the term has its value and teaches the camera, and nothing of it arrives at the pose."""
    batch = batch_of(BODY_ONLY, layer)
    gradients = {}
    for moves in (True, False):
        outputs = {key: value.clone().requires_grad_() for key, value in outputs_of(BODY_ONLY, batch).items()}
        term = training_losses(BODY_ONLY, outputs, layer, batch, projection_moves_pose=moves)["projection"]
        names = ("camera_translation", "body_rotations", "root_rotation", "betas")
        found = torch.autograd.grad(term, [outputs[name] for name in names], allow_unused=True)
        gradients[moves] = (term.item(), dict(zip(names, found, strict=True)))
    assert gradients[True][0] == gradients[False][0]
    assert all(value is not None and value.abs().max() > 0 for value in gradients[True][1].values())
    assert [name for name, value in gradients[False][1].items() if value is not None] == ["camera_translation"]
