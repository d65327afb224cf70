from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from export.__main__ import main
from export.engine_folder import graph_tables
from pose2pose_live.detection.region import Region
from pose2pose_live.estimation.depths import DepthNet
from pose2pose_live.estimation.pose_net import PoseLandmarks
from pose2pose_live.frame import Camera
from pose2pose_live.inference import Engine
from pose2pose_live.network.open_depth_net import OpenDepthNet
from pose2pose_live.resources import engine_path

HEIGHT_M = 0.7


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled engine with a depth network that puts every point in the same place, and is sure of it."""
    root = tmp_path_factory.mktemp("engines")
    for name in ("landmarks", "open"):
        shutil.copytree(engine_path(name), root / name)
    torch.manual_seed(0)
    network = OpenDepthNet()
    with torch.no_grad():
        for name, answer in network.decoder.answers.items():
            answer.get_parameter("weight").zero_()
            value = torch.tensor([0.0, HEIGHT_M, -0.2]).repeat(19) if name == "points" else torch.full((19,), -9.0)
            answer.get_parameter("bias").copy_(value)
    torch.save({"average": network.state_dict()}, root / "depths.pt")
    assert main(["open-depths", str(root / "depths.pt"), "-o", str(root / "open")]) == 0
    return root / "open"


def test_the_engine_has_the_network_and_all_that_it_had(folder: Path):
    graph = Engine.load(folder).graph("depths")
    graph.verify()
    assert max(graph.table["parity"].values()) < 1e-4
    assert graph.path.stat().st_size < 700_000
    before = graph_tables((engine_path("open") / "engine.toml").read_text())[1]
    assert set(graph_tables((folder / "engine.toml").read_text())[1]) == set(before) | {"depths"}


def test_the_application_reads_it_in_the_worlds_axes(folder: Path):
    pose = PoseLandmarks(
        np.random.default_rng(0).uniform(0, 480, (33, 2)), np.zeros((33, 3)), np.ones(33), 1.0, Region(320, 240, 200)
    )
    camera = Camera.from_field_of_view(640, 480, 60)
    found = DepthNet(Engine.load(folder).graph("depths"))(pose, camera, np.ones(33))
    np.testing.assert_allclose(found, np.tile([0.0, HEIGHT_M, -0.2], (19, 1)), atol=1e-3)
    # Seen from the picture's left edge, its axes are turned away from the camera's.
    aside = DepthNet(Engine.load(folder).graph("depths"))(
        PoseLandmarks(pose.image_px, pose.world_m, pose.visibility, 1.0, Region(0, 240, 200)), camera, np.ones(33)
    )
    assert np.abs(aside[:, 0] - found[:, 0]).max() == pytest.approx(0.2 * np.sin(np.radians(30)), abs=0.01)


def test_what_is_no_network_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "depths.pt").write_text("no")
    assert main(["open-depths", str(tmp_path / "depths.pt"), "-o", str(tmp_path)]) == 1
    assert "expected a checkpoint" in capsys.readouterr().err
