from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
import torch

from export.__main__ import main
from export.engine_folder import graph_tables
from pose2pose_live.detection.region import Region
from pose2pose_live.estimation.hand_net import HandNet
from pose2pose_live.inference import Engine
from pose2pose_live.network.hand_landmarker_weights import load_hand_landmarker
from pose2pose_live.network.open_hand_net import OpenHandNet
from pose2pose_live.resources import engine_path
from pose2pose_live.training.open_engine.checkpoints import save_network
from pose2pose_live.training.open_parts.hand_crops import published_hand_graph

REGION = Region(150.0, 120.0, 200.0, 0.3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled engine with the published hand network and a head on it that knows nothing."""
    root = tmp_path_factory.mktemp("engines")
    for name in ("landmarks", "open"):
        shutil.copytree(engine_path(name), root / name)
    network = OpenHandNet(backbone=load_hand_landmarker(published_hand_graph()))
    save_network(network, root / "network.pt")
    assert main(["open-hand", str(root / "network.pt"), "-o", str(root / "open")]) == 0
    return root / "open"


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    rough = np.random.default_rng(0).integers(0, 255, (6, 8, 3), np.uint8)
    return cv2.resize(rough, (300, 240), interpolation=cv2.INTER_CUBIC)


def test_the_engine_has_the_head_and_all_that_it_had(folder: Path):
    engine = Engine.load(folder)
    assert {"palm", "fingers", "landmarks"} <= set(engine.graph("hand").table["outputs"])
    assert engine.graph("hand").path.parent == folder
    for name in ("body", "hand"):
        engine.graph(name).verify()
    assert max(engine.graph("hand").table["parity"].values()) < 1e-4
    head, tables = graph_tables((folder / "engine.toml").read_text())
    assert "[engine]" in head
    assert set(tables) == {"body", "hand", "face_head", "depths"}


def test_pooling_is_a_node_and_the_backbone_is_the_published_graphs(folder: Path):
    ours, published = (onnx.load(path / "hand.onnx").graph for path in (folder, engine_path("landmarks")))
    assert [n.domain for n in ours.node if n.op_type == "GuidedPooling"] == ["pose2pose"] * 4
    kinds = [[n.op_type for n in graph.node if n.op_type in ("Conv", "Clip", "Pad")] for graph in (ours, published)]
    assert kinds[0] == kinds[1]
    assert (folder / "hand.onnx").stat().st_size < 6.5e6


def test_a_left_hand_is_a_right_one_in_the_mirror(folder: Path, picture: np.ndarray):
    net, plain = (HandNet(Engine.load(path).graph("hand")) for path in (folder, engine_path("landmarks")))
    right = net(picture, REGION, "right")
    assert right.rotations is not None
    assert plain(picture, REGION, "right").rotations is None
    np.testing.assert_allclose(right.image_px, plain(picture, REGION, "right").image_px, atol=1e-3)
    np.testing.assert_allclose(right.world_m, plain(picture, REGION, "left").world_m, atol=1e-4)
    # The mirrored picture, in which the region lies mirrored: left and right change places in every answer.
    width = picture.shape[1]
    region = Region(width - REGION.centre_x_px, REGION.centre_y_px, REGION.size_px, -REGION.rotation_rad)
    left = net(np.ascontiguousarray(picture[:, ::-1]), region, "left")
    assert left.rotations is not None
    mirror = np.array([-1.0, 1.0, 1.0])
    np.testing.assert_allclose(left.rotations.palm, right.rotations.palm * np.outer(mirror, mirror), atol=0.05)
    np.testing.assert_allclose(left.world_m, right.world_m * mirror, atol=2e-3)
    assert left.right == pytest.approx(1 - right.right, abs=0.05)
    assert left.rotations.looked_at == region


def test_what_is_no_network_is_refused(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]):
    torch.save({"heads": {}}, tmp_path / "network.pt")
    assert main(["open-hand", str(tmp_path / "network.pt"), "-o", str(folder)]) == 1
    assert "expected the open engine's hand network" in capsys.readouterr().err
