from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

pytest.importorskip("torch")

from export.int8_weights import BLOCK, round_to_blocks, store_exact_blocks_as_int8


def weight(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Rows whose sizes differ a thousandfold, as those of networks do."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=shape) * 10 ** rng.uniform(-2, 1, (shape[0], *[1] * (len(shape) - 1)))
    return rows.astype(np.float32)


@pytest.mark.parametrize("shape", [(768, 2235), (64, 256, 1, 1), (32, 48, 3, 3)])
def test_rounding_is_within_half_a_step_of_each_block_and_rounds_once(shape: tuple[int, ...]) -> None:
    exact = weight(shape)
    rounded = round_to_blocks(exact)
    flat, near = exact.reshape(shape[0], -1), rounded.reshape(shape[0], -1)
    for start in range(0, flat.shape[1], BLOCK):
        block = slice(start, start + BLOCK)
        step = np.abs(flat[:, block]).max(axis=1, keepdims=True) / 31
        assert (np.abs(flat[:, block] - near[:, block]) <= 0.52 * step + 2.0**-15).all()  # the scale is rounded, too
    np.testing.assert_array_equal(round_to_blocks(rounded), rounded)


def test_zeros_and_tiny_blocks_stay_finite() -> None:
    exact = weight((128, 128))
    exact[:, :BLOCK] = 0
    exact[:, BLOCK : 2 * BLOCK] = 1e-12
    rounded = round_to_blocks(exact)
    assert np.isfinite(rounded).all()
    assert (rounded[:, : 2 * BLOCK] == 0).all()


def graph(constant: np.ndarray, operator: str) -> onnx.ModelProto:
    shape = [4, constant.shape[0]] if operator == "MatMul" else [1, constant.shape[1], 5, 5]
    answer_shape = [4, constant.shape[1]] if operator == "MatMul" else [1, constant.shape[0], 5, 5]
    node = helper.make_node(operator, ["x", "w"], ["y"])
    return helper.make_model(
        helper.make_graph(
            [node], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, answer_shape)], [numpy_helper.from_array(constant, "w")],
        ),
        opset_imports=[helper.make_opsetid("", 18)], ir_version=10,
    )  # fmt: skip


def answer(model: onnx.ModelProto) -> np.ndarray:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    x = np.random.default_rng(1).normal(size=session.get_inputs()[0].shape).astype(np.float32)
    return session.run(None, {"x": x})[0]


@pytest.mark.parametrize(
    ("constant", "operator"),
    [
        (round_to_blocks(weight((128, 160, 1, 1))), "Conv"),
        (round_to_blocks(weight((96, 203))).T.copy(), "MatMul"),
        (round_to_blocks(weight((160, 128))), "MatMul"),
    ],
)
def test_a_graph_gives_the_same_numbers_from_half_the_bytes(constant: np.ndarray, operator: str) -> None:
    model = graph(constant, operator)
    before, size = answer(model), model.ByteSize()
    store_exact_blocks_as_int8(model)
    onnx.checker.check_model(model, full_check=True)
    np.testing.assert_array_equal(answer(model), before)
    assert model.ByteSize() < 0.36 * size  # the last block of a row is filled up


def test_weights_that_were_not_rounded_and_small_ones_stay() -> None:
    for constant in (weight((128, 160, 1, 1)), round_to_blocks(weight((16, 32, 1, 1)))):
        model = graph(constant, "Conv")
        before = model.SerializeToString()
        store_exact_blocks_as_int8(model)
        assert model.SerializeToString() == before
