"""Crops on disk: a folder of shards, filled by several processes; a run that was interrupted goes on where it stopped."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import TrainingError
from ...inference import Session
from ...progress import Progress
from ..synthetic import SyntheticPeople
from .crops import FIELDS, Crop, Teacher, labelled_crop
from .regions import jittered, true_region

SHARD = 250
_OPTIONS = "options.json"
_JITTER_STREAM = 100  # beside the streams that people.py draws from


class Crops:
    """All crops of a folder, in memory: labels as arrays (N, ...) and the pictures as they were compressed, about 13 KB each.

    Raises TrainingError when the folder is missing, damaged or not finished.
    """

    def __init__(self, folder: Path, limit: int | None = None) -> None:
        try:
            count = int(json.loads((folder / _OPTIONS).read_text())["count"])
        except (OSError, ValueError, KeyError) as error:
            raise TrainingError(
                f"{folder}: expected crops made by `python -m pose2pose_live.training.open_engine crops`, found: {error}"
            ) from error
        count = count if limit is None else min(count, limit)
        shards = [_load(shard_path(folder, first)) for first in range(0, count, SHARD)]
        self._jpegs = [piece for shard in shards for piece in np.split(shard["jpeg"], shard["jpeg_end"][:-1])][:count]
        self.labels = {name: np.concatenate([shard[name] for shard in shards])[:count] for name in FIELDS}
        self.source = np.concatenate([shard["source"] for shard in shards])[:count]

    def __len__(self) -> int:
        return len(self._jpegs)

    def picture(self, index: int) -> NDArray[np.uint8]:
        """(256,256,3) uint8 BGR."""
        return np.asarray(cv2.imdecode(self._jpegs[index], cv2.IMREAD_COLOR), np.uint8)


def write_labelled(people: SyntheticPeople, graph: Path, folder: Path, workers: int) -> None:
    """One crop of every sample. graph: the published pose network, which is the teacher. Raises TrainingError when the folder holds others."""
    firsts = prepare(folder, len(people), people.options)
    progress, done = (
        Progress(len(people), "crops"),
        len(people) - sum(min(SHARD, len(people) - first) for first in firsts),
    )
    if firsts:
        # Fresh processes, because an OpenGL context does not survive a fork.
        with multiprocessing.get_context("spawn").Pool(workers, _start_worker, (people, graph, folder)) as pool:
            for count in pool.imap_unordered(_fill_shard, firsts):
                done += count
                progress.show(done)
    progress.end()


def write_unlabelled(crops: Callable[[], Iterable[Crop]], options: dict[str, Any], folder: Path) -> None:
    """Crops of real pictures; their number is known at the end only, so nothing is kept of a run that was interrupted."""
    kept = list(crops())
    if not kept:
        raise TrainingError(f"{folder}: no person was found in any of the pictures; give others")
    for first in prepare(folder, len(kept), options):
        _save(shard_path(folder, first), kept[first : first + SHARD])


def prepare(folder: Path, count: int, options: dict[str, Any]) -> list[int]:
    """Makes the folder; the first indices of the shards that are missing. A folder of whole shards may grow."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = json.loads(json.dumps(options | {"count": count}, default=str))
    path = folder / _OPTIONS
    found = json.loads(path.read_text()) if path.exists() else wanted
    grows = found["count"] % SHARD == 0 and found["count"] < count
    if found != (wanted | {"count": found["count"]} if grows else wanted):
        raise TrainingError(
            f"{folder}: holds crops made with other options ({found}); expected an empty folder, or {wanted}"
        )
    path.write_text(json.dumps(wanted, sort_keys=True))
    return [first for first in range(0, count, SHARD) if not shard_path(folder, first).exists()]


_worker: tuple[SyntheticPeople, Teacher, Path] | None = None


def _start_worker(people: SyntheticPeople, graph: Path, folder: Path) -> None:
    global _worker
    cv2.setNumThreads(1)  # the processes share the cores already
    _worker = people, Teacher(Session(graph, 1, ("landmarks", "world", "presence"))), folder


def _fill_shard(first: int) -> int:
    assert _worker is not None
    people, teacher, folder = _worker
    crops = []
    for index in range(first, min(first + SHARD, len(people))):
        sample = people[index]
        assert sample.joints_2d is not None
        assert sample.joints_3d is not None
        assert sample.focal_px is not None
        rng = np.random.default_rng((people.options["seed"], people.options["split"] == "test", index, _JITTER_STREAM))
        region = jittered(true_region(sample.joints_2d, sample.joints_3d, float(sample.focal_px[0])), rng)
        crops.append(labelled_crop(sample, region, people.body.model, teacher))
    _save(shard_path(folder, first), crops)
    return len(crops)


def shard_path(folder: Path, first: int) -> Path:
    return folder / f"{first:07d}.npz"


def _save(path: Path, crops: Sequence[Crop]) -> None:
    arrays: dict[str, NDArray[Any]] = {name: np.stack([crop.labels[name] for crop in crops]) for name in FIELDS}
    arrays["jpeg"] = np.concatenate([crop.jpeg for crop in crops])
    arrays["jpeg_end"] = np.cumsum([len(crop.jpeg) for crop in crops])
    arrays["source"] = np.array([crop.source for crop in crops])
    save_arrays(path, arrays)


def save_arrays(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    partial = path.with_suffix(".partial")
    with partial.open("wb") as stream:
        np.savez(stream, **arrays)  # type: ignore[arg-type]  # numpy's stubs take the names for its own options
    partial.replace(path)  # all or nothing: an interrupted run leaves no half a shard


def _load(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in (*FIELDS, "jpeg", "jpeg_end", "source")}
    except (OSError, ValueError, KeyError) as error:
        raise TrainingError(
            f"{path}: a shard of crops is missing or damaged ({error}); remove it and make the crops again, which goes on where it stopped"
        ) from error
