"""The table of measures for outputs whose errors are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pose2pose_live.rotations import rotvec_to_rotmat
from pose2pose_live.training.body_layer import BodyLayer
from pose2pose_live.training.evaluate import Evaluation, format_table
from pose2pose_live.training.parts import BODY_ONLY, FACE_ONLY, HAND_ONLY, PARTS, WHOLE_BODY, smplx_arguments
from pose2pose_live.training.preprocess import Preprocessor

from .test_preprocess import sample


@pytest.fixture(scope="module")
def layer() -> BodyLayer:
    return BodyLayer()


def batch_of(name: str, layer: BodyLayer) -> dict[str, torch.Tensor]:
    item = Preprocessor(PARTS[name], layer)(sample())
    return {key: torch.as_tensor(values)[None].repeat(3, *(1,) * np.ndim(values)) for key, values in item.items()}


def turned(degrees: float, axis: int = 1) -> torch.Tensor:
    return torch.tensor(rotvec_to_rotmat(np.radians(degrees) * np.eye(3)[axis]), dtype=torch.float32)


@pytest.mark.parametrize("name", sorted(PARTS))
def test_perfect_outputs_have_no_error(layer: BodyLayer, name: str):
    batch = batch_of(name, layer)
    evaluation = Evaluation(PARTS[name], layer)
    evaluation.update(batch, batch)
    table = evaluation.result()
    for measure, value in table.items():
        assert value == pytest.approx(100 if measure.startswith("PCK") else 0, abs=0.05), measure
    expected = {"whole_body": {"all", "hands", "face"}, "body": {"all"}, "hand": {"hands"}, "face": {"face"}}[name]
    assert {measure.split()[1] for measure in table if measure.startswith("PVE")} == expected
    assert "PVE all mm" in format_table(table) or "all" not in expected


def test_a_wrong_root_turns_everything_about_the_pelvis(layer: BodyLayer):
    """Turning by t about the vertical through the pelvis moves a point at distance r from that axis by 2 r sin(t/2)."""
    batch = batch_of("body", layer)
    outputs = batch | {"root_rotation": turned(60) @ batch["root_rotation"]}
    evaluation = Evaluation(BODY_ONLY, layer)
    evaluation.update(outputs, batch)
    table = evaluation.result()
    vertices, joints = (points[0].numpy() for points in layer(**smplx_arguments(BODY_ONLY, batch, layer)))
    radius = np.linalg.norm((vertices - joints[0])[:, [0, 2]], axis=1)
    assert table["PVE all mm"] == pytest.approx(1000 * radius.mean() * 2 * np.sin(np.radians(30)), rel=1e-3)
    radius = np.linalg.norm((joints[:14] - joints[0])[:, [0, 2]], axis=1)
    assert table["MPJPE all mm"] == pytest.approx(1000 * radius.mean(), rel=1e-3)
    assert table["PCK@150mm all %"] == pytest.approx(100 * (radius <= 0.15).mean())
    assert table["rotation root deg"] == pytest.approx(60, abs=0.01)
    for measure in ("PA-MPJPE all mm", "PA-PVE all mm", "rotation body deg"):
        assert table[measure] == pytest.approx(0, abs=0.05), measure


def test_hands_and_face_are_aligned_at_wrist_and_neck(layer: BodyLayer):
    """A wrong elbow carries the hand away and turns it; aligned at the wrist only the turn is left, and the face sees nothing of it."""
    batch = batch_of("whole_body", layer)
    body = batch["body_rotations"].clone()
    body[:, 18] = body[:, 18] @ turned(40, 0)  # the right elbow, about the forearm
    evaluation = Evaluation(WHOLE_BODY, layer)
    evaluation.update(batch | {"body_rotations": body}, batch)
    table = evaluation.result()
    assert table["PVE face mm"] == pytest.approx(0, abs=0.01)
    assert table["rotation hands deg"] == pytest.approx(0, abs=0.01)
    assert 1 < table["PVE hands mm"] < 40
    assert table["PA-PVE hands mm"] < 0.2 * table["PVE hands mm"]
    assert table["rotation body deg"] == pytest.approx(40 / 21, abs=0.01)


def test_what_is_not_annotated_is_not_measured(layer: BodyLayer):
    batch = batch_of("whole_body", layer)
    wrong = batch | {name: batch[name] @ turned(30) for name in ("left_hand_rotations", "right_hand_rotations")}
    batch["left_hand_rotations_valid"] = torch.tensor([False, False, False])
    batch["right_hand_rotations_valid"] = torch.tensor([True, False, False])
    batch["expression_valid"] = torch.tensor([False, False, False])
    evaluation = Evaluation(WHOLE_BODY, layer)
    evaluation.update(wrong, batch)
    table = evaluation.result()
    assert "PVE face mm" not in table
    assert table["rotation hands deg"] == pytest.approx(30, abs=0.1)
    batch["betas_valid"] = torch.zeros(3, dtype=torch.bool)
    empty = Evaluation(HAND_ONLY, layer)
    empty.update(wrong, batch)
    assert empty.result() == {}


def test_acceleration_of_a_shaking_arm(layer: BodyLayer):
    """Right in the first and third picture, off in the second: the second difference of each error e is 2 e fps^2."""
    batch = batch_of("body", layer)
    body = batch["body_rotations"].clone()
    body[1, 16] = body[1, 16] @ turned(10, 2)  # the right shoulder
    evaluation = Evaluation(BODY_ONLY, layer, fps=30)
    evaluation.update(batch | {"body_rotations": body}, batch)
    table = evaluation.result()
    assert table["acceleration error all m/s2"] == pytest.approx(2 * 900 * 3 * table["MPJPE all mm"] / 1000, rel=1e-3)


def test_face_alone_is_aligned_at_the_head(layer: BodyLayer):
    batch = batch_of("face", layer)
    evaluation = Evaluation(FACE_ONLY, layer)
    evaluation.update(batch | {"root_rotation": turned(20) @ batch["root_rotation"]}, batch)
    table = evaluation.result()
    assert table["rotation root deg"] == pytest.approx(20, abs=0.01)
    assert 10 < table["PVE face mm"] < 60
    assert table["PA-PVE face mm"] < 0.1
