"""Rows of arrays in a folder of shards; a run that was interrupted goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import TrainingError
from ...progress import Progress
from ..open_engine.shards import SHARD, prepare, save_arrays, shard_path

Rows = dict[str, NDArray[Any]]
"""Name -> one value, without a leading axis. `jpeg` is of any length."""


def write_rows(folder: Path, count: int, options: dict[str, Any], make: Callable[[int], Iterable[Rows]]) -> None:
    """make: index of a sample -> its rows, none or several. Raises TrainingError when the folder holds others."""
    firsts = prepare(folder, count, options)
    progress = Progress(count, "pictures")
    for first in firsts:
        rows = [row for index in range(first, min(first + SHARD, count)) for row in make(index)]
        _save(shard_path(folder, first), rows)
        progress.show(min(first + SHARD, count))
    progress.end()


def read_rows(folder: Path, limit: int | None = None, only: Collection[str] | None = None) -> dict[str, NDArray[Any]]:
    """Everything of a folder, or only what is named: arrays (N, ...), and always `jpeg` as a list in an object array. limit: that many shards. Raises
    TrainingError when there is nothing to read."""
    files = sorted(folder.glob("*.npz"))[:limit]
    try:
        shards = [_load(file, only) for file in files]
        shards = [shard for shard in shards if len(shard["jpeg_end"])]
        names = shards[0].keys() - {"jpeg", "jpeg_end"}
        result = {name: np.concatenate([shard[name] for shard in shards]) for name in names}
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise TrainingError(
            f"{folder}: expected crops made by `python -m pose2pose_live.training.open_parts`, found: {error}"
        ) from error
    jpegs = [piece for shard in shards for piece in np.split(shard["jpeg"], shard["jpeg_end"][:-1])]
    result["jpeg"] = np.empty(len(jpegs), object)
    result["jpeg"][:] = jpegs
    return result


def _load(path: Path, only: Collection[str] | None) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as archive:
        names = archive.files if only is None else [*only, "jpeg", "jpeg_end"]
        return {name: archive[name] for name in names}


def _save(path: Path, rows: list[Rows]) -> None:
    arrays: dict[str, NDArray[Any]] = {}
    if rows:
        arrays = {name: np.stack([row[name] for row in rows]) for name in rows[0] if name != "jpeg"}
    jpegs = [row["jpeg"] for row in rows]
    arrays["jpeg"] = np.concatenate(jpegs) if jpegs else np.zeros(0, np.uint8)
    arrays["jpeg_end"] = np.cumsum([len(jpeg) for jpeg in jpegs])
    save_arrays(path, arrays)
