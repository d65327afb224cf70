"""Engine folders that are not what they should be are refused with a line that says what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from pose2pose_live.errors import ModelError
from pose2pose_live.inference import Engine, Session
from pose2pose_live.resources import engine_path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(engine_path("landmarks"), tmp_path / "engine"))


def test_the_bundled_engine_loads_and_is_unchanged():
    engine = Engine.load()
    assert engine.family == "pose2pose"
    assert "hand" in engine.graphs  # which another engine brings
    for graph in engine.graphs.values():
        graph.verify()


def test_no_folder(tmp_path: Path):
    with pytest.raises(ModelError, match=r"no engine\.toml"):
        Engine.load(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "not = [toml", "[engine]\nname='x'\nfamily='landmarks'\n[graphs.pose]\nfile='a.onnx'\n"]
)
def test_a_broken_manifest(folder: Path, text: str):
    (folder / "engine.toml").write_text(text)
    with pytest.raises(ModelError, match="cannot be used"):
        Engine.load(folder)


def test_an_engine_extends_another_but_never_itself(folder: Path, tmp_path: Path):
    other = tmp_path / "other"
    other.mkdir()
    manifest = '[engine]\nname = "other"\nfamily = "landmarks"\nextends = "{}"\n[graphs]\n'
    (other / "engine.toml").write_text(manifest.format("../engine"))
    assert Engine.load(other).graphs == Engine.load(folder).graphs
    (other / "engine.toml").write_text(manifest.format("."))
    with pytest.raises(ModelError, match="cannot be used"):
        Engine.load(other)


def test_a_missing_graph_file(folder: Path):
    (folder / "pose.onnx").unlink()
    with pytest.raises(ModelError, match=r"lacks .*pose\.onnx"):
        Engine.load(folder)


def test_a_graph_that_the_estimator_needs(folder: Path):
    with pytest.raises(ModelError, match="no graph 'torso'"):
        Engine.load(folder).graph("torso")


def test_a_damaged_graph(folder: Path):
    path = folder / "pose.onnx"
    path.write_bytes(path.read_bytes()[:100_000])
    graph = Engine.load(folder).graph("pose")
    with pytest.raises(ModelError, match="damaged or was changed"):
        graph.verify()
    with pytest.raises(ModelError, match="cannot be loaded"):
        Session(path)


def test_a_session_gives_the_outputs_that_were_asked_for():
    spec = Engine.load().graph("pose")
    session = Session(spec.path, 1, ("world", "presence"))
    out = session.run(np.zeros((1, 3, spec.input_size_px, spec.input_size_px), np.float32))
    assert list(out) == ["world", "presence"]
    assert out["world"].shape == (1, 39, 3)


def test_batches_of_hands_equal_single_ones():
    """Both hands may go through the published network in one run."""
    session = Session(Engine.load(engine_path("landmarks")).graph("hand").path, 1)
    crops = np.random.default_rng(0).uniform(size=(2, 3, 224, 224)).astype(np.float32)
    both = session.run(crops)
    for i in range(2):
        one = session.run(crops[i : i + 1])
        for name in ("landmarks", "presence", "world"):
            np.testing.assert_allclose(both[name][i], one[name][0], atol=1e-3)
