"""`Samples`: what lies in a folder of real clips and pictures, and what is known about them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..detection.region import VIEW_TO_UPRIGHT
from ..errors import SourceError
from ..frame import FloatArray
from ..sources.pictures import SUFFIXES
from .fingers import FINGERS
from .positions import JOINTS

_VIDEO_SUFFIXES = (".mp4", ".mkv", ".mov", ".avi", ".webm", ".m4v")
_LAYOUT = "expected clips/, images/ and gt/ as docs/evaluation.md describes them"


@dataclass(frozen=True)
class Person:
    """An annotated person. joints: px of the picture (2,) by COCO's joint names, those that are annotated. size_px: longer side of the box."""

    joints: dict[str, FloatArray]
    size_px: float


@dataclass(frozen=True)
class Samples:
    """clips, pictures: paths relative to the folder, with `/`. persons, signs: what is annotated, by the picture; a sign tells of each finger
    whether it is extended. positions: by the clip, (T,12,3) m in axes of the camera-aligned world, NaN where not known: `positions.JOINTS` in
    each of its pictures."""

    folder: Path
    clips: tuple[str, ...]
    pictures: tuple[str, ...]
    persons: dict[str, list[Person]]
    signs: dict[str, dict[str, bool]]
    positions: dict[str, FloatArray]

    @classmethod
    def read(cls, folder: Path) -> Samples:
        """Raises SourceError when there is nothing to measure, or when an annotation cannot be used."""
        if not folder.is_dir():
            raise SourceError(f"{folder}: no such folder; {_LAYOUT}")
        persons: dict[str, list[Person]] = {}
        signs: dict[str, dict[str, bool]] = {}
        truth = folder / "gt" / "body2d.json"
        for file, person in _entries(truth, _read_persons):
            persons.setdefault(file, []).append(person)
        for file, sign in _entries(folder / "gt" / "gestures.json", _read_signs):
            signs[file] = sign
        listed = [file for file, _ in _entries(folder / "gt" / "clips.json", _read_clips)]
        positions = dict(_entries(folder / "gt" / "body3d.json", _read_positions))
        clips = listed or _files(folder, "clips", _VIDEO_SUFFIXES)
        pictures = sorted({*_files(folder, "images", SUFFIXES), *persons, *signs})
        for file in (*clips, *pictures, *positions):
            if not (folder / file).is_file():
                raise SourceError(f"{folder / file}: named in gt/, but not there; add the file, or take it out of gt/")
        if not clips and not pictures:
            raise SourceError(f"{folder}: no clip and no picture was found; {_LAYOUT}")
        return cls(folder, tuple(clips), tuple(pictures), persons, signs, positions)


def _files(folder: Path, below: str, suffixes: tuple[str, ...]) -> list[str]:
    found = (path for path in (folder / below).rglob("*") if path.suffix.lower() in suffixes and path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in found)


def _entries(path: Path, read: Any) -> Iterator[tuple[str, Any]]:
    """What `read` makes of a JSON file; nothing when there is none."""
    if not path.exists():
        return
    try:
        yield from read(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{path}: cannot be used ({type(error).__name__}: {error}); docs/evaluation.md says what is expected"
        ) from None


def _read_persons(data: Any) -> Iterator[tuple[str, Person]]:
    names = data["joint_names"]
    for entry in data["persons"]:
        points = np.array(entry["joints"] if "joints" in entry else entry["keypoints"], float).reshape(len(names), 3)
        joints = {name: point[:2] for name, point in zip(names, points, strict=True) if point[2] > 0}
        yield entry["file"], Person(joints, float(max(entry["bbox"][2:4])))


def _read_signs(data: Any) -> Iterator[tuple[str, dict[str, bool]]]:
    for entry in data:
        yield entry["file"], {finger: bool(entry["extended"][finger]) for finger in FINGERS}


def _read_positions(data: Any) -> Iterator[tuple[str, FloatArray]]:
    rows = [data["joint_names"].index(name) for name in JOINTS]
    for entry in data["clips"]:
        positions = np.array(entry["joints"], float)  # null is NaN
        yield entry["file"], positions.reshape(len(positions), -1, 3)[:, rows] * VIEW_TO_UPRIGHT


def _read_clips(data: Any) -> Iterator[tuple[str, None]]:
    for entry in data:
        yield entry["file"], None
