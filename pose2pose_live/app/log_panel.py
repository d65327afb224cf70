"""All that the program has told, in the order in which it happened."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from .. import __version__
from .background import in_background
from .messages import Message

if TYPE_CHECKING:
    from .view_model import ViewModel

_SHOWN = 1000


class LogPanel(QWidget):
    def __init__(self, app: ViewModel) -> None:
        super().__init__()
        self._app = app
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setMaximumBlockCount(_SHOWN)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.text.setAccessibleName(self.tr("Log"))
        self.text.setToolTip(self.tr("Messages of this program, the newest at the end"))
        self.text.setTabChangesFocus(True)
        self.copy_button = QPushButton(self.tr("Copy"))
        self.copy_button.setToolTip(self.tr("Copy the log, with what a report of a problem needs"))
        self.copy_button.clicked.connect(self._copy)
        self.save_button = QPushButton(self.tr("Save ..."))
        self.save_button.setToolTip(self.tr("Write the log to a file"))
        self.save_button.clicked.connect(self._save)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy_button)
        buttons.addWidget(self.save_button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.addWidget(self.text, 1)
        column.addLayout(buttons)
        for message in app.messages.log:
            self._add(message)
        app.messages.said.connect(self._add)

    def report(self) -> str:
        """The log, under what the program runs on."""
        head = f"pose2pose-live {__version__}, Python {platform.python_version()}, {platform.platform()}"
        renderer = self._app.view.renderer_name or "none"
        return f"{head}\nOpenGL: {renderer}\n\n{self.text.toPlainText()}\n"

    def _add(self, message: Message) -> None:
        self.text.appendPlainText(str(message))

    def _copy(self) -> None:
        clipboard = QApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.report())

    def _save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, self.tr("Save the log"), "pose2pose-live.log")
        if path:
            report, tell = self.report(), self.tr("Saved {path}").format(path=path)
            in_background(
                lambda: Path(path).write_text(report, encoding="utf-8"),
                lambda _: self._app.messages.tell(tell),
                self._app.messages.warn,
            )
