"""The plugin's PTX on the GPU, through the application's own layer over the driver: as TensorRT would start it, recorded as a CUDA graph."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
import pytest

from pose2pose_live.inference.cuda import Buffer, Stream, driver, driver_problem
from pose2pose_live.resources import engine_path
from tests.inference.host_kernel import Kernel

PTX = engine_path("guided_pooling") / "guided_pooling.ptx"


class GpuKernel(Kernel):
    """As `HostKernel`. Skips the test where there is no GPU."""

    def __init__(self, folder: Path) -> None:
        if (problem := driver_problem()) is not None:
            pytest.skip(problem)
        driver().enter()
        self._module = ctypes.c_void_p()
        driver().call("cuModuleLoadData", ctypes.byref(self._module), ctypes.c_char_p(PTX.read_bytes()))

    def launch(self, name: str, grid: tuple[int, int], threads: int, features: np.ndarray, positions: np.ndarray,
               integers: tuple[int, ...]) -> np.ndarray:  # fmt: skip
        driver().enter()
        function = ctypes.c_void_p()
        driver().call("cuModuleGetFunction", ctypes.byref(function), self._module, ctypes.c_char_p(name.encode()))
        shape = (*positions.shape[:2], features.shape[1])
        inputs = [Buffer(array.shape, array.dtype) for array in (features, positions)]
        pooled = Buffer(shape, features.dtype)
        for buffer, array in zip(inputs, (features, positions), strict=True):
            buffer.host[...] = array
        pooled.host[...] = np.nan
        values = [
            *(ctypes.c_uint64(b.address) for b in inputs),
            *map(ctypes.c_int, integers),
            ctypes.c_uint64(pooled.address),
        ]
        arguments = (ctypes.c_void_p * len(values))(*(ctypes.addressof(value) for value in values))
        sizes = [ctypes.c_uint(size) for size in (*grid, 1, threads, 1, 1, 0)]

        stream = Stream()
        pooled.upload(stream)  # what the kernel leaves alone stays NaN
        stream.begin_recording()
        for buffer in inputs:
            buffer.upload(stream)
        driver().call("cuLaunchKernel", function, *sizes, stream.handle, arguments, None)
        pooled.download(stream)
        recorded = stream.end_recording()
        assert np.isnan(pooled.host).all(), "recording runs nothing"
        stream.play(recorded)
        stream.wait()
        result = pooled.host.copy()
        for buffer in (*inputs, pooled):
            buffer.free()
        stream.free(recorded)
        return result
