"""The row of controls above the pictures: what each view shows, and from where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QAbstractButton, QCheckBox, QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from .views_model import BODIES, OVERLAYS

if TYPE_CHECKING:
    from .view_model import ViewModel

B = TypeVar("B", bound=QAbstractButton)


class ViewsBar(QWidget):
    """Holds the controls; `pop_camera` and `pop_body` are for the owner of the pictures to connect."""

    def __init__(self, app: ViewModel) -> None:
        super().__init__()
        self._views = views = app.views
        tr = self.tr
        overlays = dict(zip(OVERLAYS, (tr("Skeleton"), tr("Mesh"), tr("Boxes"), tr("Nothing")), strict=True))
        self.overlay = self._choice(overlays, tr("Over the camera picture"), "O", views.next_overlay)
        self.overlay.activated.connect(lambda _: views.change(overlay=self.overlay.currentData()))
        bodies = dict(zip(BODIES, (tr("Mesh"), tr("Skeleton"), tr("Hidden")), strict=True))
        self.body = self._choice(bodies, tr("3D view; hidden it costs no time"), "B", views.next_body)
        self.body.activated.connect(lambda _: views.change(body=self.body.currentData()))
        self.grid = self._switch(tr("Grid"), tr("Floor grid"), "G", lambda on: views.change(has_grid=on))
        self.follow = self._switch(
            tr("Follow"), tr("The 3D view goes along with the body"), "F", lambda on: views.change(is_following=on)
        )
        self.front = self._button(tr("Front"), tr("3D view from the front"), "1", lambda: views.look_from("front"))
        self.side = self._button(tr("Side"), tr("3D view from the side"), "2", lambda: views.look_from("side"))
        self.top = self._button(tr("Top"), tr("3D view from above"), "3", lambda: views.look_from("top"))
        self.home = self._button(tr("Home"), tr("3D view as it was at the start"), "0", views.go_home)
        self.green = self._switch(
            tr("Green"),
            tr("The body alone on green, in a window that streaming software captures"),
            "Ctrl+G",
            lambda on: views.change(has_green_screen=on),
        )
        self.pop_camera = self._button(tr("Pop out"), tr("Camera picture full screen"), "Shift+F11")
        self.pop_body = self._button(tr("Pop out"), tr("3D view full screen"), "F11")

        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(6)
        self._add(row, [_label(tr("Overlay"), self.overlay), self.overlay, self.pop_camera])
        row.addStretch(1)
        self._add(row, [_label(tr("3D"), self.body), self.body, self.grid, self.follow])
        self._add(row, [self.front, self.side, self.top, self.home, self.green, self.pop_body])
        views.changed.connect(self._show)
        self._show()

    @staticmethod
    def _add(row: QHBoxLayout, widgets: Sequence[QWidget]) -> None:
        for widget in widgets:
            row.addWidget(widget)

    def _choice(self, texts: dict[str, str], tip: str, key: str, then: Callable[[], None]) -> QComboBox:
        """A key takes the next choice."""
        box = QComboBox()
        for name, text in texts.items():
            box.addItem(text, name)
        box.setToolTip(f"{tip} ({key})")
        box.setAccessibleName(tip)
        # Letters belong to the keys of the window, not to the search in a closed list.
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        QShortcut(QKeySequence(key), self, then)
        return box

    def _button(self, text: str, tip: str, key: str, then: Callable[[], None] | None = None) -> QToolButton:
        button = _with_key(QToolButton(), text, tip, key)
        if then is not None:
            button.clicked.connect(then)
        return button

    def _switch(self, text: str, tip: str, key: str, then: Callable[[bool], None]) -> QCheckBox:
        switch = _with_key(QCheckBox(), text, tip, key)
        switch.clicked.connect(then)
        return switch

    def _show(self) -> None:
        value = self._views.value
        self.overlay.setCurrentIndex(OVERLAYS.index(value.overlay))
        self.body.setCurrentIndex(BODIES.index(value.body))
        self.grid.setChecked(value.has_grid)
        self.follow.setChecked(value.is_following)
        self.green.setChecked(value.has_green_screen)
        self.grid.setEnabled(not value.has_green_screen)
        is_drawn = self._views.is_body_drawn
        for button in (self.follow, self.front, self.side, self.top, self.home):
            button.setEnabled(is_drawn)
        self.pop_body.setEnabled(value.body != "off")


def _with_key(button: B, text: str, tip: str, key: str) -> B:
    sequence = QKeySequence(key)
    button.setText(text)
    button.setToolTip(f"{tip} ({sequence.toString(QKeySequence.SequenceFormat.NativeText)})")
    button.setAccessibleName(tip)
    button.setShortcut(sequence)
    return button


def _label(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(buddy)
    return label
