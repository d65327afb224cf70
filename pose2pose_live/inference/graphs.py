"""Other forms of an ONNX graph, for runtimes that need them. Needs the package `onnx`, which the extras of these runtimes bring."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import inliner

from ..errors import ModelError


def read_graph(path: Path) -> onnx.ModelProto:
    """Raises ModelError when the file is no ONNX graph."""
    try:
        return onnx.load(path)
    except Exception as error:  # what protobuf raises has no common base
        raise ModelError(
            f"the graph {path} cannot be read ({error}); reinstall it, or check the file out again"
        ) from None


def inlined(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same with standard operators in the place of our own, for runtimes that know no functions."""
    return inliner.inline_local_functions(model) if model.functions else model


def has_pooling(model: onnx.ModelProto) -> bool:
    return any(node.domain == "pose2pose" for node in model.graph.node)


def fix_batch(model: onnx.ModelProto) -> None:
    """In place: every batch size that is open becomes 1. TensorRT is fastest, and its plugins safest, where no size ever changes."""
    for value in [*model.graph.input, *model.graph.output]:
        for dimension in value.type.tensor_type.shape.dim:
            if not dimension.HasField("dim_value"):
                dimension.dim_value = 1
    del model.graph.value_info[:]
