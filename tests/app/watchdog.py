"""Measures for how long the GUI thread is kept from its next event, and by what."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QApplication

_SAMPLE_S = 0.004
_PLACES = 6
_LATE_MS = 10.0


class WatchedApplication(QApplication):
    """Every event goes through `notify`, and while there is a watchdog, past it. dog: the one that watches, or None."""

    dog: Watchdog | None = None

    def notify(self, receiver: QObject | None, event: QEvent | None) -> bool:
        dog = self.dog
        if dog is None or not dog.begin():  # events inside of another one are its own time
            return super().notify(receiver, event)
        try:
            return super().notify(receiver, event)
        finally:
            dog.end()


@dataclass(frozen=True)
class Turn:
    """One event. wall_ms: how long it took; cpu_ms: what it computed; queued_ms: what it waited for a free core, which is the machine's doing;
    stack: where it was found when it was late."""

    wall_ms: float
    cpu_ms: float
    queued_ms: float
    stack: str

    @property
    def held_ms(self) -> float:
        """Computing, or waiting for something else than a core: a lock, a disk, the interpreter."""
        return self.wall_ms - self.queued_ms


class Watchdog:
    """Use it in the GUI thread, around what is to be watched: `with Watchdog(application) as dog: ...; dog.turns`."""

    def __init__(self, application: WatchedApplication) -> None:
        self.turns: list[Turn] = []
        self._application = application
        self._thread = threading.get_ident()
        self._schedstat = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._since: tuple[float, float, float] | None = None
        self._stack = ""
        self._stopping = threading.Event()
        self._sampler = threading.Thread(target=self._sample, name="watchdog", daemon=True)

    def __enter__(self) -> Watchdog:
        self._application.dog = self
        self._sampler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._application.dog = None
        self._stopping.set()
        self._sampler.join()

    def worst(self) -> Turn:
        return max(self.turns, key=lambda turn: turn.held_ms)

    def worst_cpu_ms(self) -> float:
        return max(turn.cpu_ms for turn in self.turns)

    def begin(self) -> bool:
        """False if an event is being handled already, or in another thread than the watched one."""
        if self._since is not None or threading.get_ident() != self._thread:
            return False
        self._stack = ""
        self._since = self._now()
        return True

    def end(self) -> None:
        assert self._since is not None
        wall_ms, cpu_ms, queued_ms = (now - then for now, then in zip(self._now(), self._since, strict=True))
        self._since = None
        self.turns.append(Turn(wall_ms, cpu_ms, queued_ms, self._stack))

    def _now(self) -> tuple[float, float, float]:
        try:
            queued_ms = int(self._schedstat.read_text().split()[1]) / 1e6
        except OSError:  # not Linux
            queued_ms = 0.0
        return 1000 * time.perf_counter(), 1000 * time.thread_time(), queued_ms

    def _sample(self) -> None:
        while not self._stopping.wait(_SAMPLE_S):
            since = self._since
            if since is not None and 1000 * time.perf_counter() - since[0] > _LATE_MS and not self._stack:
                self._stack = _described(sys._current_frames().get(self._thread))


def _described(frame: FrameType | None) -> str:
    """The innermost places of a stack, without their source: reading that takes longer than what is watched."""
    lines: list[str] = []
    while frame is not None and len(lines) < _PLACES:
        code = frame.f_code
        lines.append(f"{Path(code.co_filename).name}:{frame.f_lineno} in {code.co_qualname}")
        frame = frame.f_back
    return "\n".join(reversed(lines))
