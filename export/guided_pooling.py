"""The operator `pose2pose::GuidedPooling` in ONNX: a node of our own, defined in the same file by a function of standard operators.

A runtime that knows nothing of it runs the function; TensorRT finds our plugin by the node's attributes. Both are
`pose2pose_live.network.guided_pooling`: features (N,C,H,W) float32 or float16 and float32 positions (N,J,2), x, y in cells, give (N,J,C).
"""

from __future__ import annotations

from typing import Any

import onnx
from onnx import defs, helper, parser
from onnxscript import values

DOMAIN, OP_TYPE = "pose2pose", "GuidedPooling"
OPSET = 18
ATTRIBUTES: dict[str, str | int] = {"plugin_namespace": DOMAIN, "plugin_version": "1", "aot": 1}
"""What TensorRT's parser chooses the plugin by. They must stand on the node: as defaults of the function they are not seen."""

# Four cells around each position, and a weight for each that falls from one at its centre to zero a cell away. (With GridSample the hand's graph
# takes 0.6 ms of 11 longer on ONNX Runtime.) Where a position lies outside, the nearest cells inside get the weights they are due, which are zeros from
# one cell on; so do those of what lies nowhere. Weighing is in float32 also of half-precision features.
_BODY = f"""
<domain: "{DOMAIN}", opset_import: ["" : {OPSET}]>
{OP_TYPE} (features, positions) => (pooled)
{{
    zero = Constant <value = float {{0.0}}> ()
    one = Constant <value = float {{1.0}}> ()
    two = Constant <value = float {{2.0}}> ()
    outside = Constant <value = float {{-2.0}}> ()
    corners = Constant <value = float[4, 2] {{0, 0, 1, 0, 0, 1, 1, 1}}> ()
    single = Constant <value_ints = [1]> ()
    rest = Constant <value_ints = [-1]> ()
    corner_axis = Constant <value_ints = [2]> ()
    xy_axis = Constant <value_ints = [3]> ()
    swapped = Constant <value_ints = [1, 0]> ()
    batch = Shape <end = 1> (features)
    channels = Shape <start = 1, end = 2> (features)
    height_width = Shape <start = 2> (features)
    width = Shape <start = 3> (features)
    width_height = Gather (height_width, swapped)
    size = Cast <to = 1> (width_height)
    last_but_one = Sub (size, two)
    apart = Unsqueeze (positions, corner_axis)
    is_nowhere = IsNaN (apart)
    somewhere = Where (is_nowhere, outside, apart)
    below = Floor (somewhere)
    not_below = Max (below, zero)
    first = Min (not_below, last_but_one)
    cells = Add (first, corners)
    offset = Sub (somewhere, cells)
    distance = Abs (offset)
    nearness = Sub (one, distance)
    along_axes = Relu (nearness)
    weight = ReduceProd <keepdims = 0> (along_axes, xy_axis)
    weights = Unsqueeze (weight, corner_axis)
    strides = Concat <axis = 0> (single, width)
    stride_row = Cast <to = 1> (strides)
    stride_column = Unsqueeze (stride_row, single)
    cell_number = MatMul (cells, stride_column)
    index = Cast <to = 7> (cell_number)
    channels_last = Transpose <perm = [0, 2, 3, 1]> (features)
    listed = Concat <axis = 0> (batch, rest, channels)
    by_cell = Reshape (channels_last, listed)
    seen = GatherND <batch_dims = 1> (by_cell, index)
    precise = CastLike (seen, positions)
    blended = MatMul (weights, precise)
    by_joint = Squeeze (blended, corner_axis)
    pooled = CastLike (by_joint, features)
}}
"""

_SCHEMA = defs.OpSchema(
    OP_TYPE,
    DOMAIN,
    1,
    inputs=[defs.OpSchema.FormalParameter("features", "T"), defs.OpSchema.FormalParameter("positions", "P")],
    outputs=[defs.OpSchema.FormalParameter("pooled", "T")],
    type_constraints=[("T", ["tensor(float)", "tensor(float16)"], ""), ("P", ["tensor(float)"], "")],
    attributes=[
        defs.OpSchema.Attribute(name, helper.make_attribute(name, value), "") for name, value in ATTRIBUTES.items()
    ],
)
_NODE = values.Op(values.Opset(DOMAIN, 1), OP_TYPE, _SCHEMA)


def node(features: Any, positions: Any) -> Any:
    """What the exporter writes for the operator."""
    return _NODE(features, positions, **ATTRIBUTES)


def define(model: onnx.ModelProto) -> None:
    """Add the function to a model that has such nodes. Afterwards, because the exporter would put its body in the nodes' place."""
    if any((found.domain, found.op_type) == (DOMAIN, OP_TYPE) for found in model.graph.node):
        model.functions.append(parser.parse_function(_BODY))
        if all(entry.domain != DOMAIN for entry in model.opset_import):
            model.opset_import.append(helper.make_opsetid(DOMAIN, 1))
