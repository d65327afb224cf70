"""The runtimes that can run an engine's graphs, which of them work here, and the choice between them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from ..errors import ModelError
from .cuda import driver_problem
from .onnx_runtime import CPU, OnnxBackend, provider_problem
from .openvino_runtime import OpenVinoBackend, openvino_problem

AUTO, REFERENCE = "auto", "cpu"


class Backend(Protocol):
    """One graph on one runtime. `run` takes the graph's one input and gives `outputs` in their order, in arrays of their own."""

    outputs: tuple[str, ...]

    def run(self, data: np.ndarray) -> Sequence[np.ndarray]: ...


@dataclass(frozen=True)
class Runtime:
    """problem: why it cannot be used here, or None. open: the graph at a path, on so many cores, with these outputs (None: all);
    raises ModelError. is_ready: whether opening a graph takes no minutes."""

    title: str
    problem: Callable[[], str | None]
    open: Callable[[Path, int, Sequence[str] | None], Backend]
    is_ready: Callable[[Path], bool] = lambda path: True


def _provider(title: str, provider: str) -> Runtime:
    problem = partial(provider_problem, provider)
    return Runtime(title, problem, partial(OnnxBackend, provider=provider))


def _cuda_problem() -> str | None:
    return provider_problem("CUDAExecutionProvider") or driver_problem()


# TensorRT's modules are imported when they are needed: on most machines, never.
def _tensorrt(runtime: str, title: str) -> Runtime:
    def problem() -> str | None:
        if driver_problem() is not None:
            return driver_problem()
        try:
            from .tensorrt_runtime import tensorrt_problem
        except ImportError as error:
            return f'{error}; pip install "pose2pose-live[{runtime}]"'
        return tensorrt_problem(runtime)

    def open_graph(path: Path, threads: int, outputs: Sequence[str] | None) -> Backend:
        from .tensorrt_runtime import TensorRTBackend

        return TensorRTBackend(runtime, path, outputs)

    def is_ready(path: Path) -> bool:
        from .tensorrt_runtime import has_plan

        return has_plan(runtime, path)

    return Runtime(title, problem, open_graph, is_ready)


RUNTIMES: dict[str, Runtime] = {
    "tensorrt": _tensorrt("tensorrt", "TensorRT"),
    "tensorrt-rtx": _tensorrt("tensorrt-rtx", "TensorRT-RTX"),
    "cuda": Runtime("ONNX Runtime on CUDA", _cuda_problem, partial(OnnxBackend, provider="CUDAExecutionProvider")),
    "directml": _provider("ONNX Runtime on DirectML", "DmlExecutionProvider"),
    "coreml": _provider("ONNX Runtime on CoreML", "CoreMLExecutionProvider"),
    "openvino": Runtime("OpenVINO", openvino_problem, OpenVinoBackend),
    REFERENCE: _provider("ONNX Runtime on the processor", CPU),
}
"""By the names that `--runtime` takes."""
_BEST_FIRST = ("tensorrt", "tensorrt-rtx", "cuda", REFERENCE)
"""What `auto` takes. The others are no faster than the processor on graphs this small, or were never measured."""

_chosen: ContextVar[str] = ContextVar("runtime", default=AUTO)


@contextmanager
def use_runtime(name: str) -> Iterator[None]:
    """Sessions that are made inside run on this runtime, or on the best one with "auto". Raises ModelError for one that cannot be used."""
    if name != AUTO:
        problem = RUNTIMES[name].problem() if name in RUNTIMES else f"expected one of {', '.join([AUTO, *RUNTIMES])}"
        if problem is not None:
            raise ModelError(f"--runtime {name}: {problem}")
    token = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(token)


def choose(path: Path) -> tuple[list[str], str]:
    """Names of the runtimes to try for a graph, the best first, and why this is the order."""
    if _chosen.get() != AUTO:
        return [_chosen.get()], "it was asked for"
    names, reasons = [], []
    for name in _BEST_FIRST:
        problem = RUNTIMES[name].problem()
        if problem is None and not RUNTIMES[name].is_ready(path):
            problem = (
                "no plan has been built for this GPU yet: python -m export tensorrt ENGINE, or the window's button"
            )
        if problem is None:
            names.append(name)
        elif sys.platform != "darwin" or name not in ("tensorrt", "tensorrt-rtx", "cuda"):
            reasons.append(f"{name}: {problem}")
    return names, "; ".join(reasons) or "it is the fastest"
