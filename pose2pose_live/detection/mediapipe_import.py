"""MediaPipe without the plotting library that one of its drawing helpers imports and this application never uses: four fifths of the time that it takes."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

_PLOTTING = ("matplotlib", "matplotlib.pyplot")


class _Later(ModuleType):
    """Stands for a module that is imported when somebody asks it for something."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


def import_mediapipe() -> Any:
    """The module `mediapipe`. Who imports matplotlib later gets the real one, and so does MediaPipe when it plots."""
    if any(name in sys.modules for name in ("mediapipe", *_PLOTTING)):
        return importlib.import_module("mediapipe")
    package, pyplot = (_Later(name) for name in _PLOTTING)
    package.__dict__["pyplot"] = pyplot
    sys.modules.update(zip(_PLOTTING, (package, pyplot), strict=True))
    try:
        return importlib.import_module("mediapipe")
    finally:
        for name in _PLOTTING:
            del sys.modules[name]
