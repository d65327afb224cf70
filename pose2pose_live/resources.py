"""Where the bundled files are: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

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
