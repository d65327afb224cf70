"""How long a graph takes on ONNX Runtime, one thread, on this machine."""

from __future__ import annotations

import time

import numpy as np
import onnx

from export.runtimes import OnnxRuntime

RUNS = 200
WARM_UP_RUNS = 5


def compare_ms(*graphs: onnx.ModelProto) -> tuple[float, ...]:
    """Milliseconds of each graph on one random picture: the quickest of many runs, taken in turns so that a busy moment hits all."""
    sessions = [(OnnxRuntime(graph), _random_input(graph)) for graph in graphs]
    best = [float("inf")] * len(graphs)
    for run in range(WARM_UP_RUNS + RUNS):
        for i, (session, values) in enumerate(sessions):
            start = time.perf_counter()
            session.run(values)
            if run >= WARM_UP_RUNS:
                best[i] = min(best[i], (time.perf_counter() - start) * 1e3)
    return tuple(best)


def _random_input(graph: onnx.ModelProto) -> np.ndarray:
    shape = [dimension.dim_value or 1 for dimension in graph.graph.input[0].type.tensor_type.shape.dim]
    return np.random.default_rng(0).random(shape, dtype=np.float32)
