"""The pictures of the window, side by side, with their row of controls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ..pipeline import Failed
from .panels import BodyPanel, PicturePanel
from .views_bar import ViewsBar
from .views_windows import GreenScreen, PanelSlot

if TYPE_CHECKING:
    from .view_model import ViewModel


class ViewsPanel(QWidget):
    """Camera picture and 3D view, here or in windows of their own, and the green screen. It tells the `LiveView` their sizes and takes its paintings."""

    def __init__(self, app: ViewModel) -> None:
        super().__init__()
        self._app = app
        self.camera_panel = PicturePanel("")
        self.camera_panel.setAccessibleName(self.tr("Camera picture"))
        self.body_panel = BodyPanel(self.tr("Loading the body ..."), app.view.orbit)
        record = app.recording.toggle
        self.camera_slot = PanelSlot(self.camera_panel, self.tr("Camera - Pose2Pose Live"), record)
        self.body_slot = PanelSlot(self.body_panel, self.tr("3D view - Pose2Pose Live"), record)
        self.green_screen = GreenScreen(self, record)
        self.green_screen.closed.connect(lambda: app.views.change(has_green_screen=False))
        self.bar = ViewsBar(app)
        self.bar.pop_camera.clicked.connect(self.camera_slot.toggle)
        self.bar.pop_body.clicked.connect(self.body_slot.toggle)
        for panel in (self.camera_panel, self.body_panel, self.green_screen):
            panel.resized.connect(self._tell_sizes)
        self.body_panel.orbited.connect(app.views.orbited)
        app.views.changed.connect(self._show)
        app.source.changed.connect(self._show_source)
        app.happened.connect(self._on_event)
        app.painted.connect(self._on_painting)

        pictures = QHBoxLayout()
        pictures.setSpacing(2)
        pictures.addWidget(self.camera_slot, 1)
        pictures.addWidget(self.body_slot, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addLayout(pictures, 1)
        self._show()
        self._show_source()

    def close_windows(self) -> None:
        """At the end of the program: what is open stays open at the next start."""
        self.green_screen.hide()
        for slot in (self.camera_slot, self.body_slot):
            if slot.window_out is not None:
                slot.toggle()

    def _show(self) -> None:
        views = self._app.views
        self.body_panel.is_mirrored = views.is_mirrored
        if views.value.body == "off" and self.body_slot.window_out is not None:
            self.body_slot.toggle()
        self.body_slot.setVisible(views.value.body != "off")
        self.green_screen.setVisible(views.value.has_green_screen)
        self._tell_sizes()

    def _show_source(self) -> None:
        source = self._app.source
        show = self.camera_panel.set_text if source.has_picture else self.camera_panel.show_text
        show(source.note)

    def _on_event(self, event: object) -> None:
        if isinstance(event, Failed) and event.stage == "render":
            self.camera_panel.show_text(self.tr("No picture"))
            self.body_panel.show_text(self.tr("No 3D view"))

    def _tell_sizes(self) -> None:
        """The 3D picture is drawn once, for the green screen while there is one."""
        view, shown = self._app.view, self.green_screen if self.green_screen.isVisible() else self.body_panel
        sizes = self.camera_panel.size_in_device_px(), shown.size_in_device_px()
        if sizes != (view.camera_size_px, view.body_size_px):
            view.camera_size_px, view.body_size_px = sizes
            self._app.views.redraw()

    def _on_painting(self) -> None:
        painting = self._app.view.exchange.fetch()
        pictures: list[tuple[PicturePanel, NDArray[np.uint8]]] = []
        if painting.body.size:
            pictures += [(self.body_panel, painting.body), (self.green_screen, painting.body)]
        if self._app.source.has_picture:
            pictures += [(self.camera_panel, painting.camera)]
        # One of those that somebody sees tells when the pose is on the screen.
        seen = next((panel for panel, _ in pictures if panel.isVisible()), None)
        for panel, picture in pictures:
            panel.show_picture(picture, self._told(painting.captured_s) if panel is seen else None)

    def _told(self, captured_s: float | None) -> Callable[[], None] | None:
        return None if captured_s is None else partial(self._app.pipeline.statistics.painted, captured_s)
