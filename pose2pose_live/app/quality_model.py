"""Engine and runtime, and what may be changed while they run; with the figures that tell whether it was a good choice."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, pyqtSignal

from ..motion import SmoothingFigures, SmoothingMeter, SpeedMeter
from .background import in_background
from .quality_choices import Choice, engine_choices, runtime_choices

if TYPE_CHECKING:
    from .settings import QualitySettings
    from .view_model import ViewModel


class QualityModel(QObject):
    """engines, runtimes: empty before they are known. smoothing_figures, pictures_per_s: of the present estimator while `is_watched`, NaN where unknown.

    changed: settings, choices or what is loaded; figures_changed: the figures were read.
    """

    changed = pyqtSignal()
    figures_changed = pyqtSignal()

    def __init__(self, app: ViewModel) -> None:
        super().__init__(app)
        self.engines: tuple[Choice, ...] = ()
        self.runtimes: tuple[Choice, ...] = ()
        self.smoothing_figures = SmoothingFigures()
        self.pictures_per_s = math.nan
        self._app = app
        self._is_watched = False
        self._meter, self._speed = SmoothingMeter(), SpeedMeter()
        app.settings.changed.connect(self._on_setting)
        app.loader.changed.connect(self.changed)
        app.loader.loaded.connect(self._speed.forget)
        app.figures_read.connect(self._read)

    @property
    def value(self) -> QualitySettings:
        return self._app.settings.value.quality

    @property
    def is_loading(self) -> bool:
        return self._app.loader.is_loading

    @property
    def is_watched(self) -> bool:
        return self._is_watched

    @is_watched.setter
    def is_watched(self, is_watched: bool) -> None:
        """While somebody looks at the figures; it costs a little."""
        if is_watched == self._is_watched:
            return
        self._is_watched = is_watched
        change = self._app.controls.watch if is_watched else self._app.controls.unwatch
        for meter in (self._meter, self._speed):
            change(meter)
        if is_watched:
            self.look_for_choices()

    def look_for_choices(self) -> None:
        """Engines may have been made meanwhile."""
        chosen = self.value.engine
        in_background(lambda: engine_choices(chosen), self._set_engines)
        if not self.runtimes:
            in_background(runtime_choices, self._set_runtimes)

    def change(self, **values: Any) -> None:
        """Set fields of `QualitySettings` that hold at once."""
        self._app.settings.change("quality", **values)

    def choose_engine(self, name: str) -> None:
        if not self._app.loader.choose("quality", engine=name):
            self.changed.emit()  # the list goes back to what is used

    def choose_runtime(self, name: str) -> None:
        if not self._app.loader.choose("quality", runtime=name):
            self.changed.emit()

    def measured(self, engine: str, runtime: str) -> float:
        """Pictures a second that these took here when they last ran, NaN where they never did."""
        found = self.value.measured.get(_key(engine, runtime))
        return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else math.nan

    def _read(self) -> None:
        if not self._is_watched:
            return
        in_background(self._meter.figures, self._set_smoothing_figures)  # it takes milliseconds
        self.pictures_per_s = math.nan if self.is_loading else self._speed.pictures_per_s
        if not math.isnan(self.pictures_per_s):
            value = self.value
            found = round(self.pictures_per_s, 1)
            before = self.measured(value.engine, value.runtime)
            if not abs(found - before) < 0.1 * before:  # also the first time
                self.change(measured=value.measured | {_key(value.engine, value.runtime): found})

    def _set_smoothing_figures(self, figures: SmoothingFigures) -> None:
        self.smoothing_figures = figures
        self.figures_changed.emit()

    def _on_setting(self, section: str) -> None:
        if section == "quality":
            self.changed.emit()

    def _set_engines(self, engines: tuple[Choice, ...]) -> None:
        self.engines = engines
        self.changed.emit()

    def _set_runtimes(self, runtimes: tuple[Choice, ...]) -> None:
        self.runtimes = runtimes
        self.changed.emit()


def _key(engine: str, runtime: str) -> str:
    return f"{engine or 'open'}, {runtime}"
