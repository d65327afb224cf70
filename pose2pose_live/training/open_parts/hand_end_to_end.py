"""Trains the open engine's hand network end to end: backbone, pooling and head, on drawn hands, beside real pictures without labels.

The published network is where it starts and what teaches it what it knows better than drawn hands do: where real hands are in the picture, and where
there is none. At the end the backbone goes back towards it by a share of its weights, which keeps most of what was learnt and loses less of what it knew
of hands unlike the drawn ones (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"), and the head learns to read that one.

The same for the same seed on a processor; resumable at every save.
"""

from __future__ import annotations

import copy
import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...errors import TrainingError
from ...network.hand_landmarker_weights import load_hand_landmarker
from ...network.open_hand_net import OpenHandNet, Pooling, mean_features, pooled_features
from ..body_layer import BodyLayer
from ..device import AUTO, choose_device
from ..open_engine.checkpoints import follow, load, save, save_network, taking_up
from ..open_engine.schedule import falling
from .hand_crops import published_hand_graph
from .hand_layer import HandLayer
from .hand_losses import Rows, drawn_losses, perception_losses, real_losses, total, unlabelled_losses
from .hand_pictures import HandPictures

_LAST, _NETWORK, _LOG = "last.pt", "network.pt", "log.jsonl"
_MEASURED = 512  # crops whose features say how large features are
_PRESENT = 0.5


@dataclass(frozen=True)
class HandRun:
    """One run. Lengths are in drawn crops, so that another batch size means the same run. crops: of the whole run. batch, real_batch, people_batch: drawn crops, real
    hands and parts of real people's pictures in every step. head_first: so many at the start with a frozen backbone. warm_up: of the learning rates, the
    backbone's after that. average: decay of the weights' moving average, by step. share: how much of what the backbone has learnt stays at the end.
    head_last: so many crops after `crops` with that backbone, for the head alone."""

    crops: int = 440_000
    batch: int = 64
    real_batch: int = 24
    people_batch: int = 8
    head_first: int = 32_000
    warm_up: int = 32_000
    share: float = 0.6
    head_last: int = 24_000
    learning_rate_head: float = 1.5e-3
    learning_rate_backbone: float = 1.5e-4
    learning_rate_last: float = 3e-4
    weight_decay: float = 2e-2
    clip: float = 5.0
    average: float = 0.998
    save_every: int = 16_000
    pooling: Pooling = "guided"
    device: str = AUTO
    seed: int = 0


@dataclass(frozen=True)
class HandFolders:
    """Folders of crops: of drawn hands, of real ones, and of real people (`open_engine pictures`)."""

    drawn: Sequence[Path]
    real: Path
    people: Path


def train_hand_net(config: HandRun, folders: HandFolders, output: Path) -> OpenHandNet:
    """Runs to the end; what is in `output` is gone on with. The folder gets `last.pt` (all that resuming needs), `network.pt` (the averaged network) and
    `log.jsonl`. Returns the averaged network. Raises TrainingError."""
    output.mkdir(parents=True, exist_ok=True)
    run = _Run(config, folders, output)
    if (output / _LAST).exists():
        run.restore(load(output / _LAST))
    run.go()
    return run.average


class _Run:
    def __init__(self, config: HandRun, folders: HandFolders, output: Path) -> None:
        torch.manual_seed(config.seed)
        torch.set_flush_denormal(True)  # numbers next to zero take the processor many times as long
        self.config, self.output, self.device = config, output, choose_device(config.device)
        self.drawn = HandPictures(folders.drawn, self.device)
        self.real = HandPictures([folders.real], self.device, labels=())
        self.people = HandPictures([folders.people], self.device, labels=())
        self.teacher = (
            load_hand_landmarker(published_hand_graph())
            .to(self.device, memory_format=torch.channels_last)
            .requires_grad_(False)
        )
        self.network = OpenHandNet(config.pooling, copy.deepcopy(self.teacher).requires_grad_(True))
        self.network.to(self.device)
        self._measure_features()
        self.average = copy.deepcopy(self.network).eval()
        self.layer = HandLayer(BodyLayer().for_joints()).to(self.device)
        groups: list[dict[str, Any]] = [
            {"params": list(self.network.backbone.parameters()), "peak": config.learning_rate_backbone, "weight_decay": 0.0},
            {"params": list(self.network.head.parameters()), "peak": config.learning_rate_head, "weight_decay": config.weight_decay},
        ]  # fmt: skip
        self.optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.99), fused=True)
        self.step, self.per_step = 0, min(config.batch, len(self.drawn))
        self.steps = math.ceil(config.crops / self.per_step)
        self.last_steps = math.ceil(config.head_last / self.per_step)
        self._seen: dict[str, list[Tensor]] = defaultdict(list)

    def restore(self, stored: dict[str, Any]) -> None:
        with taking_up(self.output / _LAST):
            self.network.load_state_dict(stored["network"])
            self.average.load_state_dict(stored["average"])
            self.optimizer.load_state_dict(stored["optimizer"])
            self.step = stored["step"]

    def go(self) -> None:
        steps, every = self.steps + self.last_steps, max(1, self.config.save_every // self.per_step)
        first, started = self.step, time.monotonic()
        self.network.train()
        while self.step < steps:
            if self.step == self.steps:
                self._mix()
            self._train_step()
            self.step += 1
            if self.step % every == 0 or self.step == steps:
                self._save((time.monotonic() - started) / (self.step - first))
                first, started = self.step, time.monotonic()

    def _train_step(self) -> None:
        config, number = self.config, self.step
        torch.manual_seed(number)  # what is dropped out and what noise is added are the same after a resumption
        is_last = number >= self.steps
        self.network.backbone.requires_grad_(not is_last and number * self.per_step >= config.head_first)
        self._set_learning_rates()
        losses = self._head_losses(number) if is_last else self._losses(number)
        loss = total(losses)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for group in self.optimizer.param_groups:  # the backbone's gradient is many times as long as the head's
            torch.nn.utils.clip_grad_norm_(group["params"], config.clip, foreach=True)
        self.optimizer.step()
        # At the start the average is young: it follows faster.
        follow(self.average, self.network, min(config.average, (1 + number) / (10 + number)))
        for name, value in losses.items():
            self._seen[name].append(value.detach())

    def _set_learning_rates(self) -> None:
        config, (backbone, head) = self.config, self.optimizer.param_groups
        if self.step >= self.steps:
            head["lr"] = config.learning_rate_last * falling((self.step - self.steps) / self.last_steps)
            return
        share = falling(self.step / self.steps)
        for group, start in ((backbone, config.head_first), (head, 0)):
            warm = ((self.step + 1) * self.per_step - start) / max(config.warm_up, 1)
            group["lr"] = group["peak"] * share * min(1.0, max(0.0, warm))

    @torch.no_grad()
    def _mix(self) -> None:
        """The averaged network, its backbone between the published one and what it has become; the head goes on from there."""
        published = self.teacher.state_dict()
        for name, value in self.average.backbone.state_dict().items():
            value.lerp_(published[name], 1 - self.config.share)
        self.network.load_state_dict(self.average.state_dict())

    def _head_losses(self, number: int) -> Rows:
        """With the backbone as it is."""
        config = self.config
        drawn = self.drawn.batch(config.batch, config.seed, number)
        real = self.real.batch(config.real_batch, config.seed + 1, number)
        count = len(drawn["image"])
        image = torch.cat([drawn["image"], real["image"]]).contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            seen, taught = self.network.backbone(image), self.teacher(image[count:])
        answer = self.network.head(seen)
        ours, ours_real = ({n: v[part] for n, v in answer.items()} for part in (slice(count), slice(count, None)))
        return drawn_losses(ours, drawn, self.layer) | self._real_losses(ours_real, taught)

    def _real_losses(self, answer: Rows, taught: Rows) -> Rows:
        is_hand = taught["presence"][:, 0] > _PRESENT
        if not bool(is_hand.any()):
            return {}
        return real_losses(_where(answer, is_hand), _where(taught, is_hand), self.layer)

    def _losses(self, number: int) -> Rows:
        config = self.config
        drawn = self.drawn.batch(config.batch, config.seed, number)
        real = self.real.batch(config.real_batch, config.seed + 1, number)
        people = self.people.windows(config.people_batch, config.seed + 2, number)
        image = torch.cat([drawn["image"], real["image"], people["image"]]).contiguous(
            memory_format=torch.channels_last
        )
        with torch.no_grad():
            taught = self.teacher(image)
        seen = self.network(image)
        count = len(drawn["image"])
        (ours, theirs), (ours_real, theirs_real) = (
            tuple({name: value[part] for name, value in rows.items()} for rows in (seen, taught))
            for part in (slice(count), slice(count, None))
        )
        losses = drawn_losses(ours, drawn, self.layer) | perception_losses(ours, theirs, drawn)
        for name, value in unlabelled_losses(ours_real, theirs_real).items():
            losses[name] = losses[name] + value
        return losses | self._real_losses(ours_real, theirs_real)

    @torch.no_grad()
    def _measure_features(self) -> None:
        """Before anything is learnt, how large the published network's features are."""
        count = min(_MEASURED, len(self.drawn))
        parts = [
            self.teacher(self.drawn.take(rows)["image"]) for rows in np.split(np.arange(count), range(64, count, 64))
        ]
        head = self.network.head
        for evidence, features_of in ((head.average, mean_features), (head.evidence, pooled_features)):
            if evidence is not None:
                features = torch.cat([features_of(part) for part in parts])
                evidence.measured(features.reshape(-1, features.shape[-1]))

    def _save(self, s_per_step: float) -> None:
        line: dict[str, Any] = {"crops": self.step * self.per_step, "ms_per_step": round(1000 * s_per_step, 1)}
        line |= {name: round(float(torch.stack(values).mean()), 5) for name, values in self._seen.items()}
        broken = [name for name, value in line.items() if not math.isfinite(value)]
        if broken:
            raise TrainingError(
                f"after {line['crops']} crops these losses are no numbers: {', '.join(broken)}; go on from the last save with smaller learning rates"
            )
        self._seen.clear()
        save_network(self.average, self.output / _NETWORK)
        stored = {
            "network": self.network.state_dict(), "average": self.average.state_dict(), "optimizer": self.optimizer.state_dict(),
            "step": self.step,
        }  # fmt: skip
        save(stored, self.output / _LAST)
        with (self.output / _LOG).open("a") as log:
            log.write(json.dumps(line) + "\n")
        print(json.dumps(line), file=sys.stderr, flush=True)


def _where(rows: Rows, mask: Tensor) -> Rows:
    return {name: value[mask] for name, value in rows.items() if name in _OF_A_HAND}


_OF_A_HAND = ("palm", "fingers", "landmarks", "world")


def answers_of(network: OpenHandNet) -> Callable[[Rows], Rows]:
    """What the network reads from rows of crops, for `measure_hands`."""

    def answer(rows: Rows) -> Rows:
        seen = network(rows["image"])
        return {name: seen[name] for name in _OF_A_HAND}

    return answer
