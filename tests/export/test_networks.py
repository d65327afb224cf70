"""The graphs of the open engine as they are committed: whole, as engine.toml says, and the same networks as the published ones."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

ENGINE = Path(__file__).resolve().parents[2] / "engines" / "landmarks"
MANIFEST = tomllib.loads((ENGINE / "engine.toml").read_text(encoding="utf-8"))
GRAPHS: dict[str, dict] = MANIFEST["graphs"]
GOLDEN = Path(__file__).parent / "face_blendshapes_golden.json"
BATCH = 2


def session(name: str) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(ENGINE / GRAPHS[name]["file"], providers=["CPUExecutionProvider"])


def with_batch(shape: list[int | str], batch: int) -> list[int]:
    return [batch if isinstance(size, str) else size for size in shape]


@pytest.mark.parametrize("name", GRAPHS)
def test_file_is_the_one_that_the_manifest_names(name: str) -> None:
    assert hashlib.sha256((ENGINE / GRAPHS[name]["file"]).read_bytes()).hexdigest() == GRAPHS[name]["sha256"]


@pytest.mark.parametrize("name", GRAPHS)
def test_graph_passes_the_checker(name: str) -> None:
    onnx = pytest.importorskip("onnx")
    model = onnx.load(ENGINE / GRAPHS[name]["file"])
    onnx.checker.check_model(model, full_check=True)
    used = {tensor for node in model.graph.node for tensor in node.input} | {o.name for o in model.graph.output}
    dead = [node.name for node in model.graph.node if not used.intersection(node.output)]
    assert not dead, "nodes that no output needs cost time on every frame"


@pytest.mark.parametrize("name", GRAPHS)
def test_inputs_and_outputs_are_as_promised(name: str) -> None:
    graph, loaded = GRAPHS[name], session(name)
    assert [i.name for i in loaded.get_inputs()] == [graph["input"]]
    assert loaded.get_inputs()[0].shape == graph["input_shape"]
    assert [o.name for o in loaded.get_outputs()] == list(graph["outputs"])
    dynamic = any(isinstance(size, str) for size in graph["input_shape"])
    shape = with_batch(graph["input_shape"], BATCH)
    values = np.random.default_rng(0).random(shape, dtype=np.float32)
    for output, result in zip(loaded.get_outputs(), loaded.run(None, {graph["input"]: values}), strict=True):
        assert list(result.shape) == with_batch(output.shape, BATCH)
        assert result.shape[0] == (BATCH if dynamic else 1)
        assert np.isfinite(result).all()
        assert graph["outputs"][output.name].startswith(f"({', '.join(map(str, output.shape))})")


@pytest.mark.parametrize("name", ["hand", "hand_recrop"])
def test_two_hands_in_one_run_are_what_each_is_alone(name: str) -> None:
    loaded = session(name)
    pair = np.random.default_rng(1).random(with_batch(GRAPHS[name]["input_shape"], 2), dtype=np.float32)
    together = loaded.run(None, {"image": pair})
    for i in range(2):
        for both, alone in zip(together, loaded.run(None, {"image": pair[i : i + 1]}), strict=True):
            np.testing.assert_allclose(both[i], alone[0], atol=1e-4)


def test_probabilities_are_probabilities() -> None:
    for name in ("pose", "hand", "face"):
        values = np.random.default_rng(2).random(with_batch(GRAPHS[name]["input_shape"], 1), dtype=np.float32)
        presence = session(name).run(["presence"], {"image": values})[0]
        assert 0.0 <= presence.item() < 0.5, "noise is no person"


def test_blendshapes_of_a_known_face() -> None:
    """MediaPipe's own example: 478 landmarks and the coefficients that belong to them."""
    golden, graph = json.loads(GOLDEN.read_text(encoding="utf-8")), GRAPHS["blendshapes"]
    points = np.array(golden["landmarks"]) * golden["image_size"]
    subset = points[graph["input_indices"]].astype(np.float32)[None]
    found = session("blendshapes").run(["blendshapes"], {"landmarks": subset})[0][0]
    assert graph["output_names"] == list(golden["blendshapes"])
    np.testing.assert_allclose(found, list(golden["blendshapes"].values()), atol=1e-4)


def test_parity_with_the_published_networks_is_within_the_bars() -> None:
    for name, graph in GRAPHS.items():
        parity = graph["parity"]
        assert set(parity) == set(graph["outputs"]), name
        assert parity.get("landmarks", 0.0) <= 0.01, name  # px of the crop
        assert parity.get("world", 0.0) <= 1e-4, name  # m


def test_weights_are_stored_as_published() -> None:
    """float16 as in the sources: float32 would double the size of the repository and of every download."""
    assert sum((ENGINE / graph["file"]).stat().st_size for graph in GRAPHS.values()) < 16e6
