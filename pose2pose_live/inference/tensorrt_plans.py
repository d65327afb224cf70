"""Plans: an ONNX graph compiled by TensorRT or TensorRT-RTX for one GPU. Building takes minutes, so they are kept in the user's own data folder."""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import ModelError
from ..resources import engine_path, user_plans
from .cuda import Gpu
from .graphs import fix_batch, has_pooling, inlined, read_graph
from .half_precision import in_half_precision
from .plain_weights import unpack_weights
from .spelt_roi_align import without_roi_align

MODULES = {"tensorrt": "tensorrt", "tensorrt-rtx": "tensorrt_rtx"}
"""Runtime's name -> Python module; their builders have the same interface."""
PRECISIONS = ("fp16", "fp32")


@dataclass(frozen=True)
class Plan:
    """data: the compiled graph. layers: how many of each kind TensorRT made of it. has_plugin: our kernel is in it; False where the function
    of standard operators was taken. pools: the graph has guided pooling at all."""

    data: bytes
    layers: dict[str, int]
    has_plugin: bool
    pools: bool

    def __str__(self) -> str:
        pooling = "no guided pooling in it"
        if self.pools:
            pooling = "guided pooling by our plugin" if self.has_plugin else "guided pooling by standard operators"
        return f"{len(self.data) / 2**20:.1f} MB, {sum(self.layers.values())} layers, {pooling}"


def load_module(runtime: str) -> ModuleType:
    """Raises ModelError with what to install. With TensorRT, ask for the driver first."""
    name = MODULES[runtime]
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ModelError(f'{name} cannot be loaded ({error}); pip install "pose2pose-live[{runtime}]"') from None


def build_plan(
    runtime: str,
    graph: Path,
    *,
    precision: str = "fp16",
    with_plugin: bool = True,
    capabilities: Sequence[str] = (),
    on_step: Callable[[str], None] = lambda text: None,
) -> Plan:
    """Compile a graph for the GPU of this machine, with a batch of 1.

    with_plugin: let TensorRT take our kernel for guided pooling; TensorRT-RTX takes no plugins. capabilities: of TensorRT-RTX alone, such as "SM86":
    build for these instead, which needs no GPU. on_step is told what is done. Raises ModelError.
    """
    trt: Any = load_module(runtime)
    unknown = [name for name in capabilities if not hasattr(getattr(trt, "ComputeCapability", None), name)]
    if unknown:
        raise ModelError(f"{runtime} cannot build for {', '.join(unknown)}; it knows compute capabilities such as SM86")
    with_plugin = with_plugin and runtime == "tensorrt"
    model = read_graph(graph)
    unpack_weights(model)
    pools = has_pooling(model)
    if not with_plugin:
        model = inlined(model)
    elif pools:
        from . import tensorrt_plugin  # noqa: F401  its import registers it
    fix_batch(model)
    model = without_roi_align(model)
    if precision == "fp16":
        model = in_half_precision(model)

    complaints: list[str] = []
    logger = _logger(trt, complaints)
    flags = 1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
    if with_plugin and hasattr(trt.NetworkDefinitionCreationFlag, "PREFER_AOT_PYTHON_PLUGINS"):
        flags |= 1 << int(trt.NetworkDefinitionCreationFlag.PREFER_AOT_PYTHON_PLUGINS)
    builder = trt.Builder(logger)
    network = builder.create_network(flags)
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(model.SerializeToString()):
        reasons = [str(parser.get_error(i)) for i in range(parser.num_errors)]
        raise ModelError(f"{graph}: {runtime} cannot read the graph ({'; '.join(reasons)[:300]}); please report it")
    layers: dict[str, int] = {}
    for i in range(network.num_layers):
        kind = network.get_layer(i).type.name
        layers[kind] = layers.get(kind, 0) + 1
    config = builder.create_builder_config()
    config.progress_monitor = _progress_monitor(trt, on_step)
    if capabilities:
        config.num_compute_capabilities = len(capabilities)
        for i, name in enumerate(capabilities):
            config.set_compute_capability(getattr(trt.ComputeCapability, name), i)
    data = builder.build_serialized_network(network, config)
    if data is None:
        raise ModelError(
            f"{graph}: {runtime} cannot build a plan ({'; '.join(complaints[-2:])[:300] or 'no reason given'}); "
            "update the driver, or use another --runtime"
        )
    return Plan(bytes(data), layers, any("PLUGIN" in kind for kind in layers), pools)


def plan_path(runtime: str, graph: Path, precision: str, gpu: Gpu) -> Path:
    """Where the plan for this GPU, driver, version of the runtime, graph, precision and kernel is, or would be."""
    kernel = (engine_path("guided_pooling") / "guided_pooling.ptx").read_bytes()
    facts = [runtime, _version(runtime), precision, gpu.name, str(gpu.capability), str(gpu.driver)]
    key = hashlib.sha256("\n".join(facts).encode() + graph.read_bytes() + kernel).hexdigest()
    return user_plans() / f"{graph.parent.name}-{graph.stem}-{runtime}-{precision}-{key[:16]}.plan"


def store_plan(path: Path, plan: Plan) -> None:
    """Raises ModelError. A plan that is half written is never found."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(plan.data)
        unfinished.replace(path)
    except OSError as error:
        raise ModelError(f"{path}: the plan cannot be written ({error.strerror}); free some disk space") from error


def _version(runtime: str) -> str:
    """Without importing it, which takes a second."""
    try:
        return importlib.metadata.version(runtime)
    except importlib.metadata.PackageNotFoundError:
        return str(getattr(load_module(runtime), "__version__", "unknown"))


def _logger(trt: Any, complaints: list[str]) -> Any:
    class Logger(trt.ILogger):
        def __init__(self) -> None:
            trt.ILogger.__init__(self)

        def log(self, severity: Any, text: str) -> None:
            if severity in (trt.ILogger.ERROR, trt.ILogger.INTERNAL_ERROR):
                complaints.append(text)

    return Logger()


def _progress_monitor(trt: Any, on_step: Callable[[str], None]) -> Any:
    class Monitor(trt.IProgressMonitor):
        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)
            self._steps: dict[str, int] = {}

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            self._steps[phase_name] = num_steps

        def step_complete(self, phase_name: str, step: int) -> bool:
            on_step(f"{phase_name}: {step + 1} of {self._steps.get(phase_name, 0)}")
            return True  # go on

        def phase_finish(self, phase_name: str) -> None:
            self._steps.pop(phase_name, None)

    return Monitor()
