"""From TensorFlow Lite to ONNX, and back to the original runtime for comparison."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
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


class LiteRuntime:
    """The network on LiteRT, the runtime it was published for."""

    def __init__(self, network: bytes, keep_all_tensors: bool = False) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(
            model_content=network, num_threads=1, experimental_preserve_all_tensors=keep_all_tensors
        )
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._index = {d["name"]: d["index"] for d in self._interpreter.get_tensor_details()}
        self.output_names = [d["name"] for d in self._interpreter.get_output_details()]

    def run(self, values: np.ndarray) -> None:
        """Run on one input as the network takes it (NHWC for pictures)."""
        self._interpreter.set_tensor(self._input, np.ascontiguousarray(values, np.float32))
        self._interpreter.invoke()

    def tensor(self, name: str) -> np.ndarray:
        """Value of a tensor of the last run; inner tensors only with `keep_all_tensors`."""
        return self._interpreter.get_tensor(self._index[name])
