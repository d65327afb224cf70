"""Colours and sizes of the window."""

from __future__ import annotations

from typing import Any

from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QWidget

BACKGROUND = QColor(29, 31, 35)
TEXT = QColor(213, 216, 221)
_RAISED = QColor(44, 47, 53)
_ACCENT = QColor(74, 134, 200)

_STYLE_SHEET = """
QMainWindow, QCheckBox, QLabel, QPushButton { font-size: 14px; }
QStatusBar { background: #17191c; }
QStatusBar QLabel { color: #9aa0a9; font-size: 13px; padding: 3px 8px; }
QStatusBar::item { border: none; }
QLabel#banner { background: #2b4a6f; color: white; padding: 8px 12px; }
QLabel#error { background: #7a2b2b; color: white; padding: 8px 12px; }
QLabel#message, QLabel#state { color: #9aa0a9; }
QLabel#state { font-size: 13px; padding-left: 8px; }
QLabel#state[problem="true"] { color: #ff9b8f; }
QWidget#strip { background: #17191c; }
QWidget#strip QToolButton { border: none; border-radius: 6px; }
QWidget#strip QToolButton:hover { background: #2c2f35; }
QWidget#strip QToolButton:checked { background: #2b4a6f; color: white; }
QFrame#card { border: 1px solid #43474f; border-radius: 6px; }
QToolButton, QComboBox, QLineEdit { font-size: 13px; padding: 2px 6px; }
QPushButton#record {
    background: #2c2f35; color: #ff6b61; border: 1px solid #43474f; border-radius: 6px;
    min-width: 150px; min-height: 40px; font-size: 16px; font-weight: bold;
}
QPushButton#record:hover { background: #363a41; }
QPushButton#record:disabled { color: #6a6e76; }
QPushButton#record[recording="true"] { background: #c0392b; color: white; border-color: #c0392b; }
"""


def style_sheet() -> str:
    return _STYLE_SHEET


def dark_palette() -> QPalette:
    """For Qt's Fusion style, which draws everything by the palette, alike on every platform."""
    palette = QPalette(_RAISED, BACKGROUND)
    palette.setColor(QPalette.ColorRole.Base, _RAISED)
    palette.setColor(QPalette.ColorRole.ToolTipBase, _RAISED)
    palette.setColor(QPalette.ColorRole.Highlight, _ACCENT)
    palette.setColor(QPalette.ColorRole.Accent, _ACCENT)
    for role in ("WindowText", "Text", "ButtonText", "ToolTipText", "HighlightedText"):
        palette.setColor(QPalette.ColorRole[role], TEXT)
    return palette


def set_property(widget: QWidget, name: str, value: Any) -> None:
    """Style sheets see a changed property only after the style is applied anew."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        style = widget.style()
        assert style is not None
        style.polish(widget)
