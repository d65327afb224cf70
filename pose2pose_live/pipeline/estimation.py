"""Estimation in two threads: while one picture is solved, the networks look at the next, if there are cores for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Queue
from typing import Any

from ..frame import SmplxFrame
from ..processor import core_count
from ..statistics import Statistics
from .events import Event, Failed, LiveFrame, for_people
from .mocaps import Mocap, Mocaps
from .slot import LatestSlot

_LOOKS_AHEAD = core_count() > 2


class Estimation:
    """`look` and `solve` are the two threads; they end when `captured` is closed. hand_on takes each picture with its pose.

    On two cores, which the networks fill by themselves, the next picture waits until the one before is solved: looking ahead was no faster
    there, and every pose 10 ms later.

    What is seen is handed over one by one and never dropped, for an estimator counts on it that it solves all it has seen. A picture waits
    only in `captured`, where a newer one takes its place.
    """

    def __init__(
        self,
        captured: LatestSlot[LiveFrame],
        mocaps: Mocaps,
        statistics: Statistics,
        hand_on: Callable[[LiveFrame, SmplxFrame], None],
        notify: Callable[[Event], None],
    ) -> None:
        self._captured, self._mocaps, self._statistics = captured, mocaps, statistics
        self._hand_on, self._notify = hand_on, notify
        self._seen: Queue[tuple[LiveFrame, Mocap, Any] | None] = Queue(1)
        self._looking = threading.Lock()
        self._source_number = self._cuts = 0

    def look(self) -> None:
        try:
            while self._mocaps.wait() and (captured := self._captured.get()) is not None:
                try:
                    self._look_at(captured)
                except Exception as error:
                    self._seen.join()
                    self._fail(error)
        finally:
            self._seen.put(None)
            self._seen.join()
            self._mocaps.drop()

    def _look_at(self, captured: LiveFrame) -> None:
        self._prepare_for(captured)
        with self._looking:
            has_searched = self._mocaps.present is not None and self._mocaps.present.search(captured.picture)
        if has_searched and captured.is_live and (newer := self._captured.take()) is not None:
            captured = newer
            self._prepare_for(captured)
        with self._looking:
            if (mocap := self._mocaps.present) is None:
                return
            sighting = mocap.observe(captured.picture)
        self._seen.put((captured, mocap, sighting))
        if not _LOOKS_AHEAD:
            self._seen.join()

    def solve(self) -> None:
        is_open = True
        while is_open:
            failure: Exception | None = None
            seen = self._seen.get()
            try:
                if seen is None:
                    is_open = False
                elif seen[1] is self._mocaps.present:
                    captured, mocap, sighting = seen
                    self._hand_on(captured, mocap.solve(sighting))
            except Exception as error:
                failure = error
            finally:
                self._seen.task_done()
            if failure is not None:
                self._fail(failure)

    def _prepare_for(self, captured: LiveFrame) -> None:
        """Another estimator, another source or a jump in it: what was seen before is solved first."""
        number, cuts = captured.source_number, captured.picture.cuts
        has_another, is_other_source = self._mocaps.has_another, number != self._source_number
        if not has_another and not is_other_source and cuts == self._cuts:
            return
        self._seen.join()
        self._source_number, self._cuts = number, cuts
        if is_other_source:
            self._statistics.restart_indices()
        with self._looking:
            if has_another:
                self._mocaps.use_another()
            elif self._mocaps.present is not None:
                self._mocaps.present.reset()

    def _fail(self, error: Exception) -> None:
        with self._looking:
            was_there = self._mocaps.drop()
        if was_there:
            self._notify(Failed("estimation", for_people("estimation", error)))
