"""A progress line on stderr."""

from __future__ import annotations

import sys
import time

_INTERVAL_S = 0.2
_WIDTH = 30


class Progress:
    """Shows how far a job is: a bar when its length is known, a count else; only on a terminal, so that logs stay clean.

    total: how many there will be, or None. unit: of what, in the plural.
    """

    def __init__(self, total: int | None, unit: str) -> None:
        self._total = total
        self._unit = unit
        self._start_s = time.perf_counter()
        self._shown_s = -_INTERVAL_S
        self._shows = sys.stderr is not None and sys.stderr.isatty()
        self._count = 0
        self._length = 0

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
        rate = f"{self._count / max(now_s, 1e-6):.1f}/s"
        if self._total is None:
            line = f"{self._count} {self._unit}  {rate}"
        else:
            share = min(self._count / self._total, 1.0)
            bar = "#" * round(_WIDTH * share)
            line = f"[{bar:<{_WIDTH}}] {100 * share:3.0f} %  {self._count}/{self._total} {self._unit}  {rate}"
        sys.stderr.write(f"\r{line:<{self._length}}")
        sys.stderr.flush()
        self._length = len(line)
