"""Training configurations: TOML files read into frozen dataclasses, with errors that name the key."""

from __future__ import annotations

import tomllib
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ..errors import TrainingError

CONFIG_FOLDER = Path(__file__).resolve().parent / "configs"


@dataclass(frozen=True)
class NetworkConfig:
    """Which network. backbones: of body, hand and face for the whole body, one for a part network."""

    part: Literal["whole_body", "body", "hand", "face"] = "whole_body"
    pooling: Literal["guided", "global"] = "guided"
    backbones: tuple[str, ...] = ("resnet50", "resnet50", "resnet18")


@dataclass(frozen=True)
class StartConfig:
    """Where the weights come from; what is not named starts at random.

    backbones: one torchvision-style file per backbone ("" for none). checkpoint: a whole earlier stage. hand_checkpoint: a hand-only network whose
    backbone replaces the one of the whole-body network; its position and rotation nets for the hands then start anew.
    """

    backbones: tuple[str, ...] = ()
    checkpoint: Path | None = None
    hand_checkpoint: Path | None = None


@dataclass(frozen=True)
class BodyConfig:
    """file: an SMPLX_NEUTRAL.npz of yours; the bundled open body when left out."""

    file: Path | None = None


@dataclass(frozen=True)
class CocoSource:
    """The paper's own format: a COCO-WholeBody annotation file, SMPL-X fits keyed by annotation id (or none), and the pictures' folder."""

    annotations: Path
    pictures: Path
    fits: Path | None = None


@dataclass(frozen=True)
class SyntheticSource:
    """Rendered people, see `synthetic.SyntheticPeople`: `count` pictures, the same ones for the same seed and split."""

    count: int
    seed: int = 0
    split: Literal["train", "test"] = "train"
    size_px: int = 384
    motion: Path | None = None
    backgrounds: Path | None = None


@dataclass(frozen=True)
class SyntheticFolderSource:
    """Rendered people that were drawn before: a folder filled by `python -m pose2pose_live.training.synthetic cache`."""

    folder: Path


Source = CocoSource | SyntheticSource | SyntheticFolderSource


@dataclass(frozen=True)
class DataConfig:
    """Each list holds tables with `kind = "coco_wholebody"`, `"synthetic"` or `"synthetic_folder"`. Where both train lists are filled, half of every epoch
    comes from either, the shorter repeated."""

    train_3d: tuple[Source, ...] = ()
    train_2d: tuple[Source, ...] = ()
    validation: tuple[Source, ...] = ()


@dataclass(frozen=True)
class TrainingConfig:
    """learning_rate is divided by drop_factor from each of drop_epochs on (counted from 0). batch_size: of one device. validate_every, save_every: in
    epochs. projection_moves_pose: false for data whose cameras are close, see `losses.training_losses`. keep_pictures: hold all samples in memory once read (small sets, without workers)."""

    epochs: int
    drop_epochs: tuple[int, ...] = ()
    drop_factor: float = 10.0
    learning_rate: float = 1e-4
    batch_size: int = 24
    augment: bool = True
    workers: int = 4
    validate_every: int = 1
    save_every: int = 1
    projection_moves_pose: bool = True
    keep_pictures: bool = False


@dataclass(frozen=True)
class Config:
    """One training run. output: folder of checkpoints and logs. trainer: handed to `lightning.Trainer` as it is."""

    output: Path
    training: TrainingConfig
    data: DataConfig
    network: NetworkConfig = NetworkConfig()
    start: StartConfig = StartConfig()
    body: BodyConfig = BodyConfig()
    trainer: dict[str, Any] = field(default_factory=dict)
    seed: int = 0


_SOURCES = {"coco_wholebody": CocoSource, "synthetic": SyntheticSource, "synthetic_folder": SyntheticFolderSource}
_TRAINER_OWN = {
    "max_epochs",
    "logger",
    "callbacks",
    "default_root_dir",
    "reload_dataloaders_every_n_epochs",
    "check_val_every_n_epoch",
}


def load_config(name: str, overrides: Iterable[str] = ()) -> Config:
    """A configuration by path, or a bundled one by name ("tiny"). overrides: "section.key=value", the value as TOML writes it.

    Raises TrainingError for a missing file, broken TOML, an unknown or missing key, a wrong type or value.
    """
    path = Path(name)
    if not path.is_file():
        path = CONFIG_FOLDER / f"{name}.toml"
    if not path.is_file():
        bundled = ", ".join(sorted(file.stem for file in CONFIG_FOLDER.glob("*.toml")))
        raise TrainingError(f"configuration {name}: no such file, and not one of the bundled ones ({bundled})")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TrainingError(f"configuration {path}: not valid TOML: {error}") from None
    for override in overrides:
        _override(table, override)
    config: Config = _read(Config, table, str(path), "")
    _check(config, str(path))
    return config


def _override(table: dict[str, Any], text: str) -> None:
    key, separator, value = text.partition("=")
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        separator = ""
    if not separator:
        raise TrainingError(
            f'--set {text}: expected section.key=value with the value as in TOML, such as network.pooling="global"'
        )
    *sections, last = key.strip().split(".")
    for section in sections:
        table = table.setdefault(section, {})
        if not isinstance(table, dict):
            raise TrainingError(f"--set {text}: {section} is no section")
    table[last] = parsed


def _read(kind: Any, value: Any, file: str, where: str) -> Any:
    """value as the type `kind`; where: the key so far, for messages."""

    def wrong(expected: str) -> TrainingError:
        return TrainingError(f"configuration {file}: {where}: expected {expected}, found {value!r}")

    if kind == Source:
        return _read_source(value, file, where)
    if is_dataclass(kind):
        return _read_section(kind, value, file, where)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read(get_args(kind)[0], value, file, where)
    if origin is Literal:
        if value not in get_args(kind):
            raise wrong(f"one of {', '.join(get_args(kind))}")
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise wrong("a list")
        return tuple(_read(get_args(kind)[0], item, file, f"{where}[{i}]") for i, item in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict):
            raise wrong("a table")
        return value
    if kind is Path:
        if not isinstance(value, str) or not value:
            raise wrong("a path in quotes")
        return Path(value).expanduser()
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "text in quotes"}
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise wrong(names[kind])
    return value


def _read_section(kind: Any, value: Any, file: str, where: str) -> Any:
    prefix = f"{where}." if where else ""
    if not isinstance(value, Mapping):
        raise TrainingError(f"configuration {file}: {where}: expected a table, found {value!r}")
    hints = get_type_hints(kind)
    unknown = [key for key in value if key not in hints]
    if unknown:
        raise TrainingError(
            f"configuration {file}: {prefix}{unknown[0]}: no such key; {where or 'the file'} may have {', '.join(hints)}"
        )
    missing = [
        f.name for f in fields(kind) if f.name not in value and f.default is MISSING and f.default_factory is MISSING
    ]
    if missing:
        raise TrainingError(f"configuration {file}: {prefix}{missing[0]} is missing")
    return kind(**{key: _read(hints[key], item, file, f"{prefix}{key}") for key, item in value.items()})


def _read_source(value: Any, file: str, where: str) -> Any:
    kind = value.get("kind") if isinstance(value, Mapping) else None
    if kind not in _SOURCES:
        raise TrainingError(
            f"configuration {file}: {where}: expected a table with kind = one of {', '.join(map(repr, _SOURCES))}, found {value!r}"
        )
    return _read_section(_SOURCES[kind], {key: item for key, item in value.items() if key != "kind"}, file, where)


def _check(config: Config, file: str) -> None:
    """What types alone do not say."""

    def expect(condition: bool, text: str) -> None:
        if not condition:
            raise TrainingError(f"configuration {file}: {text}")

    count = 3 if config.network.part == "whole_body" else 1
    expect(len(config.network.backbones) == count,
           f"network.backbones: expected {count} for {config.network.part}, found {len(config.network.backbones)}")  # fmt: skip
    for name in config.network.backbones:
        expect(name in ("resnet50", "resnet18"), f"network.backbones: expected resnet50 or resnet18, found {name!r}")
    expect(len(config.start.backbones) in (0, count), f"start.backbones: expected {count} files or none")
    expect(config.start.hand_checkpoint is None or config.network.part == "whole_body",
           "start.hand_checkpoint: only the whole-body network has a hand backbone to replace")  # fmt: skip
    expect(bool(config.data.train_3d or config.data.train_2d), "data: expected train_3d or train_2d, both are empty")
    training = config.training
    for key in ("epochs", "batch_size", "validate_every", "save_every"):
        expect(getattr(training, key) >= 1, f"training.{key}: expected at least 1, found {getattr(training, key)}")
    expect(training.workers >= 0, f"training.workers: expected 0 or more, found {training.workers}")
    expect(
        0 < training.learning_rate < 1,
        f"training.learning_rate: expected between 0 and 1, found {training.learning_rate}",
    )
    expect(not (training.keep_pictures and training.workers),
           "training.keep_pictures: expected workers = 0 beside it, every worker would keep pictures of its own")  # fmt: skip
    expect(training.drop_factor >= 1, f"training.drop_factor: expected at least 1, found {training.drop_factor}")
    own = _TRAINER_OWN & set(config.trainer)
    expect(not own, f"trainer.{min(own, default='')}: this one is set from the other sections")
