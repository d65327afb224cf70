"""Surgery must not change what a graph computes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnxruntime
import pytest

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from export import surgery  # noqa: E402
from export.prelu import replace_prelu  # noqa: E402

RANDOM = np.random.default_rng(0)
SIZE = 12


def constant(name: str, value: np.ndarray) -> object:
    return numpy_helper.from_array(value, name)


def weights(name: str, *shape: int) -> object:
    return constant(name, (0.2 * RANDOM.normal(size=shape)).astype(np.float32))


def make_model(nodes: list, constants: list, channels: int, outputs: list[str], nhwc: bool = False) -> object:
    shape = [1, SIZE, SIZE, channels] if nhwc else [1, channels, SIZE, SIZE]
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * 4) for name in outputs],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def run(model: object, values: np.ndarray) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])  # type: ignore[attr-defined]
    return session.run(None, {session.get_inputs()[0].name: values})


def picture(channels: int) -> np.ndarray:
    return RANDOM.normal(size=(1, channels, SIZE, SIZE)).astype(np.float32)


def kinds(model: object) -> list[str]:
    return [node.op_type for node in model.graph.node]  # type: ignore[attr-defined]


def assert_unchanged(model: object, change: Callable[..., None], channels: int) -> None:
    values = picture(channels)
    before = run(model, values)
    change(model)
    onnx.checker.check_model(model, full_check=True)
    for old, new in zip(before, run(model, values), strict=True):
        np.testing.assert_allclose(new, old, atol=2e-5)


@pytest.mark.parametrize("summands", [["b", "e"], ["e", "b"]])
def test_prelu_becomes_convolutions_for_every_kind_of_slope(summands: list[str]) -> None:
    """Slopes below 0, at 0, in between, at 1 and above 1; read by dense and depthwise convolutions, Add, MaxPool and an output."""
    slopes = np.array([-2.0, -0.3, 0.0, 0.4, 1.0, 1.5, 7.0, 0.9], np.float32)
    other = np.array([3.0, 0.1, 2.0, -1.0, 0.2, 0.3, 5.0, 1.0], np.float32)
    node = helper.make_node
    nodes = [
        node("Conv", ["image", "w0", "b0"], ["a"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("PRelu", ["a", "s0"], ["b"]),
        node("Conv", ["b", "w1", "b1"], ["c"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=8),
        node("PRelu", ["c", "s1"], ["d"]),
        node("Conv", ["d", "w2", "b2"], ["e"], kernel_shape=[1, 1]),
        node("Add", summands, ["f"]),  # a convolution can take over the signs of b
        node("PRelu", ["f", "s0"], ["g"]),
        node("Add", ["g", "d"], ["h"]),  # neither summand is a convolution: both are turned back
        node("MaxPool", ["g"], ["i"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["i", "w2"], ["j"], kernel_shape=[1, 1]),
        node("Sigmoid", ["h"], ["k"]),
    ]
    constants = [
        weights("w0", 8, 3, 3, 3), weights("b0", 8), weights("w1", 8, 1, 3, 3), weights("b1", 8), weights("w2", 8, 8, 1, 1),
        weights("b2", 8), constant("s0", slopes.reshape(1, 8, 1, 1)), constant("s1", other.reshape(8, 1, 1)),
    ]  # fmt: skip
    model = make_model(nodes, constants, 3, ["j", "k"])
    assert_unchanged(model, replace_prelu, 3)
    assert "PRelu" not in kinds(model)


def test_zero_padding_moves_into_the_convolution() -> None:
    nodes = [
        helper.make_node("Pad", ["image", "pads"], ["padded"]),
        helper.make_node("Conv", ["padded", "w"], ["out"], kernel_shape=[3, 3], strides=[2, 2], pads=[0, 1, 0, 1]),
    ]
    pads = constant("pads", np.array([0, 0, 0, 1, 0, 0, 1, 2], np.int64))
    model = make_model(nodes, [pads, weights("w", 4, 3, 3, 3)], 3, ["out"])
    assert_unchanged(model, surgery.fold_spatial_pads, 3)
    assert kinds(model) == ["Conv"]


def test_padding_with_another_value_stays() -> None:
    nodes = [
        helper.make_node("Pad", ["image", "pads", "value"], ["padded"]),
        helper.make_node("Conv", ["padded", "w"], ["out"], kernel_shape=[3, 3]),
    ]
    pads = constant("pads", np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64))
    model = make_model(
        nodes, [pads, constant("value", np.array(0.5, np.float32)), weights("w", 4, 3, 3, 3)], 3, ["out"]
    )
    assert_unchanged(model, surgery.fold_spatial_pads, 3)
    assert kinds(model) == ["Pad", "Conv"]


def test_channels_are_added_and_dropped_by_convolutions() -> None:
    nodes = [
        helper.make_node("Pad", ["image", "pads"], ["wide"]),
        helper.make_node("Relu", ["wide"], ["relu"]),
        helper.make_node("Slice", ["relu", "starts", "ends", "axes"], ["out"]),
    ]
    constants = [
        constant("pads", np.array([0, 0, 0, 0, 0, 5, 0, 0], np.int64)),
        constant("starts", np.zeros(4, np.int64)),
        constant("ends", np.array([1, SIZE, SIZE, 2], np.int64)),
        constant("axes", np.array([0, 2, 3, 1], np.int64)),
    ]
    model = make_model(nodes, constants, 3, ["out"])
    assert_unchanged(model, surgery.change_channels_by_convolution, 3)
    assert kinds(model) == ["Conv", "Relu", "Conv"]


def test_input_becomes_nchw_and_transposes_go() -> None:
    nodes = [
        helper.make_node("Pad", ["image", "pads"], ["padded"]),
        helper.make_node("Transpose", ["padded"], ["nchw"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["nchw", "w"], ["out"], kernel_shape=[3, 3]),
    ]
    pads = constant("pads", np.array([0, 1, 2, 0, 0, 3, 0, 0], np.int64))
    model = make_model(nodes, [pads, weights("w", 4, 3, 3, 3)], 3, ["out"], nhwc=True)
    values = picture(3)
    before = run(model, values.transpose(0, 2, 3, 1))[0]
    surgery.take_nchw_input(model, "picture", (1, 3, SIZE, SIZE))
    surgery.prune_dead_nodes(model)
    np.testing.assert_allclose(run(model, values)[0], before, atol=1e-5)
    assert kinds(model) == ["Pad", "Conv"]
    assert model.graph.input[0].name == "picture"  # type: ignore[attr-defined]


def test_dropping_an_output_drops_what_only_it_needed() -> None:
    nodes = [
        helper.make_node("Relu", ["image"], ["kept"]),
        helper.make_node("Conv", ["kept", "w"], ["dropped"], kernel_shape=[1, 1]),
    ]
    model = make_model(nodes, [weights("w", 4, 3, 1, 1)], 3, ["kept", "dropped"])
    surgery.set_outputs(model, {"flat": ("kept", (1, 3 * SIZE * SIZE))})
    assert kinds(model) == ["Relu", "Reshape"]
    assert [t.name for t in model.graph.initializer] == ["flat_shape"]  # type: ignore[attr-defined]


def test_only_weights_that_are_float16_values_are_stored_as_float16() -> None:
    half = RANDOM.normal(size=(16, 3, 1, 1)).astype(np.float16).astype(np.float32)
    nodes = [
        helper.make_node("Conv", ["image", "half"], ["a"], kernel_shape=[1, 1]),
        helper.make_node("Conv", ["image", "full"], ["b"], kernel_shape=[1, 1]),
        helper.make_node("Add", ["a", "b"], ["out"]),
    ]
    model = make_model(nodes, [constant("half", half), weights("full", 16, 3, 1, 1)], 3, ["out"])
    values = picture(3)
    before = run(model, values)[0]
    surgery.store_exact_weights_as_fp16(model)
    np.testing.assert_array_equal(run(model, values)[0], before)
    assert kinds(model).count("Cast") == 1


def test_names_do_not_depend_on_those_of_the_converter() -> None:
    def graph(prefix: str) -> bytes:
        nodes = [
            helper.make_node("Conv", ["image", f"{prefix}w"], [f"{prefix}a"], kernel_shape=[1, 1]),
            helper.make_node("Relu", [f"{prefix}a"], ["out"]),
        ]
        model = make_model(nodes, [constant(f"{prefix}w", np.ones((2, 3, 1, 1), np.float32))], 3, ["out"])
        surgery.rename_tensors(model)
        return model.SerializeToString()  # type: ignore[attr-defined]

    assert graph("x") == graph("unk__77/")
