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

# Positions that lie nowhere or far outside are moved two cells outside, where everything is zero: a sampler makes NaN of them. Sampling is
# in float32 also of half-precision features.
_BODY = f"""
<domain: "{DOMAIN}", opset_import: ["" : {OPSET}]>
{OP_TYPE} (features, positions) => (pooled)
{{
    one = Constant <value = float {{1.0}}> ()
    two = Constant <value = float {{2.0}}> ()
    outside = Constant <value = float {{-2.0}}> ()
    row = Constant <value_ints = [1]> ()
    column = Constant <value_ints = [2]> ()
    swapped = Constant <value_ints = [1, 0]> ()
    height_width = Shape <start = 2> (features)
    width_height = Gather (height_width, swapped)
    cells = Cast <to = 1> (width_height)
    last = Sub (cells, one)
    furthest = Add (last, two)
    scale = Div (two, last)
    is_nowhere = IsNaN (positions)
    somewhere = Where (is_nowhere, outside, positions)
    not_below = Max (somewhere, outside)
    near = Min (not_below, furthest)
    stretched = Mul (near, scale)
    centred = Sub (stretched, one)
    grid = Unsqueeze (centred, row)
    precise = CastLike (features, positions)
    samples = GridSample <mode = "bilinear", padding_mode = "zeros", align_corners = 1> (precise, grid)
    by_channel = Squeeze (samples, column)
    by_joint = Transpose <perm = [0, 2, 1]> (by_channel)
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
