"""Takes: counting down to them, starting and stopping them, and how they go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QThreadPool, QTimer, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices

from ..pipeline import Failed, Ready, Recorded, SinkWriter
from ..sinks import LateRecorder, Recorder
from ..sinks.journal import RECORD
from ..sources import clock_s
from ..statistics import Figures
from ..takes import DiskSpace, disk_space, next_take
from .background import in_background

if TYPE_CHECKING:
    from .view_model import ViewModel

_LOOK_AT_DISK_S = 2.0
_STALLED_S = 2.0


class RecordingModel(QObject):
    """can_record: whether poses come. take: the file of the present or last take. next_take, next_number: path and number of the next one.

    countdown: seconds until the take begins, 0 without one. space: of the disk, None before it is known. problem: what went wrong with the last
    take, until the next. is_stalled: the take is on, but nothing has been written for some time.

    `counted` carries each second of the countdown, and 0 when it is over; `ended` the path of a take whose file was closed: its journal where that
    could not be made a recording.
    """

    changed = pyqtSignal()
    counted = pyqtSignal(int)
    ended = pyqtSignal(object)
    _closed = pyqtSignal(object)

    def __init__(self, app: ViewModel) -> None:
        super().__init__(app)
        self.take: Path | None = None
        self.next_take, self.next_number = Path(), 0
        self.countdown = 0
        self.space: DiskSpace | None = None
        self.problem = ""
        self.is_stalled = False
        self._app = app
        self._sink: LateRecorder | None = None
        self._writer: SinkWriter | None = None
        self._body_tag, self._is_told, self._progress = "", False, (0, 0.0)
        self._space_asked_s = float("-inf")
        self._order = QThreadPool(self)
        self._order.setMaxThreadCount(1)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._count)
        self._closed.connect(self._on_closed)
        app.happened.connect(self._on_event)
        app.figures_read.connect(self._on_figures)
        app.source.changed.connect(self._on_source)
        app.settings.changed.connect(self._on_setting)
        self._look_at_folder()

    @property
    def folder(self) -> Path:
        chosen = self._app.settings.value.recording.folder
        return Path(chosen) if chosen else self._app.default_folder

    @property
    def can_record(self) -> bool:
        return self._app.pipeline.has_mocap and self._app.source.is_running

    @property
    def seconds(self) -> float:
        """What was written of the present or last take."""
        return self._writer.duration_s if self._writer is not None else 0.0

    @property
    def frames(self) -> int:
        return self._writer.written if self._writer is not None else 0

    @property
    def dropped(self) -> int:
        return self._writer.dropped if self._writer is not None else 0

    @property
    def size_bytes(self) -> int:
        """Of the journal of the present take."""
        return self.frames * RECORD.itemsize

    def toggle(self) -> None:
        """Start a new take, now or after the countdown; cancel the countdown; or stop the present take."""
        if self._app.is_recording:
            self.stop()
        elif self.countdown:
            self.cancel()
        elif self.can_record:
            self._begin()

    def cancel(self) -> None:
        """End the countdown; no take begins."""
        if self.countdown:
            self._app.messages.tell(self.tr("No take was recorded: the countdown was ended"))
            self._end_countdown()

    def stop(self) -> None:
        """Returns at once; `ended` follows."""
        if self._app.pipeline.detach() is not None:
            self._app.messages.tell(self.tr("Saving ..."))
            self.changed.emit()

    def show_folder(self) -> None:
        """In the file manager, where there is one."""
        folder = self.folder.absolute()
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            text = self.tr("No file manager was found; the recordings are in {folder}")
            self._app.messages.tell(text.format(folder=folder))

    def _begin(self) -> None:
        seconds = self._app.settings.value.recording.countdown_s
        if not seconds:
            self._start()
            return
        self.countdown = seconds
        self._timer.start()
        self.counted.emit(seconds)
        self.changed.emit()

    def _count(self) -> None:
        self.countdown -= 1
        if self.countdown:
            self.counted.emit(self.countdown)
            self.changed.emit()
        else:
            self._end_countdown()
            self._start()

    def _end_countdown(self) -> None:
        self._timer.stop()
        self.countdown = 0
        self.counted.emit(0)
        self.changed.emit()

    def _start(self) -> None:
        pipeline = self._app.pipeline
        folder, body, fps = self.folder, pipeline.body, pipeline.source_fps
        self._sink = LateRecorder(lambda: Recorder(next_take(folder)[0], body, fps=fps), self._closed.emit)
        pipeline.attach(self._sink)
        self._writer = pipeline.recording
        self._body_tag, self._is_told, self._progress = body.tag, False, (0, clock_s())
        self.take, self.problem, self.is_stalled = self.next_take, "", False
        self._app.messages.clear_error("recording")
        self.changed.emit()

    def _on_figures(self, figures: Figures) -> None:
        now_s = clock_s()
        if self._app.is_recording:
            if self._sink is not None and self._sink.recorder is not None and not self._is_told:
                self._is_told = True
                self.take = self._sink.recorder.path
                self._app.messages.tell(self.tr("Recording to {path}").format(path=self.take))
            if self.frames != self._progress[0]:
                self._progress = self.frames, now_s
            self.is_stalled = now_s - self._progress[1] > _STALLED_S
        if now_s - self._space_asked_s >= _LOOK_AT_DISK_S:
            self._space_asked_s = now_s
            fps = figures.estimated_fps or self._app.pipeline.source_fps
            folder, frames = self.folder, self.frames if self._app.is_recording else 0
            in_background(lambda: disk_space(folder, fps, frames), self._set_space, pool=self._order)
        self.changed.emit()

    def _set_space(self, space: DiskSpace | None) -> None:
        self.space = space
        self.changed.emit()

    def _look_at_folder(self) -> None:
        folder = self.folder
        in_background(lambda: next_take(folder), self._set_next, pool=self._order)
        self._space_asked_s = float("-inf")

    def _set_next(self, found: tuple[Path, int]) -> None:
        self.next_take, self.next_number = found
        self.changed.emit()

    def _on_setting(self, section: str) -> None:
        if section == "recording":
            self._look_at_folder()

    def _on_source(self) -> None:
        if not self._app.source.is_running:
            self._end("")  # no pose will come any more: save what there is
        self.changed.emit()

    def _end(self, why: str) -> None:
        if self.countdown:
            self._app.messages.warn(why or self.tr("No take was recorded: no pictures come any more"))
            self._end_countdown()
        elif self._app.is_recording and why:
            self._app.messages.warn(why)
        self.stop()

    def _on_event(self, event: object) -> None:
        match event:
            case Recorded(LateRecorder() as sink, written, dropped):
                self._tell_saved(sink, written, dropped)
            case Failed("recording", error):
                self.problem = str(error)
                if (
                    self._sink is not None and self._sink.error is not None
                ):  # not a take before, which is still being saved
                    self.stop()
            case Failed("estimation", _):
                self._end("")
            case Ready("estimation"):
                self._end_if_other_body()
            case _:
                return
        self.changed.emit()

    def _end_if_other_body(self) -> None:
        """A take is made with one body, to which its joints and shape belong."""
        if self._app.is_recording and self._app.pipeline.body.tag != self._body_tag:
            self._end(self.tr("The take was ended, because another body is used from now on"))

    def _tell_saved(self, sink: LateRecorder, written: int, dropped: int) -> None:
        if sink.kept is None:
            self._app.messages.tell(self.tr("Nothing was recorded."))
            return
        text = self.tr("Saved {path} ({written} frames, {dropped} could not be written in time)")
        if not dropped:
            text = self.tr("Saved {path} ({written} frames)")
        self._app.messages.tell(text.format(path=sink.kept, written=written, dropped=dropped))

    def _on_closed(self, sink: LateRecorder) -> None:
        self._look_at_folder()
        if sink.kept is None or sink.recorder is None:
            return
        if sink.error is not None:
            text = self.tr("{frames} frames were written before that and are kept in {path}")
            if sink.kept != sink.recorder.path:
                text += self.tr("; once there is room, save them in the list of takes")
            self._app.messages.warn(text.format(frames=sink.recorder.frames_written, path=sink.kept))
        self.ended.emit(sink.kept)
