from __future__ import annotations

import shutil
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from export.__main__ import main
from export.body_expression import EXPRESSIONS
from export.engine_folder import graph_tables
from pose2pose_live.body import BodyModel
from pose2pose_live.estimation.face_measures import evidence
from pose2pose_live.estimation.solve_face import arkit_from_network, expression
from pose2pose_live.inference import Engine
from pose2pose_live.mocap import MocapSettings, MotionCapture
from pose2pose_live.motion import MocapControls
from pose2pose_live.network.open_face_net import BY_BLENDSHAPES, OpenFaceHead
from pose2pose_live.resources import asset_path, engine_path
from pose2pose_live.rotations import rotvec_to_rotmat
from pose2pose_live.sources import open_source

JAW_RAD = 0.25


@pytest.fixture(scope="module")
def head() -> OpenFaceHead:
    """It always sees the same jaw."""
    made = OpenFaceHead()
    with torch.no_grad():
        made.jaw.weight.zero_()
        made.jaw.bias.copy_(torch.from_numpy(rotvec_to_rotmat(np.array([JAW_RAD, 0, 0]))[:, :2].ravel()))
        made.from_blendshapes[:, 9:11] = 0.5
    return made.eval()


@pytest.fixture(scope="module")
def folder(head: OpenFaceHead, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled engine with that head."""
    root = tmp_path_factory.mktemp("engines")
    for name in ("landmarks", "open"):
        shutil.copytree(engine_path(name), root / name)
    torch.save({"heads": {"both": head.state_dict()}}, root / "heads.pt")
    assert main(["open-face", str(root / "heads.pt"), "-o", str(root / "open")]) == 0
    return root / "open"


def test_the_engine_has_the_head_and_all_that_it_had(folder: Path):
    engine = Engine.load(folder)
    engine.graph("face_head").verify()
    assert max(engine.graph("face_head").table["parity"].values()) < 1e-4
    assert engine.graph("face_head").path.stat().st_size < 60_000
    assert set(graph_tables((folder / "engine.toml").read_text())[1]) == {"body", "hand", "face_head", "depths"}


def test_the_pose_has_what_the_head_reads(folder: Path, head: OpenFaceHead):
    with open_source(asset_path("demo.mp4")) as clip:
        picture = next(iter(clip))
    with MotionCapture.open(MocapSettings(folder)) as mocap:
        sighting = mocap.observe(picture)
        pose = mocap.solve(sighting)
    face = sighting.observation.parts.face  # type: ignore[union-attr]
    given = torch.from_numpy(evidence(face.points_px, face.blendshapes).astype(np.float32))[None]
    with torch.no_grad():
        expected = head(given)["expression"][0].numpy()
    np.testing.assert_allclose(pose.jaw_pose, [JAW_RAD, 0, 0], atol=2e-3)
    np.testing.assert_allclose(pose.expression, expected, atol=5e-3)
    np.testing.assert_array_equal(pose.blendshapes, arkit_from_network(face.blendshapes))  # passed through


def test_smile_frown_and_lids_of_the_bundled_engine_are_the_blendshapes(body: BodyModel):
    kept = list(BY_BLENDSHAPES)
    assert [list(EXPRESSIONS)[i] for i in kept] == ["smile", "frown", "blink_left", "blink_right"]
    assert body.expression_from_arkit is not None
    with open_source(asset_path("demo.mp4")) as clip, MotionCapture.open(controls=MocapControls(smoothing=0)) as mocap:
        poses = [mocap(picture) for picture in islice(clip, 12)]
    seen = [pose for pose in poses if pose.confidence.face > 0]
    assert len(seen) >= 6
    solved = np.stack([expression(pose.blendshapes, body.expression_from_arkit) for pose in seen])
    found = np.stack([pose.expression for pose in seen])
    np.testing.assert_allclose(found[:, kept], solved[:, kept], atol=2e-3)
    assert np.abs(found - solved).max() > 0.05  # the rest is what the head reads


def test_what_are_no_heads_is_refused(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]):
    torch.save({"heads": {}}, tmp_path / "heads.pt")
    assert main(["open-face", str(tmp_path / "heads.pt"), "-o", str(folder)]) == 1
    assert "expected heads of faces" in capsys.readouterr().err
