"""The journal of a take: one record per captured pose, on disk at once, so that a crash costs nothing of what was captured.

A journal is a small header and then records of fixed size, only ever appended to. It lies beside the recording that will be
assembled from it and is deleted when that is complete.
"""

from __future__ import annotations

import json
import os
import struct
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from ..errors import RecordingError
from ..frame import SHAPES, CameraFrame, FloatArray, PartConfidence, SmplxFrame
from ..skeleton import SMPLX_JOINTS
from ..sources import clock_s
from .files import sync_folder

SUFFIX = ".journal"
SYNC_INTERVAL_S = 0.25
_MAGIC = b"P2PLIVE2"
_LENGTH = struct.Struct("<I")
_HEADER_MAX = 4096

_FIELDS: list[tuple[str, str, tuple[int, ...]]] = [
    ("time_s", "<f8", ()),
    ("index", "<i8", ()),
    ("tracked", "?", ()),
    ("camera", "<f8", (4,)),
    ("full_pose", "<f4", (len(SMPLX_JOINTS), 3)),
    *((name, "<f4", SHAPES[name]) for name in ("transl", "betas", "expression", "blendshapes")),
    ("confidence", "<f4", (len(PartConfidence.names()),)),
    ("joints", "<f4", (len(SMPLX_JOINTS), 3)),
    ("joints_image", "<f4", (len(SMPLX_JOINTS), 2)),
    ("up", "<f4", (3,)),
    ("floor_m", "<f4", ()),
    ("file", "S255", ()),
]
RECORD = np.dtype(_FIELDS)
"""One captured pose: `SmplxFrame` with its joints in metres and in px of the picture, whose file name (UTF-8) may be empty.
up: zeros where it is not known; floor_m: NaN where it is not."""


_in_use: set[Path] = set()
"""The journals that this process writes or makes recordings of."""


@dataclass(frozen=True)
class JournalHeader:
    """What is the same for a whole take. pid and started_s: the process that writes, and when it was started."""

    fps: float
    body_model: str
    app_version: str
    pid: int
    started_s: float


def make_record(pose: SmplxFrame, picture: CameraFrame, joints: FloatArray) -> NDArray[Any]:
    """One record, shape (1,), from a pose and its joints (55,3) m."""
    record = np.zeros(1, RECORD)
    for name in ("time_s", "index", "tracked", "full_pose", "transl", "betas", "expression", "blendshapes"):
        record[name] = getattr(pose, name)
    record["camera"] = pose.camera.to_array()
    record["confidence"] = pose.confidence.to_array()
    record["joints"] = joints
    record["joints_image"] = pose.camera.project(joints)
    record["floor_m"] = np.nan
    if pose.ground is not None:
        record["up"] = pose.ground.up
        record["floor_m"] = np.nan if pose.ground.height_m is None else pose.ground.height_m
    record["file"] = picture.name.encode(errors="replace")  # names on Linux need not be UTF-8
    return record


class JournalWriter:
    """Appends records to a new file. Raises FileExistsError when the file exists, OSError when it cannot be written.

    What was appended outlives this process at once, and a power cut `SYNC_INTERVAL_S` later. `release` when the journal is needed no more:
    until then it does not count as abandoned.
    """

    def __init__(self, path: Path, *, fps: float, body_model: str, app_version: str) -> None:
        process = psutil.Process()
        header = JournalHeader(fps, body_model, app_version, process.pid, process.create_time())
        text = json.dumps(asdict(header)).encode()
        # Unbuffered: on a full disk a buffer would try again when the file is closed.
        self._file = path.open("xb", buffering=0)
        self._synced_s = float("-inf")
        self._path = path.absolute()
        _in_use.add(self._path)
        try:
            self._write(_MAGIC + _LENGTH.pack(len(text)) + text)
            sync_folder(path.parent)
        except OSError:
            self._file.close()
            path.unlink()
            self.release()
            raise

    def append(self, record: NDArray[Any]) -> None:
        """Raises OSError; the record may then be on disk in part, and nothing may be appended after it."""
        self._write(record.tobytes())

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]
        # Not every time: it stalls for tens of milliseconds on slow disks, which the queue before a recorder bears twice a second.
        if clock_s() - self._synced_s >= SYNC_INTERVAL_S:
            os.fsync(self._file.fileno())
            self._synced_s = clock_s()

    def close(self) -> None:
        self._file.close()

    def release(self) -> None:
        _in_use.discard(self._path)


def read_journal(path: Path) -> tuple[JournalHeader, NDArray[Any]] | None:
    """Header and complete records (N,) of a journal; None if not even the header is complete. Raises RecordingError.

    The records stay on disk and are read when they are looked at: hours of them do not fit into memory. Let go of them before the file
    is deleted, which Windows would refuse.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEADER_MAX)
        if not _is_ours(head):
            raise RecordingError(f"{path}: not a journal of this program, or of another version of it")
        found = _read_header(head)
        if found is None:
            return None
        header, start = found
        # The last record is incomplete where the process died or the disk was full in the middle of it.
        count = (size - start) // RECORD.itemsize
        if not count:
            return header, np.empty(0, RECORD)
        return header, np.memmap(path, RECORD, "r", start, (count,))
    except OSError as error:
        raise RecordingError(f"{path}: the journal cannot be read ({error.strerror})") from error


def is_abandoned(path: Path) -> bool:
    """Whether nobody writes this journal or makes a recording of it any more. False for a file that is no journal of this program."""
    try:
        with path.open("rb") as file:
            data = file.read(_HEADER_MAX)
    except OSError:
        return False
    found = _read_header(data)
    if found is None:
        return _is_ours(data)
    header, _ = found
    try:
        runs_no_more = abs(psutil.Process(header.pid).create_time() - header.started_s) >= 1
    except psutil.Error:
        return True
    return runs_no_more or (header.pid == os.getpid() and path.absolute() not in _in_use)


def _is_ours(data: bytes) -> bool:
    return data[: len(_MAGIC)] == _MAGIC[: len(data)]


def _read_header(data: bytes) -> tuple[JournalHeader, int] | None:
    """The header at the beginning of a journal and where the records begin; None if it is not there or not complete."""
    start = len(_MAGIC) + _LENGTH.size
    if len(data) < start or not _is_ours(data):
        return None
    (length,) = _LENGTH.unpack(data[len(_MAGIC) : start])
    if len(data) < start + length:
        return None
    return JournalHeader(**json.loads(data[start : start + length])), start + length
