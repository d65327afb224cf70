"""The training loop's body, for Lightning: one step, the learning rate, the measures, and what is saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning
import torch
from torch import Tensor

from ..errors import TrainingError
from ..network import load_backbone, load_checkpoint, save_checkpoint
from .body_layer import BodyLayer
from .config import Config
from .evaluate import Evaluation
from .losses import training_losses
from .parts import PARTS, WHOLE_BODY, Part


class Training(lightning.LightningModule):
    """A network in training. Adam on all parameters, no weight decay; batch normalisation learns its statistics all the while."""

    def __init__(self, config: Config, layer: BodyLayer) -> None:
        super().__init__()
        self.part = PARTS[config.network.part]
        self.network = starting_network(config, self.part)
        self.layer = layer
        self.joint_layer = layer.for_joints()
        self._config = config
        self._evaluation: Evaluation | None = None

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.network.parameters(), lr=self._config.training.learning_rate)

    def learning_rate(self, epoch: int) -> float:
        training = self._config.training
        return training.learning_rate / training.drop_factor ** sum(epoch >= drop for drop in training.drop_epochs)

    def on_train_epoch_start(self) -> None:
        # From the epoch alone, not from a scheduler's memory: a resumed run cannot get it wrong.
        for optimizer in self.trainer.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.learning_rate(self.current_epoch)

    def training_step(self, batch: dict[str, Tensor], _index: int) -> Tensor:
        losses = training_losses(
            self.part, self.network(batch["image"]), self.joint_layer, batch,
            projection_moves_pose=self._config.training.projection_moves_pose,
        )  # fmt: skip
        loss = torch.stack(list(losses.values())).sum()
        if not bool(torch.isfinite(loss)):
            broken = [name for name, value in losses.items() if not bool(torch.isfinite(value))]
            raise TrainingError(
                f"the loss became {float(loss)} in epoch {self.current_epoch} ({', '.join(broken)}); "
                "resume from the last checkpoint with a smaller training.learning_rate"
            )
        size = len(batch["image"])
        self.log("loss", loss, prog_bar=True, on_step=True, on_epoch=True, batch_size=size, sync_dist=True)
        self.log_dict(
            {f"loss/{name}": value for name, value in losses.items()},
            on_step=False,
            on_epoch=True,
            batch_size=size,
            sync_dist=True,
        )
        return loss

    def on_validation_epoch_start(self) -> None:
        self._evaluation = Evaluation(self.part, self.layer)

    def validation_step(self, batch: dict[str, Tensor], _index: int) -> None:
        assert self._evaluation is not None
        self._evaluation.update(self.network(batch["image"]), batch)

    def on_validation_epoch_end(self) -> None:
        assert self._evaluation is not None
        # Each device has measured its share of the pictures: the mean of means.
        for name, value in self._evaluation.result().items():
            self.log(f"validation/{name}", value, prog_bar=name.startswith("PVE all"), sync_dist=True)


class Snapshots(lightning.Callback):
    """Writes the network alone as `snapshot_{epoch}.pth.tar` in the authors' layout, which the export tools read."""

    def __init__(self, folder: Path, every_epochs: int) -> None:
        self._folder, self._every_epochs = folder, every_epochs

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        done = trainer.current_epoch + 1
        if trainer.is_global_zero and (done % self._every_epochs == 0 or done == trainer.max_epochs):
            save_checkpoint(
                pl_module.network, self._folder / f"snapshot_{trainer.current_epoch}.pth.tar", trainer.current_epoch
            )


def starting_network(config: Config, part: Part) -> Any:
    """The configured network with the weights that training starts from. Raises ModelError or TrainingError."""
    settings, start = config.network, config.start
    options: dict[str, Any] = {"pooling": settings.pooling, "backbones": settings.backbones}
    if part is not WHOLE_BODY:
        options = {"pooling": settings.pooling, "backbone": settings.backbones[0]}
    if part.name == "face":
        del options["pooling"]
    network = part.network(**options)
    if start.backbones:
        names = ("backbone", "hand_roi_net.backbone", "face_roi_net.backbone") if part is WHOLE_BODY else ("backbone",)
        for name, path in zip(names, start.backbones, strict=True):
            if path:
                load_backbone(network.get_submodule(name), path)
    if start.checkpoint is not None:
        stored = load_checkpoint(start.checkpoint, "hand4whole" if part is WHOLE_BODY else part.name)
        if stored.options != network.options:
            raise TrainingError(
                f"start.checkpoint {start.checkpoint}: it holds a network with {stored.options}, the configuration asks for "
                f"{network.options}; make [network] the same"
            )
        network.load_state_dict(stored.state_dict())
    if start.hand_checkpoint is not None:
        fresh = part.network(**options)
        load_backbone(network.hand_roi_net.backbone, start.hand_checkpoint, "backbone.")
        for name in ("hand_position_net", "hand_rotation_net"):
            network.get_submodule(name).load_state_dict(fresh.get_submodule(name).state_dict())
    return network.train()
