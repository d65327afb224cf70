"""Which pictures are captured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from ..pipeline import Ended, Failed, Ready

if TYPE_CHECKING:
    from .view_model import ViewModel


class SourceModel(QObject):
    """note: what to say in place of a picture. is_running: whether pictures come."""

    changed = pyqtSignal()

    def __init__(self, app: ViewModel) -> None:
        super().__init__(app)
        self.note = self.tr("Opening the camera ...")
        self.is_running = False
        self._app = app
        app.happened.connect(self._on_event)

    def start(self) -> None:
        settings = self._app.settings.value.source
        self._app.pipeline.set_source(lambda: self._app.backend.open_source(settings))

    def _on_event(self, event: object) -> None:
        match event:
            case Ready("capture"):
                self._show(self.tr("Waiting for the first picture ..."), is_running=True)
            case Ended(warning):
                self._app.messages.tell(warning or self.tr("The video has ended."))
                self._show(self.note, is_running=False)
            case Failed("capture", _):
                self._show(self.tr("No picture"), is_running=False)

    def _show(self, note: str, *, is_running: bool) -> None:
        self.note, self.is_running = note, is_running
        self.changed.emit()
