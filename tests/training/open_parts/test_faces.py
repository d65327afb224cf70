from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from pose2pose_live.errors import DisplayError
from pose2pose_live.estimation.solve_face import in_head_axes
from pose2pose_live.rotations import rotvec_to_rotmat
from pose2pose_live.training.body_layer import BodyLayer
from pose2pose_live.training.open_parts.__main__ import main
from pose2pose_live.training.open_parts.face_training import FacePoints, FaceRows, measure_faces, train_faces


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> FaceRows:
    folder = tmp_path_factory.mktemp("faces")
    try:
        assert main(["crops", "face", str(folder), "--count", "14", "--per-picture", "1", "--seed", "2"]) == 0
    except DisplayError as error:
        pytest.skip(str(error))
    return FaceRows(folder)


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
    heads = train_faces(faces, 150, 0, tmp_path / "heads.pt")
    table = measure_faces(heads, faces)
    assert set(table) == {"geometric", "both", "landmarks", "blendshapes"}
    assert table["both"]["vertices, mm"] < 0.6 * table["geometric"]["vertices, mm"]
    again = train_faces(faces, 150, 0, tmp_path / "again.pt")
    for name, value in heads["both"].state_dict().items():
        assert torch.equal(value, again["both"].state_dict()[name])


def test_what_is_not_to_be_looked_at_is_not(faces: FaceRows, tmp_path: Path):
    head = train_faces(faces, 5, 0, tmp_path / "heads.pt")["landmarks"]
    other = faces.face.clone()
    other[:, -52:] = 7.0
    with torch.no_grad():
        np.testing.assert_array_equal(head(faces.face)["expression"], head(other)["expression"])


def test_an_open_jaw_moves_the_mouth_down():
    points = FacePoints(BodyLayer().for_joints())
    turns = torch.from_numpy(rotvec_to_rotmat(np.array([[0.0, 0, 0], [0.3, 0, 0]])).astype(np.float32))
    closed, opened = points(turns, torch.zeros(2, 10))
    assert float((opened - closed)[:, 1].min()) < -0.01
