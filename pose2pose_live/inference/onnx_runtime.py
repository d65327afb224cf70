"""A graph on ONNX Runtime: on the processor, or through one of its providers for other hardware."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort

from ..errors import ModelError

ort.disable_telemetry_events()  # for builds, as on Windows, that do not heed the variable that the package sets

CPU = "CPUExecutionProvider"
_OPTIONS = {"CUDAExecutionProvider": {"use_tf32": "0"}}
"""Tensor cores round float32 to 10 bits unless they are told not to: maps were off by 8 %, hands by 0.6 % of their size, and nothing was faster (H200)."""


class OnnxBackend:
    """See `runtimes.Backend`. What a provider cannot run it leaves to the processor."""

    def __init__(self, path: Path, threads: int, outputs: Sequence[str] | None, provider: str = CPU) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Idle workers that spin would take the core that the window, the camera and the other graphs need.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            providers = [(name, _OPTIONS.get(name, {})) for name in dict.fromkeys([provider, CPU])]
            self._session = ort.InferenceSession(str(path), options, providers=providers)
        except Exception as error:  # ONNX Runtime has no common base for what it raises
            reason = str(error).splitlines()[0][:200]
            raise ModelError(
                f"the graph {path} cannot be loaded ({reason}); reinstall pose2pose-live, or check the file out again"
            ) from None
        if self._session.get_providers()[0] != provider:  # it only writes that to its log
            raise ModelError(f"ONNX Runtime's {provider} does not start; check its driver and libraries")
        self._input = self._session.get_inputs()[0].name
        self.outputs = tuple(outputs or (o.name for o in self._session.get_outputs()))

    def run(self, data: np.ndarray) -> Sequence[np.ndarray]:
        return list(self._session.run(self.outputs, {self._input: data}))


def provider_problem(provider: str) -> str | None:
    """Why it cannot be used; None if it is there."""
    if provider in ort.get_available_providers():
        return None
    return f"this ONNX Runtime has no {provider} (it has {', '.join(ort.get_available_providers())})"
