"""The training loop of the open engine's body network: one process, resumable at every save, the same for the same seed."""

from __future__ import annotations

import copy
import json
import math
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...errors import TrainingError
from ...network.blazepose_weights import load_blazepose
from ...network.open_body_net import OpenBodyNet
from ..body_layer import BodyLayer
from ..device import choose_device, on_device
from .batches import Batch, Batches
from .checkpoints import follow, load, published_graph, save, save_network, starting_network, taking_up
from .config import OpenBodyConfig
from .evaluate import drift_px, measure_network
from .losses import head_losses, heatmap_loss, perception_losses, total, unlabelled_losses
from .nobody import with_nobody
from .schedule import falling
from .shards import Crops

_LAST, _NETWORK, _LOG = "last.pt", "network.pt", "log.jsonl"


def train(config: OpenBodyConfig, *, resume: bool = False, stop_after_s: float = math.inf) -> Path:
    """Runs the configuration to its end, or until the time is up; returns the path of the averaged network.

    The output folder gets `last.pt` (all that resuming needs), `network.pt` (the averaged weights, for export and evaluation) and `log.jsonl`,
    one line at every save. Raises TrainingError.
    """
    last = config.output / _LAST
    if resume and not last.is_file():
        raise TrainingError(f"--resume: {last} does not exist; start without --resume")
    if not resume and last.exists():
        raise TrainingError(f"{last} exists already; go on with --resume, or choose another output folder")
    config.output.mkdir(parents=True, exist_ok=True)
    run = _Run(config)
    if resume:
        run.restore(load(last))
    run.go(time.monotonic() + stop_after_s)
    return config.output / _NETWORK


class _Run:
    def __init__(self, config: OpenBodyConfig) -> None:
        torch.manual_seed(config.seed)
        torch.set_flush_denormal(True)  # numbers next to zero take the processor many times as long
        self.config, self.device = config, choose_device(config.device)
        self.network = starting_network(config.graph, config.pooling).to(self.device)
        self.average = copy.deepcopy(self.network)
        self.teacher = load_blazepose(config.graph or published_graph()).to(
            self.device, memory_format=torch.channels_last
        )
        self.teacher.requires_grad_(False)
        self.layer = BodyLayer().for_joints().to(self.device)
        crops = Crops(config.data.train)
        self.batches = Batches(crops, config.batch_size, config.seed)
        self.validation = Crops(config.data.validation, config.validate_images)
        self.real = None if config.data.unlabelled is None else Crops(config.data.unlabelled)
        self.real_batches = None if self.real is None else Batches(self.real, config.batch_size, config.seed + 1)
        self.step, self.per_step = 0, min(config.batch_size, len(crops))
        self.optimizer = torch.optim.AdamW(_parameter_groups(self.network, config), betas=(0.9, 0.99), fused=True)
        self._seen: dict[str, list[float]] = defaultdict(list)

    def restore(self, stored: dict[str, Any]) -> None:
        with taking_up(self.config.output / _LAST):
            self.network.load_state_dict(stored["network"])
            self.average.load_state_dict(stored["average"])
            self.optimizer.load_state_dict(stored["optimizer"])
            self.step = stored["step"]
            torch.set_rng_state(stored["rng"])
            if self.device.type == "cuda" and "rng_cuda" in stored:
                torch.cuda.set_rng_state(stored["rng_cuda"], self.device)

    def go(self, deadline_s: float) -> None:
        config, steps = self.config, math.ceil(self.config.images / self.per_step)
        every = max(1, config.save_every // self.per_step)
        started, first = time.monotonic(), self.step
        reader = self.batches.from_step(self.step, config.readers)
        self.network.train()
        while self.step < steps:
            self._train_step(on_device(next(reader), self.device))
            self.step += 1
            finished, late = self.step == steps, time.monotonic() > deadline_s
            if self.step % every == 0 or finished or late:
                self._save((time.monotonic() - started) / max(1, self.step - first) / self.per_step)
                first, started = self.step, time.monotonic()
            if late:
                break
        reader.close()  # type: ignore[attr-defined]

    def _train_step(self, batch: Batch) -> None:
        config = self.config
        seen_images = self.step * self.per_step
        heads_only = seen_images < config.heads_first
        for group in self.optimizer.param_groups:
            group["lr"] = self._learning_rate(group, seen_images)
        self.network.backbone.requires_grad_(not heads_only)
        for name in config.frozen:
            self.network.backbone.get_submodule(name).requires_grad_(False)
        losses = self._losses(batch, heads_only)
        loss = total(losses)
        if not heads_only and self.real_batches is not None and self.step % config.unlabelled_every == 0:
            number = self.step // config.unlabelled_every
            loss = loss + self._real_loss(self.real_batches.read(number), number)
        if not bool(torch.isfinite(loss)):
            broken = [name for name, value in losses.items() if not bool(torch.isfinite(value))]
            raise TrainingError(
                f"the loss became {float(loss)} after {seen_images} images ({', '.join(broken)}); resume from the last save "
                "with a smaller learning rate"
            )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for group in self.optimizer.param_groups:  # the backbone's gradient is many times as long as the heads'
            norm = torch.nn.utils.clip_grad_norm_(group["params"], config.clip, foreach=True)
            losses[f"gradient_{group['name']}"] = norm
        self.optimizer.step()
        # At the start the average is young: it follows faster.
        follow(self.average, self.network, min(config.average, (1 + self.step) / (10 + self.step)))
        for name, value in losses.items():
            self._seen[name].append(float(value.detach()))

    def _losses(self, batch: Batch, heads_only: bool) -> dict[str, Tensor]:
        perception = self.network.perceive(batch["image"])
        losses = perception_losses(perception, batch)
        losses |= head_losses(self.network.pose_head(perception), batch, self.layer)
        if not heads_only and self.step % self.config.heatmap_every == 0:
            losses["heatmap"] = heatmap_loss(perception.seen, self._taught(batch))
        return losses

    def _real_loss(self, batch: Batch, number: int) -> Tensor:
        """Of real people, and of pictures of nobody: drawn people are in every picture, and a network that sees no others forgets that
        nobody may be there."""
        batch = batch | {"image": with_nobody(batch["image"], np.random.default_rng((self.config.seed, 3, number)))}
        batch = on_device(batch, self.device)
        taught = self._taught(batch)
        batch |= {"teacher": taught["landmarks"], "teacher_presence": taught["presence"]}
        seen = self.network.backbone(batch["image"])
        return total(unlabelled_losses(seen, batch) | {"heatmap": heatmap_loss(seen, taught)})

    @torch.no_grad()
    def _taught(self, batch: Batch) -> dict[str, Tensor]:
        return self.teacher(batch["image"])

    def _learning_rate(self, group: dict[str, Any], seen_images: int) -> float:
        config = self.config
        share = seen_images / config.images
        rate = group["peak"] * falling(min(share, 1.0))
        start = config.heads_first if group["name"] == "backbone" else 0
        return float(rate * np.clip((seen_images - start + self.per_step) / max(config.warm_up, 1), 0.0, 1.0))

    def _save(self, s_per_image: float) -> None:
        line: dict[str, Any] = {"images": self.step * self.per_step, "ms_per_image": round(1000 * s_per_image, 1)}
        line |= {name: round(float(np.mean(values)), 4) for name, values in self._seen.items()}
        self._seen.clear()
        line |= measure_network(self.average, self.validation, self.layer)
        if self.real is not None:
            line["drift_px"] = drift_px(self.average, self.real)
        save_network(self.average, self.config.output / _NETWORK)
        stored = {
            "network": self.network.state_dict(), "average": self.average.state_dict(), "step": self.step,
            "optimizer": self.optimizer.state_dict(), "rng": torch.get_rng_state(),
        }  # fmt: skip
        if self.device.type == "cuda":  # dropout draws there
            stored["rng_cuda"] = torch.cuda.get_rng_state(self.device)
        save(stored, self.config.output / _LAST)
        with (self.config.output / _LOG).open("a") as log:
            log.write(json.dumps(line) + "\n")
        print(json.dumps(line), file=sys.stderr, flush=True)


def _parameter_groups(network: OpenBodyNet, config: OpenBodyConfig) -> list[dict[str, Any]]:
    backbone = list(network.backbone.parameters())
    heads = [p for name, p in network.named_parameters() if not name.startswith("backbone.")]
    return [
        {"name": "backbone", "params": backbone, "peak": config.learning_rate_backbone, "weight_decay": 0.0},
        {"name": "heads", "params": heads, "peak": config.learning_rate_heads, "weight_decay": config.weight_decay},
    ]
