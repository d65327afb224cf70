"""`Session`: one graph, ready to run on this machine."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .runtimes import REFERENCE, RUNTIMES, Backend, choose

_log = logging.getLogger(__name__)


class Session:
    """One ONNX graph on the runtime that was chosen with `use_runtime`, or the best that works.

    `run` releases the GIL while the graph runs and may be called from any one thread at a time. A runtime that fails later is replaced by
    ONNX Runtime on the processor, with a message: a capture must not end for it.
    threads: cores one run may use. outputs: which, in this order; None takes all. Raises ModelError when the graph cannot be loaded.
    """

    def __init__(self, path: Path, threads: int = 1, outputs: Sequence[str] | None = None) -> None:
        self._path, self._threads = path, threads
        names, self.reason = choose(path)
        for name in names[:-1]:
            try:
                self.runtime, self._backend = name, self._open(name, outputs)
                break
            except Exception as error:  # each runtime raises what it likes
                _log.warning("%s: %s does not work (%s); trying another", path.name, RUNTIMES[name].title, error)
        else:
            self.runtime, self._backend = names[-1], self._open(names[-1], outputs)
        self.outputs = self._backend.outputs

    def run(self, data: np.ndarray) -> dict[str, np.ndarray]:
        """Feed the graph's one input; returns its outputs by name."""
        try:
            values = self._backend.run(data)
        except Exception as error:
            if self.runtime == REFERENCE:
                raise
            _log.warning(
                "%s: %s has failed (%s); going on with %s",
                self._path.name, RUNTIMES[self.runtime].title, str(error).strip(), RUNTIMES[REFERENCE].title,
            )  # fmt: skip
            self.runtime, self._backend = REFERENCE, self._open(REFERENCE, self.outputs)
            values = self._backend.run(data)
        return dict(zip(self.outputs, values, strict=True))

    def _open(self, name: str, outputs: Sequence[str] | None) -> Backend:
        return RUNTIMES[name].open(self._path, self._threads, outputs)
