"""The bar below the pictures that steers a video."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtGui import QKeySequence, QMouseEvent, QShortcut
from PyQt6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSlider, QStyle, QToolButton, QWidget

if TYPE_CHECKING:
    from .view_model import ViewModel

_PER_S = 1000  # the slider counts ms


class SeekSlider(QSlider):
    """A click anywhere goes there at once; a slider of Qt's would go there in pages."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setSingleStep(_PER_S)
        self.setPageStep(10 * _PER_S)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            x = round(event.position().x())
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), x, self.width()))
        super().mousePressEvent(event)


class PlaybackBar(QWidget):
    """Seen while a video plays."""

    def __init__(self, app: ViewModel) -> None:
        super().__init__()
        self._app = app
        self._playback = app.source.playback
        self._was_playing = False
        tr = self.tr
        self.play = self._button("", tr("Play or pause (K)"), "K")
        self.play.setMinimumWidth(40)  # its two signs differ in width
        self.back = self._button("◀|", tr("One picture back (,)"), ",")
        self.forward = self._button("|▶", tr("One picture on (.)"), ".")
        self.back.setAccessibleName(tr("Back"))
        self.forward.setAccessibleName(tr("Forward"))
        self.loop = QCheckBox(tr("Loop"))
        self.loop.setToolTip(tr("Begin anew at the end (L)"))
        QShortcut(QKeySequence("L"), self, self.loop.click)
        self.slider = SeekSlider()
        self.slider.setToolTip(tr("Place in the video; the arrow keys go a second, Page Up and Down ten"))
        self.slider.setAccessibleName(tr("Place in the video"))
        self.time = QLabel()
        self.time.setObjectName("message")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 12, 2)
        for widget in (self.back, self.play, self.forward):
            row.addWidget(widget)
        row.addWidget(self.slider, 1)
        row.addWidget(self.time)
        row.addWidget(self.loop)
        self.play.clicked.connect(self._playback.toggle)
        self.back.clicked.connect(lambda: self._playback.step(-1))
        self.forward.clicked.connect(lambda: self._playback.step(1))
        self.loop.clicked.connect(lambda on: app.settings.change("source", is_looped=on))
        self.slider.valueChanged.connect(lambda value: self._playback.seek(value / _PER_S))
        self.slider.sliderPressed.connect(self._hold)
        self.slider.sliderReleased.connect(self._let_go)
        self._playback.changed.connect(self._show)
        self._show()

    def _button(self, text: str, tip: str, key: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        QShortcut(QKeySequence(key), self, button.click)  # a key of the button's own would be gone with its next text
        return button

    def _hold(self) -> None:
        """While it is dragged the video does not run away."""
        self._was_playing = not self._playback.is_paused
        if self._was_playing:
            self._playback.toggle()
        self._playback.seek(self.slider.value() / _PER_S)  # it has run on since the slider was last moved

    def _let_go(self) -> None:
        if self._was_playing:
            self._playback.toggle()

    def _show(self) -> None:
        player = self._playback.player
        self.setVisible(player is not None)
        if player is None:
            return
        self.play.setText("❚❚" if player.is_playing else "▶")
        self.play.setAccessibleName(self.tr("Pause") if player.is_playing else self.tr("Play"))
        self.loop.setChecked(player.is_looped)
        self.time.setText(f"{_minutes(player.position_s)} / {_minutes(player.duration_s)}")
        if not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):  # it shows, and nobody seeks
                self.slider.setMaximum(round(_PER_S * player.duration_s))
                self.slider.setValue(round(_PER_S * player.position_s))


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:.0f}:{rest:04.1f}"
