"""Which parts of a graph become float16, and which must not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from pose2pose_live.inference import Engine
from pose2pose_live.inference.graphs import fix_batch, has_pooling, inlined, read_graph
from pose2pose_live.inference.half_precision import in_half_precision
from pose2pose_live.verify import example_inputs


def _types(model: onnx.ModelProto) -> dict[str, int]:
    inferred = onnx.shape_inference.infer_shapes(inlined(model), strict_mode=True).graph
    return {value.name: value.type.tensor_type.elem_type for value in [*inferred.value_info, *inferred.output]}


def _small() -> onnx.ModelProto:
    """Convolution -> ReLU -> softmax, with the ReLU's map as an output, too, and a weight that does not fit into float16 in a second one."""
    weights = [
        numpy_helper.from_array(np.full((2, 3, 1, 1), 0.25, np.float32), "w"),
        numpy_helper.from_array(np.full((2, 2, 1, 1), 1e5, np.float32), "large"),
    ]
    nodes = [
        helper.make_node("Conv", ["image", "w"], ["map"]),
        helper.make_node("Relu", ["map"], ["positive"]),
        helper.make_node("Softmax", ["positive"], ["chances"], axis=1),
        helper.make_node("Conv", ["positive", "large"], ["much"]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "small",
        [value("image", TensorProto.FLOAT, ["N", 3, 4, 4])],
        [value(name, TensorProto.FLOAT, ["N", 2, 4, 4]) for name in ("positive", "chances", "much")],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def test_maps_are_half_and_everything_outside_and_after_them_single():
    half = in_half_precision(_small())
    types = _types(half)
    assert types["map"] == types["positive/half"] == TensorProto.FLOAT16
    assert [types[name] for name in ("positive", "chances", "much")] == [TensorProto.FLOAT] * 3
    assert {tensor.name: tensor.data_type for tensor in half.graph.initializer} == {
        "w/half": TensorProto.FLOAT16,
        "large": TensorProto.FLOAT,
    }
    data = np.random.default_rng(0).random((2, 3, 4, 4), np.float32)
    found, expected = (
        ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"image": data})
        for model in (half, _small())
    )
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-3)


def test_sampling_coordinates_and_soft_argmax_stay_single(pooling_graph: Path):
    half = in_half_precision(read_graph(pooling_graph))
    types = _types(half)
    pooling = [node for node in half.graph.node if node.op_type == "GuidedPooling"]
    assert len(pooling) == 3
    for node in pooling:
        assert types[node.input[0]] == TensorProto.FLOAT16, "the maps"
        assert types[node.input[1]] == TensorProto.FLOAT, "the positions"
    for node in half.graph.node:
        if node.op_type in ("Softmax", "Gemm", "MatMul", "ReduceSum"):
            assert all(types.get(name, TensorProto.FLOAT) != TensorProto.FLOAT16 for name in node.input), node.name
    convolutions = [node for node in half.graph.node if node.op_type == "Conv"]
    assert all(types[node.output[0]] == TensorProto.FLOAT16 for node in convolutions)
    assert half.ByteSize() < 20_000_000, "no weight is in it twice"


def test_the_open_engine_keeps_its_answers(pooling_graph: Path):
    """ONNX Runtime calculates in float32 and rounds weights and some maps to float16: what this shows is that nothing is wired wrongly."""
    half = in_half_precision(read_graph(pooling_graph)).SerializeToString()
    sessions = [
        ort.InferenceSession(model, providers=["CPUExecutionProvider"]) for model in (pooling_graph.read_bytes(), half)
    ]
    names = [output.name for output in sessions[0].get_outputs()]
    for data in example_inputs(pooling_graph):
        expected, found = (dict(zip(names, s.run(names, {"image": data}), strict=True)) for s in sessions)
        np.testing.assert_allclose(found["body_rotations"], expected["body_rotations"], atol=2e-2)
        np.testing.assert_allclose(found["positions"][..., :2], expected["positions"][..., :2], atol=1.0)


def test_an_open_batch_becomes_one():
    model = read_graph(Engine.load(Path("landmarks")).graph("hand").path)
    fix_batch(model)
    onnx.checker.check_model(model, full_check=True)
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_value == 1


def test_inlining_spells_the_pooling_out(pooling_graph: Path):
    model = read_graph(pooling_graph)
    assert has_pooling(model)
    spelt_out = inlined(model)
    assert not has_pooling(spelt_out)
    assert not spelt_out.functions
    assert sum(node.op_type == "ReduceProd" for node in spelt_out.graph.node) == 3
