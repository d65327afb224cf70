"""The posed mesh drawn with pyrender, off-screen; importing this package loads no OpenGL library."""

from .context import EglContext, GLContext, QtContext, context_opener, windowless_context
from .drawing import draw_boxes, draw_note, draw_skeleton
from .options import GREEN, ViewOptions
from .orbit import PRESETS, OrbitCamera
from .overlay import OverlayRenderer
from .view import Viewport

__all__ = [
    "GREEN",
    "PRESETS",
    "EglContext",
    "GLContext",
    "OrbitCamera",
    "OverlayRenderer",
    "QtContext",
    "ViewOptions",
    "Viewport",
    "context_opener",
    "draw_boxes",
    "draw_note",
    "draw_skeleton",
    "windowless_context",
]
