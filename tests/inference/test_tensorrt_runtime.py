"""Running a plan, on stand-ins for the driver's library and for TensorRT's engine: addresses, recording, threads, batches, rebuilding."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
import threading
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose2pose_live.errors import ModelError
from pose2pose_live.inference import RUNTIMES, Session, cuda, tensorrt_plans, tensorrt_runtime, use_runtime
from pose2pose_live.inference.tensorrt_plans import Plan
from pose2pose_live.inference.tensorrt_runtime import TensorRTBackend
from pose2pose_live.resources import engine_path

GRAPH = engine_path("landmarks") / "hand_recrop.onnx"
PLAN = Plan(b"good plan", {"PLUGIN_V3": 1, "CONVOLUTION": 3}, True, True)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("g++") is None or sys.platform != "linux":
        pytest.skip("no g++")
    file = tmp_path_factory.mktemp("driver") / "libcuda.so.1"
    source = Path(__file__).with_name("fake_driver.cpp")
    subprocess.run(["g++", "-O1", "-shared", "-fPIC", "-std=c++17", source, "-o", file], check=True)
    return file


@pytest.fixture
def driver(library: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    loaded = ctypes.CDLL(str(library))
    monkeypatch.setattr(cuda.ctypes, "CDLL", lambda name: loaded)
    loaded.enqueue_doubling.argtypes = [ctypes.c_uint64, ctypes.c_uint64, ctypes.c_int]
    cuda.driver.cache_clear()
    yield loaded
    cuda.driver.cache_clear()


class FakeEngine:
    """A plan with the input `image` (1,4) and the outputs `a`, its double, and `b`, which nobody may copy unless it is asked for."""

    num_io_tensors = 3
    _tensors = ("image", "a", "b")
    refuses = False

    def __init__(self, library: Any) -> None:
        self._library, self._addresses = library, {}  # type: ignore[var-annotated]
        self.runs = 0

    def get_tensor_name(self, i: int) -> str:
        return self._tensors[i]

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return (1, 4)

    def get_tensor_dtype(self, name: str) -> str:
        return "float32"

    def get_tensor_mode(self, name: str) -> str:
        return "in" if name == "image" else "out"

    def create_execution_context(self) -> FakeEngine:
        return self

    def set_tensor_address(self, name: str, address: int) -> None:
        self._addresses[name] = address

    def execute_async_v3(self, stream: int) -> bool:
        assert isinstance(stream, int)
        self.runs += 1
        return not self.refuses and not self._library.enqueue_doubling(
            self._addresses["image"], self._addresses["a"], 4
        )


@pytest.fixture
def tensorrt(driver: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The stand-in for TensorRT; `built` counts the plans that were built, `engines` holds those that were loaded."""
    fake: Any = types.ModuleType("tensorrt")
    fake.__version__ = "10.9.0"
    fake.built, fake.engines = [], []

    class Runtime:
        def __init__(self, logger: Any) -> None:
            pass

        def deserialize_cuda_engine(self, plan: bytes) -> Any:
            if not plan.startswith(b"good"):
                return None
            fake.engines.append(FakeEngine(driver))
            return fake.engines[-1]

    fake.Logger = type("Logger", (), {"ERROR": 1, "__init__": lambda self, level: None})
    fake.Runtime, fake.nptype = Runtime, np.dtype
    fake.TensorIOMode = types.SimpleNamespace(INPUT="in")
    monkeypatch.setitem(sys.modules, "tensorrt", fake)
    monkeypatch.setattr(tensorrt_plans, "user_plans", lambda: tmp_path / "plans")

    def build(runtime: str, graph: Path, **options: Any) -> Plan:
        fake.built.append(graph)
        return PLAN

    monkeypatch.setattr(tensorrt_runtime, "build_plan", build)
    return fake


def test_the_gpu_is_described(driver: Any):
    assert str(cuda.driver().gpu) == "Fake GPU (compute capability 8.6, driver for CUDA 13.0)"
    assert cuda.driver_problem() is None


def test_a_call_is_recorded_once_and_played_from_then_on(tensorrt: Any, driver: Any):
    before = driver.live_allocations()
    launches = ctypes.c_int.in_dll(driver, "launches")
    launches.value = 0
    backend = TensorRTBackend("tensorrt", GRAPH, ("a",))
    assert tensorrt.engines[0].runs == 2, "once to warm up, once to record"
    assert launches.value == 0
    first = backend.run(np.full((1, 4), 3, np.float32))[0]
    second = backend.run(np.full((1, 4), 5, np.float32))[0]
    assert (first == 6).all(), "an array of its own, which the next call leaves alone"
    assert (second == 10).all()
    assert (launches.value, tensorrt.engines[0].runs) == (2, 2)
    backend.close()
    assert driver.live_allocations() == before


def test_it_may_be_called_from_another_thread(tensorrt: Any):
    backend = TensorRTBackend("tensorrt", GRAPH, ("a",))
    found: list[np.ndarray] = []
    thread = threading.Thread(target=lambda: found.extend(backend.run(np.ones((1, 4), np.float32))))
    thread.start()
    thread.join()
    assert (found[0] == 2).all()


def test_a_larger_batch_goes_through_one_by_one(tensorrt: Any):
    backend = TensorRTBackend("tensorrt", GRAPH, ("a",))
    data = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.testing.assert_array_equal(backend.run(data)[0], 2 * data)


def test_what_cannot_be_recorded_is_enqueued_each_time(tensorrt: Any, monkeypatch: pytest.MonkeyPatch):
    def fails(self: Any) -> None:
        raise ModelError("not permitted")

    monkeypatch.setattr(cuda.Stream, "begin_recording", fails)
    backend = TensorRTBackend("tensorrt", GRAPH, ("a",))
    assert (backend.run(np.ones((1, 4), np.float32))[0] == 2).all()
    assert tensorrt.engines[0].runs == 2


def test_a_plan_that_refuses_to_run_is_told(tensorrt: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(FakeEngine, "refuses", True)
    with pytest.raises(ModelError, match="refused to run"):
        TensorRTBackend("tensorrt", GRAPH, ("a",))


def test_a_plan_is_built_once_and_again_when_it_no_longer_fits(tensorrt: Any, caplog: pytest.LogCaptureFixture):
    TensorRTBackend("tensorrt", GRAPH, ("a",))
    TensorRTBackend("tensorrt", GRAPH, ("a",))
    assert len(tensorrt.built) == 1
    file = tensorrt_plans.plan_path("tensorrt", GRAPH, "fp16", cuda.driver().gpu)
    assert file.read_bytes() == b"good plan"
    file.write_bytes(b"of another driver")
    TensorRTBackend("tensorrt", GRAPH, ("a",))
    assert len(tensorrt.built) == 2
    assert "no longer fits" in caplog.text
    assert [path.suffix for path in file.parent.iterdir()] == [".plan"]


def test_another_version_gpu_driver_or_precision_is_another_plan(tensorrt: Any, monkeypatch: pytest.MonkeyPatch):
    gpu = cuda.driver().gpu
    paths = {tensorrt_plans.plan_path("tensorrt", GRAPH, precision, gpu) for precision in ("fp16", "fp32")}
    paths |= {
        tensorrt_plans.plan_path("tensorrt", GRAPH, "fp16", other)
        for other in (cuda.Gpu("other", (8, 6), 13000), cuda.Gpu("Fake GPU", (9, 0), 13000), cuda.Gpu("Fake GPU", (8, 6), 12000))
    }  # fmt: skip
    paths.add(tensorrt_plans.plan_path("tensorrt", GRAPH.with_name("face.onnx"), "fp16", gpu))
    monkeypatch.setattr(tensorrt, "__version__", "11.0")
    paths.add(tensorrt_plans.plan_path("tensorrt", GRAPH, "fp16", gpu))
    assert len(paths) == 7


def test_the_standard_operators_in_the_plugins_place_are_told(tensorrt: Any, monkeypatch, caplog):
    without = Plan(b"good plan", {"GRID_SAMPLE": 1}, False, True)
    monkeypatch.setattr(tensorrt_runtime, "build_plan", lambda *_, **__: without)
    TensorRTBackend("tensorrt", GRAPH, ("a",))
    assert "standard operators instead of our plugin" in caplog.text


def test_auto_takes_tensorrt_where_a_plan_is_ready(tensorrt: Any):
    assert Session(GRAPH).runtime == "cpu"
    assert "no plan has been built" in Session(GRAPH).reason
    with use_runtime("tensorrt"):
        assert Session(GRAPH, 1, ("a",)).runtime == "tensorrt"
    assert Session(GRAPH, 1, ("a",)).runtime == "tensorrt"


def test_a_failure_in_the_middle_ends_no_capture(tensorrt: Any, monkeypatch, caplog):
    with use_runtime("tensorrt"):
        session = Session(GRAPH, 1, ("a",))
    session.outputs = ("points",)  # the stand-in has other outputs than the graph

    def fails(data: np.ndarray) -> None:
        raise RuntimeError("device lost")

    monkeypatch.setattr(session._backend, "run", fails)
    found = session.run(np.zeros((1, 3, 256, 256), np.float32))
    assert found["points"].shape == (1, 2, 2)
    assert "TensorRT has failed (device lost); going on with ONNX Runtime" in caplog.text
    assert session.runtime == "cpu"


def test_without_a_driver_tensorrt_is_not_touched(monkeypatch: pytest.MonkeyPatch):
    """Without one its objects are wrapped around nothing, and the next call ends the process."""

    def no_library(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(cuda.ctypes, "CDLL", no_library)
    monkeypatch.setitem(sys.modules, "tensorrt", None)  # importing it would raise
    cuda.driver.cache_clear()
    try:
        assert "no NVIDIA driver" in (RUNTIMES["tensorrt"].problem() or "")
        with pytest.raises(ModelError, match=r"tensorrt cannot be used: no NVIDIA driver \(libcuda"):
            TensorRTBackend("tensorrt", GRAPH, None)
        with pytest.raises(ModelError, match="--runtime tensorrt: no NVIDIA driver"), use_runtime("tensorrt"):
            pass
    finally:
        cuda.driver.cache_clear()
