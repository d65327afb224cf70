"""From TensorFlow Lite to ONNX."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import onnx

OPSET = 17


def to_onnx(network: bytes) -> onnx.ModelProto:
    """The network as ONNX, as tf2onnx writes it (NHWC input, weights in float32). Needs the `convert` extra."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tf2onnx.convert

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.tflite"
        path.write_bytes(network)
        model, _ = tf2onnx.convert.from_tflite(str(path), opset=OPSET)
    return model
