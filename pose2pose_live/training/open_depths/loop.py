"""The training of the depth network, and its figures."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ...errors import TrainingError
from ...network.open_depth_net import OpenDepthNet
from ...skeleton import SMPLX_FROM_POSE
from ..open_engine.checkpoints import follow, load, save
from .poses import Bodies
from .views import views

_LIMBS = len(SMPLX_FROM_POSE)  # the first of `skeleton.DEPTH_LANDMARKS`
_HIDDEN_COUNTS = 0.1
_WARM_UP, _LAST_RATE = 200, 0.02
_REPORTED_EVERY = 500


@dataclass(frozen=True)
class DepthTraining:
    steps: int = 5000
    batch: int = 512
    learning_rate: float = 1e-3
    weight_decay: float = 1e-3
    average: float = 0.998
    seed: int = 0


def train_depths(config: DepthTraining, bodies: Bodies, errors: dict[str, Tensor], path: Path) -> OpenDepthNet:
    """The average of the network's weights over the last steps; kept in the file, which is gone on with when it is there. errors: of the body network, see
    `errors.errors_of`; they say how sure it is."""
    torch.manual_seed(config.seed)
    network = OpenDepthNet()
    network.world_variance.copy_(world_variance(errors))
    average = copy.deepcopy(network).eval()
    optimizer = torch.optim.AdamW(network.parameters(), config.learning_rate, weight_decay=config.weight_decay)
    start = 0
    if path.is_file():
        stored = load(path)
        try:
            for name, part in (("network", network), ("average", average), ("optimizer", optimizer)):
                part.load_state_dict(stored[name])
            start = stored["step"]
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise _other_file(path, error) from error
    for step in range(start, config.steps):
        generator = torch.Generator().manual_seed(config.seed * 1_000_003 + step)
        sight, true = views(bodies(config.batch, generator), generator)
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * _schedule(step, config.steps)
        optimizer.zero_grad()
        loss = depth_loss(network(sight), true, sight[..., 2])
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        follow(average, network, min(config.average, (step + 1) / (step + 11)))
        if (step + 1) % _REPORTED_EVERY == 0 or step + 1 == config.steps:
            print(f"{step + 1} of {config.steps}: loss {loss.item():.3f}", flush=True)
            stored = {"network": network, "average": average, "optimizer": optimizer}
            save({name: part.state_dict() for name, part in stored.items()} | {"step": step + 1}, path)
    return average


def world_variance(errors: dict[str, Tensor]) -> Tensor:
    """(19,) m2: the mean square of the body network's errors of depth in the picture."""
    off = errors["sight"][..., 5] - errors["true"][..., 2]
    return (errors["inside"] * off.square()).sum(0) / errors["inside"].sum(0)


def depth_loss(answer: dict[str, Tensor], true: Tensor, seen: Tensor) -> Tensor:
    """Likelihood of the depths under the error that is foretold, and distances; what is not seen counts little."""
    off = answer["points"] - true
    squared, across = off[..., 2].square(), off[..., :2].abs().sum(-1)
    unlikely = 0.5 * (squared * torch.exp(-answer["log_variance"]) + answer["log_variance"])
    weight = _HIDDEN_COUNTS + (1 - _HIDDEN_COUNTS) * seen
    return ((unlikely + 3 * squared.clamp(max=1.0) + 2 * across) * weight).mean()


@torch.no_grad()
def depth_errors_mm(network: OpenDepthNet, errors: dict[str, Tensor]) -> dict[str, float]:
    """Mean absolute error of depth, mm, of the limbs' points in the picture: of the body network, of this one alone, of both together."""
    answer, true = network(errors["sight"]), errors["true"][..., 2]
    counts = errors["inside"][:, :_LIMBS] > 0
    depths = {
        "body network": errors["sight"][..., 5],
        "alone": answer["points"][..., 2],
        "fused": answer["fused"][..., 2],
    }
    return {name: float(1000 * (depth - true)[:, :_LIMBS][counts].abs().mean()) for name, depth in depths.items()}


def load_depth_net(path: Path) -> OpenDepthNet:
    """The trained network, for evaluation. Raises TrainingError."""
    network = OpenDepthNet()
    try:
        network.load_state_dict(load(path)["average"])
    except (KeyError, TypeError, RuntimeError) as error:
        raise _other_file(path, error) from error
    return network.eval().requires_grad_(False)


def _other_file(path: Path, error: Exception) -> TrainingError:
    return TrainingError(f"{path}: expected a file of `open_depths train`, found: {str(error).splitlines()[0]}")


def _schedule(step: int, steps: int) -> float:
    falling = 0.5 * (1 + math.cos(math.pi * step / steps))
    return min(1.0, (step + 1) / _WARM_UP) * (_LAST_RATE + (1 - _LAST_RATE) * falling)
