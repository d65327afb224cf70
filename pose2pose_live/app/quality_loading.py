"""Engine, runtime and body are exchanged while the present ones go on; what cannot be loaded is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, pyqtSignal

from ..pipeline import Failed, Ready

if TYPE_CHECKING:
    from .settings import Settings
    from .view_model import ViewModel

_Choice = dict[str, dict[str, Any]]


class MocapLoader(QObject):
    """is_loading: another estimator is on its way. changed: it is, or is no more. loaded: it is there."""

    changed = pyqtSignal()
    loaded = pyqtSignal()

    def __init__(self, app: ViewModel) -> None:
        super().__init__(app)
        self.is_loading = True  # the first one, which the window's start orders
        self._app = app
        self._ordered = _choice(app.settings.value)
        self._working: _Choice | None = None
        app.settings.changed.connect(self._on_setting)
        app.happened.connect(self._on_event)

    def choose(self, section: str, **values: Any) -> bool:
        """Change what is loaded. False, and a line that says why, while a take is recorded."""
        if self._app.is_recording:
            self._app.messages.warn(
                self.tr("Stop the recording first: a take is made with one engine and one body from beginning to end")
            )
            return False
        self._app.settings.change(section, **values)
        return True

    def _on_setting(self, section: str) -> None:
        choice = _choice(self._app.settings.value)
        if section not in choice or _named(choice) == _named(self._ordered):
            return
        self._ordered = choice
        self.is_loading = True
        self._app.load_mocap()
        self.changed.emit()

    def _on_event(self, event: object) -> None:
        match event:
            case Ready("estimation"):
                self._working, self.is_loading = self._ordered, False
                self.loaded.emit()
            case Failed("loading", _):
                self.is_loading = False
                self._take_back()
            case _:
                return
        self.changed.emit()

    def _take_back(self) -> None:
        """The settings name again what goes on running."""
        if self._working is None or _named(self._working) == _named(_choice(self._app.settings.value)):
            return
        self._ordered = self._working
        for section, values in self._working.items():
            self._app.settings.change(section, **values)


def _choice(settings: Settings) -> _Choice:
    """What is loaded, by sections of the settings, and what belongs to it: a shape is of one body."""
    return {
        "quality": {"engine": settings.quality.engine, "runtime": settings.quality.runtime},
        "body": {"path": settings.body.path, "betas": settings.body.betas},
    }


def _named(choice: _Choice) -> tuple[str, str, str]:
    return choice["quality"]["engine"], choice["quality"]["runtime"], choice["body"]["path"]
