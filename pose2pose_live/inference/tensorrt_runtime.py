"""A graph on TensorRT or TensorRT-RTX: its plan, fixed buffers, one stream, and the whole call recorded as one CUDA graph.

The plan needs neither Python nor our plugin's module: the kernel is inside.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError
from .cuda import Buffer, Stream, driver, driver_problem
from .tensorrt_plans import PRECISIONS, build_plan, load_module, plan_path, store_plan

_log = logging.getLogger(__name__)


def tensorrt_problem(runtime: str) -> str | None:
    """Why it cannot be used; None if it can. The driver is asked first: without one, TensorRT ends the process."""
    problem = driver_problem()
    if problem is not None:
        return problem
    try:
        load_module(runtime)
    except ModelError as error:
        return str(error)
    return None


def has_plan(runtime: str, graph: Path) -> bool:
    """Whether one was built for this GPU."""
    return plan_path(runtime, graph, PRECISIONS[0], driver().gpu).is_file()


class TensorRTBackend:
    """See `runtimes.Backend`. Builds the plan, for minutes, where there is none, or where the one there is no longer fits.

    plan: use this one instead of the cached.
    """

    def __init__(
        self, runtime: str, path: Path, outputs: Sequence[str] | None, precision: str = PRECISIONS[0], plan: bytes | None = None
    ) -> None:  # fmt: skip
        problem = tensorrt_problem(runtime)
        if problem is not None:
            raise ModelError(f"{runtime} cannot be used: {problem}")
        self._trt: Any = load_module(runtime)
        driver().enter()
        self._logger = self._trt.Logger(self._trt.Logger.ERROR)
        self._runtime = self._trt.Runtime(self._logger)
        engine = self._runtime.deserialize_cuda_engine(plan) if plan else self._cached(runtime, path, precision)
        if engine is None:
            raise ModelError(f"{runtime} cannot load the plan it has just built for {path}; update the driver")
        self._engine, self._context = engine, engine.create_execution_context()
        self._stream = Stream()
        self._recorded: ctypes.c_void_p | None = None
        self._buffers: dict[str, Buffer] = {}
        inputs: list[str] = []
        found: list[str] = []
        for i in range(engine.num_io_tensors):
            name = engine.get_tensor_name(i)
            dtype = np.dtype(self._trt.nptype(engine.get_tensor_dtype(name)))
            self._buffers[name] = Buffer(tuple(engine.get_tensor_shape(name)), dtype)
            self._context.set_tensor_address(name, self._buffers[name].address)
            is_input = engine.get_tensor_mode(name) == self._trt.TensorIOMode.INPUT
            (inputs if is_input else found).append(name)
        (self._input,) = (self._buffers[name] for name in inputs)
        self.outputs = tuple(outputs or found)
        self._results = [self._buffers[name] for name in self.outputs]
        self._record()

    def run(self, data: np.ndarray) -> Sequence[np.ndarray]:
        driver().enter()
        if len(data) == len(self._input.host):
            return self._run_one(data)
        rows = [self._run_one(data[i : i + 1]) for i in range(len(data))]  # the plan's batch is 1
        return [np.concatenate(parts) for parts in zip(*rows, strict=True)]

    def close(self) -> None:
        driver().enter()
        del self._context, self._engine
        for buffer in self._buffers.values():
            buffer.free()
        self._stream.free(self._recorded)

    def _run_one(self, data: np.ndarray) -> list[np.ndarray]:
        self._input.host[...] = data
        if self._recorded is None:
            self._enqueue()
        else:
            self._stream.play(self._recorded)
        self._stream.wait()
        return [result.host.copy() for result in self._results]

    def _enqueue(self) -> None:
        self._input.upload(self._stream)
        if not self._context.execute_async_v3(self._stream.handle.value):
            raise ModelError("TensorRT refused to run the plan")
        for result in self._results:  # and none that nobody asked for
            result.download(self._stream)

    def _record(self) -> None:
        """The first call allocates and must not be recorded. What cannot be recorded is enqueued anew each time."""
        self._input.host[...] = 0
        self._enqueue()
        self._stream.wait()
        try:
            self._stream.begin_recording()
            try:
                self._enqueue()
            finally:
                recorded = self._stream.end_recording()
            self._recorded = recorded
        except ModelError as error:
            _log.info("not recorded as a CUDA graph: %s", error)

    def _cached(self, runtime: str, path: Path, precision: str) -> Any:
        file = plan_path(runtime, path, precision, driver().gpu)
        if file.is_file():
            engine = self._runtime.deserialize_cuda_engine(file.read_bytes())
            if engine is not None:
                return engine
            _log.warning("%s no longer fits this machine: building it anew", file)
        else:
            _log.warning("compiling %s for %s, once; this takes minutes", path.name, driver().gpu.name)
        plan = build_plan(runtime, path, precision=precision)
        if plan.pools and not plan.has_plugin and runtime == "tensorrt":
            _log.warning(
                "%s: TensorRT took standard operators instead of our plugin; it is slower, not wrong", path.name
            )
        store_plan(file, plan)
        return self._runtime.deserialize_cuda_engine(plan.data)
