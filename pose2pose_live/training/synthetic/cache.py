"""Drawn once, read often: a folder of JPEG pictures and one file of labels.

The folder is filled in pieces, by several processes, and a run that was interrupted goes on where it stopped. A picture that is read
back is the one that was drawn but for JPEG compression.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Sequence
from pathlib import Path
from typing import Any, overload

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import TrainingError
from ...progress import Progress
from ..sample import SmplxTarget
from .labels import SyntheticSample
from .people import SyntheticPeople

_PIECE = 250
_QUALITY = 93
_OPTIONS, _LABELS = "options.json", "labels.npz"
_ARRAYS = (
    "person_box_xywh",
    "focal_px",
    "principal_px",
    "joints_2d",
    "joints_2d_valid",
    "joints_3d",
    "joints_3d_valid",
    "joints_visible",
)
_PARAMETERS = (
    "global_orient",
    "body_pose",
    "left_hand_pose",
    "right_hand_pose",
    "jaw_pose",
    "betas",
    "expression",
    "transl",
)
_FLAGS = ("left_hand_valid", "right_hand_valid", "face_valid")


def write_cache(people: SyntheticPeople, folder: Path, workers: int = 1) -> None:
    """Draw every sample of `people` into a folder, with this many processes; pieces that are there are not drawn again.

    Raises TrainingError when the folder holds pictures that were drawn with other options.
    """
    folder.mkdir(parents=True, exist_ok=True)
    options = json.dumps(people.options, default=str, sort_keys=True)
    kept = folder / _OPTIONS
    if kept.exists() and kept.read_text() != options:
        raise TrainingError(
            f"{folder}: holds pictures drawn with other options ({kept.read_text()}); expected an empty folder or {options}"
        )
    kept.write_text(options)
    firsts = [first for first in range(0, len(people), _PIECE) if not _piece(folder, first).exists()]
    progress = Progress(len(people), "pictures")
    done = len(people) - sum(min(_PIECE, len(people) - first) for first in firsts)
    # Fresh processes, because an OpenGL context does not survive a fork.
    if firsts:
        with multiprocessing.get_context("spawn").Pool(workers, _start_worker, (people, folder)) as pool:
            for count in pool.imap_unordered(_draw_piece, firsts):
                done += count
                progress.show(done)
    progress.end()
    pieces = [_piece(folder, first) for first in range(0, len(people), _PIECE)]
    labels = [dict(np.load(piece, allow_pickle=False)) for piece in pieces]
    _save(folder / _LABELS, {key: np.concatenate([label[key] for label in labels]) for key in labels[0]})
    for piece in pieces:
        piece.unlink()


class CachedPeople(Sequence[SyntheticSample]):
    """The samples of a folder that `write_cache` filled. Raises TrainingError when it is missing or not finished."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            with np.load(folder / _LABELS, allow_pickle=False) as archive:
                self._labels = {key: archive[key] for key in archive.files}
        except (OSError, ValueError) as error:
            raise TrainingError(
                f"{folder}: expected a finished folder of synthetic people with {_LABELS}, found: {error}; "
                "run `python -m pose2pose_live.training.synthetic cache` again, it goes on where it stopped"
            ) from error

    def __len__(self) -> int:
        return len(self._labels["source"])

    @overload
    def __getitem__(self, index: int) -> SyntheticSample: ...
    @overload
    def __getitem__(self, index: slice) -> list[SyntheticSample]: ...
    def __getitem__(self, index: int | slice) -> SyntheticSample | list[SyntheticSample]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"{self._folder}: sample {index} of {len(self)}")
        index %= len(self)
        path = _picture(self._folder, index)
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if picture is None:
            raise TrainingError(f"{path}: the picture is missing or damaged; empty the folder and draw it again")
        of = {key: values[index] for key, values in self._labels.items()}
        parameters: dict[str, Any] = {name: of[name] for name in _PARAMETERS} | {
            name: bool(of[name]) for name in _FLAGS
        }
        smplx = SmplxTarget(**parameters)
        return SyntheticSample(
            name=str(path),
            picture=np.asarray(picture, np.uint8),
            smplx=smplx,
            source=str(of["source"]),
            **{name: of[name] for name in _ARRAYS},
        )


def _picture(folder: Path, index: int) -> Path:
    # No more than a thousand files a folder: file browsers and some file systems are slow otherwise.
    return folder / f"{index // 1000:04d}" / f"{index:07d}.jpg"


def _piece(folder: Path, first: int) -> Path:
    return folder / f"labels_{first:07d}.npz"


_worker: tuple[SyntheticPeople, Path] | None = None


def _start_worker(people: SyntheticPeople, folder: Path) -> None:
    global _worker
    cv2.setNumThreads(1)  # the processes share the cores already
    _worker = people, folder


def _draw_piece(first: int) -> int:
    assert _worker is not None
    people, folder = _worker
    samples = []
    for index in range(first, min(first + _PIECE, len(people))):
        sample = people[index]
        path = _picture(folder, index)
        path.parent.mkdir(exist_ok=True)
        if not cv2.imwrite(str(path), sample.picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]):
            raise TrainingError(f"{path}: cannot be written; is the disk full?")
        samples.append(sample)
    _save(_piece(folder, first), _labels_of(samples))
    return len(samples)


def _labels_of(samples: Sequence[SyntheticSample]) -> dict[str, NDArray[Any]]:
    def stacked(owners: Sequence[Any], name: str) -> NDArray[Any]:
        values = np.stack([np.asarray(getattr(owner, name)) for owner in owners])
        return values.astype(np.float32) if values.dtype == np.float64 else values

    targets = [sample.smplx for sample in samples]
    labels = {name: stacked(samples, name) for name in (*_ARRAYS, "source")}
    return labels | {name: stacked(targets, name) for name in (*_PARAMETERS, *_FLAGS)}


def _save(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """All or nothing: an interrupted run leaves no half a file."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as stream:
        np.savez(stream, **arrays)  # type: ignore[arg-type]  # numpy's stubs take the names for its own options
    partial.replace(path)
