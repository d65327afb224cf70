"""The targets that poses are sent to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from ..pipeline import Ready
from ..streaming import Stream, Target
from .settings import StreamSettings

if TYPE_CHECKING:
    from .view_model import ViewModel


class StreamTarget:
    """One target. stream: what sends, while it is on and a body is loaded. problem: why nothing can be sent, or empty."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.is_on = False
        self.stream: Stream | None = None
        self.problem = ""

    def state(self) -> str:
        """How it goes, in a line."""
        if self.problem or self.stream is None:
            return self.problem
        figures = self.stream.figures()
        return figures.problem or str(figures)

    @property
    def has_problem(self) -> bool:
        return bool(self.problem or (self.stream is not None and self.stream.figures().problem))


class StreamsModel(QObject):
    """targets: in the order in which they are shown. `changed`: targets came, went or were switched."""

    changed = pyqtSignal()

    def __init__(self, app: ViewModel, targets: Sequence[Target]) -> None:
        super().__init__(app)
        self.targets: list[StreamTarget] = []
        self._app = app
        self._load()
        for target in targets:  # of the command line
            entry = next((one for one in self.targets if one.target == target), None) or self._append(target)
            entry.is_on = True
        app.happened.connect(self._on_event)
        app.settings.changed.connect(self._on_setting)

    @property
    def sending(self) -> int:
        """How many targets are switched on."""
        return sum(entry.stream is not None for entry in self.targets)

    def add(self, target: Target) -> StreamTarget:
        """Switched off."""
        entry = self._append(target)
        self._keep()
        return entry

    def remove(self, entry: StreamTarget) -> None:
        self._stop(entry)
        self.targets.remove(entry)
        self._keep()

    def switch(self, entry: StreamTarget, *, on: bool) -> None:
        entry.is_on, entry.problem = on, ""
        self._restart(entry)
        self._keep()

    def change(self, entry: StreamTarget, target: Target) -> None:
        """Send to another target from now on."""
        entry.target, entry.problem = target, ""
        self._restart(entry)
        self._keep()

    def refuse(self, entry: StreamTarget, problem: str) -> None:
        """What was asked of the target makes no sense: send nothing there until something else is asked."""
        entry.problem = problem
        self._stop(entry)

    def recentre(self) -> None:
        """Take the place where the person stands now for the middle of the avatars' floor."""
        for entry in self.targets:
            if entry.stream is not None:
                entry.stream.recentre()

    def _append(self, target: Target) -> StreamTarget:
        self.targets.append(StreamTarget(target))
        return self.targets[-1]

    def _restart(self, entry: StreamTarget) -> None:
        if entry.stream is not None and entry.is_on and entry.stream.target == entry.target:
            return
        self._stop(entry)
        if entry.is_on and self._app.pipeline.has_body:
            entry.stream = Stream(entry.target, self._app.pipeline.body)
            self._app.pipeline.add_stream(entry.stream)

    def _stop(self, entry: StreamTarget) -> None:
        if entry.stream is not None:
            self._app.pipeline.remove_stream(entry.stream)
            entry.stream = None

    def _on_event(self, event: object) -> None:
        match event:
            case Ready("estimation"):  # another body, perhaps
                for entry in self.targets:
                    self._stop(entry)
                    self._restart(entry)
                self.changed.emit()

    def _on_setting(self, section: str) -> None:
        if section == "streaming" and self._app.settings.value.streaming != self._as_settings():  # all were reset
            for entry in self.targets:
                self._stop(entry)
            self.targets.clear()
            self._load()
            for entry in self.targets:
                self._restart(entry)
            self.changed.emit()

    def _load(self) -> None:
        settings = self._app.settings.value.streaming
        for text in settings.targets:
            try:
                entry = self._append(Target.parse(text))
            except ValueError as error:
                self._app.settings.problems.append(f"Settings, a target: {error}; it is left out")
                continue
            entry.is_on = text in settings.on

    def _keep(self) -> None:
        self._app.settings.change("streaming", **vars(self._as_settings()))
        self.changed.emit()

    def _as_settings(self) -> StreamSettings:
        return StreamSettings(
            targets=tuple(str(entry.target) for entry in self.targets),
            on=tuple(str(entry.target) for entry in self.targets if entry.is_on),
        )
