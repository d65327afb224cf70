"""Views in windows of their own: one panel full screen, and the body alone on green."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QColor, QKeySequence, QPainter, QShortcut
from PyQt6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from .panels import PicturePanel

GREEN_SCREEN_TITLE = "Pose2Pose Live Green Screen"
"""The same in every language: streaming software finds the window by it."""


class PanelSlot(QStackedWidget):
    """The place of a panel, which can be taken out into a window; its text stands there meanwhile. moved: it went out or came back.

    record: what R does in that window.
    """

    moved = pyqtSignal()

    def __init__(self, panel: PicturePanel, title: str, record: Callable[[], None]) -> None:
        super().__init__()
        self.panel = panel
        self._title, self._record = title, record
        self.window_out: _PanelWindow | None = None
        self._note = QLabel(self.tr("In a window of its own; Escape there brings it back"))
        self._note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._note.setWordWrap(True)
        self.addWidget(panel)
        self.addWidget(self._note)

    def toggle(self) -> None:
        """Take the panel out, full screen on the screen where it is, or bring it back."""
        if self.window_out is not None:
            self.window_out.close()
            return
        self.window_out = _PanelWindow(self, self._title, self._record)
        self.setCurrentWidget(self._note)
        self.window_out.take(self.panel)
        self.window_out.closed.connect(self._bring_back)
        self.window_out.showFullScreen()
        self.panel.setFocus()
        self.moved.emit()

    def _bring_back(self) -> None:
        window, self.window_out = self.window_out, None
        self.insertWidget(0, self.panel)
        self.setCurrentWidget(self.panel)
        if window is not None:
            window.deleteLater()
        if (main_window := self.window()) is not None:
            main_window.activateWindow()
        self.moved.emit()


class _PanelWindow(QWidget):
    """F11 changes between full screen and a window that can be moved to another screen; R records; Escape closes."""

    closed = pyqtSignal()

    def __init__(self, parent: QWidget, title: str, record: Callable[[], None]) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(title)
        self.resize(960, 720)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        full_screen = QShortcut(QKeySequence("F11"), self, self._toggle_full_screen)
        full_screen.setWhatsThis(self.tr("Full screen or window"))
        back = QShortcut(QKeySequence("Escape"), self, self.close)
        back.setWhatsThis(self.tr("Back into the main window"))
        record_key = QShortcut(QKeySequence("R"), self, record)
        record_key.setWhatsThis(self.tr("Start or stop a recording"))

    def take(self, panel: QWidget) -> None:
        self._column.addWidget(panel)
        panel.show()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def _toggle_full_screen(self) -> None:
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()


class GreenScreen(PicturePanel):
    """A window with the body on green and nothing else. record: what R does in it."""

    closed = pyqtSignal()

    def __init__(self, parent: QWidget, record: Callable[[], None]) -> None:
        super().__init__("")
        self.setParent(parent, Qt.WindowType.Window)
        self.setWindowTitle(GREEN_SCREEN_TITLE)
        self.setAccessibleName(self.tr("Body on a green screen"))
        self.resize(960, 720)
        back = QShortcut(QKeySequence("Escape"), self, self.close)
        back.setWhatsThis(self.tr("Close the green screen"))
        record_key = QShortcut(QKeySequence("R"), self, record)
        record_key.setWhatsThis(self.tr("Start or stop a recording"))

    def fill(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), QColor(0, 255, 0))

    def closeEvent(self, event: QCloseEvent | None) -> None:
        super().closeEvent(event)
        self.closed.emit()
