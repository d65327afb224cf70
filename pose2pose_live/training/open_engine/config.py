"""Configuration of one run: a TOML file read into a frozen dataclass."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ...errors import TrainingError
from ...network.open_body_net import Pooling
from ..config import _override, _read
from ..device import AUTO

CONFIG = Path(__file__).with_name("open_body.toml")


@dataclass(frozen=True)
class DataConfig:
    """Folders of crops. unlabelled: real pictures with the teacher's opinion, or none."""

    train: Path
    validation: Path
    unlabelled: Path | None = None


@dataclass(frozen=True)
class OpenBodyConfig:
    """One run. output: folder of checkpoints and the log. graph: the published pose network, start and teacher; the open engine's when left out.

    Lengths are in images, so that another batch size means the same run. images: of the whole run. heads_first: so many at the start with a
    frozen backbone, or heads that know nothing yet would spoil it. warm_up: of the backbone's learning rate after that. frozen: the backbone's
    parts that never learn (the first stages cost a third of a step and see edges, which are the same everywhere). average: decay of the
    weights' moving average, by step. heatmap_every, unlabelled_every: in steps. validate_images: how many at every save. device: as PyTorch
    names them, or "auto", the first GPU where there is one. readers: threads that read crops ahead; a GPU waits for a single one.
    """

    output: Path
    data: DataConfig
    pooling: Pooling = "guided"
    graph: Path | None = None
    images: int = 70_000
    heads_first: int = 8_000
    warm_up: int = 2_400
    batch_size: int = 16
    learning_rate_heads: float = 1e-3
    learning_rate_backbone: float = 3e-5
    weight_decay: float = 1e-2
    clip: float = 20.0
    frozen: tuple[str, ...] = ("stem", "stem_depthwise", "stem_project", "s4")
    average: float = 0.998
    heatmap_every: int = 4
    unlabelled_every: int = 8
    save_every: int = 4_000
    validate_images: int = 400
    device: str = AUTO
    readers: int = 1
    seed: int = 0


def load_config(path: Path, overrides: Iterable[str] = ()) -> OpenBodyConfig:
    """overrides: "key=value" with the value as TOML writes it. Raises TrainingError."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TrainingError(f"configuration {path}: expected a TOML file, found: {error}") from None
    for override in overrides:
        _override(table, override)
    config: OpenBodyConfig = _read(OpenBodyConfig, table, str(path), "")
    for name in (
        "images",
        "batch_size",
        "heatmap_every",
        "unlabelled_every",
        "save_every",
        "validate_images",
        "readers",
    ):
        if getattr(config, name) < 1:
            raise TrainingError(f"configuration {path}: {name}: expected at least 1, found {getattr(config, name)}")
    if not 0 <= config.average < 1:
        raise TrainingError(
            f"configuration {path}: average: expected 0 or more and less than 1, found {config.average}"
        )
    return config
