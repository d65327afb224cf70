"""Weights as they are computed with, in the place of integers and the nodes that unpack them. Needs the package `onnx`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[Any]


def unpack_weights(model: onnx.ModelProto) -> None:
    """In place: every weight that is stored as int8 and made float32 by nodes of its own becomes a float32 constant.

    ONNX Runtime and OpenVINO do so by themselves when they load a graph; TensorRT takes int8 constants for quantised arithmetic, and refuses.
    """
    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    makers = {node.output[0]: node for node in graph.node if node.op_type in _FOLDED}

    @cache
    def value(name: str) -> Array | None:
        """What the tensor always is, or None if that depends on the picture."""
        if name in constants:
            return numpy_helper.to_array(constants[name])
        if name not in makers:
            return None
        inputs = [value(each) for each in makers[name].input]
        attributes = {each.name: helper.get_attribute_value(each) for each in makers[name].attribute}
        return None if any(each is None for each in inputs) else _FOLDED[makers[name].op_type](inputs, attributes)

    @cache
    def is_packed(name: str) -> bool:
        if name in constants:
            return constants[name].data_type == TensorProto.INT8
        return name in makers and any(is_packed(each) for each in makers[name].input)

    unpacked = {name for name in makers if is_packed(name) and value(name) is not None}
    kept: list[onnx.NodeProto] = []
    used = {output.name for output in graph.output}
    for node in reversed(graph.node):  # what only the unpacking used goes with it
        if used.isdisjoint(node.output) or node.output[0] in unpacked:
            continue
        kept.append(node)
        used.update(node.input)
    initializers = [tensor for name, tensor in constants.items() if name in used]
    initializers += [
        numpy_helper.from_array(np.ascontiguousarray(value(name)), name) for name in sorted(unpacked & used)
    ]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(initializers)


def _cast(inputs: Sequence[Array], attributes: Mapping[str, Any]) -> Array:
    return inputs[0].astype(helper.tensor_dtype_to_np_dtype(attributes["to"]))


def _slice(inputs: Sequence[Array], attributes: Mapping[str, Any]) -> Array:
    data, starts, ends, axes = inputs
    index = [slice(None)] * data.ndim
    for start, end, axis in zip(starts, ends, axes, strict=True):
        index[axis] = slice(int(start), int(end))
    return data[tuple(index)]


_FOLDED: dict[str, Callable[[Sequence[Any], Mapping[str, Any]], Array]] = {
    "Cast": _cast,
    "Mul": lambda inputs, _: inputs[0] * inputs[1],
    "Reshape": lambda inputs, _: inputs[0].reshape(inputs[1]),
    "Slice": _slice,
    "Transpose": lambda inputs, attributes: inputs[0].transpose(attributes["perm"]),
}
