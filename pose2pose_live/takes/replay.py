"""A recorded take as frames at its own times."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from ..errors import RecordingError
from ..frame import SmplxFrame
from ..recording import steady_times
from .archive import TakeArchive


class TakeReplay:
    """A take whose frames are read from its file when they are asked for: hours of it need memory for their times only.

    duration_s: from its first row to its last. times_s (N,): of each row from the first on, without jumps of the clock. fps: nominal rate;
    body_model: the body that it was made with. The file stays open until `close`; on Windows it can be renamed or deleted only then. For
    one thread at a time. Raises RecordingError for a file that cannot be read or has no rows.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._archive = TakeArchive(path)
        try:
            if not self._archive.count:
                raise RecordingError(f"{path}: there is nothing in this take; choose another")
            self.fps = float(self._archive.whole("mocap_frame_rate"))
            self.body_model = str(self._archive.whole("body_model"))
            times_s = steady_times(self._archive.whole("timestamps"), max(self.fps, 1.0))
        except BaseException:
            self._archive.close()
            raise
        self.times_s = times_s - times_s[0]
        self.duration_s = float(self.times_s[-1])

    def __len__(self) -> int:
        return len(self.times_s)

    def index_at(self, time_s: float) -> int:
        """The row nearest to time_s after the beginning."""
        after = int(np.clip(np.searchsorted(self.times_s, time_s), 1, max(len(self) - 1, 1)))
        before = after - 1
        is_nearer_after = after < len(self) and self.times_s[after] - time_s < time_s - self.times_s[before]
        return after if is_nearer_after else before

    def frame_at(self, time_s: float) -> SmplxFrame:
        """The frame nearest to time_s after the beginning; the first or last one beyond the ends.

        Nearest, not interpolated: what is seen is what was recorded, a lost row or a jump of the estimate too. Its own time_s is the one
        of its capture. Raises RecordingError where the file is damaged.
        """
        return self.frame(self.index_at(time_s))

    def frame(self, index: int) -> SmplxFrame:
        """The frame of a row. Raises RecordingError where the file is damaged."""
        try:
            return self._archive.recording(index, index + 1)[0]
        except ValueError as error:  # NotFinite, too
            raise RecordingError(f"{self.path}: row {index} is damaged ({error}); choose another take") from error

    def close(self) -> None:
        self._archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
