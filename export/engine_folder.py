"""One graph and its engine.toml, written as an engine folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pose2pose_live.errors import ModelError


def write_folder(folder: Path, graph_file: str, graph: bytes, manifest: str) -> None:
    """Raises ModelError when the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / graph_file).write_bytes(graph)
        (folder / "engine.toml").write_text(manifest, encoding="utf-8")
    except OSError as error:
        raise ModelError(
            f"{folder}: the engine cannot be written ({error.strerror}); choose another folder with -o"
        ) from error


def described(outputs: Mapping[str, str]) -> str:
    """TOML lines that say what each output means."""
    return "\n".join(f"{name} = {json.dumps(meaning)}" for name, meaning in outputs.items())


def differences(worst: Mapping[str, float]) -> str:
    """TOML lines of the largest difference of each output."""
    return "\n".join(f"{name} = {difference:.1e}" for name, difference in worst.items())
