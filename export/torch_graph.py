"""From a PyTorch network to ONNX."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import onnx
import torch
from onnxscript import opset18
from torch import Tensor, nn

from export import guided_pooling
from pose2pose_live.network import pooling, roi_align

OPSET = guided_pooling.OPSET
# Boxes are cut off where they are pictures away from the picture. ONNX Runtime takes as many samples as a box has pixels: without a limit
# one wild box could keep the application busy for hours.
_NEAR_PX = (-1024.0, 1536.0)


def to_onnx(network: nn.Module, examples: dict[str, Tensor], output_names: tuple[str, ...]) -> bytes:
    """The network as a serialised ONNX graph, with inputs of the names and shapes of the examples, in the order of its `forward`, and the named outputs.

    RoIAlign becomes ONNX's own operator, guided pooling a node of our own that brings its definition along (`export/guided_pooling.py`).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            network,
            tuple(examples.values()),
            dynamo=True,
            opset_version=OPSET,
            input_names=list(examples),
            output_names=list(output_names),
            custom_translation_table={roi_align.OPERATOR: _roi_align, pooling.OPERATOR: guided_pooling.node},
            verbose=False,
        )
    assert program is not None
    model: onnx.ModelProto = program.model_proto
    del model.metadata_props[:]
    for node in model.graph.node:  # where in which source file it comes from, with paths of this machine
        del node.metadata_props[:]
        node.doc_string = ""
    guided_pooling.define(model)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def _roi_align(image: Any, boxes: Any, image_index: Any, size: Any) -> Any:
    return opset18.RoiAlign(
        image,
        opset18.Clip(boxes, *_NEAR_PX),
        image_index,
        coordinate_transformation_mode="output_half_pixel",  # no shift by half a pixel: `aligned=False`
        mode="avg",
        output_height=size[0],
        output_width=size[1],
        sampling_ratio=0,  # as many samples as a cell has pixels
        spatial_scale=1.0,
    )
