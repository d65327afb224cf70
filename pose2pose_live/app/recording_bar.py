"""The bar of the record button: countdown, time and size of the take, where it goes, and how much room there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .amounts import about_text, clock_text, size_text
from .elided_label import ElidedLabel
from .style import set_property

if TYPE_CHECKING:
    from .view_model import ViewModel

_SOON_FULL_S = 600.0
_COUNTDOWNS_S = (0, 3, 5, 10)


class RecordingBar(QWidget):
    """record_button, countdown, path, state, open_folder: its parts. The key R works in the whole window that it is in."""

    def __init__(self, app: ViewModel) -> None:
        super().__init__()
        self._app = app
        self.record_button = QPushButton()
        self.record_button.setObjectName("record")
        self.record_button.setToolTip(self.tr("Start or stop a recording (R)"))
        self.record_button.clicked.connect(app.recording.toggle)
        record = QShortcut(QKeySequence("R"), self, self.record_button.click)
        record.setWhatsThis(self.tr("Start or stop a recording"))
        self.countdown = QComboBox()
        for seconds in _COUNTDOWNS_S:
            text = self.tr("in {seconds} s").format(seconds=seconds) if seconds else self.tr("at once")
            self.countdown.addItem(text, seconds)
        self.countdown.setAccessibleName(self.tr("Countdown"))
        self.countdown.setToolTip(
            self.tr("When a take begins after the button was pressed; the button again ends the countdown")
        )
        self.countdown.activated.connect(
            lambda: app.settings.change("recording", countdown_s=self.countdown.currentData())
        )
        self.path = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        self.path.setContentsMargins(8, 0, 0, 0)
        self.path.setAccessibleName(self.tr("Take"))
        self.state = QLabel()
        self.state.setObjectName("state")
        self.state.setAccessibleName(self.tr("State of the recording"))
        self.open_folder = QToolButton()
        self.open_folder.setText(self.tr("Folder"))
        self.open_folder.setToolTip(self.tr("Show the recordings in the file manager, or record into another folder"))
        self.open_folder.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.open_folder.clicked.connect(app.recording.show_folder)
        self.open_folder.setMenu(self._folder_menu())
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.path)
        texts.addWidget(self.state)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.record_button)
        row.addWidget(self.countdown)
        row.addLayout(texts, 1)
        row.addWidget(self.open_folder)
        app.recording.changed.connect(self._show)
        app.settings.changed.connect(self._show)
        self._show()

    def _folder_menu(self) -> QMenu:
        menu = QMenu(self)
        self.choose_folder = QAction(self.tr("Record into another folder ..."), menu)
        self.choose_folder.triggered.connect(self._choose_folder)
        self.default_folder = QAction(self.tr("Record into the usual folder"), menu)
        self.default_folder.triggered.connect(lambda: self._app.settings.change("recording", folder=""))
        menu.addActions([self.choose_folder, self.default_folder])
        return menu

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Folder for takes"), str(self._app.recording.folder))
        if chosen:
            self._app.settings.change("recording", folder=chosen)

    def _show(self) -> None:
        model = self._app.recording
        is_recording = self._app.is_recording
        set_property(self.record_button, "recording", is_recording or bool(model.countdown))
        self.record_button.setEnabled(is_recording or bool(model.countdown) or model.can_record)
        self.record_button.setText(self._button_text())
        settings = self._app.settings.value.recording
        self.countdown.setCurrentIndex(_COUNTDOWNS_S.index(settings.countdown_s))
        self.countdown.setEnabled(not is_recording and not model.countdown)
        self.default_folder.setEnabled(bool(settings.folder))
        self.path.show_text(self._path_text(), self._path_tip())
        self.state.setText(self._state_text())
        is_low = model.space is not None and model.space.left_s < _SOON_FULL_S
        set_property(self.state, "problem", bool(model.problem or is_low or model.is_stalled))

    def _button_text(self) -> str:
        model = self._app.recording
        if model.countdown:
            return self.tr("Cancel ({seconds})").format(seconds=model.countdown)
        return f"■  {clock_text(model.seconds)}" if self._app.is_recording else self.tr("●  Record")

    def _path_text(self) -> str:
        model = self._app.recording
        if self._app.is_recording and model.take is not None:
            return self.tr("Recording {path}").format(path=model.take)
        if not model.next_number:
            return ""
        return self.tr("Take {number}: {path}").format(number=model.next_number, path=model.next_take)

    def _path_tip(self) -> str:
        model = self._app.recording
        path = model.take if self._app.is_recording and model.take is not None else model.next_take
        return str(path.absolute())

    def _state_text(self) -> str:
        model, parts = self._app.recording, []
        if model.problem and not self._app.is_recording:
            parts.append(self.tr("The last take failed after {time}").format(time=clock_text(model.seconds)))
        if self._app.is_recording:
            parts.append(
                self.tr("{frames} frames, {size}").format(frames=model.frames, size=size_text(model.size_bytes))
            )
            if model.dropped:
                parts.append(self.tr("{dropped} dropped").format(dropped=model.dropped))
            if model.is_stalled:
                parts.append(self.tr("nothing is written at the moment"))
        if model.space is not None:
            text = self.tr("{size} free, room for {time}")
            parts.append(text.format(size=size_text(model.space.free_bytes), time=about_text(model.space.left_s)))
        return "   ".join(parts)
