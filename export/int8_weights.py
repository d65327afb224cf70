"""Large weights as integers of -31 to 31 in blocks of 64 with a scale each: half the size of float16, and a third once they are compressed.

A network whose weights `round_to_blocks` has rounded is stored by `store_exact_blocks_as_int8` without any further loss; whoever loads the graph computes
in float32, as before, for the constants are folded then.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

BLOCK = 64
LEAST_COUNT = 16_384
"""Smaller weights are a few per cent of all, and depthwise ones are sensitive."""
_LARGEST = 31
_LEAST_SCALE = 2.0**-14  # below, float16 has fewer digits, and rounding twice would not be rounding once


def round_to_blocks(weight: NDArray[np.floating]) -> NDArray[np.float32]:
    """weight (out, ...) as float32 values that blocks along the flattened rest can hold; the largest of a block is always hit."""
    integers, scales = _blocks(weight.reshape(weight.shape[0], -1))
    return _values(integers, scales, weight[0].size).reshape(weight.shape)


def store_exact_blocks_as_int8(model: onnx.ModelProto) -> None:
    """Store the float32 constants that blocks hold without loss, as they are or transposed, as int8; the others stay."""
    graph = model.graph
    nodes: list[onnx.NodeProto] = []
    for tensor in list(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < LEAST_COUNT:
            continue
        value = numpy_helper.to_array(tensor)
        layouts = [(value, False)] if value.ndim != 2 else [(value, False), (value.T, True)]
        for rows, is_transposed in layouts:
            flat = np.ascontiguousarray(rows).reshape(rows.shape[0], -1)
            integers, scales = _blocks(flat)
            if np.array_equal(_values(integers, scales, flat.shape[1]), flat):
                graph.initializer.remove(tensor)
                nodes += _unpacking(graph, tensor.name, integers, scales, rows.shape, is_transposed=is_transposed)
                break
    nodes.extend(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)


def _blocks(flat: NDArray[np.floating]) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """flat (out, in) as integers (out, blocks, BLOCK) and scales (out, blocks, 1)."""
    padded = np.pad(flat.astype(np.float32), ((0, 0), (0, -flat.shape[1] % BLOCK)))
    blocks = padded.reshape(flat.shape[0], -1, BLOCK)
    scales = np.maximum(np.abs(blocks).max(axis=2, keepdims=True) / _LARGEST, _LEAST_SCALE).astype(np.float16)
    integers = np.clip(np.rint(blocks / scales.astype(np.float32)), -_LARGEST, _LARGEST)
    return integers.astype(np.int8), scales


def _values(integers: NDArray[np.int8], scales: NDArray[np.float16], columns: int) -> NDArray[np.float32]:
    values = integers.astype(np.float32) * scales.astype(np.float32)
    return values.reshape(len(values), -1)[:, :columns]


def _unpacking(
    graph: onnx.GraphProto,
    name: str,
    integers: NDArray[np.int8],
    scales: NDArray[np.float16],
    shape: tuple[int, ...],
    *,
    is_transposed: bool,
) -> list[onnx.NodeProto]:
    """Nodes that make the constant of that name again, from what is added to the graph's initialisers."""
    columns = int(np.prod(shape[1:]))
    made = []

    def constant(suffix: str, value: NDArray[np.generic]) -> str:
        graph.initializer.append(numpy_helper.from_array(value, f"{name}.{suffix}"))
        return f"{name}.{suffix}"

    def node(operator: str, inputs: list[str], suffix: str, **attributes: object) -> str:
        output = f"{name}.{suffix}" if suffix else name
        made.append(helper.make_node(operator, inputs, [output], f"{name}.{suffix or 'value'}", **attributes))
        return output

    whole = node("Cast", [constant("int8", integers)], "integers", to=TensorProto.FLOAT)
    scale = node("Cast", [constant("fp16", scales)], "scales", to=TensorProto.FLOAT)
    value = node("Mul", [whole, scale], "blocks")
    rows = constant("rows", np.array([shape[0], integers.shape[1] * BLOCK], np.int64))
    value = node("Reshape", [value, rows], "padded")
    if columns % BLOCK:
        starts, ends, axes = (
            constant(key, np.array([v], np.int64)) for key, v in (("from", 0), ("to", columns), ("axis", 1))
        )
        value = node("Slice", [value, starts, ends, axes], "rows_only")
    if is_transposed:
        node("Transpose", [value], "", perm=[1, 0])
    else:
        node("Reshape", [value, constant("shape", np.array(shape, np.int64))], "")
    return made
