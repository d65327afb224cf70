"""The posed mesh drawn with pyrender, off-screen; importing this package loads no OpenGL library."""

from .context import EglContext, GLContext, QtContext, context_opener, windowless_context
from .drawing import draw_note, draw_skeleton
from .orbit import OrbitCamera
from .overlay import OverlayRenderer
from .view import Viewport

__all__ = [
    "EglContext",
    "GLContext",
    "OrbitCamera",
    "OverlayRenderer",
    "QtContext",
    "Viewport",
    "context_opener",
    "draw_note",
    "draw_skeleton",
    "windowless_context",
]
