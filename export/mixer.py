"""The blendshape network written anew: an MLP mixer in a fifth of the operators that the converter needs for it.

The network (GHUM marker poser) centres and scales 146 points, makes 96 tokens of 64 channels of them, puts a class token in front, mixes
tokens and channels four times, and reads the coefficients from the class token. Only that token is computed at the end.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper

from export.surgery import GraphEditor

BLOCKS = 4


class _Weights:
    """The constants of the converted network, in the order in which they are used. Matrices are (out, in)."""

    def __init__(self, model: onnx.ModelProto) -> None:
        editor = GraphEditor(model)
        nodes = list(model.graph.node)
        convolutions = [n for n in nodes if n.op_type == "Conv"]
        self.layers = [
            (editor.constants[n.input[1]].reshape(len(editor.constants[n.input[2]]), -1), editor.constants[n.input[2]])
            for n in convolutions
        ]
        self.class_token = self._constant(editor, nodes, "Concat").reshape(1, -1)
        scales = [c for n in nodes if n.op_type == "Mul" for c in self._constants(editor, n)]
        channels = self.class_token.size
        self.norm_scales = [s.reshape(-1) for s in scales if s.size == channels]
        self.input_scale = next(s for s in scales if s.size == 1)
        self.epsilon = float(self._constant(editor, nodes, "Add").reshape(()))
        if len(self.layers) != 3 + 4 * BLOCKS or len(self.norm_scales) != 2 * BLOCKS:
            raise ValueError(
                f"expected a mixer of {BLOCKS} blocks, found {len(self.layers)} layers, {len(self.norm_scales)} norms"
            )

    @staticmethod
    def _constants(editor: GraphEditor, node: onnx.NodeProto) -> list[np.ndarray]:
        return [editor.constants[name] for name in node.input if name in editor.constants]

    def _constant(self, editor: GraphEditor, nodes: list[onnx.NodeProto], kind: str) -> np.ndarray:
        return next(c for n in nodes if n.op_type == kind for c in self._constants(editor, n))


class _Writer:
    """Appends operators; every method returns the name of its result."""

    def __init__(self, graph: onnx.GraphProto, editor: GraphEditor) -> None:
        self.graph, self.editor = graph, editor

    def op(self, kind: str, *inputs: str | np.ndarray, **attributes: object) -> str:
        index = len(self.graph.node)
        names = [
            value if isinstance(value, str) else self.editor.add_constant(f"{kind.lower()}_{index}_{i}", value)
            for i, value in enumerate(inputs)
        ]
        result = f"mixer_{index}"
        self.graph.node.append(helper.make_node(kind, names, [result], **attributes))
        return result

    def over_tokens(self, tokens: str, layer: tuple[np.ndarray, np.ndarray]) -> str:
        weight, bias = layer
        return self.op("Gemm", weight, tokens, bias.reshape(-1, 1))

    def over_channels(self, tokens: str, layer: tuple[np.ndarray, np.ndarray]) -> str:
        weight, bias = layer
        return self.op("Gemm", tokens, weight, bias, transB=1)


def rebuild_mixer(model: onnx.ModelProto) -> None:
    """Replace the nodes of the converted blendshape network; input (1, 146, 2) and the first output's name stay, its shape is (1, 52)."""
    weights = _Weights(model)
    graph = model.graph
    source, result = graph.input[0].name, graph.output[0].name
    for field in (graph.node, graph.initializer, graph.value_info, graph.output):
        del field[:]
    write = _Writer(graph, GraphEditor(model))

    points = write.op("Reshape", source, np.array([-1, 2], np.int64))
    centred = write.op("Sub", points, write.op("ReduceMean", points, axes=[0], keepdims=1))
    radius = write.op("ReduceMean", write.op("ReduceL2", centred, axes=[1], keepdims=1), axes=[0], keepdims=1)
    scaled = write.op("Mul", write.op("Div", centred, radius), weights.input_scale.reshape(1))
    layers = iter(weights.layers)
    tokens = write.over_channels(write.over_tokens(scaled, next(layers)), next(layers))
    tokens = write.op("Concat", weights.class_token, tokens, axis=0)

    norms = iter(weights.norm_scales)
    for block in range(BLOCKS):
        last = block == BLOCKS - 1
        normed = write.op("LayerNormalization", tokens, next(norms), epsilon=weights.epsilon)
        hidden = write.op("Relu", write.over_tokens(normed, next(layers)))
        weight, bias = next(layers)
        if last:
            weight, bias = weight[:1], bias[:1]
            tokens = write.op("Gather", tokens, np.array([0], np.int64), axis=0)
        tokens = write.op("Add", write.over_tokens(hidden, (weight, bias)), tokens)
        normed = write.op("LayerNormalization", tokens, next(norms), epsilon=weights.epsilon)
        hidden = write.op("Relu", write.over_channels(normed, next(layers)))
        tokens = write.op("Add", write.over_channels(hidden, next(layers)), tokens)
    coefficients = write.op("Sigmoid", write.over_channels(tokens, next(layers)))
    graph.node.append(helper.make_node("Identity", [coefficients], [result]))
    graph.output.append(helper.make_tensor_value_info(result, TensorProto.FLOAT, [1, 52]))
