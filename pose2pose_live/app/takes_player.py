"""The controls of a replay: play, seek, loop, and the part that is to be cut out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtGui import QAction, QColor, QKeySequence, QPainter, QPaintEvent
from PyQt6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QStyle, QToolButton, QVBoxLayout, QWidget

from .amounts import clock_text
from .elided_label import ElidedLabel
from .source_playback import SeekSlider

if TYPE_CHECKING:
    from .view_model import ViewModel

_MS_PER_S = 1000
_MARK = QColor(74, 134, 200)


class Player(QWidget):
    """Enabled while a take is open. Its keys work in its slider and in the table of the takes."""

    def __init__(self, app: ViewModel, table: QWidget) -> None:
        super().__init__()
        self._app, self._replay, self._table = app, app.takes.replay, table
        tr, replay = self.tr, self._replay
        self.slider = MarkedSlider()
        self.slider.setAccessibleName(tr("Position in the take"))
        self.slider.setToolTip(tr("Position in the take (arrow keys)"))
        self.slider.valueChanged.connect(self._seek)
        self.name, self.part = ElidedLabel(), ElidedLabel()
        self.time, self.note = QLabel(), QLabel()
        self.time.setAccessibleName(tr("Time of the replay"))
        self.part.setAccessibleName(tr("Marked part"))
        self.note.setObjectName("state")
        self.note.setWordWrap(True)
        self.play_button = self._button(
            "▶", tr("Play or pause"), "Space", lambda: replay.play(on=not replay.is_playing)
        )
        self.back_button = self._button("◂", tr("One picture back"), "Ctrl+Left", lambda: replay.step(-1))
        self.forward_button = self._button("▸", tr("One picture on"), "Ctrl+Right", lambda: replay.step(1))
        self.play_button.setMinimumWidth(40)  # its two signs differ in width
        self.start_button = self._button("[", tr("The part begins here"), "Ctrl+I", replay.mark_start)
        self.end_button = self._button("]", tr("The part ends here"), "Ctrl+E", replay.mark_end)
        self.whole_button = self._button("[ ]", tr("Mark the whole take"), "", replay.unmark)
        self.trim_button = self._button(
            tr("Trim"), tr("Write the part as a new take; the whole one stays"), "", self._trim
        )
        self.close_button = self._button("✕", tr("Back to the live pose"), "Backspace", replay.close)
        self.loop = QCheckBox(tr("Loop"))
        self.loop.setToolTip(tr("Play the part again and again"))
        self.loop.clicked.connect(lambda on: replay.loop(on=on))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for row in (
            _row(self.name, self.time, self.loop, self.close_button, stretched=self.name),
            _row(self.play_button, self.back_button, self.forward_button, self.slider, stretched=self.slider),
            _row(
                self.start_button, self.end_button, self.whole_button, self.part, self.trim_button,
                stretched=self.part,
            ),
        ):  # fmt: skip
            column.addLayout(row)
        column.addWidget(self.note)
        replay.changed.connect(self._show)
        replay.moved.connect(self._show_position)
        self._show()

    def _button(self, text: str, tip: str, key: str, act: Callable[[], None]) -> QToolButton:
        action = QAction(text, self)
        action.triggered.connect(lambda: act())
        if key:
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            for widget in (self._table, self.slider):
                widget.addAction(action)
            named = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{tip} ({named})")
        else:
            action.setToolTip(tip)
        button = QToolButton()
        button.setDefaultAction(action)
        button.setAccessibleName(tip)
        return button

    def _seek(self, value: int) -> None:
        self._replay.seek(value / _MS_PER_S)

    def _trim(self) -> None:
        replay = self._replay
        if replay.path is not None:
            self._app.takes.trim(replay.path, replay.start_s, replay.end_s)

    def _show(self) -> None:
        replay = self._replay
        is_open = replay.path is not None
        self.setEnabled(is_open)
        for button in self.findChildren(QToolButton):
            action = button.defaultAction()
            if action is not None:
                action.setEnabled(is_open)
        trim, play = self.trim_button.defaultAction(), self.play_button.defaultAction()
        assert trim is not None
        assert play is not None
        trim.setEnabled(replay.is_marked)
        play.setText("❚❚" if replay.is_playing else "▶")
        name = replay.path.stem if replay.path is not None else self.tr("No replay")
        self.name.show_text(name, name)
        self.loop.setChecked(replay.is_looped)
        self.note.setText(replay.note)
        self.note.setVisible(bool(replay.note))
        part = self.tr("{start} to {end}").format(start=clock_text(replay.start_s), end=clock_text(replay.end_s))
        self.part.show_text(part if replay.is_marked else "", part)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, round(_MS_PER_S * replay.duration_s))
        self.slider.mark(round(_MS_PER_S * replay.start_s), round(_MS_PER_S * replay.end_s))
        self._show_position(replay.position_s)

    def _show_position(self, position_s: float) -> None:
        with QSignalBlocker(self.slider):  # it follows, and does not seek
            self.slider.setValue(round(_MS_PER_S * position_s))
        if self._replay.path is None:
            self.time.setText("")
        else:
            self.time.setText(f"{clock_text(position_s)} / {clock_text(self._replay.duration_s)}")


def _row(*widgets: QWidget, stretched: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget, int(widget is stretched))
    return row


class MarkedSlider(SeekSlider):
    """With a bar under the part that is marked. Counts ms."""

    def __init__(self) -> None:
        super().__init__()
        self._part = 0, 0
        self.setSingleStep(_MS_PER_S // 10)
        self.setPageStep(_MS_PER_S)
        self.setMinimumWidth(120)

    def mark(self, start: int, end: int) -> None:
        self._part = start, end
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        style = self.style()
        if self.maximum() <= 0 or style is None:
            return
        handle = style.pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self)  # its middle is on the value
        start, end = (handle // 2 + round((self.width() - handle) * value / self.maximum()) for value in self._part)
        QPainter(self).fillRect(start, self.height() - 4, max(end - start, 2), 3, _MARK)
