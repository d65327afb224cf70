"""Plans for GPUs that are not here: TensorRT-RTX builds them on any machine. TensorRT's builder has the same interface, but needs a GPU."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnx")

from pose2pose_live.errors import ModelError
from pose2pose_live.inference import Engine
from pose2pose_live.inference.tensorrt_plans import Plan, build_plan, load_module, store_plan

needs_rtx = pytest.mark.skipif(importlib.util.find_spec("tensorrt_rtx") is None, reason="tensorrt-rtx is not installed")
SMALL = Engine.load(Path("landmarks")).graph("hand_recrop").path


@needs_rtx
@pytest.mark.parametrize("precision", ["fp16", "fp32"])
def test_the_open_engine_is_built_for_four_generations(precision: str, pooling_graph: Path):
    steps: list[str] = []
    capabilities = ["SM80", "SM86", "SM89", "SM120"]
    plan = build_plan(
        "tensorrt-rtx", pooling_graph, precision=precision, capabilities=capabilities, on_step=steps.append
    )
    assert plan.pools
    assert not plan.has_plugin
    assert plan.layers["GATHER"] >= 3
    assert len(plan.data) > 10_000_000
    assert str(plan).endswith("guided pooling by standard operators")
    assert steps
    assert " of " in steps[0]


@needs_rtx
def test_every_generation_adds_to_the_plan():
    one = build_plan("tensorrt-rtx", SMALL, capabilities=["SM86"])
    assert one.layers["CONVOLUTION"] > 10
    assert not one.pools
    assert str(one).endswith("no guided pooling in it")
    trt = load_module("tensorrt-rtx")
    runtime = trt.Runtime(trt.Logger(trt.Logger.ERROR))
    # The only thing that can be asked of a plan without a GPU: that it is one, for a GPU that is not here.
    assert runtime.get_engine_validity(one.data)[0] == trt.EngineValidity.INVALID
    assert runtime.deserialize_cuda_engine(one.data) is None


@needs_rtx
def test_what_it_cannot_build_for_is_told(pooling_graph: Path):
    with pytest.raises(ModelError, match="cannot build for SM42"):
        build_plan("tensorrt-rtx", SMALL, capabilities=["SM86", "SM42"])
    with pytest.raises(ModelError, match="tensorrt-rtx cannot build a plan"):
        build_plan("tensorrt-rtx", pooling_graph, precision="fp32", capabilities=["SM75"])


@needs_rtx
def test_a_graph_that_is_none_is_told(tmp_path: Path):
    (tmp_path / "broken.onnx").write_bytes(b"nonsense")
    with pytest.raises(ModelError, match=r"broken\.onnx cannot be read"):
        build_plan("tensorrt-rtx", tmp_path / "broken.onnx", capabilities=["SM86"])


def test_what_to_install_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    with pytest.raises(ModelError, match=r"pip install .pose2pose-live\[tensorrt\]"):
        load_module("tensorrt")


def test_a_plan_that_cannot_be_stored_is_told(tmp_path: Path):
    (tmp_path / "plans").write_text("a file in the folder's place")
    with pytest.raises(ModelError, match="cannot be written"):
        store_plan(tmp_path / "plans" / "a.plan", Plan(b"", {}, False, False))


_DISPATCH = """
import sys
import onnx, tensorrt_rtx as trt

class Creator(trt.IPluginCreatorV3One):
    def __init__(self):
        trt.IPluginCreatorV3One.__init__(self)
        self.name, self.plugin_version, self.plugin_namespace = "GuidedPooling", "1", "pose2pose"
        self.field_names = trt.PluginFieldCollection([])

    def create_plugin(self, name, fields, phase):
        asked.append(name)

asked, logger, creator = [], trt.Logger(trt.Logger.INTERNAL_ERROR), Creator()
trt.get_plugin_registry().register_creator(creator, "pose2pose")
model = onnx.load(sys.argv[1])
for node in model.graph.node:
    if node.op_type == "GuidedPooling" and sys.argv[2] == "plain":
        del node.attribute[:]
builder = trt.Builder(logger)
network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
print(trt.OnnxParser(network, logger).parse(model.SerializeToString()), len(asked))
"""


@needs_rtx
@pytest.mark.parametrize(("node", "found"), [("as it is", "False 1"), ("plain", "True 0")])
def test_nvidias_parser_looks_for_the_plugin_by_the_nodes_attributes(node: str, found: str, pooling_graph: Path):
    """The parser is the same in TensorRT. A creator that makes nothing is enough: parsing fails there, once it was asked."""
    command = [sys.executable, "-c", _DISPATCH, str(pooling_graph), node]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == found
