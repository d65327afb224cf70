"""Ctrl-C and SIGTERM end a job between two pictures, so that what it writes is complete."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Inside its `with` block the first signal is only noted in `number`, and on_signal called; a second one acts at once.

    A signal that the program was started to ignore stays ignored. Main thread only.
    """

    def __init__(self, on_signal: Callable[[], object] = lambda: None) -> None:
        self.number: int | None = None
        self._on_signal = on_signal
        self._previous: dict[signal.Signals, Any] = {}

    def __call__(self) -> bool:
        """Whether the job is to stop."""
        return self.number is not None

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._previous[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._restore()
        self.number = number
        self._on_signal()

    def _restore(self) -> None:
        while self._previous:
            signal.signal(*self._previous.popitem())
