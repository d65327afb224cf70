"""Where the bundled files are, beside the package in a checkout, inside it in an installed wheel; and where a user's own engines are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .errors import ModelError

_PACKAGE = Path(__file__).resolve().parent


def _data_path(kind: str, name: str) -> Path:
    # The wheel carries `assets/` and `engines/` under `_data` (see pyproject.toml); a checkout has them at its top.
    for root in (_PACKAGE / "_data", _PACKAGE.parent):
        path = root / kind / name
        if path.exists():
            return path
    raise ModelError(
        f"the bundled file {kind}/{name} is missing (looked beside {_PACKAGE}); "
        "reinstall pose2pose-live, or check the repository out again"
    )


def asset_path(name: str) -> Path:
    """Path of `assets/<name>`. Raises ModelError when the installation lacks it."""
    return _data_path("assets", name)


def engine_path(name: str) -> Path:
    """Path of the engine folder `engines/<name>`. Raises ModelError when the installation lacks it."""
    return _data_path("engines", name)


def data_home() -> Path:
    """Where programs keep the data of this user."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def user_engines() -> Path:
    """The folder of the engines that a user made with `python -m export`, in the user's own data, never in the repository."""
    return data_home() / "pose2pose-live" / "engines"


def user_plans() -> Path:
    """The folder of the plans that TensorRT compiled for this machine's GPU; whatever is in it can be built again."""
    return user_engines().parent / "plans"


def find_engine(folder: Path | None) -> Path:
    """An engine folder as the command line names it: a path, the name of a user's or of a bundled engine, or None for the bundled `open`.

    What cannot be found comes back as it is. Raises ModelError when the installation lacks the bundled engine.
    """
    if folder is None:
        return engine_path("open")
    if folder.exists() or len(folder.parts) != 1:
        return folder
    return next((root / folder for root in _engine_roots() if (root / folder / "engine.toml").is_file()), folder)


def all_engines() -> list[Path]:
    """The engine folders that have a name for `find_engine`: the bundled ones and then the user's, by name; of the same name only the one that is found."""
    found: dict[str, Path] = {}
    for root in reversed(_engine_roots()):
        for manifest in sorted(root.glob("*/engine.toml")):
            found[manifest.parent.name] = manifest.parent
    return list(found.values())


def _engine_roots() -> list[Path]:
    return [user_engines(), _PACKAGE / "_data" / "engines", _PACKAGE.parent / "engines"]
