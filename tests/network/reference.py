"""The numeric reference of the published networks, where it lies beside the checkout; tests that need it are skipped elsewhere."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

FOLDER = Path(__file__).parents[3] / "shared" / "reference"
needs_reference = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the numeric reference does not lie beside the checkout"
)
TOLERANCE = 2e-5


def units() -> Any:
    return np.load(FOLDER / "ref_units.npz")


def assert_close(found: Any, expected: Any, tolerance: float = TOLERANCE) -> None:
    """Largest difference within tolerance * max(1, max|expected|)."""
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    assert found.shape == expected.shape
    worst = np.abs(found - expected).max()
    assert worst <= tolerance * max(1.0, np.abs(expected).max()), f"off by {worst:.2e}"


def official_keys(variant: str) -> dict[str, tuple[int, ...]]:
    """Key without `module.` -> shape."""
    keys = {}
    for line in (FOLDER / f"keys_{variant}.txt").read_text().splitlines():
        key, rest = line.split(" ", 1)
        shape = rest[rest.index("(") + 1 : rest.index(")")]
        keys[key.removeprefix("module.")] = tuple(int(side) for side in shape.split(",") if side.strip())
    return keys


def seeded(network: nn.Module) -> nn.Module:
    """The network with the reference's weights, float64, in evaluation mode."""
    param: Callable[..., Any] = _seeded_weights().param
    state = {key: torch.from_numpy(np.asarray(param(key, tuple(v.shape)))) for key, v in network.state_dict().items()}
    network.load_state_dict(state)
    return network.double().eval()


def picture(n: int, height: int, width: int) -> torch.Tensor:
    return torch.from_numpy(_seeded_weights().test_image(n, height, width)).double()


def _seeded_weights() -> ModuleType:
    spec = importlib.util.spec_from_file_location("seeded_weights", FOLDER / "seeded_weights.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
