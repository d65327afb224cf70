"""The two runtimes that are compared: LiteRT, for which the networks were published, and ONNX Runtime, on which we run them."""

from __future__ import annotations

import numpy as np
import onnx


class LiteRuntime:
    """A TensorFlow Lite network on LiteRT, with every inner tensor at hand."""

    def __init__(self, network: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_content=network, num_threads=1, experimental_preserve_all_tensors=True)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._index = {d["name"]: d["index"] for d in self._interpreter.get_tensor_details()}

    def run(self, values: np.ndarray) -> None:
        """Run on one input as the network takes it (NHWC for pictures)."""
        self._interpreter.set_tensor(self._input, np.ascontiguousarray(values, np.float32))
        self._interpreter.invoke()

    def tensor(self, name: str) -> np.ndarray:
        """Value of a tensor in the last run."""
        return self._interpreter.get_tensor(self._index[name])


class OnnxRuntime:
    """A graph on ONNX Runtime, one thread, all optimisations: as the application runs it."""

    def __init__(self, model: onnx.ModelProto) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        data = model.SerializeToString()
        self._session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self._outputs = [o.name for o in self._session.get_outputs()]

    def run(self, values: np.ndarray) -> dict[str, np.ndarray]:
        return dict(zip(self._outputs, self._session.run(None, {self._input: values}), strict=True))
