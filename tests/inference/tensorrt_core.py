"""A stand-in for TensorRT's C++ core, just enough for NVIDIA's own Python plugin layer (the package `tensorrt_bindings`) to run on it, on any machine."""

from __future__ import annotations

import enum
import importlib.util
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


class DataType(enum.IntEnum):
    FLOAT, HALF, INT8, INT32, BOOL, UINT8, FP8, BF16, INT64, INT4, FP4 = range(11)


class TensorFormat(enum.IntEnum):
    LINEAR, CHW2, HWC8, CHW4, CHW16, CHW32, DHWC8, CDHW32, HWC = range(9)
    HWC16 = 11


class DimensionOperation(enum.IntEnum):
    SUM, PROD, MAX, MIN, SUB, EQUAL, LESS, FLOOR_DIV, CEIL_DIV = range(9)


class PluginFieldType(enum.IntEnum):
    FLOAT16, FLOAT32, FLOAT64, INT8, INT16, INT32, CHAR, DIMS, UNKNOWN, BF16, INT64 = range(11)


class TensorRTPhase(enum.IntEnum):
    BUILD, RUNTIME = range(2)


class QuickPluginCreationRequest(enum.IntEnum):
    UNKNOWN, PREFER_JIT, PREFER_AOT, STRICT_JIT, STRICT_AOT = range(5)


class PluginArgType(enum.IntEnum):
    INT = 0


class PluginArgDataType(enum.IntEnum):
    INT8, INT16, INT32 = range(3)


_ARITHMETIC: dict[DimensionOperation, Callable[[int, int], int]] = {
    DimensionOperation.SUM: lambda a, b: a + b,
    DimensionOperation.PROD: lambda a, b: a * b,
    DimensionOperation.MAX: max,
    DimensionOperation.MIN: min,
    DimensionOperation.SUB: lambda a, b: a - b,
    DimensionOperation.EQUAL: lambda a, b: int(a == b),
    DimensionOperation.LESS: lambda a, b: int(a < b),
    DimensionOperation.FLOOR_DIV: lambda a, b: a // b,
    DimensionOperation.CEIL_DIV: lambda a, b: -(-a // b),
}


class IDimensionExpr:
    """A size: a number, or a rule that gives one once the symbols are known."""

    def __init__(self, rule: int | Callable[[dict[str, int]], int]) -> None:
        self._rule = rule

    def is_constant(self) -> bool:
        return isinstance(self._rule, int)

    def get_constant_value(self) -> int:
        return self.at({})

    def at(self, symbols: dict[str, int]) -> int:
        return self._rule if isinstance(self._rule, int) else self._rule(symbols)


class IExprBuilder:
    def constant(self, value: int) -> IDimensionExpr:
        return IDimensionExpr(value)

    def operation(self, kind: DimensionOperation, a: IDimensionExpr, b: IDimensionExpr) -> IDimensionExpr:
        assert isinstance(a, IDimensionExpr)
        assert isinstance(b, IDimensionExpr)
        apply = _ARITHMETIC[kind]
        if a.is_constant() and b.is_constant():
            return IDimensionExpr(apply(a.at({}), b.at({})))
        return IDimensionExpr(lambda symbols: apply(a.at(symbols), b.at(symbols)))


class Dims(list):
    MAX_DIMS = 8


class DimsExprs(list):
    def __init__(self, sizes: Any) -> None:
        super().__init__([None] * sizes if isinstance(sizes, int) else sizes)


class PluginTensorDesc:
    def __init__(self) -> None:
        self.dims, self.type, self.format, self.scale = Dims(), None, None, 1.0


class DynamicPluginTensorDesc:
    def __init__(self) -> None:
        self.desc, self.min, self.max, self.opt = PluginTensorDesc(), Dims(), Dims(), Dims()


class PluginField:
    def __init__(self, name: str, data: Any = None, type: Any = None) -> None:
        self.name, self.data, self.type = name, data, type


class Interface:
    """What the real classes that are derived from add does not matter here."""

    def __init__(self, *_: object) -> None:
        pass


_INTERFACES = (
    "IPluginV3", "IPluginV3QuickCore", "IPluginV3QuickBuild", "IPluginV3QuickRuntime", "IPluginV3QuickAOTBuild", "IPluginCreatorV3Quick",
    "ISymExpr", "ITensor",
)  # fmt: skip


class Registry:
    def __init__(self) -> None:
        self._creators: dict[tuple[str, str, str], Any] = {}

    def register_creator(self, creator: Any, namespace: str = "") -> bool:
        self._creators[creator.name, creator.plugin_version, namespace] = creator
        return True

    def get_creator(self, name: str, version: str, namespace: str = "") -> Any:
        return self._creators.get((name, version, namespace))


class Logger:
    WARNING = 1

    def __init__(self, *_: object) -> None:
        pass

    def log(self, *_: object) -> None:
        pass


_NAMES = (
    DataType, TensorFormat, DimensionOperation, PluginFieldType, TensorRTPhase, QuickPluginCreationRequest, PluginArgType,
    PluginArgDataType, IDimensionExpr, IExprBuilder, Dims, DimsExprs, PluginTensorDesc, DynamicPluginTensorDesc, PluginField, Logger,
)  # fmt: skip


def install(patch: pytest.MonkeyPatch) -> Any:
    """`import tensorrt` gives the stand-in with NVIDIA's own `tensorrt.plugin`. Skips the test where that is not installed."""
    found = importlib.util.find_spec("tensorrt_bindings")
    if found is None or not found.submodule_search_locations:
        pytest.skip("NVIDIA's Python layer is not installed (pip install tensorrt-cu13-bindings)")
    folder = Path(next(iter(found.submodule_search_locations))) / "plugin"
    core: Any = types.ModuleType("tensorrt")
    core.__path__ = []
    for kind in _NAMES:
        setattr(core, kind.__name__, kind)
    for name in _INTERFACES:
        setattr(core, name, type(name, (Interface,), {}))
    for alias, of in (
        ("float32", "FLOAT"),
        ("float16", "HALF"),
        ("int32", "INT32"),
        ("int8", "INT8"),
        ("bfloat16", "BF16"),
        ("int64", "INT64"),
        ("bool", "BOOL"),
    ):
        setattr(core, alias, DataType[of])
    core.nptype = {DataType.FLOAT: "float32", DataType.HALF: "float16"}.__getitem__
    core.PluginFieldCollection = list
    registry = Registry()
    core.get_plugin_registry = lambda: registry
    patch.setitem(sys.modules, "tensorrt", core)
    spec = importlib.util.spec_from_file_location(
        "tensorrt.plugin", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    core.plugin = importlib.util.module_from_spec(spec)
    patch.setitem(sys.modules, "tensorrt.plugin", core.plugin)
    spec.loader.exec_module(core.plugin)
    return core
