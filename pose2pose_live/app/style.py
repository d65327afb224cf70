"""Colours and sizes of the window."""

from __future__ import annotations

from PyQt6.QtGui import QColor, QPalette

BACKGROUND = QColor(29, 31, 35)
TEXT = QColor(213, 216, 221)
_RAISED = QColor(44, 47, 53)
_ACCENT = QColor(74, 134, 200)

STYLE_SHEET = """
QMainWindow, QCheckBox, QLabel, QPushButton { font-size: 14px; }
QStatusBar { background: #17191c; }
QStatusBar QLabel { color: #9aa0a9; font-size: 13px; padding: 3px 8px; }
QStatusBar::item { border: none; }
QLabel#banner { background: #2b4a6f; color: white; padding: 8px 12px; }
QLabel#error { background: #7a2b2b; color: white; padding: 8px 12px; }
QLabel#message, QLabel#state { color: #9aa0a9; }
QLabel#state { font-size: 13px; padding-left: 8px; }
QLabel#state[problem="true"] { color: #ff9b8f; }
QToolButton, QComboBox, QLineEdit { font-size: 13px; padding: 2px 6px; }
QPushButton#record {
    background: #2c2f35; color: #ff6b61; border: 1px solid #43474f; border-radius: 6px;
    min-width: 150px; min-height: 40px; font-size: 16px; font-weight: bold;
}
QPushButton#record:hover { background: #363a41; }
QPushButton#record:disabled { color: #6a6e76; }
QPushButton#record[recording="true"] { background: #c0392b; color: white; border-color: #c0392b; }
"""


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
