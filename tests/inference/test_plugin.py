"""The TensorRT plugin without TensorRT: its kernel on this processor, and on the GPU where there is one, its PTX in the assembler, its description in
NVIDIA's own Python layer."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.inference import tensorrt_core
from tests.inference.gpu_kernel import PTX, GpuKernel
from tests.inference.host_kernel import SOURCE, HostKernel, Kernel
from tests.network import twins

NOWHERE = (np.nan, np.inf, -np.inf, 1e30, -1e30, -1.001, 1000.0)
SHAPES = [(1, 1, 2, 2, 1), (2, 7, 5, 9, 3), (3, 130, 64, 48, 11), (2, 257, 8, 6, 25)]
"""Batch, channels, height, width, joints."""
EXACT = {"float32": 1e-5, "float16": 1e-3}


@pytest.fixture(scope="module", params=[HostKernel, GpuKernel], ids=["processor", "gpu"])
def kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kernel:
    return request.param(tmp_path_factory.mktemp("kernel"))


def _case(shape: tuple[int, ...], dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Features, and positions inside, on, near and beyond the border."""
    batch, channels, height, width, joints = shape
    random = np.random.default_rng(sum(shape))
    features = random.uniform(-1, 1, (batch, channels, height, width)).astype(dtype)
    positions = random.uniform(-1.5, [width + 0.5, height + 0.5], (batch, joints, 2))
    positions[:, 0] = np.nextafter(np.array([width, height], np.float32), np.float32(0))
    positions[:, -1] = random.integers(0, [width, height])
    return features, positions.astype(np.float32)


def _twin(features: np.ndarray, positions: np.ndarray) -> np.ndarray:
    return twins.pooling(features.astype(np.float64), positions.astype(np.float64))


@pytest.mark.parametrize("dtype", EXACT)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_kernel_agrees_with_a_naive_loop(kernel: Kernel, shape: tuple[int, ...], dtype: str):
    features, positions = _case(shape, dtype)
    np.testing.assert_allclose(kernel(features, positions), _twin(features, positions), atol=EXACT[dtype])


@pytest.mark.parametrize("dtype", EXACT)
def test_the_kernel_agrees_with_pytorch(kernel: Kernel, dtype: str):
    torch = pytest.importorskip("torch")
    from pose2pose_live.network import guided_pooling

    features, positions = _case((2, 64, 16, 12, 40), dtype)
    expected = guided_pooling(torch.from_numpy(features).double(), torch.from_numpy(positions).double())
    np.testing.assert_allclose(kernel(features, positions), expected.numpy(), atol=EXACT[dtype])


@pytest.mark.parametrize("axis", [0, 1])
def test_what_lies_nowhere_or_outside_is_zero(kernel: Kernel, axis: int):
    positions = np.full((1, len(NOWHERE) + 1, 2), 2.5, np.float32)
    positions[0, :-1, axis] = NOWHERE
    pooled = kernel(np.ones((1, 3, 8, 6), np.float32), positions)
    assert (pooled[0, :-1] == 0).all()
    assert (pooled[0, -1] == 1).all()


def _entry_parameters(name: str) -> list[str]:
    entry = PTX.read_text().split(f".entry {name}(")[1].split(")")[0]
    return re.findall(r"\.param \.(\w+)", entry)


def test_the_committed_ptx_is_for_turing_and_the_oldest_driver():
    text = PTX.read_text()
    assert ".version 6.3\n" in text
    assert ".target sm_75\n" in text
    assert str(Path.home()) not in text


def test_the_committed_ptx_is_what_the_source_gives():
    nvrtc = pytest.importorskip("cuda.bindings.nvrtc", reason="NVRTC is not installed (pip install -e '.[plugin]')")
    from export.plugin import compile_ptx
    from pose2pose_live.errors import ModelError

    with pytest.raises(ModelError, match=r"does not compile(.|\n)*nonsense"):
        compile_ptx("nonsense")
    made = compile_ptx(SOURCE.read_text())
    if f"release {nvrtc.nvrtcVersion()[1]}.{nvrtc.nvrtcVersion()[2]}," not in PTX.read_text():
        pytest.skip(f"another NVRTC than the one that made it: {nvrtc.nvrtcVersion()[1:]}")
    assert made == PTX.read_text()


@pytest.mark.parametrize("architecture", [75, 80, 86, 87, 89, 90, 100, 103, 120, 121])
def test_the_ptx_assembles_from_turing_to_blackwell(architecture: int, tmp_path: Path):
    ptxas = shutil.which("ptxas")
    if ptxas is None:
        pytest.skip("ptxas is not installed")
    command = [ptxas, f"-arch=sm_{architecture}", "-v", str(PTX), "-o", str(tmp_path / "kernel.cubin")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "is not defined for option 'gpu-name'" in done.stderr:
        pytest.skip(f"this ptxas does not know sm_{architecture}")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("0 bytes spill stores") == 2
    assert (tmp_path / "kernel.cubin").stat().st_size > 0


@pytest.fixture(scope="module")
def layer() -> Iterator[Any]:
    """NVIDIA's Python layer on a stand-in for the core, with our plugin registered."""
    with pytest.MonkeyPatch.context() as patch:
        core = tensorrt_core.install(patch)
        importlib.import_module("pose2pose_live.inference.tensorrt_plugin")
        yield core
    for name in [name for name in sys.modules if name.startswith("tensorrt.") or name.endswith(".tensorrt_plugin")]:
        del sys.modules[name]


def _create(core: Any, request: str) -> Any:
    # As the parser looks it up: by the operator's name, version "1" and the attribute plugin_namespace.
    creator = core.get_plugin_registry().get_creator("GuidedPooling", "1", "pose2pose")
    phase = core.TensorRTPhase.BUILD
    return creator.create_plugin("GuidedPooling", "pose2pose", [], phase, core.QuickPluginCreationRequest[request])


def test_there_is_no_other_than_the_ahead_of_time_kernel(layer: Any):
    _create(layer, "STRICT_AOT")
    with pytest.raises(ValueError, match="JIT"):
        _create(layer, "STRICT_JIT")


@pytest.mark.parametrize("is_dynamic", [False, True])
@pytest.mark.parametrize("dtype", EXACT)
@pytest.mark.parametrize("shape", SHAPES)
def test_tensorrt_would_launch_the_kernel_rightly(layer: Any, kernel: Kernel, shape, dtype: str, is_dynamic: bool):
    """Through every call that TensorRT makes while it builds; then the kernel with exactly the grid and the integers that came of them."""
    batch, channels, height, width, joints = shape
    element, single = {"float32": layer.float32, "float16": layer.float16}[dtype], layer.float32
    plugin, builder = _create(layer, "STRICT_AOT"), layer.IExprBuilder()
    assert plugin.get_output_data_types([element, single], [4, 3]) == [element]

    first = layer.IDimensionExpr((lambda symbols: symbols["batch"]) if is_dynamic else batch)
    symbols = {"batch": batch}
    inputs = [
        layer.DimsExprs([first, *map(layer.IDimensionExpr, sizes)])
        for sizes in ((channels, height, width), (joints, 2))
    ]
    (result,) = plugin.get_output_shapes(inputs, [], builder)
    assert [size.at(symbols) for size in result] == [batch, joints, channels]

    def described(sizes: tuple[int, ...], kind: Any) -> Any:
        tensor = layer.DynamicPluginTensorDesc()
        tensor.desc.dims = layer.Dims([-1 if is_dynamic else sizes[0], *sizes[1:]])
        tensor.desc.type, tensor.desc.format = kind, layer.TensorFormat.LINEAR
        tensor.min = tensor.opt = tensor.max = layer.Dims(sizes)
        return tensor

    tensors = [
        described((batch, channels, height, width), element),
        described((batch, joints, 2), single),
        described((batch, joints, channels), element),
    ]
    found = plugin.get_supported_format_combinations(tensors, 2)
    kinds = {tuple(tensor.type.name for tensor in found[i : i + 3]) for i in range(0, len(found), 3)}
    assert kinds == {("FLOAT", "FLOAT", "FLOAT"), ("HALF", "FLOAT", "HALF")}
    assert {tensor.format for tensor in found} == {layer.TensorFormat.LINEAR}

    plugin.configure_plugin(tensors[:2], tensors[2:])
    plugin.set_tactic(0)

    class Launch:
        grid_x = grid_y = grid_z = block_x = block_y = block_z = shared_mem = None

    class Integers(dict):
        nbSymExprs = 0

    launch, integers = Launch(), Integers()
    plugin.get_launch_params(inputs, tensors, 2, launch, integers, builder)
    name, code = plugin.get_kernel([tensor.desc for tensor in tensors[:2]], [tensor.desc for tensor in tensors[2:]])
    name = name.decode() if isinstance(name, bytes) else name
    assert name == f"guided_pooling_{dtype}"
    assert code in (PTX.read_bytes(), PTX.read_text())

    def value(of: Any) -> int:
        return int(of.expr.at(symbols))

    assert [value(getattr(launch, key)) for key in ("grid_z", "block_y", "block_z", "shared_mem")] == [1, 1, 1, 0]
    sizes = tuple(value(integers[i]) for i in range(integers.nbSymExprs))
    # TensorRT hands over the inputs, the integers, the outputs: the kernel must expect exactly these.
    assert _entry_parameters(name) == ["u64", "u64", *["u32"] * len(sizes), "u64"]
    features, positions = _case(shape, dtype)
    grid = value(launch.grid_x), value(launch.grid_y)
    pooled = kernel.launch(name, grid, value(launch.block_x), features, positions, sizes)
    np.testing.assert_allclose(pooled, _twin(features, positions), atol=EXACT[dtype])
