"""Capture, estimation and drawing, each in a thread of its own; sources and estimators are exchanged while it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ..frame import SmplxFrame
from ..sinks.base import Sink
from ..sources import FrameSource, clock_s
from ..statistics import Statistics
from ..streaming import Stream
from .estimation import Estimation
from .events import Ended, Event, Failed, LiveFrame, Ready, for_people
from .fan_out import SinkWriter, Streamer
from .mocaps import Mocap, Mocaps
from .slot import LatestSlot

if TYPE_CHECKING:
    from ..body import BodyModel

_JOIN_TIMEOUT_S = 3.0  # a camera that has gone silent returns from its read after two
_SWITCH_POLL_S = 0.1

OpenSource = Callable[[], FrameSource | None]


class View(Protocol):
    """Draws estimates; opened, used and closed in the render thread."""

    def set_body(self, body: BodyModel) -> None: ...

    def draw(self, frame: LiveFrame) -> None: ...

    def close(self) -> None: ...


class Pipeline:
    """Runs capture, estimation and view, each opened and closed in its own thread.

    notify is called from those threads. statistics counts what happens. recording is the attached writer, if any. source: the
    one that is read, once capture is `Ready`; only what it says may be called from other threads is to be called here.
    """

    def __init__(self, open_view: Callable[[], View], notify: Callable[[Event], None]) -> None:
        self.statistics = Statistics()
        self.recording: SinkWriter | None = None
        self.source: FrameSource | None = None
        self._open_view, self._notify = open_view, notify
        self._stopping = threading.Event()
        self._recording_lock = threading.Lock()
        self._streamers: tuple[Streamer, ...] = ()
        self._wanted_source: LatestSlot[OpenSource] = LatestSlot()
        self._captured: LatestSlot[LiveFrame] = LatestSlot()
        self._estimated: LatestSlot[LiveFrame] = LatestSlot()
        self._newest: LiveFrame | None = None
        self._mocaps = Mocaps(self._notify)
        estimation = Estimation(self._captured, self._mocaps, self.statistics, self._hand_on, self._notify)
        self._threads = [
            threading.Thread(target=self._guarded, args=(name, stage), name=name, daemon=True)
            for name, stage in (
                ("capture", self._capture),
                ("estimation", estimation.look),
                ("estimation", estimation.solve),
                ("render", self._render),
            )
        ]

    @property
    def has_body(self) -> bool:
        return self._mocaps.body is not None

    @property
    def has_mocap(self) -> bool:
        """Whether pictures are estimated: an estimator was loaded and has not failed."""
        return self._mocaps.is_there

    @property
    def body(self) -> BodyModel:
        """The body of the estimator, once estimation is `Ready`."""
        if self._mocaps.body is None:
            raise ValueError("body: expected estimation to be ready")
        return self._mocaps.body

    @property
    def source_fps(self) -> float:
        """Nominal rate of the source, 0 without one."""
        return 0.0 if self.source is None else self.source.fps

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def set_source(self, open_source: OpenSource) -> None:
        """Read another source, which is opened in the capture thread; None of it: read nothing. `Ready("capture")` or `Failed("capture")` follows.

        Its pictures are counted anew, and the person in them is looked for anew. A source that ended or failed is closed; the
        pipeline waits for the next.
        """
        self._wanted_source.put(open_source)
        if (source := self.source) is not None:
            source.interrupt()

    def set_mocap(self, open_mocap: Callable[[], Mocap]) -> None:
        """Estimate with another estimator, which is loaded in a thread of its own while the present one goes on.

        `Ready("estimation")` follows, or `Failed`, after which the present one stays. Of several the last one counts.
        """
        self._mocaps.load(open_mocap)

    def set_controls(self, controls: Any) -> None:
        """What the estimator heeds from its next picture on; later estimators, too."""
        self._mocaps.set_controls(controls)

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
        """Draw the newest frame once more, for a view that was changed while no pictures come."""
        if self._newest is not None:
            self._estimated.put(replace(self._newest, captured_s=None))

    def stop(self) -> bool:
        """End all threads and finish the recording. False if one did not end within its time."""
        self._stopping.set()
        for slot in (self._wanted_source, self._captured, self._estimated):
            slot.close()
        if (source := self.source) is not None:
            source.interrupt()
        self._mocaps.stop()
        for streamer in self._streamers:
            streamer.close()
        writer = self.detach()
        deadline_s = clock_s() + _JOIN_TIMEOUT_S
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(deadline_s - clock_s(), 0.0))
        loaded = self._mocaps.join(max(deadline_s - clock_s(), 0.0))
        written = writer is None or writer.join(max(deadline_s - clock_s(), 1.0))
        return written and loaded and not any(thread.is_alive() for thread in self._threads)

    def _told(self, event: Event) -> None:
        self._notify(event)

    def _guarded(self, name: str, stage: Callable[[], None]) -> None:
        try:
            stage()
        except Exception as error:
            self._notify(Failed(name, for_people(name, error)))

    def _capture(self) -> None:
        number = 0
        while not self._stopping.is_set():
            open_source = self._wanted_source.get()
            if open_source is not None:
                number += 1
                self._guarded("capture", partial(self._read, open_source, number))

    def _read(self, open_source: OpenSource, number: int) -> None:
        source = open_source()
        if source is None:
            return
        try:
            self.source = source
            self._notify(Ready("capture"))
            while not self._stopping.is_set() and self._wanted_source.is_empty:
                picture = source.read()
                if picture is None:
                    if self._wanted_source.is_empty and not self._stopping.is_set():  # not merely interrupted
                        self._notify(Ended(source.warning))
                    return
                self.statistics.captured()
                frame = LiveFrame(picture, picture.time_s if source.live else clock_s(), None, number, source.live)
                if not self._mocaps.is_there:
                    self._newest = frame
                    self._estimated.put(frame)  # something to see while the estimator loads, or after it has failed
                self._captured.put(frame)
                while not source.live and not self._stopping.is_set() and self._wanted_source.is_empty:
                    if self._captured.wait_until_taken(_SWITCH_POLL_S):
                        break
        finally:
            self.source = None
            source.close()

    def _hand_on(self, captured: LiveFrame, pose: SmplxFrame) -> None:
        self.statistics.estimated(captured.picture.index)
        for streamer in self._streamers:
            streamer.offer(pose, captured.captured_s)
        with self._recording_lock:
            if self.recording is not None:
                self.recording.offer(pose, captured.picture)
        self._newest = replace(captured, pose=pose)
        self._estimated.put(self._newest)

    def _render(self) -> None:
        view = self._open_view()
        try:
            self._notify(Ready("render"))
            body: BodyModel | None = None
            while (frame := self._estimated.get()) is not None:
                if frame.pose is not None and self._mocaps.body is not body:
                    body = self._mocaps.body
                    if body is not None:
                        view.set_body(body)
                view.draw(frame)
        finally:
            view.close()
