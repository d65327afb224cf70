"""The network on disk, and the moving average of its weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from ...errors import TrainingError
from ...network.blazepose_weights import load_blazepose
from ...network.open_body_net import OpenBodyNet
from ...network.open_hand_net import OpenHandNet
from ...resources import engine_path

N = TypeVar("N", OpenBodyNet, OpenHandNet)


def published_graph() -> Path:
    """The pose network as it was published."""
    return engine_path("landmarks") / "pose.onnx"


def starting_network(graph: Path | None, pooling: Any) -> OpenBodyNet:
    """Published backbone, heads at random."""
    network = OpenBodyNet(pooling=pooling, backbone=load_blazepose(graph or published_graph()))
    return network.to(memory_format=torch.channels_last)


def save_network(network: OpenBodyNet | OpenHandNet, path: Path, **more: Any) -> None:
    """All or nothing. more: what else goes into the file."""
    save({"options": network.options, "network": network.state_dict(), **more}, path)


def load_network(path: Path) -> OpenBodyNet:
    """A network that `save_network` wrote. Raises TrainingError."""
    return _network(OpenBodyNet, path, "body").to(memory_format=torch.channels_last)


def load_hand_network(path: Path) -> OpenHandNet:
    """A network that `save_network` wrote, for evaluation. Raises TrainingError."""
    return _network(OpenHandNet, path, "hand").eval().requires_grad_(False)


def _network(kind: Callable[..., N], path: Path, part: str) -> N:
    stored = load(path)
    try:
        network = kind(**stored["options"])
        network.load_state_dict(stored["network"])
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise TrainingError(f"{path}: expected the open engine's {part} network, found: {reason}") from error
    return network


def save(stored: dict[str, Any], path: Path) -> None:
    partial = path.with_suffix(".partial")
    torch.save(stored, partial)
    partial.replace(path)


def load(path: Path) -> dict[str, Any]:
    """Tensors and plain values only: nothing in the file is run. Raises TrainingError."""
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds
        raise TrainingError(f"{path}: expected a checkpoint, found: {str(error).splitlines()[0]}") from error
    if not isinstance(stored, dict):
        raise TrainingError(f"{path}: expected a checkpoint, found {type(stored).__name__}")
    return stored


@contextmanager
def taking_up(path: Path) -> Iterator[None]:
    """What fails inside, loading the states of the save at `path`, is a TrainingError: they are of another run."""
    try:
        yield
    except (KeyError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise TrainingError(f"{path} belongs to another run ({reason}); choose another output folder") from error


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Move the average a step towards the network; counters are copied."""
    means, values = [], []
    for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            means.append(mean)
            values.append(value)
        else:
            mean.copy_(value)
    torch._foreach_lerp_(means, values, 1 - decay)
