"""The plugin's CUDA source, compiled for this processor: the same code, one thread after the other."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from pose2pose_live.resources import engine_path

SOURCE = engine_path("guided_pooling") / "guided_pooling.cu"
_DRIVER = """
static int block_x, block_y, thread_x;
#define __restrict__ __restrict
#define HOST_KERNEL static void
#define BLOCK_X block_x
#define BLOCK_Y block_y
#define THREAD_X thread_x
#include "{source}"
#define LAUNCH(NAME, TYPE) extern "C" void launch_##NAME(int grid_x, int grid_y, int threads, const TYPE* features, \\
        const float* positions, int channels, int height, int width, int joints, TYPE* pooled) {{ \\
    for (block_x = 0; block_x < grid_x; ++block_x) for (block_y = 0; block_y < grid_y; ++block_y) \\
        for (thread_x = 0; thread_x < threads; ++thread_x) NAME(features, positions, channels, height, width, joints, pooled); }}
LAUNCH(guided_pooling_float32, float)
LAUNCH(guided_pooling_float16, Half)
"""


class Kernel:
    """`launch` starts the kernel as TensorRT would, a call as the application's network does."""

    def launch(self, name: str, grid: tuple[int, int], threads: int, features: np.ndarray, positions: np.ndarray,
               integers: tuple[int, ...]) -> np.ndarray:  # fmt: skip
        raise NotImplementedError

    def __call__(self, features: np.ndarray, positions: np.ndarray) -> np.ndarray:
        batch, channels, height, width = features.shape
        joints = positions.shape[1]
        name = f"guided_pooling_{features.dtype}"
        return self.launch(
            name, (batch * joints, -(-channels // 128)), 128, features, positions, (channels, height, width, joints)
        )


class HostKernel(Kernel):
    """Skips the test where there is no g++."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("g++")
        if compiler is None:
            pytest.skip("no g++")
        driver, library = folder / "driver.cpp", folder / "kernel.so"
        driver.write_text(_DRIVER.format(source=SOURCE))
        options = [
            "-O1",
            "-shared",
            "-fPIC",
            "-std=c++17",
            "-Wall",
            "-Werror",
            "-fsanitize=undefined",
            "-static-libubsan",
        ]
        subprocess.run([compiler, *options, "-fno-sanitize-recover", driver, "-o", library], check=True)
        self._library = ctypes.CDLL(str(library))

    def launch(self, name: str, grid: tuple[int, int], threads: int, features: np.ndarray, positions: np.ndarray,
               integers: tuple[int, ...]) -> np.ndarray:  # fmt: skip
        """The kernel as TensorRT would start it; where it writes nothing, NaN stays."""
        pooled = np.full((*positions.shape[:2], features.shape[1]), np.nan, features.dtype)
        assert features.flags.c_contiguous
        assert positions.flags.c_contiguous
        pointers = [ctypes.c_void_p(array.ctypes.data) for array in (features, positions, pooled)]
        getattr(self._library, f"launch_{name}")(*grid, threads, *pointers[:2], *integers, pointers[2])
        return pooled
