"""MediaPipe without what it imports and this application never uses, most of the time that it takes: the plotting library of a drawing helper, and the
microphone library of its audio tasks, which looks for sound devices when it is imported."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

_PLOTTING = ("matplotlib", "matplotlib.pyplot")
_UNUSED = (*_PLOTTING, "sounddevice")


class _Later(ModuleType):
    """Stands for a module that is imported when somebody asks it for something."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


def import_mediapipe() -> Any:
    """The module `mediapipe`. Who imports one of them later gets the real one, and so does MediaPipe when it uses it."""
    if any(name in sys.modules for name in ("mediapipe", *_UNUSED)):
        return importlib.import_module("mediapipe")
    later = {name: _Later(name) for name in _UNUSED}
    package, pyplot = (later[name] for name in _PLOTTING)
    package.__dict__["pyplot"] = pyplot
    sys.modules.update(later)
    try:
        return importlib.import_module("mediapipe")
    finally:
        for name in _UNUSED:
            del sys.modules[name]
