"""Colours and sizes of the window: one table of colours for each theme, from which palette and style sheet are made."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from string import Template
from typing import Any

from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QWidget


@dataclass(frozen=True)
class Colours:
    """As `#rrggbb`. What is named `on_X` is text on the ground X; texts have a contrast of at least 4.5 to 1 with their grounds (WCAG 2, AA).

    sunken: the strip of panels and the status line. raised: buttons and fields. accent: lines that say what has the focus. problem: of a text
    that tells one. lines: of graphs, apart for people who see red and green alike; their names are texts, too.
    """

    background: str
    sunken: str
    raised: str
    hover: str
    border: str
    text: str
    muted: str
    disabled: str
    link: str
    accent: str
    selected: str
    on_selected: str
    banner: str
    on_banner: str
    error: str
    on_error: str
    problem: str
    record: str
    recording: str
    on_recording: str
    lines: tuple[str, str, str]


DARK = Colours(
    background="#1d1f23", sunken="#17191c", raised="#2c2f35", hover="#363a41", border="#5a5f69",
    text="#d5d8dd", muted="#a3a9b2", disabled="#757a83", link="#7db4ee", accent="#5b9be0",
    selected="#2b5c94", on_selected="#ffffff", banner="#2b4a6f", on_banner="#ffffff", error="#7a2b2b", on_error="#ffffff",
    problem="#ff9b8f", record="#ff857b", recording="#c0392b", on_recording="#ffffff",
    lines=("#569cd6", "#6abe78", "#e6a046"),
)  # fmt: skip
LIGHT = Colours(
    background="#f4f5f7", sunken="#e4e7eb", raised="#ffffff", hover="#e9edf2", border="#8d949e",
    text="#1e2227", muted="#555c66", disabled="#8d939c", link="#1a5fa8", accent="#1a6fc4",
    selected="#2563a8", on_selected="#ffffff", banner="#cfe2f7", on_banner="#12314f", error="#b3261e", on_error="#ffffff",
    problem="#b3261e", record="#c0281d", recording="#c0392b", on_recording="#ffffff",
    lines=("#1a68b0", "#2a7a35", "#a65200"),
)  # fmt: skip

_STYLE_SHEET = Template("""
QCheckBox, QRadioButton, QLabel, QPushButton { font-size: 14px; }
QToolButton, QComboBox, QLineEdit { font-size: 13px; padding: 2px 6px; }
QAbstractSpinBox { font-size: 13px; min-height: 20px; }
QCheckBox::indicator:unchecked, QRadioButton::indicator:unchecked {
    width: 12px; height: 12px; background: $raised; border: 1px solid $muted; border-radius: 2px;
}
QRadioButton::indicator:unchecked { border-radius: 7px; }
QCheckBox::indicator:unchecked:disabled, QRadioButton::indicator:unchecked:disabled { border-color: $border; }
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 3px; }
QStatusBar { background: $sunken; }
QStatusBar QLabel { color: $muted; font-size: 13px; padding: 3px 8px; }
QStatusBar::item { border: none; }
QLabel#banner { background: $banner; color: $on_banner; padding: 8px 12px; }
QLabel#error { background: $error; color: $on_error; padding: 8px 12px; }
QLabel#heading { font-weight: bold; }
QLabel#message, QLabel#state { color: $muted; }
QLabel#state { font-size: 13px; padding-left: 8px; }
QLabel#state[problem="true"] { color: $problem; }
QWidget#strip { background: $sunken; }
QWidget#strip QToolButton { border: 1px solid transparent; border-radius: 6px; }
QWidget#strip QToolButton:hover { background: $raised; }
QWidget#strip QToolButton:checked { background: $selected; color: $on_selected; }
QWidget#strip QToolButton:focus { border-color: $accent; }
QScrollBar { background: $background; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: $border; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
QFrame#card { border: 1px solid $border; border-radius: 6px; }
QPushButton#record {
    background: $raised; color: $record; border: 1px solid $border; border-radius: 6px;
    min-width: 150px; min-height: 40px; font-size: 16px; font-weight: bold;
}
QPushButton#record:hover { background: $hover; }
QPushButton#record:disabled { color: $disabled; }
QPushButton#record[recording="true"] { background: $recording; color: $on_recording; border-color: $recording; }
QPushButton#record:focus { border: 2px solid $accent; }
""")


def style_sheet(colours: Colours) -> str:
    return _STYLE_SHEET.substitute(dataclasses.asdict(colours))


def palette(colours: Colours) -> QPalette:
    """For Qt's Fusion style, which draws everything by the palette, alike on every platform."""
    made = QPalette(QColor(colours.raised), QColor(colours.background))
    roles = {
        "Window": colours.background, "WindowText": colours.text, "Base": colours.raised, "AlternateBase": colours.hover,
        "Text": colours.text, "Button": colours.raised, "ButtonText": colours.text, "PlaceholderText": colours.muted,
        "ToolTipBase": colours.raised, "ToolTipText": colours.text, "Link": colours.link, "LinkVisited": colours.link,
        "Highlight": colours.selected, "HighlightedText": colours.on_selected, "Accent": colours.accent,
    }  # fmt: skip
    for role, colour in roles.items():
        made.setColor(QPalette.ColorRole[role], QColor(colour))
    for role in ("WindowText", "Text", "ButtonText"):
        made.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole[role], QColor(colours.disabled))
    return made


def colours_of(widget: QWidget) -> Colours:
    """The table that a widget is drawn by, for what it paints itself. A change of theme repaints it."""
    return LIGHT if widget.palette().window().color() == QColor(LIGHT.background) else DARK


def set_property(widget: QWidget, name: str, value: Any) -> None:
    """Style sheets see a changed property only after the style is applied anew."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        style = widget.style()
        assert style is not None
        style.polish(widget)
