"""The themes: that every text can be read, and that a choice is seen at once."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QRect, Qt, QTimer
from PyQt6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPalette, QRegion
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from pose2pose_live.app import theme
from pose2pose_live.app.help_panel import HelpPanel
from pose2pose_live.app.style import DARK, LIGHT, Colours, colours_of, palette, style_sheet
from pose2pose_live.app.window import MainWindow

from .conftest import OpenWindow

TIMEOUT_MS = 8000
THEMES = {"dark": DARK, "light": LIGHT}
AA = 4.5
TEXTS_ON = {
    "background": ("text", "muted", "link", "problem", *range(3)),
    "sunken": ("text", "muted"),
    "raised": ("text", "muted", "record", "problem", "link"),
    "hover": ("text", "record"),
    "selected": ("on_selected",),
    "banner": ("on_banner",),
    "error": ("on_error",),
    "recording": ("on_recording",),
}
"""What is written on which ground; a number is one of the graphs' lines."""


def luminance(colour: QColor) -> float:
    """Relative luminance of WCAG 2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.getRgbF()[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: QColor, other: QColor) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast(QColor("#000000"), QColor("#ffffff")) == pytest.approx(21)
    assert contrast(QColor("#767676"), QColor("#ffffff")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("colours", THEMES.values(), ids=THEMES)
def test_every_text_of_the_table_can_be_read_on_its_ground(colours: Colours):
    for ground, texts in TEXTS_ON.items():
        for text in texts:
            colour = colours.lines[text] if isinstance(text, int) else getattr(colours, text)
            found = contrast(QColor(colour), QColor(getattr(colours, ground)))
            assert found >= AA, f"{text} on {ground}: {found:.2f}"


@pytest.mark.parametrize("colours", THEMES.values(), ids=THEMES)
def test_style_sheet_and_palette_use_the_table_alone(colours: Colours):
    table = {value for value in vars(colours).values() if isinstance(value, str)}
    assert set(re.findall(r"#[0-9a-fA-F]{6}", style_sheet(colours))) <= table
    made = palette(colours)
    for ground, text in (("Window", "WindowText"), ("Base", "Text"), ("Button", "ButtonText"), ("Base", "PlaceholderText"),
                         ("ToolTipBase", "ToolTipText"), ("Highlight", "HighlightedText"), ("AlternateBase", "Text")):  # fmt: skip
        role = QPalette.ColorRole
        assert contrast(made.color(role[ground]), made.color(role[text])) >= AA, (ground, text)


def choose(qtbot: QtBot, window: MainWindow, name: str) -> None:
    """By the keyboard, in the help panel."""
    panel = window.sidebar.panel("help")
    assert isinstance(panel, HelpPanel)
    window.sidebar.show_panel("help")
    panel.theme.setFocus()
    for _ in range(3):
        qtbot.keyClick(panel.theme, Qt.Key.Key_Up)
    for _ in range(("dark", "light", "system").index(name)):
        qtbot.keyClick(panel.theme, Qt.Key.Key_Down)
    assert panel.theme.currentData() == name
    settle(qtbot, window)


def settle(qtbot: QtBot, window: MainWindow) -> None:
    QApplication.processEvents()
    qtbot.waitUntil(lambda: window.theme.is_settled, timeout=TIMEOUT_MS)


def ground_of(widget: QWidget) -> QColor:
    """The commonest colour of a widget as it is drawn."""
    return _colours(drawn(widget))[0]


def drawn(widget: QWidget, scale: int = 3) -> QImage:
    """As it stands in its window, large, so that the middle of a letter's stroke has the full colour."""
    window = widget.window()
    assert window is not None
    image = QImage(widget.size() * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.magenta)
    painter = QPainter(image)
    window.render(painter, QPoint(), QRegion(QRect(widget.mapTo(window, QPoint()), widget.size())))
    painter.end()
    return image


def _colours(image: QImage) -> list[QColor]:
    """Of an image, the commonest first."""
    bits = image.constBits()
    assert bits is not None
    values, counts = np.unique(np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint32), return_counts=True)
    return [QColor.fromRgb(int(value) & 0xFFFFFF) for value in values[np.argsort(-counts)]]


def test_a_chosen_theme_is_seen_at_once_and_kept(qtbot: QtBot, open_window: OpenWindow):
    window = open_window()
    assert ground_of(window.statusBar() or window) == QColor(DARK.sunken)
    for name in ("light", "dark", "light"):
        choose(qtbot, window, name)
        assert window.app.settings.value.views.theme == name
        assert ground_of(window.statusBar() or window) == QColor(THEMES[name].sunken)
        assert colours_of(window) is THEMES[name]
    window.close()
    assert colours_of(open_window()) is LIGHT


def test_pictures_go_on_while_the_theme_changes(qtbot: QtBot, open_window: OpenWindow):
    window = open_window()
    for name in window.sidebar.buttons:
        window.sidebar.panel(name)
    turns: list[bool] = []
    between = QTimer(window)
    between.timeout.connect(lambda: turns.append(window.theme.is_settled))
    settle(qtbot, window)
    window.app.settings.change("views", theme="light")
    between.start()
    qtbot.waitUntil(lambda: True in turns, timeout=TIMEOUT_MS)
    assert turns.index(True) > len(window.sidebar.buttons)  # each panel had a turn of its own
    assert ground_of(window.sidebar.panel("log")) == QColor(LIGHT.background)


def test_the_system_is_followed_where_that_is_chosen(qtbot: QtBot, open_window: OpenWindow, monkeypatch):
    class Hints:
        scheme = Qt.ColorScheme.Light
        asked: list[object]

        def __init__(self) -> None:
            hints = QGuiApplication.styleHints()
            assert hints is not None
            self.asked, self.colorSchemeChanged = [], hints.colorSchemeChanged

        def colorScheme(self) -> Qt.ColorScheme:
            return self.scheme

        def setColorScheme(self, scheme: Qt.ColorScheme) -> None:
            self.asked.append(scheme)

        def unsetColorScheme(self) -> None:
            self.asked.append(None)

    hints = Hints()
    monkeypatch.setattr(theme, "_hints", lambda: hints)
    window = open_window()
    settle(qtbot, window)
    assert colours_of(window) is DARK
    choose(qtbot, window, "system")
    assert colours_of(window) is LIGHT
    hints.scheme = Qt.ColorScheme.Dark
    hints.colorSchemeChanged.emit(hints.scheme)
    settle(qtbot, window)
    assert colours_of(window) is DARK
    hints.scheme = Qt.ColorScheme.Unknown
    hints.colorSchemeChanged.emit(hints.scheme)
    settle(qtbot, window)
    assert colours_of(window) is DARK
    choose(qtbot, window, "light")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    settle(qtbot, window)
    assert colours_of(window) is LIGHT
    assert hints.asked[0] == Qt.ColorScheme.Dark
    assert hints.asked[-1] == Qt.ColorScheme.Light
    assert None in hints.asked


@pytest.mark.parametrize("name", THEMES)
def test_texts_are_readable_as_they_are_drawn(qtbot: QtBot, open_window: OpenWindow, name: str):
    """Every label and button of the window and of every panel: its strongest colour against its commonest."""
    window = open_window(banner="A banner")
    window.app.messages.fail("An error")
    window.app.settings.change("views", theme=name)
    settle(qtbot, window)
    window.resize(1400, 900)
    seen = 0
    for panel in window.sidebar.buttons:
        window.sidebar.show_panel(panel)
        QApplication.processEvents()
        texts: list[QLabel | QAbstractButton] = [*window.findChildren(QLabel), *window.findChildren(QAbstractButton)]
        for widget in texts:
            is_whole = widget.visibleRegion().boundingRect() == widget.rect()
            if not (widget.isVisible() and widget.isEnabled() and is_whole and any(map(str.isalnum, widget.text()))):
                continue
            ground, *others = _colours(drawn(widget))
            best = max(contrast(ground, colour) for colour in others)
            assert best >= AA, f"{panel}: {widget.text()!r} has {best:.2f} in the {name} theme"
            seen += 1
    assert seen > 20
