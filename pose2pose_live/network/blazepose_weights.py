"""The weights of the embedded pose graph (`engines/landmarks/pose.onnx`) for `BlazePose`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from torch import nn

from .blazepose import BlazePose
from .graph_weights import load_weights


def load_blazepose(path: Path) -> BlazePose:
    """The published network with its weights, read from the ONNX graph at `path`. Raises ModelError when the file cannot be read or is not this network."""
    network = BlazePose()
    load_weights(
        _in_graph_order(network), path, "the pose network, BlazePose full", "pose.onnx of the engine landmarks"
    )
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
