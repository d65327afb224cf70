"""The CUDA driver through ctypes: what running a TensorRT plan needs, and no package more.

The driver is asked before TensorRT is touched: without one TensorRT's objects are wrapped around nothing, and the next call ends the process.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..errors import ModelError

_CAPABILITY_MAJOR, _CAPABILITY_MINOR = 75, 76  # CUdevice_attribute
_THREAD_LOCAL_CAPTURE = 1
_pointer = ctypes.c_void_p


@dataclass(frozen=True)
class Gpu:
    """The first GPU. driver: version of CUDA that the driver supports, 1000 * major + 10 * minor."""

    name: str
    capability: tuple[int, int]
    driver: int

    def __str__(self) -> str:
        major, minor = divmod(self.driver, 1000)
        return f"{self.name} (compute capability {self.capability[0]}.{self.capability[1]}, driver for CUDA {major}.{minor // 10})"


class Driver:
    """The driver's library, and the first GPU's primary context, which PyTorch and others share. Raises ModelError where there is none."""

    def __init__(self) -> None:
        name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
        try:
            self._library = ctypes.CDLL(name)
        except OSError:
            raise ModelError(f"no NVIDIA driver ({name} cannot be loaded)") from None
        count, device, version = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
        major, minor, title = ctypes.c_int(), ctypes.c_int(), ctypes.create_string_buffer(256)
        self.call("cuInit", ctypes.c_uint(0))
        self.call("cuDeviceGetCount", ctypes.byref(count))
        if count.value < 1:
            raise ModelError("the NVIDIA driver sees no GPU")
        self.call("cuDeviceGet", ctypes.byref(device), ctypes.c_int(0))
        self.call("cuDeviceGetName", title, ctypes.c_int(len(title)), device)
        self.call("cuDeviceGetAttribute", ctypes.byref(major), ctypes.c_int(_CAPABILITY_MAJOR), device)
        self.call("cuDeviceGetAttribute", ctypes.byref(minor), ctypes.c_int(_CAPABILITY_MINOR), device)
        self.call("cuDriverGetVersion", ctypes.byref(version))
        self.gpu = Gpu(title.value.decode(errors="replace"), (major.value, minor.value), version.value)
        self._context = _pointer()
        self.call("cuDevicePrimaryCtxRetain", ctypes.byref(self._context), device)

    def call(self, function: str, *arguments: Any) -> None:
        code = getattr(self._library, function)(*arguments)
        if code:
            raise ModelError(f"the NVIDIA driver answered {function} with error {code}")

    def enter(self) -> None:
        """Make the context this thread's: a session may be called from another thread than the one that made it."""
        self.call("cuCtxSetCurrent", self._context)


@lru_cache(maxsize=1)
def driver() -> Driver:
    """Raises ModelError where there is no NVIDIA driver or no GPU."""
    return Driver()


def driver_problem() -> str | None:
    """Why no CUDA program runs here; None if one does."""
    try:
        driver()
    except ModelError as error:
        return str(error)
    return None


class Buffer:
    """The same memory twice: pinned on the host, as a numpy array `host`, and on the GPU, at `address`."""

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self._bytes = ctypes.c_size_t(int(np.prod(shape)) * dtype.itemsize)
        self._device, self._pinned = ctypes.c_uint64(), _pointer()
        driver().call("cuMemAlloc_v2", ctypes.byref(self._device), self._bytes)
        driver().call("cuMemHostAlloc", ctypes.byref(self._pinned), self._bytes, ctypes.c_uint(0))
        assert self._pinned.value is not None
        memory = (ctypes.c_byte * self._bytes.value).from_address(self._pinned.value)
        self.host = np.frombuffer(memoryview(memory), dtype).reshape(shape)

    @property
    def address(self) -> int:
        return self._device.value

    def upload(self, stream: Stream) -> None:
        driver().call("cuMemcpyHtoDAsync_v2", self._device, self._pinned, self._bytes, stream.handle)

    def download(self, stream: Stream) -> None:
        driver().call("cuMemcpyDtoHAsync_v2", self._pinned, self._device, self._bytes, stream.handle)

    def free(self) -> None:
        driver().call("cuMemFree_v2", self._device)
        driver().call("cuMemFreeHost", self._pinned)


class Stream:
    """What is given to it happens in order; a stretch of work can be recorded and then started by one call."""

    def __init__(self) -> None:
        self.handle = _pointer()
        driver().call(
            "cuStreamCreate", ctypes.byref(self.handle), ctypes.c_uint(1)
        )  # does not wait for the default stream

    def wait(self) -> None:
        driver().call("cuStreamSynchronize", self.handle)

    def begin_recording(self) -> None:
        driver().call("cuStreamBeginCapture_v2", self.handle, ctypes.c_int(_THREAD_LOCAL_CAPTURE))

    def end_recording(self) -> ctypes.c_void_p:
        """The recorded work, for `play`."""
        graph, executable = _pointer(), _pointer()
        driver().call("cuStreamEndCapture", self.handle, ctypes.byref(graph))
        try:
            driver().call("cuGraphInstantiateWithFlags", ctypes.byref(executable), graph, ctypes.c_uint64(0))
        finally:
            driver().call("cuGraphDestroy", graph)
        return executable

    def play(self, recorded: ctypes.c_void_p) -> None:
        driver().call("cuGraphLaunch", recorded, self.handle)

    def free(self, recorded: ctypes.c_void_p | None) -> None:
        if recorded is not None:
            driver().call("cuGraphExecDestroy", recorded)
        driver().call("cuStreamDestroy_v2", self.handle)
