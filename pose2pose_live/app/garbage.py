"""Python's garbage collection, kept out of the way while a capture runs."""

from __future__ import annotations

import gc

from PyQt6.QtCore import QObject, QTimer

from ..pipeline import Ready
from .window import MainWindow

_EVERY_MS = 1000
_SETTLE_AFTER_MS = 3000
_THRESHOLDS = (2000, 10, 10)  # objects, collections of the youngest, collections of the middle ones


class GarbageCollector(QObject):
    """Collects in the GUI thread alone, from its making until `close`, and leaves out what a window has loaded: at first, and with each further estimator.

    Left to itself Python collects in whatever thread allocates: a widget that dies in a worker thread may take the program with it, and a full collection over
    half a million objects of libraries holds the interpreter, and with it every thread, for up to 40 ms.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        gc.disable()
        self._window = window
        window.sidebar.prepared.connect(self.settle)
        window.app.happened.connect(self._on_event)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def settle(self) -> None:
        """What lives now will live on: leave it out from now on. Takes some tenths of a second: call it when nobody waits."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()

    def close(self) -> None:
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def _on_event(self, event: object) -> None:
        if event == Ready("estimation") and self._window.sidebar.is_prepared:
            QTimer.singleShot(_SETTLE_AFTER_MS, self.settle)

    def _collect(self) -> None:
        due = [count > most for count, most in zip(gc.get_count(), _THRESHOLDS, strict=True)]
        if any(due):
            gc.collect(max(generation for generation, is_due in enumerate(due) if is_due))
