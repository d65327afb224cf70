"""Work that may take a while, kept out of the GUI thread."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from PyQt6.QtCore import QObject, QRunnable, QThreadPool, pyqtSignal

from ..errors import Pose2PoseError

T = TypeVar("T")

log = logging.getLogger(__name__)


def in_background(
    work: Callable[[], T],
    then: Callable[[T], object] | None = None,
    failed: Callable[[str], object] | None = None,
    *,
    pool: QThreadPool | None = None,
) -> None:
    """Run work in a worker thread; then, in the thread that called this, hand its result to `then` or what went wrong, as a line for people, to `failed`.

    pool: of one thread for work that must keep its order. A receiver that is a method of a QObject is left out once that object is gone.
    """
    task = _Task(work, then, failed)
    (pool or QThreadPool.globalInstance()).start(task)  # type: ignore[union-attr]


class _Answer(QObject):
    """Lives in the thread that asked; a queued signal brings the answer there."""

    came = pyqtSignal(object, object)

    def __init__(self, then: Callable[[Any], object] | None, failed: Callable[[str], object] | None) -> None:
        super().__init__()
        self._then, self._failed = then, failed
        self.came.connect(self._deliver)
        _waiting.add(self)

    def _deliver(self, result: Any, error: str | None) -> None:
        _waiting.discard(self)
        receiver = self._then if error is None else self._failed
        if receiver is None or _is_gone(receiver):
            if error is not None:
                log.warning("%s", error)
            return
        receiver(result if error is None else error)


_waiting: set[_Answer] = set()  # or nobody would keep them


class _Task(QRunnable):
    def __init__(
        self, work: Callable[[], Any], then: Callable[[Any], object] | None, failed: Callable[[str], object] | None
    ) -> None:
        super().__init__()
        self._work = work
        self._answer = _Answer(then, failed)

    def run(self) -> None:
        result, text = None, None
        try:
            result = self._work()
        except Pose2PoseError as error:
            text = str(error)
        except OSError as error:
            text = f"{error.filename or 'the system'}: {error.strerror or error}"
        except Exception as error:
            log.debug("unexpected error in the background", exc_info=error)
            text = f"an unexpected error ({type(error).__name__}: {error}); please report it, with what you did before"
        with contextlib.suppress(RuntimeError):  # the application has ended meanwhile
            self._answer.came.emit(result, text)


def _is_gone(receiver: Callable[..., object]) -> bool:
    """Whether the receiver is a method of a Qt object that C++ has deleted."""
    from PyQt6 import sip

    owner = getattr(receiver, "__self__", None)
    return isinstance(owner, QObject) and sip.isdeleted(owner)
