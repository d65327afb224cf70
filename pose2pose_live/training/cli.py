"""`pose2pose-train`: train a network, go on with a run, or measure a checkpoint."""

from __future__ import annotations

import argparse
import inspect
import logging
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import Pose2PoseError, TrainingError
from .config import Config, load_config


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="pose2pose-train",
        description="Train a Pose2Pose network. Everything is said in a configuration file; see docs/training.md.",
    )
    result.add_argument("config", metavar="CONFIG", help="a TOML file, or the name of a bundled one, such as tiny")
    result.add_argument("--resume", action="store_true", help="go on from the last checkpoint in the output folder")
    result.add_argument(
        "--evaluate", type=Path, metavar="CHECKPOINT", help="only measure a snapshot_N.pth.tar on the validation data"
    )
    result.add_argument(
        "--fps",
        type=float,
        help="with --evaluate: the validation data is one sequence at this rate; measure acceleration",
    )
    result.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change one key, such as network.pooling='\"global\"'",
    )
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status: 0, or 1 with one line that says what is wrong."""
    options = parser().parse_args(arguments)
    try:
        config = load_config(options.config, options.set)
        if options.evaluate is not None:
            print(evaluate(config, options.evaluate, options.fps))
        else:
            train(config, resume=options.resume)
    except Pose2PoseError as error:
        print(f"pose2pose-train: {error}", file=sys.stderr)
        return 1
    except ImportError as error:
        print(
            f'pose2pose-train: {error.name} is not installed; run: pip install "pose2pose-live[train]"', file=sys.stderr
        )
        return 1
    return 0


def train(config: Config, *, resume: bool = False) -> Any:
    """Runs the configuration to its end; returns Lightning's trainer. Raises a Pose2PoseError.

    The output folder gets `last.ckpt` (everything that resuming needs), `snapshot_{epoch}.pth.tar` (the network alone) and TensorBoard's
    logs.
    """
    # Imported here: --help and errors in a configuration need no torch.
    import lightning
    from lightning.pytorch.callbacks import ModelCheckpoint
    from lightning.pytorch.loggers import TensorBoardLogger

    from .body_layer import BodyLayer
    from .data import TrainingData
    from .module import Snapshots, Training

    last = config.output / "last.ckpt"
    if resume and not last.is_file():
        raise TrainingError(f"--resume: {last} does not exist; start without --resume")
    if not resume and last.exists():
        raise TrainingError(f"{last} exists already; go on with --resume, or choose another output folder")
    _silence_lightning()
    lightning.seed_everything(config.seed, workers=True, verbose=False)
    layer = BodyLayer(config.body.file)
    data = TrainingData(config, layer)
    module = Training(config, layer)
    known = inspect.signature(lightning.Trainer.__init__).parameters
    unknown = [key for key in config.trainer if key not in known]
    if unknown:
        raise TrainingError(f"trainer.{unknown[0]}: lightning.Trainer has no such option")
    training = config.training
    callbacks = [
        ModelCheckpoint(config.output, "last", every_n_epochs=training.save_every, save_on_train_epoch_end=True, enable_version_counter=False),
        Snapshots(config.output, training.save_every),
    ]  # fmt: skip
    try:
        trainer = lightning.Trainer(
            max_epochs=training.epochs, default_root_dir=config.output, callbacks=callbacks,
            logger=TensorBoardLogger(config.output, name=None, version="tensorboard"),
            check_val_every_n_epoch=training.validate_every, reload_dataloaders_every_n_epochs=1,
            **({"num_sanity_val_steps": 0, "log_every_n_steps": 10, "limit_val_batches": float(bool(config.data.validation))} | config.trainer),
        )  # fmt: skip
    except (TypeError, ValueError, lightning.fabric.utilities.exceptions.MisconfigurationException) as error:
        raise TrainingError(f"trainer: {error}") from None
    trainer.fit(module, datamodule=data, ckpt_path=last if resume else None)
    return trainer


def _silence_lightning() -> None:
    """Leaves its progress bar and what concerns the run; takes away an advertisement and remarks on what is meant to be so."""
    logging.getLogger("lightning.pytorch.utilities.rank_zero").setLevel(logging.WARNING)
    for message in (".*exists and is not empty", ".*LeafSpec", ".*many workers", ".*smaller than the logging interval"):
        warnings.filterwarnings("ignore", message=message)


def evaluate(config: Config, checkpoint: Path, fps: float | None = None) -> str:
    """The table of measures of a snapshot on the validation data of a configuration. Raises a Pose2PoseError."""
    import torch

    from ..network import load_checkpoint
    from .body_layer import BodyLayer
    from .data import TrainingData
    from .device import choose_device, on_device
    from .evaluate import Evaluation, format_table
    from .parts import PARTS

    part = PARTS[config.network.part]
    network = load_checkpoint(checkpoint, "hand4whole" if part.name == "whole_body" else part.name)
    layer = BodyLayer(config.body.file)
    if not config.data.validation:
        raise TrainingError("data.validation: expected at least one data set to measure on, found none")
    data = TrainingData(config, layer)
    data.setup("validate")
    device = choose_device()
    network, evaluation = network.to(device).eval(), Evaluation(part, layer.to(device), fps)
    with torch.no_grad():
        for batch in data.val_dataloader():
            batch = on_device(batch, device)
            evaluation.update(network(batch["image"]), batch)
    return format_table(evaluation.result())
