"""The hand head, trained on drawn hands and on real ones without labels, on the maps of the published network; and its rivals beside it.

All heads see the same crops in the same order and start from the same seed; only what they are given differs.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...network.hand_landmarker import ANSWERS
from ...network.open_hand_net import POOLINGS, OpenHandHead, Pooling
from ...rotations import rotvec_to_rotmat
from ..body_layer import BodyLayer
from ..open_engine.checkpoints import load, save
from ..open_engine.schedule import falling, shuffled
from .hand_crops import LABELS
from .hand_layer import HandLayer
from .hand_losses import Rows, drawn_losses, real_losses, total
from .shard_rows import read_rows

_LEARNING_RATE, _WEIGHT_DECAY, _WARM_UP = 1.5e-3, 2e-2, 200
_SAVE_EVERY = 1000
_MEASURED = 500  # crops whose features say how large features are


@dataclass(frozen=True)
class HandTraining:
    """steps: of `batch` drawn crops each, with `real_batch` real ones beside them."""

    steps: int = 6000
    batch: int = 64
    real_batch: int = 24
    seed: int = 0
    poolings: tuple[Pooling, ...] = POOLINGS


class HandRows:
    """Crops of a folder in memory. Raises TrainingError."""

    def __init__(self, folder: Path, limit: int | None = None) -> None:
        self.arrays = read_rows(folder, limit)
        self.arrays["rotations"] = rotvec_to_rotmat(self.arrays["rotations"].astype(np.float64)).astype(np.float32)
        self._names = (*ANSWERS, *LABELS)

    def __len__(self) -> int:
        return len(self.arrays["landmarks"])

    def take(self, indices: NDArray[np.int64]) -> Rows:
        """Tensors of these crops: `ANSWERS`, `LABELS`, and the features `pooled` (N,21,C) and `mean` (N,1,C)."""
        rows = {name: torch.from_numpy(self.arrays[name][indices]) for name in self._names}
        rows["pooled"] = torch.from_numpy(self.arrays["pooled"][indices]).float()
        rows["mean"] = torch.from_numpy(self.arrays["mean"][indices]).float()[:, None]
        return rows

    def batch(self, size: int, seed: int, step: int) -> Rows:
        return self.take(shuffled(len(self), size, (seed,), step))


def answer_of(head: OpenHandHead, rows: Rows) -> Rows:
    return head.read(rows, rows["pooled"], rows["mean"])


def train_heads(config: HandTraining, drawn: HandRows, real: HandRows | None, path: Path) -> dict[str, OpenHandHead]:
    """Heads of `config.poolings`; a file that is there is gone on with."""
    heads, optimizers = {}, {}
    for pooling in config.poolings:
        torch.manual_seed(config.seed)
        heads[pooling] = _new_head(pooling, drawn)
        optimizers[pooling] = torch.optim.AdamW(heads[pooling].parameters(), _LEARNING_RATE, weight_decay=_WEIGHT_DECAY)
    step, layer = 0, HandLayer(BodyLayer().for_joints())
    if path.exists():
        stored = load(path)
        step = stored["step"]
        for pooling, head in heads.items():
            head.load_state_dict(stored["heads"][pooling])
            optimizers[pooling].load_state_dict(stored["optimizers"][pooling])
    while step < config.steps:
        rows = drawn.batch(config.batch, config.seed, step)
        others = None if real is None else real.batch(config.real_batch, config.seed + 1, step)
        share = falling(step / config.steps)
        for pooling, head in heads.items():
            optimizers[pooling].param_groups[0]["lr"] = _LEARNING_RATE * share * min(1.0, (step + 1) / _WARM_UP)
            torch.manual_seed(step)  # what is dropped out is the same in all heads, and after a resumption
            losses = _losses(head.train(), rows, others, layer)
            loss = total(losses)
            optimizers[pooling].zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
            optimizers[pooling].step()
        step += 1
        if step % _SAVE_EVERY == 0 or step == config.steps:
            state = {
                "heads": {p: h.state_dict() for p, h in heads.items()},
                "optimizers": {p: o.state_dict() for p, o in optimizers.items()},
            }
            save({"step": step, **state}, path)
            print(f"{step} of {config.steps} steps: " + _line(losses), file=sys.stderr, flush=True)
    return {pooling: head.eval() for pooling, head in heads.items()}


def _new_head(pooling: Pooling, drawn: HandRows) -> OpenHandHead:
    head, rows = OpenHandHead(pooling), drawn.take(np.arange(min(len(drawn), _MEASURED)))
    for evidence, name in ((head.average, "mean"), (head.evidence, "pooled")):
        if evidence is not None:
            evidence.measured(rows[name].flatten(0, 1))
    return head


def _losses(head: OpenHandHead, rows: Rows, real: Rows | None, layer: HandLayer) -> Rows:
    if real is None:
        return drawn_losses(answer_of(head, rows), rows, layer)
    count = len(rows["landmarks"])
    together = {name: torch.cat([rows[name], real[name]]) for name in (*ANSWERS, "pooled", "mean")}
    answer = answer_of(head, together)
    first, second = (
        {name: value[part] for name, value in answer.items()} for part in (slice(count), slice(count, None))
    )
    return drawn_losses(first, rows, layer) | real_losses(second, real, layer)


def _line(losses: dict[str, Tensor]) -> str:
    return ", ".join(f"{name} {float(value.detach()):.4f}" for name, value in losses.items())
