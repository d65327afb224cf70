"""The paper's claim as an experiment: heads on features pooled at the joints, on positions and one average over the map, on
positions alone, and on that average alone.

All of them read the same trained perception, see the same pictures in the same order and start from the same seed; only the pooling differs.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import torch

from ...body import BodyModel
from ...inference import Session
from ...network.open_body_net import OpenBodyNet, PoseHead
from ..body_layer import BodyLayer
from .application import bundled_depths, measure_application
from .batches import Batches
from .checkpoints import load, save
from .evaluate import Measures, measure_heads
from .geometric import measure_geometric
from .losses import head_losses, total
from .shards import Crops

POOLINGS = ("guided", "global", "none", "vector")
_BATCH, _LEARNING_RATE, _WEIGHT_DECAY = 16, 1e-3, 1e-2
_SAVE_EVERY_IMAGES = 4000


def train_heads(network: OpenBodyNet, crops: Crops, images: int, seed: int, path: Path) -> dict[str, PoseHead]:
    """New heads for every pooling on the frozen perception of `network`; a file that is there is gone on with."""
    network.requires_grad_(False).eval()
    heads, optimizers = {}, {}
    for pooling in POOLINGS:
        torch.manual_seed(seed)
        heads[pooling] = PoseHead(pooling)  # type: ignore[arg-type]
        optimizers[pooling] = torch.optim.AdamW(
            heads[pooling].parameters(), _LEARNING_RATE, weight_decay=_WEIGHT_DECAY, fused=True
        )
    batches, layer = Batches(crops, _BATCH, seed), BodyLayer().for_joints()
    step, steps = 0, max(1, images // _BATCH)
    if path.exists():
        stored = load(path)
        step = stored["step"]
        for pooling in POOLINGS:
            heads[pooling].load_state_dict(stored["heads"][pooling])
            optimizers[pooling].load_state_dict(stored["optimizers"][pooling])
    reader = batches.from_step(step)
    while step < steps:
        batch = next(reader)
        with torch.no_grad():
            perception = network.perceive(batch["image"])
        rate = _LEARNING_RATE * max(0.02, 0.5 * (1 + math.cos(math.pi * step / steps)))
        for pooling, head in heads.items():
            optimizers[pooling].param_groups[0]["lr"] = rate
            loss = total(head_losses(head.train()(perception), batch, layer))
            optimizers[pooling].zero_grad(set_to_none=True)
            loss.backward()
            optimizers[pooling].step()
        step += 1
        if step % (_SAVE_EVERY_IMAGES // _BATCH) == 0 or step == steps:
            state = {
                "heads": {p: h.state_dict() for p, h in heads.items()},
                "optimizers": {p: o.state_dict() for p, o in optimizers.items()},
            }
            save({"step": step, **state}, path)
            print(f"{step * _BATCH} of {images} images", file=sys.stderr, flush=True)
    reader.close()  # type: ignore[attr-defined]
    return heads


def compare(network: OpenBodyNet, heads: dict[str, PoseHead], graph: Path, crops: Crops) -> dict[str, Measures]:
    """Measures of every head, of the network's own one, of what the application makes of that, and of the geometric estimator on the published
    network's landmarks."""
    layer, body = BodyLayer(), BodyModel.load()
    columns = {"trained": network.pose_head, **heads}
    return {
        "geometric": measure_geometric(Session(graph), body, crops, layer),
        **measure_heads(network, columns, crops, layer),
        "application": measure_application(network, bundled_depths(), body, crops, layer),
    }
