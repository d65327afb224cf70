"""Colours and sizes of the window."""

STYLE_SHEET = """
QMainWindow, QWidget { background: #1d1f23; color: #d5d8dd; font-size: 14px; }
QStatusBar { background: #17191c; }
QStatusBar QLabel { background: #17191c; color: #9aa0a9; font-size: 13px; padding: 3px 8px; }
QStatusBar::item { border: none; }
QLabel#banner { background: #2b4a6f; color: white; padding: 8px 12px; }
QLabel#error { background: #7a2b2b; color: white; padding: 8px 12px; }
QLabel#message { color: #9aa0a9; }
QPushButton#record {
    background: #2c2f35; color: #ff6b61; border: 1px solid #43474f; border-radius: 6px;
    min-width: 150px; min-height: 40px; font-size: 16px; font-weight: bold;
}
QPushButton#record:hover { background: #363a41; }
QPushButton#record:disabled { color: #6a6e76; }
QPushButton#record[recording="true"] { background: #c0392b; color: white; border-color: #c0392b; }
QCheckBox { spacing: 8px; }
QToolTip { background: #2c2f35; color: #d5d8dd; border: 1px solid #43474f; }
"""
