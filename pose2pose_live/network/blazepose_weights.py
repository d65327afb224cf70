"""The weights of the embedded pose graph (`engines/landmarks/pose.onnx`) for `BlazePose`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..errors import ModelError
from .blazepose import BlazePose


def load_blazepose(path: Path) -> BlazePose:
    """The published network with its weights, read from the ONNX graph at `path`; stored float16 becomes float32, which loses nothing.

    Raises ModelError when the file cannot be read or is not this network.
    """
    import onnx

    try:
        graph = onnx.load(str(path)).graph
    except Exception as error:  # the parser's own errors have no common base
        raise ModelError(f"{path}: expected the pose network's ONNX graph, found: {error}") from error
    stored = {tensor.name: tensor for tensor in graph.initializer}
    # A weight is an initialiser, or a float16 one behind a Cast.
    source = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Cast"}
    found = [
        [onnx.numpy_helper.to_array(stored[source.get(name, name)]).astype(np.float32) for name in node.input[1:]]
        for node in graph.node
        if node.op_type == "Conv" and all(source.get(name, name) in stored for name in node.input[1:])
    ]
    network = BlazePose()
    layers = list(_in_graph_order(network))
    expected = [[tuple(p.shape) for p in (layer.weight, layer.bias) if p is not None] for layer in layers]
    shapes = [[array.shape for array in arrays] for arrays in found]
    if shapes != expected:
        at = next(
            (i for i, (a, b) in enumerate(zip(shapes, expected, strict=False)) if a != b),
            min(len(shapes), len(expected)),
        )
        raise ModelError(
            f"{path}: expected the {len(expected)} convolutions of BlazePose full, found {len(shapes)} "
            f"that differ from number {at} on; take pose.onnx of the open engine"
        )
    with torch.no_grad():
        for layer, (weight, bias) in zip(layers, found, strict=True):
            layer.weight.copy_(torch.from_numpy(weight))
            assert layer.bias is not None
            layer.bias.copy_(torch.from_numpy(bias))
    return network


def _in_graph_order(network: BlazePose) -> Iterator[nn.Conv2d]:
    """The convolutions as the published file numbers them: a lateral connection comes where its stride is first at hand."""

    def of(*modules: nn.Module) -> Iterator[nn.Conv2d]:
        for module in modules:
            yield from (layer for layer in module.modules() if isinstance(layer, nn.Conv2d))

    n = network
    yield from of(n.stem, n.stem_depthwise, n.stem_project)
    yield from of(n.get_submodule("s4"), n.get_submodule("s8"), n.lateral_s8, n.get_submodule("s16"), n.lateral_s16)
    *s32, last = of(n.get_submodule("s32"))
    yield from s32
    yield from of(n.lateral_s4)
    yield last
    yield from of(n.top_expand, n.top_depthwise, n.tail_top, n.tail_s64, n.tail_s128, n.world, n.landmarks, n.presence)
    yield from of(n.pyramid_top, n.heatmap)
