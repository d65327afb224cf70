from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from pose2pose_live.errors import DisplayError, TrainingError
from pose2pose_live.estimation.face_measures import measures
from pose2pose_live.estimation.solve_face import in_head_axes
from pose2pose_live.network.open_face_net import BY_BLENDSHAPES
from pose2pose_live.resources import asset_path
from pose2pose_live.rotations import rotvec_to_rotmat
from pose2pose_live.skeleton import SUPERVISION
from pose2pose_live.training.body_layer import BodyLayer
from pose2pose_live.training.open_parts.__main__ import main
from pose2pose_live.training.open_parts.face_training import (
    FacePoints,
    FaceRows,
    RealFaceRows,
    measure_faces,
    train_faces,
)


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> FaceRows:
    folder = tmp_path_factory.mktemp("faces")
    try:
        assert main(["crops", "face", str(folder), "--count", "14", "--per-picture", "1", "--seed", "2"]) == 0
    except DisplayError as error:
        pytest.skip(str(error))
    return FaceRows(folder)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> RealFaceRows:
    """The face of the bundled clip."""
    folder = tmp_path_factory.mktemp("real")
    assert main(["pictures", "face", str(folder), str(asset_path("demo.mp4")), "--every-frames", "5"]) == 0
    return RealFaceRows(folder)


def test_landmarks_are_seen_in_the_heads_axes(faces: FaceRows):
    """However the picture shows a face: turned, moved and larger, its landmarks in the head's axes are the same, some centimetres across."""
    points = faces.points[0].astype(float)
    placed = in_head_axes(points)
    turn = rotvec_to_rotmat(np.array([0.2, -0.5, 0.3]))
    np.testing.assert_allclose(in_head_axes(2.5 * points @ turn.T + [40, 10, -5]), placed, atol=1e-9)
    assert 10 < np.ptp(placed[:, 0]) < 22
    assert placed[33, 0] < 0 < placed[263, 0]  # the subject's right eye is on the negative side


def test_heads_learn_and_are_measured(faces: FaceRows, tmp_path: Path):
    assert len(faces) >= 5
    heads = train_faces(faces, None, 300, 0, tmp_path / "heads.pt")
    table = measure_faces(heads, faces)
    assert set(table) == {"geometric", "both", "landmarks", "blendshapes"}
    assert table["both"]["vertices, mm"] < 0.7 * table["geometric"]["vertices, mm"]
    again = train_faces(faces, None, 300, 0, tmp_path / "again.pt")
    for name, value in heads["both"].state_dict().items():
        assert torch.equal(value, again["both"].state_dict()[name])


def test_what_is_not_to_be_looked_at_is_not_but_for_what_the_blendshapes_say(faces: FaceRows, tmp_path: Path):
    head = train_faces(faces, None, 5, 0, tmp_path / "heads.pt")["landmarks"]
    other = faces.face.clone()
    other[:, -52:] = 0.5
    with torch.no_grad():
        found, expected = head(other), head(faces.face)
    by_blendshapes = list(BY_BLENDSHAPES)
    others = [i for i in range(10) if i not in by_blendshapes]
    np.testing.assert_array_equal(found["expression"][:, others], expected["expression"][:, others])
    np.testing.assert_array_equal(found["jaw"], expected["jaw"])
    assert float((found["expression"] - expected["expression"])[:, by_blendshapes].abs().amax(0).min()) > 0.1


def test_real_faces_teach_how_far_lips_and_brows_move(faces: FaceRows, real: RealFaceRows, tmp_path: Path):
    """The changes of the posed face between two pictures come nearer to those that are seen."""
    assert len(real.clips) == 1
    first, second = real.pairs(20, np.random.default_rng(0)).chunk(2)
    assert bool((first != second).all())
    points = FacePoints()

    def off(head: torch.nn.Module) -> float:
        with torch.no_grad():
            answer = head(real.face)
        posed, seen = measures(points(answer["jaw"], answer["expression"])), measures(real.points)
        errors = [(posed[name] - posed[name].mean()) - (seen[name] - seen[name].mean()) for name in posed]
        return float(torch.stack(errors).abs().mean())

    alone, beside = (train_faces(faces, rows, 200, 0, tmp_path / "heads.pt")["both"] for rows in (None, real))
    assert off(beside) < 0.7 * off(alone)


def test_drawn_faces_are_no_real_ones(tmp_path: Path):
    np.savez(
        tmp_path / "0000000.npz", points=np.zeros((1, 478, 3)), jpeg=np.zeros(1, np.uint8), jpeg_end=np.ones(1, int)
    )
    with pytest.raises(TrainingError, match="pictures face"):
        RealFaceRows(tmp_path)


def test_the_points_are_those_of_the_body_layer():
    """But for the pose correctives of the jaw."""
    jaw = torch.from_numpy(rotvec_to_rotmat(np.array([[0.0, 0, 0], [0.3, 0.05, 0]])).astype(np.float32))
    expression = torch.tensor([[0.0] * 10, [0.8, 0, 0.5, 0, 0.3, 0, 0, 0.2, 0.4, 0]])
    one, fingers = torch.eye(3).expand(2, 1, 3, 3), torch.eye(3).expand(2, 15, 3, 3)
    posed = BodyLayer()(
        one[:, 0], one.expand(2, 21, 3, 3), fingers, fingers, jaw, torch.zeros(2, 10), expression, torch.zeros(2, 3)
    )
    points = FacePoints()(jaw, expression)
    rows = [SUPERVISION["brow1"] + row for row in range(51)]
    assert float((posed.joints[:, rows] - points).norm(dim=-1).max()) < 2e-3
    assert float((points[1] - points[0])[:, 1].min()) < -0.01  # an open jaw moves the mouth down
