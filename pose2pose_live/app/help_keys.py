"""The keys of the window, read off its shortcuts, so that no list of them can be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction, QKeySequence, QShortcut
from PyQt6.QtWidgets import QAbstractButton, QScrollArea, QWidget


@dataclass(frozen=True)
class Key:
    """key: as this platform writes it. text: what it does, "" when nothing says so. panel: in which it works, "" everywhere in the window."""

    key: str
    text: str
    panel: str = ""


def keys_of(window: QWidget) -> list[Key]:
    """Every shortcut of the window and of the panels that have been opened, panel by panel.

    What a button or an action does is said by its tooltip; what a QShortcut does by its `whatsThis`, or by the tooltip that has its key in brackets.
    """
    tips = [widget.toolTip() for widget in window.findChildren(QWidget) if widget.toolTip()]
    found: dict[Key, None] = {}
    for sequence, text, owner in _shortcuts(window):
        key = sequence.toString(QKeySequence.SequenceFormat.NativeText)
        bracketed = f"({key})"
        told = text or next((tip for tip in tips if bracketed in tip), "")
        found[Key(key, _first_sentence(told.replace(bracketed, "")), _panel_of(owner))] = None
    return sorted(found, key=lambda key: key.panel)


def _shortcuts(window: QWidget) -> Iterator[tuple[QKeySequence, str, QObject]]:
    for shortcut in window.findChildren(QShortcut):
        for sequence in shortcut.keys():  # noqa: SIM118 - no mapping
            yield sequence, shortcut.whatsThis(), shortcut
    for action in window.findChildren(QAction):
        for sequence in action.shortcuts():
            yield sequence, action.toolTip(), action
    for button in window.findChildren(QAbstractButton):
        if not button.shortcut().isEmpty():
            yield button.shortcut(), button.toolTip(), button


def _first_sentence(text: str) -> str:
    return " ".join(text.replace(";", ".").split(". ")[0].split()).rstrip(" .")


def _panel_of(owner: QObject | None) -> str:
    while owner is not None:
        if isinstance(owner, QScrollArea):
            return owner.accessibleName()
        owner = owner.parent()
    return ""
