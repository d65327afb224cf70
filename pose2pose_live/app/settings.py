"""What a person chose in the window, kept from one start to the next in one JSON file. A file that is broken or newer never stops the start."""

from __future__ import annotations

import dataclasses
import json
import os
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal


def _range(default: float, low: float, high: float) -> Any:
    return field(default=default, metadata={"range": (low, high)})


@dataclass(frozen=True)
class SourceSettings:
    """source: what `sources.open_source` takes, "" the first camera that works. format: as a `PictureFormat` is written, "" the camera's own.

    recent: video files, the newest first.
    """

    source: str = ""
    format: str = ""
    rotation_deg: Literal[0, 90, 180, 270] = 0
    is_mirrored: bool = True
    fov_deg: float = _range(60.0, 20, 150)
    is_looped: bool = True
    recent: tuple[str, ...] = ()


@dataclass(frozen=True)
class ViewSettings:
    """See `viewport.ViewOptions`. has_green_screen: a window with the body alone on green is open."""

    overlay: Literal["mesh", "skeleton", "boxes", "off"] = "skeleton"
    body: Literal["mesh", "skeleton", "off"] = "mesh"
    has_grid: bool = True
    is_following: bool = True
    has_green_screen: bool = False
    theme: Literal["dark", "light", "system"] = "dark"


@dataclass(frozen=True)
class RecordingSettings:
    """folder: "" the one that the command line names. convert_to: formats that each finished take is also written in."""

    folder: str = ""
    countdown_s: Literal[0, 3, 5, 10] = 0
    convert_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class StreamSettings:
    """targets: as a `streaming.Target` is written; on: those of them that are switched on."""

    targets: tuple[str, ...] = ()
    on: tuple[str, ...] = ()


@dataclass(frozen=True)
class QualitySettings:
    """engine: name or folder, "" the bundled one. measured: pictures a second that engines and runtimes gave here. The others: see `MocapControls`."""

    engine: str = ""
    runtime: str = "auto"
    smoothing: float = _range(1.0, 0, 5)
    seated: Literal["auto", "on", "off"] = "auto"
    has_floor: bool = False
    has_hands: bool = True
    has_face: bool = True
    measured: dict[str, Any] = field(default_factory=dict)

    @property
    def engine_path(self) -> Path | None:
        return Path(self.engine) if self.engine else None


@dataclass(frozen=True)
class BodySettings:
    """path: an SMPL-X npz, "" the open body. betas: shape set by hand, () fitted to the person. calibration: `Calibration` as plain values."""

    path: str = ""
    betas: tuple[float, ...] = ()
    height_m: float = _range(0.0, 0, 2.5)
    calibration: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WindowSettings:
    """geometry: Qt's own, in base 64. sidebar: the panel that is open, "" none."""

    geometry: str = ""
    sidebar: str = ""


@dataclass(frozen=True)
class Settings:
    source: SourceSettings = SourceSettings()
    views: ViewSettings = ViewSettings()
    recording: RecordingSettings = RecordingSettings()
    streaming: StreamSettings = StreamSettings()
    quality: QualitySettings = field(default_factory=QualitySettings)
    body: BodySettings = field(default_factory=BodySettings)
    window: WindowSettings = WindowSettings()


def read_settings(path: Path) -> tuple[Settings, list[str]]:
    """The settings of a file, and what of it was not understood, in lines for people; such values are the defaults. Raises nothing.

    A file that is no JSON at all is kept beside as `NAME.broken`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings(), []
    except (OSError, UnicodeDecodeError) as error:
        return Settings(), [f"The settings {path} cannot be read ({error}); the defaults are used"]
    try:
        table = json.loads(text)
        if not isinstance(table, dict):
            raise ValueError(f"expected a table, found {type(table).__name__}")
    except (ValueError, RecursionError) as error:
        broken = path.with_name(path.name + ".broken")
        try:
            path.replace(broken)
        except OSError:
            broken = path
        return Settings(), [
            f"The settings could not be understood ({error}); the defaults are used, the file is kept as {broken}"
        ]
    problems: list[str] = []
    sections = {}
    for section in dataclasses.fields(Settings):
        kind = typing.get_type_hints(Settings)[section.name]
        sections[section.name] = _read_section(kind, section.name, table.get(section.name, {}), problems)
    return Settings(**sections), problems


def write_settings(path: Path, settings: Settings) -> None:
    """All or nothing. What a newer version has written there and this one does not know stays. Raises OSError."""
    table = dataclasses.asdict(settings)
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    for name, section in (known if isinstance(known, dict) else {}).items():
        if isinstance(section, dict) and name in table:
            table[name] = section | table[name]
        else:
            table.setdefault(name, section)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    partial.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    partial.replace(path)


def _read_section(kind: type[Any], name: str, table: Any, problems: list[str]) -> Any:
    if not isinstance(table, dict):
        problems.append(f"Settings, {name}: expected a table, found {table!r}; the defaults are used")
        return kind()
    hints = typing.get_type_hints(kind)
    values = {}
    for entry in dataclasses.fields(kind):
        if entry.name not in table:
            continue
        try:
            values[entry.name] = _checked(hints[entry.name], table[entry.name], entry.metadata.get("range"))
        except ValueError as error:
            problems.append(f"Settings, {name}.{entry.name}: {error}; the default is used")
    return kind(**values)


def _checked(kind: Any, value: Any, within: tuple[float, float] | None) -> Any:
    origin = typing.get_origin(kind)
    if origin is Literal:
        choices = typing.get_args(kind)
        if not any(value == choice and type(value) is type(choice) for choice in choices):
            raise ValueError(f"expected one of {', '.join(map(str, choices))}, found {value!r}")
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"expected a list, found {value!r}")
        return tuple(_checked(typing.get_args(kind)[0], one, None) for one in value)
    if origin is dict:
        if not isinstance(value, dict):
            raise ValueError(f"expected a table, found {value!r}")
        return value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not kind:
        raise ValueError(f"expected {kind.__name__}, found {value!r}")
    if within is not None and not within[0] <= value <= within[1]:  # NaN is in no range
        raise ValueError(f"expected {within[0]:g} to {within[1]:g}, found {value:g}")
    return value
