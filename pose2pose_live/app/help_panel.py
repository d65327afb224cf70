"""Keys, versions, places and terms; the theme, and the way back to the settings of the first start."""

from __future__ import annotations

import math
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QHideEvent, QResizeEvent, QShowEvent, QWheelEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QLabel,
    QMessageBox,
    QPushButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from ..resources import user_engines
from .background import in_background
from .help_facts import notice_path, versions
from .help_keys import Key, keys_of

if TYPE_CHECKING:
    from .view_model import ViewModel

_READ_KEYS_EVERY_MS = 1000
_SHEET_FONT_PX = 14


class HelpPanel(QWidget):
    """keys: what the sheet of keys shows, read anew while the panel is open: panels that are made meanwhile bring theirs."""

    def __init__(self, app: ViewModel) -> None:
        super().__init__()
        self._app = app
        self.keys: list[Key] = []
        self.confirmation: QMessageBox | None = None
        tr = self.tr
        self.theme = QComboBox()
        self.theme.setToolTip(tr("Colours of the window"))
        self.theme.setAccessibleName(tr("Theme"))
        for name, text in (("dark", tr("Dark")), ("light", tr("Light")), ("system", tr("As the system"))):
            self.theme.addItem(text, name)
        self.theme.activated.connect(self._choose_theme)
        self.reset_button = QPushButton(tr("Reset all settings ..."))
        self.reset_button.setToolTip(tr("Back to the settings of the first start; asks before"))
        self.reset_button.clicked.connect(self._ask_to_reset)
        look = QFormLayout()
        label = QLabel(tr("&Theme"))
        label.setBuddy(self.theme)
        look.addRow(label, self.theme)
        self.key_sheet = _Sheet(tr("Keys"), tr("What each key does"))
        self._timer = QTimer(self)
        self._timer.setInterval(_READ_KEYS_EVERY_MS)
        self._timer.timeout.connect(self._read_keys)
        self.versions = _selectable()
        self.places = _selectable()
        self.terms = _selectable()

        column = QVBoxLayout(self)
        column.addLayout(look)
        column.addWidget(_heading(tr("Keys")))
        column.addWidget(self.key_sheet)
        column.addWidget(_heading(tr("Privacy")))
        column.addWidget(_message(tr("Nothing leaves this machine but what you switch on under Send.")))
        column.addWidget(_heading(tr("Where things lie")))
        column.addWidget(self.places)
        column.addWidget(_heading(tr("Versions")))
        column.addWidget(self.versions)
        column.addWidget(_heading(tr("Licences")))
        column.addWidget(self.terms)
        column.addWidget(_heading(tr("Settings")))
        column.addWidget(self.reset_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

        app.settings.changed.connect(self._show_settings)
        app.recording.changed.connect(self._show_recording)
        self._show_settings("views")
        self._show_recording()
        in_background(lambda: (versions(), notice_path()), self._show_facts)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self._read_keys)  # the panel first: that is two short turns and no long one
        self._timer.start()
        self._show_settings("recording")

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _read_keys(self) -> None:
        keys = keys_of(self.window() or self)
        if keys == self.keys:
            return
        self.keys = keys
        rows = []
        place = ""
        for key in keys:
            if key.place != place:
                place = key.place
                rows.append(f"<tr><td colspan=2><i>{escape(place)}</i></td></tr>")
            rows.append(f"<tr><td>{escape(key.keys)}</td><td>{escape(key.text)}</td></tr>")
        sheet = f"<table cellpadding=2>{''.join(rows)}</table>"
        self.key_sheet.show_html(sheet)

    def _show_facts(self, facts: tuple[list[tuple[str, str]], Path | None]) -> None:
        found, notice = facts
        self.versions.setText("\n".join(f"{name} {version}" for name, version in found))
        lines = [
            self.tr("This program: Apache-2.0."),
            self.tr(
                "Its window is drawn with PyQt6: GPL-3.0. Who passes on both together does so under the GPL's terms."
            ),
            self.tr("Networks, body and clip that come with it: Apache-2.0, CC0, BSD-3-Clause."),
        ]
        if notice is not None:
            lines.append(self.tr("All credits and terms: {path}").format(path=notice))
        self.terms.setText("\n".join(lines))

    def _show_settings(self, section: str) -> None:
        settings = self._app.settings
        if section == "views":
            self.theme.setCurrentIndex(self.theme.findData(settings.value.views.theme))
        if section == "recording":
            kept = str(settings.path) if settings.path else self.tr("not kept")
            lines = [
                self.tr("Takes: {path}").format(path=self._app.recording.folder.absolute()),
                self.tr("Settings: {path}").format(path=kept),
                self.tr("Engines of your own: {path}").format(path=user_engines()),
            ]
            self.places.setText("\n".join(lines))

    def _show_recording(self) -> None:
        self.reset_button.setEnabled(not self._app.is_recording)

    def _choose_theme(self) -> None:
        self._app.settings.change("views", theme=self.theme.currentData())

    def _ask_to_reset(self) -> None:
        box = self.confirmation = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Reset all settings"))
        box.setText(self.tr("Go back to the settings of the first start?"))
        box.setInformativeText(
            self.tr("Source, views, quality, body, calibration and targets are forgotten. Takes stay as they are.")
        )
        reset = box.addButton(self.tr("Reset"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.buttonClicked.connect(lambda button: self._app.settings.reset() if button is reset else None)
        box.open()


class _Sheet(QTextEdit):
    """Formatted text as high as it needs to be. A label lays its text out anew for each width that a layout tries, which takes 0.1 s for a table."""

    def __init__(self, name: str, tip: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Not by the style sheet: each change of that would set the font twice, and lay the text out anew each time.
        font = self.font()
        font.setPixelSize(_SHEET_FONT_PX)
        self.setFont(font)
        viewport = self.viewport()
        assert viewport is not None
        viewport.setAutoFillBackground(False)

    def show_html(self, html: str) -> None:
        self.setHtml(html)
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            event.ignore()  # the panel scrolls, not the sheet

    def _fit(self) -> None:
        document = self.document()
        assert document is not None
        self.setFixedHeight(math.ceil(document.size().height()))


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("heading")
    label.setContentsMargins(0, 8, 0, 0)
    return label


def _message(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("message")
    label.setWordWrap(True)
    return label


def _selectable() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
