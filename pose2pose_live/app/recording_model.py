"""Takes: starting and stopping them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from ..errors import RecordingError
from ..pipeline import Failed, Ready, Recorded
from ..sinks.recorder import Recorder

if TYPE_CHECKING:
    from .view_model import ViewModel


class RecordingModel(QObject):
    """can_record: whether poses come. take: the file of the present or last take."""

    changed = pyqtSignal()

    def __init__(self, app: ViewModel) -> None:
        super().__init__(app)
        self.take: Path | None = None
        self._app = app
        app.happened.connect(self._on_event)
        app.source.changed.connect(self._on_source)

    @property
    def folder(self) -> Path:
        chosen = self._app.settings.value.recording.folder
        return Path(chosen) if chosen else self._app.default_folder

    @property
    def can_record(self) -> bool:
        return self._app.pipeline.has_mocap and self._app.source.is_running

    def toggle(self) -> None:
        """Start a new take, or stop the present one."""
        if self._app.is_recording:
            self.stop()
            return
        pipeline = self._app.pipeline
        try:
            recorder = Recorder(self.folder / "take.npz", pipeline.body, fps=pipeline.source_fps)
        except RecordingError as error:
            self._app.messages.fail(str(error), "recording")
            return
        pipeline.attach(recorder)
        self._app.messages.clear_error("recording")
        self.take = recorder.path
        self._app.messages.tell(self.tr("Recording to {path}").format(path=self.take))
        self.changed.emit()

    def stop(self) -> None:
        """Returns at once; `Recorded` or `Failed` follows."""
        if self._app.pipeline.detach() is not None:
            self._app.messages.tell(self.tr("Saving ..."))
            self.changed.emit()

    def _on_source(self) -> None:
        if not self._app.source.is_running:
            self.stop()  # no pose will come any more: save what there is
        self.changed.emit()

    def _on_event(self, event: object) -> None:
        match event:
            case Recorded(_, 0, _):
                self._app.messages.tell(self.tr("Nothing was recorded."))
            case Recorded(_, written, dropped):
                text = self.tr("Saved {path} ({written} frames, {dropped} could not be written in time)")
                if not dropped:
                    text = self.tr("Saved {path} ({written} frames)")
                self._app.messages.tell(text.format(path=self.take, written=written, dropped=dropped))
            case Failed("recording" | "estimation", _):
                self.stop()
                self.changed.emit()
            case Ready("estimation"):
                self.changed.emit()
