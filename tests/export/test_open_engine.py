from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import numpy as np
import onnx
import pytest

from export.__main__ import main
from pose2pose_live.detection.region import Region
from pose2pose_live.estimation.body_net import BodyNet
from pose2pose_live.inference import Engine
from pose2pose_live.resources import engine_path
from pose2pose_live.training.open_engine.checkpoints import save_network, starting_network


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An engine of the published backbone and heads that know nothing."""
    root = tmp_path_factory.mktemp("engines")
    shutil.copytree(engine_path("landmarks"), root / "landmarks")
    save_network(starting_network(None, "guided"), root / "network.pt")
    assert main(["open-engine", str(root / "network.pt"), "-o", str(root / "mine")]) == 0
    return root / "mine"


def test_the_engine_is_whole(folder: Path):
    engine = Engine.load(folder)
    assert engine.family == "pose2pose"
    assert {"body", "hand", "hand_recrop", "face", "blendshapes"} <= set(engine.graphs)
    engine.graph("body").verify()
    manifest = tomllib.loads((folder / "engine.toml").read_text())["graphs"]["body"]
    assert max(manifest["parity"].values()) < 5e-3
    assert manifest["rounding"]["world"] < 0.01


def test_pooling_is_a_node_and_weights_are_half_size(folder: Path):
    model = onnx.load(folder / "body.onnx")
    nodes = [node for node in model.graph.node if node.op_type == "GuidedPooling"]
    assert len(nodes) == 3
    assert {node.domain for node in nodes} == {"pose2pose"}
    assert (folder / "body.onnx").stat().st_size < 14e6


def test_the_application_runs_it(folder: Path):
    sight = BodyNet(Engine.load(folder).graph("body"))(np.full((480, 640, 3), 90, np.uint8), Region(320, 240, 400, 0.2))
    assert sight.rotations.shape == (22, 3, 3)
    assert np.abs(sight.rotations @ np.swapaxes(sight.rotations, 1, 2) - np.eye(3)).max() < 1e-5
    assert (sight.spread_m > 0).all()


def test_what_is_no_network_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "network.pt").write_text("no")
    assert main(["open-engine", str(tmp_path / "network.pt"), "-o", str(tmp_path / "e")]) == 1
    assert "expected a checkpoint" in capsys.readouterr().err
