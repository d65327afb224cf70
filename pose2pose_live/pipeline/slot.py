"""A mailbox with one place."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """One-place mailbox between two threads: the newest item wins, `dropped` counts those that nobody took."""

    def __init__(self) -> None:
        self.dropped = 0
        self._condition = threading.Condition()
        self._item: T | None = None
        self._closed = False

    @property
    def is_empty(self) -> bool:
        return self._item is None

    def put(self, item: T) -> None:
        with self._condition:
            if self._item is not None:
                self.dropped += 1
            self._item = item
            self._condition.notify_all()

    def get(self) -> T | None:
        """Wait for an item and take it; None once the slot is closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._item is not None or self._closed)
            item, self._item = self._item, None
            self._condition.notify_all()
            return None if self._closed else item

    def take(self) -> T | None:
        """The item if there is one, without waiting."""
        with self._condition:
            item, self._item = self._item, None
            self._condition.notify_all()
            return item

    def wait_until_taken(self, timeout_s: float | None = None) -> bool:
        """False if the time is up before."""
        with self._condition:
            return self._condition.wait_for(lambda: self._item is None or self._closed, timeout_s)

    def close(self) -> None:
        """Wake and send away who waits."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
