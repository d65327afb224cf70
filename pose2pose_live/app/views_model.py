"""What the camera view and the 3D view show, and from where."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

from PyQt6.QtCore import QObject, QPointF, QVariantAnimation, pyqtSignal

from ..viewport import GREEN, PRESETS, ViewOptions

if TYPE_CHECKING:
    from .settings import ViewSettings
    from .view_model import ViewModel

OVERLAYS = ("skeleton", "mesh", "boxes", "off")
BODIES = ("mesh", "skeleton", "off")
_TURN_MS = 250

T = TypeVar("T")


class ViewsModel(QObject):
    """Hands the settings of the views on to the `LiveView`. changed: they are others now."""

    changed = pyqtSignal()

    def __init__(self, app: ViewModel) -> None:
        super().__init__(app)
        self._app = app
        self._turn = QVariantAnimation(self)
        self._turn.setDuration(_TURN_MS)
        self._turn.valueChanged.connect(self._turn_to)
        app.settings.changed.connect(self._on_setting)
        self._apply()

    @property
    def value(self) -> ViewSettings:
        return self._app.settings.value.views

    @property
    def is_mirrored(self) -> bool:
        return self._app.settings.value.source.is_mirrored

    @property
    def is_body_drawn(self) -> bool:
        return self._app.view.options.body != "off"

    def change(self, **values: Any) -> None:
        """Set fields of `ViewSettings`."""
        self._app.settings.change("views", **values)

    def next_overlay(self) -> None:
        self.change(overlay=_after(self.value.overlay, OVERLAYS))

    def next_body(self) -> None:
        self.change(body=_after(self.value.body, BODIES))

    def look_from(self, preset: str) -> None:
        """Turn the 3D view to one of `viewport.PRESETS`, the short way round."""
        orbit = self._app.view.orbit
        yaw_rad, pitch_rad = (math.radians(degrees) for degrees in PRESETS[preset])
        turn_rad = math.remainder(yaw_rad - orbit.yaw_rad, 2 * math.pi)
        self._turn.stop()
        self._turn.setStartValue(QPointF(orbit.yaw_rad, orbit.pitch_rad))
        self._turn.setEndValue(QPointF(orbit.yaw_rad + turn_rad, pitch_rad))
        self._turn.start()

    def go_home(self) -> None:
        """Where the 3D view was at the start, with the body in its middle."""
        self._app.view.orbit.reset()
        self.orbited()

    def orbited(self) -> None:
        """Somebody has moved the view by hand, which ends a turn that goes on."""
        self._turn.stop()
        self.redraw()

    def redraw(self) -> None:
        if not self._app.source.is_moving:  # otherwise the next picture is on its way
            self._app.pipeline.redraw()

    def _turn_to(self, angles: QPointF) -> None:
        self._app.view.orbit.look_from(angles.x(), angles.y())
        self.redraw()

    def _on_setting(self, section: str) -> None:
        if section in ("views", "source"):
            self._apply()
            self.redraw()
            self.changed.emit()

    def _apply(self) -> None:
        views, view = self.value, self._app.view
        view.is_mirrored = self.is_mirrored
        options = ViewOptions(views.overlay, views.body, views.has_grid, views.is_following)
        if views.has_green_screen:
            body = "mesh" if views.body == "off" else views.body
            options = ViewOptions(
                views.overlay, body, has_grid=False, is_following=views.is_following, background=GREEN
            )
        view.options = options


def _after(value: T, choices: tuple[T, ...]) -> T:
    return choices[(choices.index(value) + 1) % len(choices)]
