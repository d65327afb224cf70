"""Every control of the window and of all its panels: named for those who hear it, explained, and reached without a mouse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from pose2pose_live.app.window import MainWindow

from .conftest import OpenWindow

FIELDS = (QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit)
_NEAR_PX = 40
TIMEOUT_MS = 8000


def is_control(widget: QWidget) -> bool:
    """What a person operates, but not the parts that Qt makes one of: a spin box's line, a list's header, scroll bars."""
    if isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_"):
        return False
    parent = widget.parent()
    while isinstance(parent, QWidget):
        if isinstance(parent, FIELDS):
            return False
        parent = parent.parent()
    is_watched = widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not isinstance(widget, QLabel)
    return isinstance(widget, (QAbstractButton, *FIELDS)) or (
        is_watched and type(widget).__module__ != "PyQt6.QtWidgets"
    )


def controls(root: QWidget) -> list[QWidget]:
    return [widget for widget in root.findChildren(QWidget) if widget.isVisible() and is_control(widget)]


def text_of(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QAbstractButton) else ""


def said(widget: QWidget) -> str:
    """As a message of a test names it."""
    words = widget.accessibleName() or text_of(widget) or widget.toolTip() or widget.objectName()
    return f"{type(widget).__name__} {words!r} in {type(widget.parent()).__name__}"


@pytest.fixture
def window(open_window: OpenWindow) -> MainWindow:
    window = open_window(banner="A banner")
    window.resize(1400, 1000)
    window.app.recording.changed.emit()
    return window


def opened(window: MainWindow) -> Iterator[str]:
    """Open one panel after the other."""
    for name in window.sidebar.buttons:
        window.sidebar.show_panel(name)
        QApplication.processEvents()
        yield name


def test_every_control_has_a_name_and_an_explanation(window: MainWindow):
    silent, seen = [], set[QWidget]()
    for name in opened(window):
        seen.update(controls(window))
        for widget in controls(window):
            named = widget.accessibleName() or (text_of(widget) if any(map(str.isalnum, text_of(widget))) else "")
            named = named or next((label.text() for label in labels_of(window, widget)), "")
            if not named:
                silent.append(f"{name}: no name: {said(widget)}")
            if not widget.toolTip():
                silent.append(f"{name}: no tooltip: {said(widget)}")
    assert len(seen) > 20
    assert not silent, "\n".join(sorted(set(silent)))


def labels_of(window: MainWindow, widget: QWidget) -> list[QLabel]:
    return [label for label in window.findChildren(QLabel) if label.buddy() is widget]


def test_a_shortcut_stands_in_the_tooltip(window: MainWindow):
    lacking = []
    for name in opened(window):
        for widget in controls(window):
            if isinstance(widget, QAbstractButton) and not widget.shortcut().isEmpty():
                key = widget.shortcut().toString(widget.shortcut().SequenceFormat.NativeText)
                if f"({key})" not in widget.toolTip() and "&" not in widget.text():
                    lacking.append(f"{name}: {said(widget)}: {key}")
    assert not lacking, "\n".join(lacking)


def test_labels_before_fields_are_their_buddies(window: MainWindow):
    """A label in the row of a field, just before it: a click on it, or its underlined letter, goes to the field."""
    strange = []
    for name in opened(window):
        panel = window.sidebar.panel(name)
        for field in controls(panel):
            if not isinstance(field, FIELDS) or isinstance(field, (QAbstractItemView, QPlainTextEdit, QTextEdit)):
                continue
            for label in panel.findChildren(QLabel):
                if label.isVisible() and label.buddy() is not field and stands_before(label, field, panel):
                    strange.append(f"{name}: {label.text()!r} before {said(field)}")
    assert not strange, "\n".join(strange)


def stands_before(label: QLabel, field: QWidget, panel: QWidget) -> bool:
    start, end = label.mapTo(panel, label.rect().topLeft()), field.mapTo(panel, field.rect().topLeft())
    overlap = min(start.y() + label.height(), end.y() + field.height()) - max(start.y(), end.y())
    gap = end.x() - (start.x() + label.width())
    return overlap > 0.6 * min(label.height(), field.height()) and -2 <= gap < _NEAR_PX


def test_tab_reaches_every_control(qtbot: QtBot, window: MainWindow):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=TIMEOUT_MS)
    missed = []
    for name in opened(window):
        reached = walk(qtbot, window)
        for widget in controls(window):
            if widget.isEnabled() and widget not in reached and not is_represented(widget, reached):
                missed.append(f"{name}: {said(widget)}")
    assert not missed, "\n".join(missed)


def walk(qtbot: QtBot, window: MainWindow) -> list[QWidget]:
    """What gets the focus, one after the other, until it comes round."""
    window.record_button.setFocus()
    start = QApplication.focusWidget()
    assert start is not None
    reached = [start]
    for _ in range(500):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        assert now is not None
        if now is start:
            return reached
        reached.append(now)
    raise AssertionError(f"Tab does not come round; the last: {said(reached[-1])}")


def is_represented(widget: QWidget, reached: list[QWidget]) -> bool:
    """Arrow keys go on from one choice of a group to the next; a compound takes the focus for its part."""
    if isinstance(widget, QAbstractButton):
        group = widget.group()
        if group is not None and group.exclusive():
            return any(one in reached for one in group.buttons())
        if widget.autoExclusive():
            parent = widget.parent()
            return isinstance(parent, QWidget) and any(one in reached for one in parent.findChildren(type(widget)))
    return widget.focusProxy() in reached


def test_panels_are_named(window: MainWindow):
    for name in opened(window):
        area = window.sidebar.stack.currentWidget()
        assert area is not None
        assert area.accessibleName() == window.sidebar.buttons[name].text().split(" (")[0]
