"""The weights of an embedded ONNX graph for the layers of a PyTorch module that is the same network."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from torch import nn

from ..errors import ModelError

Layer: TypeAlias = nn.Conv2d | nn.Linear


def load_weights(layers: Iterable[Layer], path: Path, called: str, take: str) -> None:
    """Fill the layers, which are in the order of the graph at `path`; stored float16 becomes float32, which loses nothing.

    called, take: what the network is and which file has it, for the messages. Raises ModelError when the file cannot be read or is another network.
    """
    import onnx

    try:
        graph = onnx.load(str(path)).graph
    except Exception as error:  # the parser's own errors have no common base
        raise ModelError(f"{path}: expected the ONNX graph of {called}, found: {error}") from error
    stored = {tensor.name: tensor for tensor in graph.initializer}
    # A weight is an initialiser, or a float16 one behind a Cast.
    source = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Cast"}
    found = []
    for node in graph.node:
        names = [source.get(name, name) for name in node.input[1:]]
        if node.op_type in ("Conv", "Gemm") and all(name in stored for name in names):
            weight, *bias = (onnx.numpy_helper.to_array(stored[name]).astype(np.float32) for name in names)
            # Gemm has a row for every input, PyTorch a column.
            found.append([weight.T if node.op_type == "Gemm" else weight, *bias])
    layers = list(layers)
    expected = [[tuple(p.shape) for p in (layer.weight, layer.bias) if p is not None] for layer in layers]
    shapes = [[array.shape for array in arrays] for arrays in found]
    if shapes != expected:
        at = next(
            (i for i, (a, b) in enumerate(zip(shapes, expected, strict=False)) if a != b),
            min(len(shapes), len(expected)),
        )
        raise ModelError(
            f"{path}: expected the {len(expected)} layers of {called}, found {len(shapes)} that differ from number {at} on; take {take}"
        )
    with torch.no_grad():
        for layer, (weight, bias) in zip(layers, found, strict=True):
            layer.weight.copy_(torch.from_numpy(weight))
            assert layer.bias is not None
            layer.bias.copy_(torch.from_numpy(bias))
