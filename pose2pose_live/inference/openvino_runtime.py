"""A graph on OpenVINO, on the processor, in float32: on processors with AMX its own choice is bfloat16, which moves landmarks by pixels."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import ModelError


def openvino_problem() -> str | None:
    """Why it cannot be used; None if it is there."""
    for name in ("openvino", "onnx"):
        if importlib.util.find_spec(name) is None:
            return f'{name} is not installed; pip install "pose2pose-live[openvino]"'
    return None


class OpenVinoBackend:
    """See `runtimes.Backend`."""

    def __init__(self, path: Path, threads: int, outputs: Sequence[str] | None) -> None:
        # Importing it reports to a server through this module, unless there is none.
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
        import openvino

        from .graphs import inlined, read_graph

        config = {
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,  # the graphs of body, hands and face share the cores
            # OpenVINO 2026.4's generator of fused kernels ends the process on the blendshape network when it is given one thread.
            "SNIPPETS_MODE": "DISABLE",
        }
        try:
            core = openvino.Core()
            # It knows no functions: our own operator is spelt out.
            model = core.read_model(inlined(read_graph(path)).SerializeToString())
            compiled = core.compile_model(model, "CPU", config)
        except Exception as error:  # OpenVINO raises RuntimeError and what its extensions like
            raise ModelError(f"the graph {path} cannot be loaded by OpenVINO ({str(error).strip()[:200]})") from None
        names = [output.get_any_name() for output in compiled.outputs]
        self.outputs = tuple(outputs or names)
        self._indices = [names.index(name) for name in self.outputs]
        self._request = compiled.create_infer_request()

    def run(self, data: np.ndarray) -> Sequence[np.ndarray]:
        self._request.infer([data], share_inputs=True)
        return [np.array(self._request.get_output_tensor(i).data) for i in self._indices]
