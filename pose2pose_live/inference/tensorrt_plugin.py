"""Guided pooling as an ahead-of-time TensorRT plugin: importing this module registers it, and a plan that is built then holds the kernel.

Needs TensorRT 10.9 or later to build; neither this module nor Python is needed to run the plan. The kernel is the committed PTX in
engines/guided_pooling/, made from the CUDA source there by `python -m export plugin`.
"""

# No `from __future__ import annotations` here: TensorRT reads the annotations, and wants classes.

import tensorrt as trt
import tensorrt.plugin as trtp

from ..resources import engine_path

PLUGIN = "pose2pose::GuidedPooling"
"""Namespace and name; the node's domain and operator in ONNX are the same, by which TensorRT's parser finds it."""
PTX = (engine_path("guided_pooling") / "guided_pooling.ptx").read_bytes()
_BLOCK = 128  # as in the CUDA source
_FORMATS = "FP32|FP16, FP32, FP32|FP16"  # features, positions, result; the first of the alternatives go together


@trtp.register(PLUGIN)
def _shapes(features: trtp.TensorDesc, positions: trtp.TensorDesc) -> trtp.TensorDesc:
    batch, channels = features.shape_expr[0], features.shape_expr[1]
    return trtp.from_shape_expr((batch, positions.shape_expr[1], channels), dtype=features.dtype)


@trtp.autotune(PLUGIN)
def _formats(
    features: trtp.TensorDesc, positions: trtp.TensorDesc, outputs: tuple[trtp.TensorDesc]
) -> list[trtp.AutoTuneCombination]:
    return [trtp.AutoTuneCombination(_FORMATS, "LINEAR")]


@trtp.aot_impl(PLUGIN)
def _kernel(
    features: trtp.TensorDesc, positions: trtp.TensorDesc, outputs: tuple[trtp.TensorDesc], tactic: int
) -> tuple[str | bytes, str | bytes, trtp.KernelLaunchParams, trtp.SymExprs]:
    batch, channels, height, width = (features.shape_expr[i] for i in range(4))
    joints = positions.shape_expr[1]
    launch = trtp.KernelLaunchParams()
    launch.grid_x, launch.grid_y = batch * joints, trtp.cdiv(channels, _BLOCK)
    launch.block_x, launch.shared_mem = _BLOCK, 0
    integers = trtp.SymIntExprs.from_tuple([trtp.SymInt32(size) for size in (channels, height, width, joints)])
    name = "guided_pooling_float16" if features.dtype == trt.float16 else "guided_pooling_float32"
    return name, PTX, launch, integers
