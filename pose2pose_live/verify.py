"""`pose2pose-live verify`: every runtime that can be used on this machine against ONNX Runtime on the processor, on pictures of the bundled clip."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from . import __version__
from .detection.region import blob
from .errors import ModelError, RecordingError
from .inference import RUNTIMES, Engine
from .inference.cuda import driver, driver_problem
from .inference.runtimes import REFERENCE, Backend
from .resources import asset_path
from .sources import VideoSource

BARS = {REFERENCE: 1e-5, "openvino": 1e-3, "cuda": 1e-3}
"""Largest difference that passes, in units of the output's largest value, or of 1 where that is smaller. The rest calculate in float16."""
HALF_PRECISION_BAR = 3e-2
_PICTURES, _TIMED = 4, 50
_PACKAGES = ("onnxruntime", "onnxruntime-gpu", "openvino", "tensorrt", "tensorrt-rtx", "onnx", "numpy")
_TIMEOUT_S = 3600.0  # TensorRT builds plans for minutes


@dataclass(frozen=True)
class Check:
    """One graph on one runtime. max_error, mean_error: see `BARS`, of the output `worst`; NaN and p50_ms, p95_ms NaN where it did not run, for the reason in
    `trouble`."""

    runtime: str
    graph: str
    worst: str = ""
    max_error: float = float("nan")
    mean_error: float = float("nan")
    bar: float = 0.0
    p50_ms: float = float("nan")
    p95_ms: float = float("nan")
    trouble: str = ""

    @property
    def passed(self) -> bool:
        return not self.trouble and self.max_error <= self.bar

    def __str__(self) -> str:
        head = f"[{'ok  ' if self.passed else 'FAIL'}] {self.runtime:<24} {self.graph:<12}"
        if self.trouble:
            return f"{head} {self.trouble}"
        return (
            f"{head} p50 {self.p50_ms:7.2f} ms, p95 {self.p95_ms:7.2f} ms, error max {self.max_error:.1e}, mean {self.mean_error:.1e} "
            f"({self.worst}; at most {self.bar:.0e})"
        )


def verify(
    engine: Engine, runtimes: Sequence[str], on_check: Callable[[Check], None] = lambda check: None
) -> list[Check]:
    """Check each runtime in a process of its own: one that ends its process is a finding, too. Raises ModelError when the clip or the engine is missing."""
    checks = []
    for runtime in runtimes:
        for check in _in_own_process(engine, runtime):
            on_check(check)
            checks.append(check)
    return checks


def usable_runtimes() -> tuple[list[str], dict[str, str]]:
    """Names of those that can be used here, and why the others cannot."""
    problems = {name: runtime.problem() for name, runtime in RUNTIMES.items()}
    return [name for name, why in problems.items() if why is None], {name: why for name, why in problems.items() if why}


def write_report(path: Path, engine: Engine, checks: Sequence[Check], unusable: dict[str, str]) -> None:
    """All that a bug report needs, as JSON. Raises RecordingError."""
    report = {
        "pose2pose-live": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "gpu": driver_problem() or str(driver().gpu),
        "packages": dict(_versions()),
        "engine": {"name": engine.name, "graphs": {name: graph.sha256 for name, graph in engine.graphs.items()}},
        "not usable": unusable,
        "checks": [{key: _known(value) for key, value in asdict(check).items()} | {"passed": check.passed} for check in checks],
    }  # fmt: skip
    try:
        path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise RecordingError(f"{path}: the report cannot be written ({error.strerror})") from error


def _known(value: object) -> object:
    return None if isinstance(value, float) and np.isnan(value) else value  # JSON has no NaN


def _versions() -> Iterator[tuple[str, str]]:
    for name in _PACKAGES:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue


def _in_own_process(engine: Engine, runtime: str) -> Iterator[Check]:
    order = {"runtime": runtime, "graphs": {name: str(graph.path) for name, graph in engine.graphs.items()}}
    code = "import sys; from pose2pose_live.verify import report_runtime; report_runtime(sys.argv[1])"
    command = [sys.executable, "-c", code, json.dumps(order)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False, timeout=_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        yield Check(runtime, "all", trouble="it did not end within an hour")
        return
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            yield Check(**json.loads(line))
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        yield Check(runtime, "the rest", trouble=f"its process has ended with code {done.returncode}: {said[:300]}")


def report_runtime(order: str) -> None:
    """What the process does: prints a check for each graph, as JSON."""
    given: dict[str, Any] = json.loads(order)
    for name, file in given["graphs"].items():
        for check in check_graph(given["runtime"], name, Path(file)):
            print(json.dumps(asdict(check)), flush=True)


def check_graph(runtime: str, name: str, path: Path) -> Iterator[Check]:
    """One graph on one runtime; on TensorRT also with standard operators in the place of our plugin."""
    reference = RUNTIMES[REFERENCE].open(path, 1, None)
    inputs = list(example_inputs(path))
    yield _compared(runtime, name, reference, inputs, lambda: RUNTIMES[runtime].open(path, 1, None))
    if runtime == "tensorrt":
        from .inference.graphs import has_pooling, read_graph
        from .inference.tensorrt_plans import build_plan
        from .inference.tensorrt_runtime import TensorRTBackend

        if has_pooling(read_graph(path)):
            yield _compared(
                f"{runtime} without plugin", name, reference, inputs,
                lambda: TensorRTBackend(runtime, path, None, plan=build_plan(runtime, path, with_plugin=False).data),
            )  # fmt: skip


def _compared(
    label: str, name: str, reference: Backend, inputs: Sequence[np.ndarray], open_backend: Callable[[], Backend]
) -> Check:
    bar = BARS.get(label, HALF_PRECISION_BAR)
    try:
        backend = open_backend()
        worst, largest, mean = "", -1.0, 0.0
        for data in inputs:
            found = dict(zip(backend.outputs, backend.run(data), strict=True))
            for output, expected in zip(reference.outputs, reference.run(data), strict=True):
                error = np.abs(found[output] - expected) / max(1.0, float(np.abs(expected).max()))
                if not error.max() <= largest:  # so that NaN is the worst of all
                    worst, largest, mean = output, float(error.max()), float(error.mean())
        times_ms = []
        for data in islice(cycle(inputs), _TIMED):
            start_s = time.perf_counter()
            backend.run(data)
            times_ms.append(1e3 * (time.perf_counter() - start_s))
    except Exception as error:  # each runtime raises what it likes; all of it belongs in the report
        return Check(label, name, bar=bar, trouble=" ".join(f"{type(error).__name__}: {error}".split())[:300])
    p50_ms, p95_ms = np.percentile(times_ms, [50, 95])
    return Check(label, name, worst, largest, mean, bar, float(p50_ms), float(p95_ms))


def example_inputs(path: Path) -> Iterator[np.ndarray]:
    """Inputs (1,...) of a graph: pictures of the bundled clip for one that looks at pictures, otherwise the same random numbers every time."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    shape = [size if isinstance(size, int) else 1 for size in session.get_inputs()[0].shape]
    if len(shape) != 4 or shape[1] != 3:
        random = np.random.default_rng(0)
        for _ in range(_PICTURES):
            # Points in px, or shares.
            yield random.uniform(0, 256 if len(shape) == 3 else 1, shape).astype(np.float32)
        return
    with VideoSource(asset_path("demo.mp4")) as clip:
        for picture in islice(clip, 0, 20 * _PICTURES, 20):
            height, width = picture.image.shape[:2]
            left = (width - height * shape[3] // shape[2]) // 2
            person = picture.image[:, max(left, 0) : width - max(left, 0)]
            yield blob(cv2.resize(person, (shape[3], shape[2]), interpolation=cv2.INTER_AREA))


def check_usable(name: str, unusable: dict[str, str]) -> None:
    """Raise ModelError for a runtime that cannot be used here."""
    if name in unusable:
        raise ModelError(f"--runtime {name}: {unusable[name]}")
