"""A recording's arrays where they lie in its file: looked at, and read row by row, without loading any of them."""

from __future__ import annotations

import math
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from ..recording import WHOLE_TAKE_KEYS, Recording, check_complete, explained, recording_of, row_count

_LOCAL_HEADER = 30  # bytes before the name and the extra field, whose lengths are the last two numbers in it
_LENGTHS = struct.Struct("<HH")
_READ_HEADER = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


@dataclass(frozen=True)
class StoredArray:
    """One array of an archive. start: byte of the file where its rows begin, or None where these are compressed or lie in columns."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    start: int | None

    @property
    def row_bytes(self) -> int:
        return self.dtype.itemsize * math.prod(self.shape[1:])


class TakeArchive:
    """An open recording of count rows. arrays: by key, as they are stored. For one thread at a time.

    Read with plain reads, not mapped into memory: a disk that is pulled out would then end the program, not only the reading. Raises
    ForeignFile for what another program wrote, RecordingError for what is damaged or cannot be read, also later.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._whole: dict[str, NDArray[Any]] = {}
        with explained(path):
            check_complete(path)
            self._file = path.open("rb")
        try:
            with explained(path):
                self._archive = zipfile.ZipFile(self._file)
                self.arrays = {
                    info.filename.removesuffix(".npy"): self._examine(info) for info in self._archive.infolist()
                }
            self.count = row_count(path, self.arrays)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def row_keys(self) -> list[str]:
        """The arrays that have a row for each picture."""
        is_of_rows = {key: array.shape[:1] == (self.count,) for key, array in self.arrays.items()}
        is_of_rows["camera"] = len(self.arrays["camera"].shape) == 2
        return [key for key, is_it in is_of_rows.items() if is_it and (key == "camera" or key not in WHOLE_TAKE_KEYS)]

    def whole(self, key: str) -> NDArray[Any]:
        """The array, kept in memory from then on."""
        if key not in self._whole:
            with explained(self.path), self._archive.open(f"{key}.npy") as member:
                self._whole[key] = npy.read_array(member, allow_pickle=False)
        return self._whole[key]

    def rows(self, key: str, first: int, end: int) -> NDArray[Any]:
        """Rows first to end (not included) of an array of `row_keys`."""
        array = self.arrays[key]
        if array.start is None:
            return self.whole(key)[first:end]
        with explained(self.path):
            self._file.seek(array.start + first * array.row_bytes)
            data = self._file.read((end - first) * array.row_bytes)
            return np.frombuffer(data, array.dtype).reshape(end - first, *array.shape[1:])

    def recording(self, first: int, end: int) -> Recording:
        """Rows first to end (not included) as a recording."""
        of_rows = set(self.row_keys)
        arrays = {key: self.rows(key, first, end) if key in of_rows else self.whole(key) for key in self.arrays}
        return recording_of(arrays, end - first)

    def _examine(self, info: zipfile.ZipInfo) -> StoredArray:
        with self._archive.open(info) as member:
            version = npy.read_magic(member)
            if version not in _READ_HEADER:
                raise ValueError(f"{info.filename} has the unknown format {version}")
            shape, is_in_columns, dtype = _READ_HEADER[version](member)
            header_bytes = member.tell()
        if dtype.hasobject:
            raise ValueError(f"{info.filename} holds pickled objects")
        if info.file_size != header_bytes + dtype.itemsize * math.prod(shape):
            raise ValueError(f"{info.filename} does not have the size that it states")
        if info.compress_type != zipfile.ZIP_STORED or (is_in_columns and len(shape) > 1):
            return StoredArray(shape, dtype, None)
        self._file.seek(info.header_offset + _LOCAL_HEADER - _LENGTHS.size)
        name_bytes, extra_bytes = _LENGTHS.unpack(self._file.read(_LENGTHS.size))
        return StoredArray(shape, dtype, info.header_offset + _LOCAL_HEADER + name_bytes + extra_bytes + header_bytes)
