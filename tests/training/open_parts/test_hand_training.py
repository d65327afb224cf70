from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from pose2pose_live.errors import TrainingError
from pose2pose_live.network.open_hand_net import POOLINGS, OpenHandHead
from pose2pose_live.training.body_layer import BodyLayer
from pose2pose_live.training.open_parts.hand_evaluate import format_table, geometric_answer, measure_hands
from pose2pose_live.training.open_parts.hand_layer import HandLayer, HandMesh, finger_rotations
from pose2pose_live.training.open_parts.hand_losses import drawn_losses, real_losses, total
from pose2pose_live.training.open_parts.hand_training import HandRows, HandTraining, answer_of, train_heads
from pose2pose_live.training.open_parts.shard_rows import read_rows

CONFIG = HandTraining(steps=30, batch=8, real_batch=4)


@pytest.fixture(scope="module")
def layer() -> HandLayer:
    return HandLayer(BodyLayer().for_joints())


def true_answer(rows: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    turns = rows["rotations"]
    return {"palm": turns[:, 0], "fingers": turns[:, 1:], "log_variance": torch.full((len(turns), 1), -8.0)}


def test_the_chain_of_bones_is_the_bodys(layer: HandLayer, crops: HandRows):
    """Against the body layer: the same joints, and tips within the skin's give."""
    rows = crops.take(np.arange(4))
    palm, fingers = rows["rotations"][:, 0], rows["rotations"][:, 1:]
    one = torch.eye(3).expand(4, 3, 3)
    posed = BodyLayer()(one, torch.eye(3).expand(4, 21, 3, 3), torch.eye(3).expand(4, 15, 3, 3), fingers, one, torch.zeros(4, 10), torch.zeros(4, 10),
                        torch.zeros(4, 3)).joints  # fmt: skip
    from pose2pose_live.skeleton import SUPERVISION

    wrist = posed[:, SUPERVISION["right_wrist"]]
    ours = layer(palm, fingers)
    for finger, name in enumerate(("thumb", "index", "middle", "ring", "pinky")):
        for bone, end in enumerate(("1", "2", "3", "_tip")):
            true = (posed[:, SUPERVISION[f"right_{name}{end}"]] - wrist)[:, None] @ palm.transpose(1, 2)
            apart = (ours[:, 1 + 4 * finger + bone] - true[:, 0]).norm(dim=-1).max()
            assert apart < (0.006 if end == "_tip" else 1e-4)


def test_the_truth_loses_nothing(layer: HandLayer, crops: HandRows):
    rows = crops.take(np.arange(6))
    losses = drawn_losses(true_answer(rows), rows, layer)
    assert all(float(losses[name]) < 1e-5 for name in ("local", "turned", "posed"))
    wrong = true_answer(rows)
    wrong["fingers"] = torch.eye(3).expand(6, 15, 3, 3)
    assert float(total(drawn_losses(wrong, rows, layer))) > float(total(losses)) + 0.1


def test_real_hands_are_held_against_the_landmarks(layer: HandLayer, crops: HandRows):
    rows = crops.take(np.arange(6))
    truth = true_answer(rows)
    posed = layer(truth["palm"], truth["fingers"])
    flat = posed.new_tensor([1.0, -1.0])
    rows["landmarks"] = torch.cat([100 + 700 * posed[..., :2] * flat, torch.zeros(6, 21, 1)], dim=-1)
    rows["world"] = posed * posed.new_tensor([1.0, -1.0, -1.0]) * 1.3
    losses = real_losses(truth, rows, layer)
    assert max(float(value) for value in losses.values()) < 1e-4
    truth["palm"] = -truth["palm"] @ torch.diag(torch.tensor([1.0, 1.0, -1.0]))  # from behind
    assert float(real_losses(truth, rows, layer)["bones"]) > 0.3


def test_training_learns_and_goes_on_where_it_stopped(crops: HandRows, tmp_path: Path):
    whole = train_heads(CONFIG, crops, crops, tmp_path / "whole.pt")
    assert set(whole) == set(POOLINGS)
    part = tmp_path / "part.pt"
    train_heads(replace(CONFIG, steps=30), crops, crops, part)
    stored = torch.load(part, weights_only=True)
    assert stored["step"] == 30
    again = train_heads(CONFIG, crops, crops, part)
    for name, value in whole["guided"].state_dict().items():
        assert torch.equal(value, again["guided"].state_dict()[name])
    rows = crops.take(np.arange(len(crops)))
    layer = HandLayer(BodyLayer().for_joints())
    for pooling in ("guided", "none"):
        with torch.no_grad():
            after = float(total(drawn_losses(answer_of(whole[pooling], rows), rows, layer)))
            before = float(total(drawn_losses(answer_of(OpenHandHead(pooling).eval(), rows), rows, layer)))
        assert after < 0.8 * before


def test_measures_know_the_truth_from_geometry(crops: HandRows):
    columns = {"geometric": geometric_answer, "none": partial(answer_of, OpenHandHead("none"))}
    table = measure_hands(columns, crops, crops)
    assert 5 < table["geometric"]["fingers, degrees"] < 45
    assert 2 < table["geometric"]["PA-MPJPE, mm"] < 40
    assert table["geometric"]["real bones_px"] < table["none"]["real bones_px"]
    assert "PVE, mm" in format_table(table)


def test_geometry_solves_perfect_landmarks(layer: HandLayer, crops: HandRows):
    rows = crops.take(np.arange(6))
    truth = true_answer(rows)
    rows["world"] = layer(truth["palm"], truth["fingers"]) * torch.tensor([1.0, -1.0, -1.0])
    palm = geometric_answer(rows)["palm"]
    assert (palm - truth["palm"]).abs().max() < 0.12


def test_the_mesh_is_the_hand_about_the_wrist():
    one = torch.eye(3)[None]
    vertices = HandMesh(BodyLayer())(one, torch.eye(3).expand(1, 15, 3, 3))[0]
    assert 400 < len(vertices) < 6000
    assert 0.12 < float(-vertices[:, 0].min()) < 0.25  # the right hand of the T-pose points along -x
    assert finger_rotations(one, torch.eye(3).expand(1, 15, 3, 3)).shape == (1, 16, 3, 3)


def test_nothing_to_read_is_said(tmp_path: Path):
    with pytest.raises(TrainingError, match="expected crops made by"):
        read_rows(tmp_path)
