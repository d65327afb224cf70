"""What training rests on: gradients reach every weight that should move and no other, also in mixed precision."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from pose2pose_live.network import Hand4Whole
from pose2pose_live.network.checkpoint import VARIANTS
from tests.network.restatement import lively

ROTATIONS = ("root_rotation", "body_rotations", "left_hand_rotations", "right_hand_rotations")


@pytest.fixture
def network() -> Hand4Whole:
    return lively(Hand4Whole(backbones=("resnet18",) * 3)).float().train()


def _pictures(n: int = 2, size: tuple[int, int] = (512, 384)) -> Tensor:
    return torch.rand(n, 3, *size, generator=torch.Generator().manual_seed(8))


def _moved(network: torch.nn.Module) -> set[str]:
    """First parts of the names of the weights that have a gradient."""
    return {key.split(".")[0] for key, p in network.named_parameters() if p.grad is not None and (p.grad != 0).any()}


def _loss(values: Tensor) -> Tensor:
    weights = torch.linspace(0.5, 2.0, values[0].numel()).view(values[0].shape)
    return (values * weights).sum()


def test_the_sum_of_all_outputs_moves_every_weight(network: Hand4Whole):
    out = network(_pictures())
    sum(_loss(value) for value in out.values() if value.requires_grad).backward()
    for key, parameter in network.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.isfinite().all(), key
        assert (parameter.grad != 0).any(), key


def test_boxes_are_detached(network: Hand4Whole):
    out = network(_pictures())
    assert not any(out[f"{part}_box"].requires_grad for part in ("left_hand", "right_hand", "face"))
    assert all(out[key].requires_grad for key in out if not key.endswith("_box"))


def test_rotations_move_no_position(network: Hand4Whole):
    out = network(_pictures())
    sum(_loss(out[key]) for key in ROTATIONS).backward()
    assert _moved(network) == {"backbone", "hand_roi_net", "body_rotation_net", "hand_rotation_net"}


def test_body_rotations_move_the_hands_features_but_fingers_not_the_body(network: Hand4Whole):
    out = network(_pictures())
    _loss(out["body_rotations"]).backward(retain_graph=True)
    assert _moved(network) == {"backbone", "hand_roi_net", "body_rotation_net"}
    network.zero_grad()
    _loss(out["left_hand_rotations"]).backward()
    assert _moved(network) == {"hand_roi_net", "hand_rotation_net"}


def test_hand_positions_do_not_move_the_boxes_through_which_they_are_seen(network: Hand4Whole):
    out = network(_pictures())
    _loss(out["joint_positions"][:, 25:]).backward()
    assert _moved(network) == {"hand_roi_net", "hand_position_net"}


def test_boxes_do_not_move_the_body_positions(network: Hand4Whole):
    out = network(_pictures())
    (_loss(out["box_centers"]) + _loss(out["box_sizes"])).backward()
    assert _moved(network) == {"backbone", "box_net"}


def test_a_step_of_training_lowers_the_loss(network: Hand4Whole):
    """Body rotations of one picture pulled towards the identity: the whole path from the loss to the weights works."""
    image, optimiser = _pictures(), torch.optim.Adam(network.parameters(), lr=1e-4)
    losses = []
    for _ in range(4):
        loss = (network(image)["body_rotations"] - torch.eye(3)).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0]


def test_mixed_precision_gives_single_precision_answers(network: Hand4Whole):
    network.eval()
    image = _pictures(1)
    with torch.no_grad():
        exact = network(image)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            mixed = network(image)
    for key, value in mixed.items():
        assert value.dtype == torch.float32, key
        assert value.isfinite().all(), key
    for key in ROTATIONS:
        identity = torch.eye(3).expand(mixed[key].shape)
        assert (mixed[key] @ mixed[key].mT - identity).abs().max() < 1e-5
    # bfloat16 has three digits, and forty layers of it: positions still agree to a fraction of a cell.
    assert (mixed["body_positions"] - exact["body_positions"]).abs().max() < 0.5


@pytest.mark.parametrize(("variant", "size"), [("body", (256, 192)), ("hand", (256, 256)), ("face", (256, 192))])
def test_the_part_networks_learn_in_every_weight(variant: str, size: tuple[int, int]):
    network = lively(VARIANTS[variant](backbone="resnet18")).float().train()
    out = network(_pictures(2, size))
    sum(_loss(value) for value in out.values()).backward()
    for key, parameter in network.named_parameters():
        assert parameter.grad is not None, key
        assert (parameter.grad != 0).any(), key
        assert parameter.grad.isfinite().all(), key


def test_new_layers_start_small():
    torch.manual_seed(0)
    network = Hand4Whole(backbones=("resnet18",) * 3)
    stds = {
        "body_position_net.conv.0": 0.001, "box_net.deconv.0": 0.001, "box_net.bbox_center.0": 0.001, "body_rotation_net.lhand_conv.0": 0.001,
        "box_net.face_size.2": 0.01, "body_rotation_net.root_pose_out.0": 0.01, "hand_rotation_net.hand_pose_out.0": 0.01,
        "face_regressor.expr_out.0": 0.01,
    }  # fmt: skip
    for name, std in stds.items():
        layer = network.get_submodule(name)
        assert layer.weight.std().item() == pytest.approx(std, rel=0.1), name
        assert layer.bias is None or not layer.bias.any(), name
    out = network.eval()(_pictures(1))
    assert all(value.isfinite().all() for value in out.values())
