"""`Session`: one ONNX graph, ready to run on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort

from ..errors import ModelError


class Session:
    """One ONNX graph on ONNX Runtime's CPU provider.

    `run` releases the GIL while the graph runs and may be called from any one thread at a time.
    threads: cores one run may use. Raises ModelError when the graph cannot be loaded.
    """

    def __init__(self, path: Path, threads: int = 1, outputs: Sequence[str] | None = None) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Idle workers that spin would take the core that the window, the camera and the other graphs need.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime has no common base for what it raises
            reason = str(error).splitlines()[0][:200]
            raise ModelError(
                f"the graph {path} cannot be loaded ({reason}); reinstall pose2pose-live, or check the file out again"
            ) from None
        self._input = self._session.get_inputs()[0].name
        self.outputs = tuple(outputs or (o.name for o in self._session.get_outputs()))

    def run(self, data: np.ndarray) -> dict[str, np.ndarray]:
        """Feed the graph's one input; returns its outputs by name."""
        return dict(zip(self.outputs, self._session.run(self.outputs, {self._input: data}), strict=True))
