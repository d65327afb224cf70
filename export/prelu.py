"""PRelu as convolutions.

ONNX Runtime computes convolutions in a blocked layout (8 or 16 channels side by side) and leaves it for every PRelu. With slope a,
PRelu(x) = a x + (1 - a) Relu(x): a scaled x plus a Relu of a scaled x, that is two depthwise 1x1 convolutions whose Relu and Add the
runtime fuses. Where a > 1 the Relu would have to be subtracted; such a channel is carried with its sign turned, and whatever reads it
turns it back in its own weights.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper

from export.surgery import GraphEditor, attribute, prune_dead_nodes


def replace_prelu(model: onnx.ModelProto) -> None:
    """Replace every PRelu with one slope per channel."""
    _Replacement(model).run()
    prune_dead_nodes(model)


class _Replacement:
    """One walk over the graph. `signs[tensor]` (C,) of +1 and -1: how the channels of a tensor are carried; absent means all +1."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.graph = model.graph
        self.editor = GraphEditor(model)
        self.signs: dict[str, np.ndarray] = {}
        self.nodes: list[onnx.NodeProto] = []

    def run(self) -> None:
        for node in list(self.graph.node):
            if node.op_type == "PRelu":
                self._prelu(node)
            elif node.op_type == "Conv":
                self._read_with_signs(node)
                self.nodes.append(node)
            elif node.op_type == "Add" and any(name in self.signs for name in node.input):
                self._add(node)
            else:
                for i, name in enumerate(node.input):
                    node.input[i] = self._upright(name)
                self.nodes.append(node)
        del self.graph.node[:]
        self.graph.node.extend(self.nodes)

    def _prelu(self, node: onnx.NodeProto) -> None:
        source, result = node.input[0], node.output[0]
        slope = self.editor.constants[node.input[1]].reshape(-1).astype(np.float64)
        sign_in = self.signs.get(source, np.ones_like(slope))
        sign_out = np.where(slope > 1.0, -1.0, 1.0)
        bent, straight = sign_in * np.abs(1.0 - slope), sign_in * slope * sign_out
        self._depthwise(source, bent, f"{result}_bent")
        self._depthwise(source, straight, f"{result}_straight")
        self.nodes.append(helper.make_node("Relu", [f"{result}_bent"], [f"{result}_relu"]))
        self.nodes.append(helper.make_node("Add", [f"{result}_straight", f"{result}_relu"], [result]))
        self._set_sign(result, sign_out)
        if self.editor.is_output(result):
            raise ValueError(f"PRelu output {result} is an output of the graph")

    def _depthwise(self, source: str, scale: np.ndarray, result: str) -> None:
        weight = self._constant(f"{result}_scale", scale.reshape(-1, 1, 1, 1))
        self.nodes.append(helper.make_node("Conv", [source, weight], [result], group=scale.size, kernel_shape=[1, 1]))

    def _read_with_signs(self, conv: onnx.NodeProto) -> None:
        """Turn the weights that meet a turned channel."""
        sign = self.signs.get(conv.input[0])
        if sign is not None:
            weight = self.editor.constants[conv.input[1]]
            dense = attribute(conv, "group", 1) == 1
            scale = sign[None, :, None, None] if dense else sign[:, None, None, None]
            conv.input[1] = self._constant(f"{conv.output[0]}_turned", weight * scale)

    def _add(self, node: onnx.NodeProto) -> None:
        """Bring one summand to the signs of the other: a convolution that nothing else reads is turned in its weights."""
        ones = np.ones(1)
        first, second = (self.signs.get(name, ones) for name in node.input)
        if (first * second < 0.0).any():
            if conv := self._own_convolution(node, 0):
                self._scale_rows(conv, second)
            elif conv := self._own_convolution(node, 1):
                self._scale_rows(conv, first)
            else:
                node.input[0], node.input[1] = self._upright(node.input[0]), self._upright(node.input[1])
        self.nodes.append(node)
        self._set_sign(node.output[0], next((self.signs[n] for n in node.input if n in self.signs), ones))

    def _own_convolution(self, reader: onnx.NodeProto, position: int) -> onnx.NodeProto | None:
        """The convolution that makes this input of `reader`, when nothing else reads it."""
        tensor = reader.input[position]
        producer = self.editor.producer.get(tensor)
        if producer is None or producer.op_type != "Conv" or self.editor.single_consumer(tensor) is None:
            return None
        return producer

    def _upright(self, tensor: str) -> str:
        """Name of the same tensor with every channel as it should be."""
        if tensor not in self.signs:
            return tensor
        result = f"{tensor}_upright"
        if not any(result in node.output for node in self.nodes):
            self._depthwise(tensor, self.signs[tensor], result)
        return result

    def _scale_rows(self, conv: onnx.NodeProto, scale: np.ndarray) -> None:
        weight = self.editor.constants[conv.input[1]]
        conv.input[1] = self._constant(f"{conv.output[0]}_weight", weight * scale.reshape(-1, 1, 1, 1))
        if len(conv.input) > 2 and conv.input[2]:
            conv.input[2] = self._constant(f"{conv.output[0]}_bias", self.editor.constants[conv.input[2]] * scale)

    def _set_sign(self, tensor: str, sign: np.ndarray) -> None:
        if (sign < 0).any():
            self.signs[tensor] = sign

    def _constant(self, name: str, value: np.ndarray) -> str:
        return self.editor.add_constant(name, value.astype(np.float32))
