"""RoIAlign in matrix products, for TensorRT: its parser wants a plugin of TensorRT's own library for it, and TensorRT-RTX has no plugins.

Bilinear sampling on a grid along the axes separates: a crop is (rows) x (picture) x (columns), as in `network/roi_align.py`, with a fixed number
of samples of which each box takes as many as it needs.
"""

from __future__ import annotations

import math
from typing import Any

import onnx
from onnx import helper, inliner, parser

_DOMAIN = "pose2pose"
_LARGEST_BOX_PX = 2560.0  # to which the exporter clips boxes

_AXIS = """
    {a}_start = Gather <axis = 1> (boxes, {a}_first)
    {a}_end = Gather <axis = 1> (boxes, {a}_last)
    {a}_side = Sub ({a}_end, {a}_start)
    {a}_at_least = Max ({a}_side, one)
    {a}_bin = Div ({a}_at_least, {a}_cells)
    {a}_samples = Ceil ({a}_bin)
    {a}_middles = Div ({a}_k_middle, {a}_samples)
    {a}_offsets = Add ({a}_cell, {a}_middles)
    {a}_px = Mul ({a}_offsets, {a}_bin)
    {a}_at = Add ({a}_px, {a}_start)
    {a}_is_taken = Less ({a}_k, {a}_samples)
    {a}_is_after = GreaterOrEqual ({a}_at, minus_one)
    {a}_is_before = LessOrEqual ({a}_at, {a}_pixels)
    {a}_is_inside = And ({a}_is_after, {a}_is_before)
    {a}_counts = And ({a}_is_taken, {a}_is_inside)
    {a}_count = Cast <to = 1> ({a}_counts)
    {a}_share = Div ({a}_count, {a}_samples)
    {a}_not_before = Max ({a}_at, zero)
    {a}_near = Min ({a}_not_before, {a}_last_pixel)
    {a}_near_each = Unsqueeze ({a}_near, three)
    {a}_away = Sub ({a}_near_each, {a}_pixel)
    {a}_far = Abs ({a}_away)
    {a}_closeness = Sub (one, {a}_far)
    {a}_weight = Relu ({a}_closeness)
    {a}_share_each = Unsqueeze ({a}_share, three)
    {a}_weighted = Mul ({a}_weight, {a}_share_each)
    {a}_matrix = ReduceSum <keepdims = 0> ({a}_weighted, two)
"""
_BODY = """
<domain: "{domain}", opset_import: ["" : 18]>
{name} (image, rois, index) => (crops)
{{
    one = Constant <value = float {{1.0}}> ()
    minus_one = Constant <value = float {{-1.0}}> ()
    zero = Constant <value = float {{0.0}}> ()
    by_one = Constant <value_ints = [1]> ()
    two = Constant <value_ints = [2]> ()
    three = Constant <value_ints = [3]> ()
    boxes = Unsqueeze (rois, two)
    {constants}
    {y}
    {x}
    pictures = Gather <axis = 0> (image, index)
    rows = Unsqueeze (y_matrix, by_one)
    turned = Transpose <perm = [0, 2, 1]> (x_matrix)
    columns = Unsqueeze (turned, by_one)
    stripes = MatMul (rows, pictures)
    crops = MatMul (stripes, columns)
}}
"""


def without_roi_align(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model without such nodes; pictures have a fixed size, and `sampling_ratio` is 0 (as many samples as a cell has pixels)."""
    if all(node.op_type != "RoiAlign" for node in model.graph.node):
        return model
    inferred = onnx.shape_inference.infer_shapes(model).graph
    sizes = {
        value.name: [d.dim_value for d in value.type.tensor_type.shape.dim]
        for value in [*inferred.input, *inferred.value_info]
    }
    result = onnx.ModelProto()
    result.CopyFrom(model)
    names = []
    for i, node in enumerate(result.graph.node):
        if node.op_type != "RoiAlign":
            continue
        attributes: dict[str, Any] = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        cells = attributes["output_height"], attributes["output_width"]
        names.append(f"RoiAlign{i}")
        result.functions.append(_function(names[-1], tuple(sizes[node.input[0]][2:]), cells))
        replacement = helper.make_node(names[-1], list(node.input), list(node.output), domain=_DOMAIN)
        node.CopyFrom(replacement)
    if all(entry.domain != _DOMAIN for entry in result.opset_import):
        result.opset_import.append(helper.make_opsetid(_DOMAIN, 1))
    return inliner.inline_selected_functions(result, [(_DOMAIN, name) for name in names])


def _function(name: str, pixels: tuple[int, ...], cells: tuple[int, int]) -> onnx.FunctionProto:
    """Indices of the box's sides: x0, y0, x1, y1."""
    constants = []
    for a, side, size, count in (("y", 1, pixels[0], cells[0]), ("x", 0, pixels[1], cells[1])):
        k = range(math.ceil(_LARGEST_BOX_PX / count))
        constants += [
            f"{a}_first = Constant <value_ints = [{side}]> ()",
            f"{a}_last = Constant <value_ints = [{side + 2}]> ()",
            _floats(f"{a}_cells", [count]),
            _floats(f"{a}_pixels", [size]),
            _floats(f"{a}_last_pixel", [size - 1]),
            _floats(f"{a}_k", k),
            _floats(f"{a}_k_middle", (i + 0.5 for i in k)),
            _floats(f"{a}_pixel", range(size)),
            _floats(f"{a}_cell_row", range(count)),
            f"{a}_cell = Unsqueeze ({a}_cell_row, by_one)",
        ]
    text = _BODY.format(
        domain=_DOMAIN, name=name, constants="\n    ".join(constants), y=_AXIS.format(a="y"), x=_AXIS.format(a="x")
    )
    return parser.parse_function(text)


def _floats(name: str, values: Any) -> str:
    return f"{name} = Constant <value_floats = [{', '.join(f'{float(value)}' for value in values)}]> ()"
