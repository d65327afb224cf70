"""The takes of a folder: what they are, told from their headers, and what the next one will be called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..errors import RecordingError
from ..recording import ForeignFile, explained
from ..sinks.journal import SUFFIX, is_abandoned, read_journal
from .archive import TakeArchive


@dataclass(frozen=True)
class TakeInfo:
    """One take of a folder. path: its npz file, or its journal while is_interrupted: the program ended before it was saved, and
    `sinks.finish_journal` saves it. recorded_at: local time at which it ended. size_bytes: of the file. duration_s: with the time of its
    last picture. fps: nominal rate. body_model: the body that it was made with. problem: why it cannot be used, or empty."""

    path: Path
    recorded_at: datetime
    size_bytes: int
    frames: int = 0
    duration_s: float = 0.0
    fps: float = 0.0
    body_model: str = ""
    is_interrupted: bool = False
    problem: str = ""

    @property
    def name(self) -> str:
        return self.path.stem


def list_takes(folder: Path, known: Iterable[TakeInfo] = ()) -> list[TakeInfo]:
    """The takes of the folder, the newest first; none where there is no folder. known: an earlier list; what has not changed is not read again.

    Left out are npz files of other kinds, such as those that `convert` writes, and takes that are being recorded. A damaged file is listed
    with its `problem`. About 4 ms a take that is read. Raises RecordingError where the folder cannot be read.
    """
    try:
        paths = [path for path in folder.iterdir() if path.suffix in (".npz", SUFFIX) and path.name[0] != "."]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RecordingError(f"{folder}: this folder cannot be read ({error.strerror}); choose another") from error
    before = {take.path: take for take in known}
    takes = [take for path in paths if (take := examine(path, before.get(path))) is not None]
    return sorted(takes, key=lambda take: (take.recorded_at, natural_key(take.name)), reverse=True)


def examine(path: Path, known: TakeInfo | None = None) -> TakeInfo | None:
    """What there is to know of a take, or None for what is none, or not yet. known: what was known of it earlier."""
    try:
        status = path.stat()
        when, size = datetime.fromtimestamp(status.st_mtime), status.st_size
    except OSError:  # gone since the folder was read, or a link to nowhere
        return None
    if known is not None and (known.recorded_at, known.size_bytes) == (when, size) and not known.is_interrupted:
        return known
    try:
        if path.suffix == SUFFIX:
            return _examine_journal(path, when, size)
        with TakeArchive(path) as archive:
            return TakeInfo(
                path,
                when,
                size,
                archive.count,
                _number(archive, "mocap_time_length"),
                _number(archive, "mocap_frame_rate"),
                str(archive.whole("body_model")),
            )
    except ForeignFile:
        return None
    except RecordingError as error:
        return TakeInfo(path, when, size, problem=str(error).removeprefix(f"{path}: "))


def _number(archive: TakeArchive, key: str) -> float:
    with explained(archive.path):  # what a damaged or foreign file may hold there
        return float(archive.whole(key)) if key in archive.arrays and not archive.arrays[key].shape else 0.0


def _examine_journal(path: Path, when: datetime, size: int) -> TakeInfo | None:
    if not is_abandoned(path) or (found := read_journal(path)) is None:
        return None
    header, records = found
    seconds = len(records) / max(header.fps, 1.0)
    return TakeInfo(path, when, size, len(records), seconds, header.fps, header.body_model, is_interrupted=True)


def natural_key(name: str) -> list[tuple[int, str]]:
    """Sorts take_10 behind take_9."""
    return [(int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in re.split(r"(\d+)", name)]


def next_take(folder: Path, name: str = "take") -> tuple[Path, int]:
    """Path and number of the next take of that name: NAME.npz is number 1, then NAME_2.npz; a number once used is not used again for
    a take in the middle that was deleted. Names are compared as Windows and macOS do, without regard to capitals."""
    pattern = re.compile(rf"{re.escape(name)}(?:_([1-9]\d*))?", re.IGNORECASE)
    try:
        found = [pattern.fullmatch(path.stem) for path in folder.iterdir() if path.suffix in (".npz", SUFFIX)]
    except OSError:  # none yet; what else may be wrong with it is told when it is written to
        found = []
    number = max((int(match[1] or 1) for match in found if match), default=0) + 1
    return folder / (f"{name}.npz" if number == 1 else f"{name}_{number}.npz"), number
