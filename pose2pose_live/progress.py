"""A progress line on stderr."""

from __future__ import annotations

import sys
import time

_INTERVAL_S = 0.2
_WIDTH = 30


class Progress:
    """Shows how far a job is: a bar when its length is known, a count else; only on a terminal, so that logs stay clean."""

    def __init__(self, total: int | None, fps: float, seconds: float | None) -> None:
        limit = round(seconds * fps) if seconds is not None else None
        self._total = min((n for n in (total, limit) if n), default=None)
        self._start_s = time.perf_counter()
        self._shown_s = -_INTERVAL_S
        self._shows = sys.stderr.isatty()
        self._count = 0

    def show(self, count: int) -> None:
        self._count = count
        now_s = time.perf_counter() - self._start_s
        if self._shows and now_s - self._shown_s >= _INTERVAL_S:
            self._shown_s = now_s
            self._draw(now_s)

    def end(self) -> None:
        if self._shows and self._count:
            self._draw(time.perf_counter() - self._start_s)
            sys.stderr.write("\n")

    def _draw(self, now_s: float) -> None:
        rate = f"{self._count / max(now_s, 1e-6):5.1f} pictures/s"
        if self._total is None:
            sys.stderr.write(f"\r{self._count} pictures  {rate}")
        else:
            share = min(self._count / self._total, 1.0)
            bar = "#" * round(_WIDTH * share)
            sys.stderr.write(f"\r[{bar:<{_WIDTH}}] {100 * share:3.0f} %  {self._count}/{self._total}  {rate}")
        sys.stderr.flush()
