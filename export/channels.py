"""Channel counts that ONNX Runtime's blocked layout (16 channels at a time) computes well. The numbers stay the same."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper

from export.surgery import GraphEditor, attribute, prune_dead_nodes, set_attribute, tensor_shapes

BLOCK = 16


def change_channels_by_convolution(model: onnx.ModelProto) -> None:
    """Zero Pad or Slice of the channels becomes a 1x1 convolution with the identity: either would leave the blocked layout.

    It also mends the Slices that the converter limits to one picture of a batch.
    """
    editor, shapes = GraphEditor(model), tensor_shapes(model)
    for node in model.graph.node:
        if node.op_type not in ("Pad", "Slice"):
            continue
        before, after = shapes[node.input[0]], shapes[node.output[0]]
        starts = editor.constants[node.input[1]]
        if len(before) != 4 or before[2:] != after[2:] or starts[:4].any():
            continue
        weight = np.eye(int(after[1]), int(before[1]), dtype=np.float32)[:, :, None, None]
        name = editor.add_constant(f"{node.output[0]}_identity", weight)
        node.CopyFrom(helper.make_node("Conv", [node.input[0], name], [node.output[0]], kernel_shape=[1, 1]))
    prune_dead_nodes(model)


def widen_narrow_channels(model: onnx.ModelProto) -> None:
    """Bring stretches of fewer than 16 channels to 16 with zeros.

    A stretch runs from a dense convolution over PRelu and depthwise convolutions to the next dense convolutions. The blocked layout
    rounds up to 16 anyway, but takes a detour over the plain layout when a dense convolution reads fewer.
    """
    for start in list(model.graph.node):
        editor = GraphEditor(model)
        if start.op_type != "Conv" or attribute(start, "group", 1) != 1:
            continue
        channels = editor.constants[start.input[1]].shape[0]
        stretch = _stretch(editor, start.output[0], channels)
        if channels >= BLOCK or stretch is None:
            continue
        extra = BLOCK - channels
        _pad_constant(editor, start, 1, 0, extra)
        _pad_constant(editor, start, 2, 0, extra)
        for node in stretch:
            if node.op_type == "PRelu":
                _pad_constant(editor, node, 1, 1, extra)
            elif attribute(node, "group", 1) == channels:
                _pad_constant(editor, node, 1, 0, extra)
                _pad_constant(editor, node, 2, 0, extra)
                set_attribute(node, "group", BLOCK)
            else:
                _pad_constant(editor, node, 1, 1, extra)
    prune_dead_nodes(model)


def _stretch(editor: GraphEditor, tensor: str, channels: int) -> list[onnx.NodeProto] | None:
    """Every node that sees the channels of `tensor` up to the next dense convolutions; None when something else sees them."""
    found: list[onnx.NodeProto] = []
    if editor.is_output(tensor) or tensor not in editor.consumers:
        return None
    for node in editor.consumers[tensor]:
        found.append(node)
        depthwise = node.op_type == "Conv" and attribute(node, "group", 1) == channels
        if node.op_type == "PRelu" or depthwise:
            rest = _stretch(editor, node.output[0], channels)
            if rest is None:
                return None
            found += rest
        elif node.op_type != "Conv" or attribute(node, "group", 1) != 1:
            return None
    return found


def _pad_constant(editor: GraphEditor, node: onnx.NodeProto, position: int, axis: int, extra: int) -> None:
    if len(node.input) <= position or not node.input[position]:
        return
    value = editor.constants[node.input[position]]
    widths = [(0, extra if i == axis else 0) for i in range(value.ndim)]
    name = f"{node.output[0]}_wide{position}"
    editor.constants[name] = np.pad(value, widths)
    node.input[position] = editor.add_constant(name, editor.constants[name])
