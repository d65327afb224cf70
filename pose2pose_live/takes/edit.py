"""What can be done to a take: rename it, cut a part out of it, put it into the trash. Nothing here overwrites a file or loses one."""

from __future__ import annotations

import os
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy
from send2trash import send2trash

from ..errors import RecordingError
from ..recording import steady_times
from ..sinks.files import Tell, advice, new_file, safe_name
from ..sinks.journal import SUFFIX
from .archive import StoredArray, TakeArchive

_CHUNK_BYTES = 1 << 24
_ROUNDING_S = 1e-6


def rename_take(path: Path, name: str) -> Path:
    """Give the file another name, without its ending; the new path. Raises RecordingError where the name is not valid or taken."""
    name = name.strip().removesuffix(path.suffix)
    if name != safe_name(name):
        raise RecordingError(f"{name or 'nothing'}: not a file name on every system; {safe_name(name)} would be")
    target = path.with_name(name + path.suffix)
    try:
        if target.exists() and target.samefile(path):  # itself, or on Windows and macOS itself in other capitals
            path.rename(target)
        elif any(target.with_suffix(ending).exists() for ending in (".npz", SUFFIX)):
            raise FileExistsError
        else:
            target.open(
                "xb"
            ).close()  # ours now, whatever else happens at this moment: a rename would overwrite on Linux
            try:
                path.replace(target)
            except OSError:
                target.unlink()
                raise
    except FileExistsError:
        raise RecordingError(f"{name}: there is a take of this name already; choose another") from None
    except OSError as error:
        raise RecordingError(f"{path.name} cannot be renamed: {advice(error)}") from error
    return target


def trim_take(path: Path, start_s: float, end_s: float, tell: Tell = lambda share: None) -> Path:
    """Write the rows from start_s to end_s after the beginning, both included, as a take of its own, NAME_trimmed; its path.

    The original stays as it is. Rows are copied, none is changed: `timestamps` and `frame_index` are still those of the capture, and
    `betas` is the shape of the whole take, to which `trans` belongs. The file keeps the date of the original. Raises RecordingError.
    """
    with TakeArchive(path) as archive:
        times_s = steady_times(archive.whole("timestamps"), max(float(archive.whole("mocap_frame_rate")), 1.0))
        times_s = times_s - times_s[:1]
        inside = np.flatnonzero((times_s >= start_s - _ROUNDING_S) & (times_s <= end_s + _ROUNDING_S))
        if not len(inside):
            raise RecordingError(f"{path.name}: nothing lies between {start_s:.2f} and {end_s:.2f} s; choose more")
        first, end = int(inside[0]), int(inside[-1]) + 1
        with new_file(path.with_name(f"{path.stem}_trimmed.npz")) as (file, target):
            _copy_rows(archive, file, first, end, tell)
    with suppress(OSError):  # a copy without the date will do
        status = path.stat()
        os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    return target


def trash_take(path: Path) -> None:
    """Put the file into the system's trash, from where it can be had back. Raises RecordingError where there is none."""
    try:
        send2trash(path.absolute())
    except OSError as error:
        raise RecordingError(
            f"{path.name} cannot be put into the trash ({error.strerror or error}); delete it with your file manager"
        ) from error


def _copy_rows(archive: TakeArchive, file: IO[bytes], first: int, end: int, tell: Tell) -> None:
    """Every array of the archive, those with rows cut, in pieces: hours of them do not fit into memory."""
    of_rows = archive.row_keys
    total = (end - first) * sum(archive.arrays[key].row_bytes for key in of_rows) or 1
    done = 0
    length_s = _length_s(archive, first, end)
    with zipfile.ZipFile(file, "w") as output:
        for key, array in archive.arrays.items():
            with output.open(f"{key}.npy", "w", force_zip64=True) as member:
                if key not in of_rows:
                    npy.write_array(member, length_s if key == "mocap_time_length" else archive.whole(key))
                    continue
                _write_header(member, array, end - first)
                step = max(_CHUNK_BYTES // max(array.row_bytes, 1), 1)
                for begin in range(first, end, step):
                    rows = archive.rows(key, begin, min(begin + step, end))
                    member.write(np.ascontiguousarray(rows).tobytes())
                    done += len(rows) * array.row_bytes
                    tell(done / total)


def _length_s(archive: TakeArchive, first: int, end: int) -> np.ndarray:
    times_s = archive.whole("timestamps")
    rate = max(float(archive.whole("mocap_frame_rate")), 1.0)
    return np.array(max(times_s[end - 1] - times_s[first], 0.0) + 1 / rate)


def _write_header(member: IO[bytes], array: StoredArray, rows: int) -> None:
    header = {
        "descr": npy.dtype_to_descr(array.dtype),
        "fortran_order": False,
        "shape": (rows, *array.shape[1:]),
    }
    npy.write_array_header_1_0(member, header)
