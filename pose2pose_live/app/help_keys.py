"""The keys of the window, read off its shortcuts, so that no list of them can be wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction, QKeySequence, QShortcut
from PyQt6.QtWidgets import QAbstractButton, QScrollArea, QWidget


@dataclass(frozen=True)
class Key:
    """keys: as this platform writes them, with commas. text: what they do, "" when nothing says so. place: the panel or the other window in which
    they work, "" everywhere in the window."""

    keys: str
    text: str
    place: str = ""


def keys_of(window: QWidget) -> list[Key]:
    """Every shortcut of the window, of its panels that are made, and of the windows that belong to it, place by place.

    What a button or an action does is said by its tooltip; what a QShortcut does by its `whatsThis`, or by the tooltip that has its key in brackets.
    """
    # One search for all kinds: it takes as long as the rest.
    kinds: tuple[type[QObject], ...] = (QShortcut, QAction, QWidget)
    parts = window.findChildren(kinds)
    tips = [tip for part in parts if isinstance(part, QWidget) and "(" in (tip := part.toolTip())]
    found: dict[Key, None] = {}
    for sequences, text, owner in _shortcuts(parts):
        keys = [sequence.toString(QKeySequence.SequenceFormat.NativeText) for sequence in sequences]
        text = text or next((tip for tip in tips if any(f"({key})" in tip for key in keys)), "")
        for key in keys:
            text = text.replace(f"({key})", "")
        found[Key(", ".join(keys), _first_sentence(text), _place_of(owner, window))] = None
    return sorted(found, key=lambda key: key.place)


def _shortcuts(parts: Iterable[QObject]) -> Iterator[tuple[Sequence[QKeySequence], str, QObject]]:
    for part in parts:
        if isinstance(part, QShortcut) and (keys := part.keys()):
            yield keys, part.whatsThis(), part
        elif isinstance(part, QAction) and (keys := part.shortcuts()):
            yield keys, part.toolTip(), part
        elif isinstance(part, QAbstractButton) and not part.shortcut().isEmpty():
            yield [part.shortcut()], part.toolTip(), part


def _first_sentence(text: str) -> str:
    return " ".join(text.replace(";", ".").split(". ")[0].split()).rstrip(" .")


def _place_of(owner: QObject | None, window: QWidget) -> str:
    while owner is not None and owner is not window:
        if isinstance(owner, QScrollArea):
            return owner.accessibleName()
        if isinstance(owner, QWidget) and owner.isWindow():
            return owner.windowTitle()
        owner = owner.parent()
    return ""
