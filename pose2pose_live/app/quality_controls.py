"""What the settings say of the estimator while it runs, handed on to it at once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from ..body.files import BETA_COUNT
from ..motion import Calibration, MocapControls, Watcher

if TYPE_CHECKING:
    from .settings import Settings
    from .view_model import ViewModel

log = logging.getLogger(__name__)


def calibration_of(settings: Settings) -> Calibration | None:
    """Of the settings, with their height; what is broken in them counts as not there."""
    body = settings.body
    calibration = None
    try:
        if body.calibration:
            calibration = Calibration.from_json(body.calibration)
    except ValueError as error:
        log.warning("The calibration in the settings is left out: %s", error)
    height_m = body.height_m or None
    if calibration is None and height_m is None:
        return None
    try:
        return (calibration or Calibration()).with_height(height_m)
    except ValueError as error:
        log.warning("The height in the settings is left out: %s", error)
        return calibration


def controls_of(settings: Settings, watchers: tuple[Watcher, ...] = ()) -> MocapControls:
    quality, betas = settings.quality, settings.body.betas
    return MocapControls(
        quality.smoothing,
        quality.seated,
        quality.has_floor,
        quality.has_hands,
        quality.has_face,
        calibration_of(settings),
        betas if len(betas) == BETA_COUNT else None,
        watchers,
        is_live=True,
    )


class LiveControls(QObject):
    """Hands `MocapControls` on to the pipeline whenever settings or watchers change."""

    def __init__(self, app: ViewModel) -> None:
        super().__init__(app)
        self._app = app
        self._watchers: tuple[Watcher, ...] = ()
        app.settings.changed.connect(self._on_setting)
        self._apply()

    def watch(self, watcher: Watcher) -> None:
        """Show it every moment from the next picture on."""
        if watcher not in self._watchers:
            self._watchers += (watcher,)
            self._apply()

    def unwatch(self, watcher: Watcher) -> None:
        self._watchers = tuple(one for one in self._watchers if one != watcher)
        self._apply()

    def _on_setting(self, section: str) -> None:
        if section in ("quality", "body"):
            self._apply()

    def _apply(self) -> None:
        self._app.pipeline.set_controls(controls_of(self._app.settings.value, self._watchers))
