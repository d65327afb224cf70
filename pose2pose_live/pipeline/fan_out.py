"""The threads that take poses away from the pipeline: the writer of a sink and the streamer of a target. Neither ever makes it wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

from ..frame import CameraFrame, SmplxFrame
from ..sinks.base import Sink
from ..streaming import Stream
from .events import Event, Failed, Recorded, for_people
from .slot import LatestSlot

_QUEUE_LENGTH = 32  # about a second; each waiting item keeps a whole picture in memory


class SinkWriter:
    """Feeds one sink from a bounded queue in a thread of its own.

    written, dropped: poses counted so far. duration_s: capture time that the written poses cover.
    """

    def __init__(self, sink: Sink, notify: Callable[[Event], None]) -> None:
        self.sink = sink
        self.written = 0
        self.dropped = 0
        self.duration_s = 0.0
        self._notify = notify
        self._queue: SimpleQueue[tuple[SmplxFrame, CameraFrame] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def offer(self, pose: SmplxFrame, picture: CameraFrame) -> None:
        """Never blocks. Called by one thread at a time."""
        if self._queue.qsize() < _QUEUE_LENGTH:
            self._queue.put((pose, picture))
        else:
            self.dropped += 1

    def finish(self) -> None:
        """Let the thread write what waits, close the sink and report; returns at once. Nothing may be offered any more."""
        self._queue.put(None)

    def join(self, timeout_s: float) -> bool:
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        first_s: float | None = None
        error: Exception | None = None
        while (item := self._queue.get()) is not None:
            if error is not None:
                continue  # the queue is emptied until `finish`, so that nobody waits for it
            try:
                self.sink.write(*item)
            except Exception as failure:
                error = failure
                self._notify(Failed("recording", for_people("recording", failure)))
                continue
            pose = item[0]
            first_s = pose.time_s if first_s is None else first_s
            self.duration_s = pose.time_s - first_s
            self.written += 1
        try:
            self.sink.close()
        except Exception as failure:
            if error is None:
                error = failure
                self._notify(Failed("recording", for_people("recording", failure)))
        if error is None:
            self._notify(Recorded(self.sink, self.written, self.dropped))


class Streamer:
    """Feeds one stream with the newest poses in a thread of its own, so that nothing of the network is ever waited for. A `Sink`, too.

    notify is told once when the stream fails, after which poses are ignored. times_are_clock: poses of `write` are stamped with `clock_s`,
    as those of a live source are.
    """

    def __init__(self, stream: Stream, notify: Callable[[Event], None], *, times_are_clock: bool = False) -> None:
        self.stream = stream
        self._notify, self._times_are_clock = notify, times_are_clock
        self._slot: LatestSlot[tuple[SmplxFrame, float | None]] = LatestSlot()
        self._thread = threading.Thread(target=self._run, name="streamer", daemon=True)
        self._thread.start()

    def offer(self, pose: SmplxFrame, captured_s: float | None) -> None:
        """Never blocks."""
        self._slot.put((pose, captured_s))

    def write(self, pose: SmplxFrame, picture: CameraFrame) -> None:
        self.offer(pose, picture.time_s if self._times_are_clock else None)

    def close(self) -> None:
        """Let the thread end by itself: it may be waiting for the answer of a name server."""
        self._slot.close()

    def _run(self) -> None:
        try:
            while (item := self._slot.get()) is not None:
                self.stream.send(*item)
        except Exception as error:
            self._notify(Failed("streaming", for_people("streaming", error)))
        finally:
            self.stream.close()
