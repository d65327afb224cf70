"""OpenGL and pyrender, imported the one way that suits an application that has a window of its own.

Only `context.py` imports it before a context exists, once it has chosen what OpenGL shall bind to.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType

import pyglet

# pyrender imports a window class that it does not use here, and which would need X libraries.
pyglet.options["headless"] = sys.platform == "linux"

# Of trimesh it needs one small file. The package as a whole imports half of scipy, half a second of every start, so the file
# is found through a package that is empty otherwise, and who imports trimesh later gets the real one.
_has_stand_in = "trimesh" not in sys.modules
if _has_stand_in:
    _spec = importlib.util.find_spec("trimesh")
    assert _spec is not None
    assert _spec.submodule_search_locations is not None
    _stand_in = ModuleType("trimesh")
    _stand_in.__path__ = list(_spec.submodule_search_locations)
    sys.modules["trimesh"] = _stand_in

import pyrender  # noqa: E402
from OpenGL import GL  # noqa: E402

if _has_stand_in:
    del sys.modules["trimesh"]

__all__ = ["GL", "load_egl", "pyrender"]


def load_egl() -> ModuleType:
    """pyrender's EGL platform, which binds OpenGL to EGL when it is imported."""
    return importlib.import_module("pyrender.platforms.egl")
