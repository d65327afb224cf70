"""The only file that starts threads that move frames.

capture -> [slot] -> estimation -> [slot] -> render
                                -> [queue] -> writer of a sink, while one is attached
                                -> [slot] -> streamer of each target

A slot keeps the newest item and drops the older one; the queue waits up to its bound and then drops. Both count what they
drop. Stages know nothing of threads; every error of theirs arrives in the one `notify` callback.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from .errors import Pose2PoseError
from .frame import CameraFrame, SmplxFrame
from .sinks.base import Sink
from .sources import FrameSource, clock_s
from .statistics import Statistics
from .streaming import Stream

if TYPE_CHECKING:
    from .body import BodyModel

T = TypeVar("T")

_QUEUE_LENGTH = 32  # about a second; each waiting item keeps a whole picture in memory
_JOIN_TIMEOUT_S = 3.0  # a camera that has gone silent returns from its read after two

log = logging.getLogger(__name__)


class Mocap(Protocol):
    """What the pipeline needs of `mocap.MotionCapture`."""

    @property
    def body(self) -> BodyModel: ...

    def __call__(self, picture: CameraFrame, /) -> SmplxFrame: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class LiveFrame:
    """A picture on its way to the screen.

    captured_s: when it was taken, on `clock_s`; None when it is only drawn again. pose: None before mocap is loaded.
    """

    picture: CameraFrame
    captured_s: float | None
    pose: SmplxFrame | None


class View(Protocol):
    """Draws estimates; opened, used and closed in the render thread."""

    def set_body(self, body: BodyModel) -> None: ...

    def draw(self, frame: LiveFrame) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Ready:
    """A stage has opened what it needs. stage: capture, estimation or render."""

    stage: str


@dataclass(frozen=True)
class Ended:
    """The source has no more pictures. warning: what was wrong with it, or empty."""

    warning: str


@dataclass(frozen=True)
class Failed:
    """A stage or the writer of a sink stopped. error: what to tell; its text is one line for people."""

    stage: str
    error: Pose2PoseError


@dataclass(frozen=True)
class Recorded:
    """A sink was closed after all that was handed to it was written."""

    sink: Sink
    written: int
    dropped: int


Event = Ready | Ended | Failed | Recorded


class LatestSlot(Generic[T]):
    """One-place mailbox between two threads: the newest item wins, `dropped` counts those that nobody took."""

    def __init__(self) -> None:
        self.dropped = 0
        self._condition = threading.Condition()
        self._item: T | None = None
        self._closed = False

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

    def wait_until_taken(self) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self._item is None or self._closed)

    def close(self) -> None:
        """Wake and send away who waits."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()


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
                self._notify(Failed("recording", _for_people("recording", failure)))
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
                self._notify(Failed("recording", _for_people("recording", failure)))
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
            self._notify(Failed("streaming", _for_people("streaming", error)))
        finally:
            self.stream.close()


class Pipeline:
    """Runs capture, estimation and view, each opened and closed in its own thread.

    notify is called from those threads. statistics counts what happens. recording is the attached writer, if any. source_fps:
    nominal rate of the source, once capture is `Ready`.
    """

    def __init__(
        self,
        open_capture: Callable[[], FrameSource],
        open_mocap: Callable[[], Mocap],
        open_view: Callable[[], View],
        notify: Callable[[Event], None],
    ) -> None:
        self.statistics = Statistics()
        self.recording: SinkWriter | None = None
        self.source_fps = 0.0
        self._open_capture, self._open_mocap, self._open_view = open_capture, open_mocap, open_view
        self._notify = notify
        self._stopping = threading.Event()
        self._recording_lock = threading.Lock()
        self._streamers: tuple[Streamer, ...] = ()
        self._captured: LatestSlot[LiveFrame] = LatestSlot()
        self._estimated: LatestSlot[LiveFrame] = LatestSlot()
        self._newest: LiveFrame | None = None
        self._body: BodyModel | None = None
        self._threads = [
            threading.Thread(target=self._guarded, args=(name, stage), name=name, daemon=True)
            for name, stage in (("capture", self._capture), ("estimation", self._estimate), ("render", self._render))
        ]

    @property
    def has_body(self) -> bool:
        return self._body is not None

    @property
    def body(self) -> BodyModel:
        """The body of the estimator, once estimation is `Ready`."""
        if self._body is None:
            raise ValueError("body: expected estimation to be ready")
        return self._body

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def attach(self, sink: Sink) -> None:
        """Write every pose from now on to sink, until `detach`."""
        with self._recording_lock:
            if self.recording is not None:
                raise ValueError("attach: a sink is attached already, detach it first")
            self.recording = SinkWriter(sink, self._notify)

    def detach(self) -> SinkWriter | None:
        """Stop writing and close the sink in the background; `Recorded` or `Failed` follows. Returns its writer."""
        with self._recording_lock:
            writer, self.recording = self.recording, None
        if writer is not None:
            writer.finish()
        return writer

    def add_stream(self, stream: Stream) -> None:
        """Send every pose from now on, until `remove_stream`; `Failed` follows if it cannot."""
        self._streamers += (Streamer(stream, self._notify),)

    def remove_stream(self, stream: Stream) -> None:
        """Stop sending and close the stream in the background."""
        removed = [streamer for streamer in self._streamers if streamer.stream is stream]
        self._streamers = tuple(streamer for streamer in self._streamers if streamer.stream is not stream)
        for streamer in removed:
            streamer.close()

    def redraw(self) -> None:
        """Draw the newest frame once more, for a view that was turned after the source had ended."""
        if self._newest is not None:
            self._estimated.put(replace(self._newest, captured_s=None))

    def stop(self) -> bool:
        """End all threads and finish the recording. False if one did not end within its time."""
        self._stopping.set()
        self._captured.close()
        self._estimated.close()
        for streamer in self._streamers:
            streamer.close()
        writer = self.detach()
        deadline_s = clock_s() + _JOIN_TIMEOUT_S
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(deadline_s - clock_s(), 0.0))
        written = writer is None or writer.join(max(deadline_s - clock_s(), 1.0))
        return written and not any(thread.is_alive() for thread in self._threads)

    def _guarded(self, name: str, stage: Callable[[], None]) -> None:
        try:
            stage()
        except Exception as error:
            self._notify(Failed(name, _for_people(name, error)))

    def _capture(self) -> None:
        source = self._open_capture()
        try:
            self.source_fps = source.fps
            self._notify(Ready("capture"))
            while not self._stopping.is_set():
                picture = source.read()
                if picture is None:
                    self._notify(Ended(source.warning))
                    return
                self.statistics.captured()
                frame = LiveFrame(picture, picture.time_s if source.live else clock_s(), None)
                if self._body is None:
                    self._estimated.put(frame)  # something to see while the estimator loads
                self._captured.put(frame)
                if not source.live:
                    self._captured.wait_until_taken()
        finally:
            source.close()

    def _estimate(self) -> None:
        mocap = self._open_mocap()
        try:
            self._body = mocap.body
            self._notify(Ready("estimation"))
            while (captured := self._captured.get()) is not None:
                picture = captured.picture
                pose = mocap(picture)
                self.statistics.estimated(picture.index)
                for streamer in self._streamers:
                    streamer.offer(pose, captured.captured_s)
                with self._recording_lock:
                    if self.recording is not None:
                        self.recording.offer(pose, picture)
                self._newest = replace(captured, pose=pose)
                self._estimated.put(self._newest)
        finally:
            mocap.close()

    def _render(self) -> None:
        view = self._open_view()
        try:
            self._notify(Ready("render"))
            has_body = False
            while (frame := self._estimated.get()) is not None:
                if not has_body and frame.pose is not None and self._body is not None:
                    view.set_body(self._body)
                    has_body = True
                view.draw(frame)
        finally:
            view.close()


def _for_people(stage: str, error: Exception) -> Pose2PoseError:
    if isinstance(error, Pose2PoseError):
        return error
    log.debug("unexpected error in %s", stage, exc_info=error)
    what = f"{type(error).__name__}: {error}"
    return Pose2PoseError(
        f"{stage} stopped by an unexpected error ({what}). Please report it, with what you did before"
    )
