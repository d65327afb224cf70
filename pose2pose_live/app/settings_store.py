"""The settings while the window is open: who changes one tells here, who depends on one listens here."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, QThreadPool, QTimer, pyqtSignal

from .background import in_background
from .settings import Settings, read_settings, write_settings

_SAVE_AFTER_MS = 400  # a slider that is dragged is one change


class SettingsStore(QObject):
    """value: the settings now. problems: what of the file was not understood. `changed` carries the section's name.

    path: None keeps nothing.
    """

    changed = pyqtSignal(str)
    could_not_save = pyqtSignal(str)

    def __init__(self, path: Path | None) -> None:
        super().__init__()
        self.path = path
        self.value, self.problems = (Settings(), list[str]()) if path is None else read_settings(path)
        self._for_this_run: dict[tuple[str, str], Any] = {}
        self._order = QThreadPool(self)
        self._order.setMaxThreadCount(1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAVE_AFTER_MS)
        self._timer.timeout.connect(self._save_in_background)

    def change(self, section: str, **values: Any) -> None:
        """Set values of a section, tell who listens, and save soon."""
        for name in values:
            self._for_this_run.pop((section, name), None)
        if self._set(section, values):
            self._timer.start()

    def override(self, section: str, **values: Any) -> None:
        """Set values for this run, as the command line does; what is saved stays until a person changes it in the window."""
        for name in values:
            self._for_this_run.setdefault((section, name), getattr(getattr(self.value, section), name))
        self._set(section, values)

    def reset(self, sections: Sequence[str] = ()) -> None:
        """Back to the defaults, all sections or those."""
        for entry in dataclasses.fields(Settings):
            if not sections or entry.name in sections:
                default = getattr(Settings(), entry.name)
                self.change(entry.name, **{f.name: getattr(default, f.name) for f in dataclasses.fields(default)})

    def close(self) -> None:
        """Save what is not saved yet. Call it once, at the end."""
        self._order.waitForDone(2000)
        if self._timer.isActive():
            self._timer.stop()
            self._save_now(self._to_save())

    def _set(self, section: str, values: dict[str, Any]) -> bool:
        before = getattr(self.value, section)
        after = dataclasses.replace(before, **values)
        if after == before:
            return False
        self.value = dataclasses.replace(self.value, **{section: after})
        self.changed.emit(section)
        return True

    def _to_save(self) -> Settings:
        saved = self.value
        for (section, name), value in self._for_this_run.items():
            saved = dataclasses.replace(
                saved, **{section: dataclasses.replace(getattr(saved, section), **{name: value})}
            )
        return saved

    def _save_in_background(self) -> None:
        saved = self._to_save()
        in_background(lambda: self._save_now(saved), pool=self._order)

    def _save_now(self, saved: Settings) -> None:
        if self.path is None:
            return
        try:
            write_settings(self.path, saved)
        except OSError as error:
            self.could_not_save.emit(
                f"The settings cannot be saved to {self.path} ({error.strerror}); they hold until you close the window"
            )
