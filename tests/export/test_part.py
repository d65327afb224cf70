"""The body, hand and face networks as graphs: random weights, held against the network itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")

from export import checked_graph  # noqa: E402
from export.__main__ import main  # noqa: E402
from export.part import PICTURE_SIZES  # noqa: E402
from pose2pose_live.network import (  # noqa: E402
    Pose2PoseBody,
    Pose2PoseFace,
    Pose2PoseHand,
    load_checkpoint,
    save_checkpoint,
)
from tests.network.restatement import lively  # noqa: E402

NETWORKS = {
    "body": (Pose2PoseBody, {"pooling": "guided"}),
    "hand": (Pose2PoseHand, {"pooling": "global"}),
    "face": (Pose2PoseFace, {}),
}
SHAPES = {
    "body": {
        "joint_positions": (1, 25, 3),
        "root_rotation": (1, 3, 3),
        "body_rotations": (1, 21, 3, 3),
        "betas": (1, 10),
        "camera_translation": (1, 3),
    },
    "hand": {
        "joint_positions": (1, 21, 3),
        "root_rotation": (1, 3, 3),
        "hand_rotations": (1, 15, 3, 3),
        "betas": (1, 10),
        "camera_translation": (1, 3),
    },
    "face": {
        "root_rotation": (1, 3, 3),
        "jaw_rotation": (1, 3, 3),
        "betas": (1, 10),
        "expression": (1, 10),
        "camera_translation": (1, 3),
    },
}


def _checkpoint(part: str, folder: Path, seed: int = 0) -> Path:
    network, options = NETWORKS[part]
    path = folder / f"{part}_{seed}.pth.tar"
    save_checkpoint(lively(network(backbone="resnet18", **options), seed).float(), path)
    return path


@pytest.fixture(autouse=True)
def _few_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked_graph, "_PICTURES", 2)


@pytest.mark.parametrize("part", NETWORKS)
def test_the_graph_has_the_documented_outputs_and_agrees_with_the_network(part: str, tmp_path: Path, capsys):
    checkpoint, file = _checkpoint(part, tmp_path), tmp_path / "new" / "graph.onnx"
    assert main(["part", str(checkpoint), "-o", str(file)]) == 0
    told = capsys.readouterr().out
    assert f"graph.onnx: the {part} network, written; 2 pictures, furthest from PyTorch" in told
    session = ort.InferenceSession(file.read_bytes(), providers=["CPUExecutionProvider"])
    assert [value.name for value in session.get_inputs()] == ["image"]
    names = [value.name for value in session.get_outputs()]
    picture = np.random.default_rng(5).random((1, 3, *PICTURE_SIZES[part]), np.float32)
    found = dict(zip(names, session.run(None, {"image": picture}), strict=True))
    assert {name: value.shape for name, value in found.items()} == SHAPES[part]
    with torch.no_grad():
        expected = load_checkpoint(checkpoint, part).double()(torch.from_numpy(picture).double())
    for name, value in found.items():
        reference = expected[name].numpy()
        np.testing.assert_allclose(value, reference, atol=2e-3 * max(1.0, np.abs(reference).max()), err_msg=name)
    assert str(tmp_path).encode() not in file.read_bytes()


def test_a_graph_that_disagrees_is_not_written(tmp_path: Path, monkeypatch, capsys):
    other = checked_graph.checked_graph(load_checkpoint(_checkpoint("face", tmp_path), "face"), PICTURE_SIZES["face"])
    monkeypatch.setattr(checked_graph, "to_onnx", lambda *_: other[0])
    assert main(["part", str(_checkpoint("face", tmp_path, seed=1)), "-o", str(tmp_path / "face.onnx")]) == 1
    assert "off PyTorch's" in capsys.readouterr().err
    assert not (tmp_path / "face.onnx").exists()


def test_a_whole_body_checkpoint_is_sent_to_its_own_command(tmp_path: Path, capsys):
    torch.save(
        {"network": {"module.hand_position_net.conv.0.weight": torch.zeros(160, 1, 1, 1)}}, tmp_path / "whole.pth.tar"
    )
    assert main(["part", str(tmp_path / "whole.pth.tar"), "-o", str(tmp_path / "whole.onnx")]) == 1
    assert "found the whole-body network; export it with: python -m export hand4whole" in capsys.readouterr().err


def test_what_is_no_part_network_is_told(tmp_path: Path, capsys):
    torch.save({"network": {"weight": torch.zeros(1)}}, tmp_path / "other.pth.tar")
    for name, message in (("other.pth.tar", "expected the weights of one of"), ("nowhere.pth.tar", "No such file")):
        assert main(["part", str(tmp_path / name), "-o", str(tmp_path / "part.onnx")]) == 1
        told = capsys.readouterr().err
        assert message in told
        assert told.count("\n") == 1


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path, capsys):
    assert main(["part", str(_checkpoint("face", tmp_path)), "-o", str(tmp_path)]) == 1
    assert "choose another file with -o" in capsys.readouterr().err
