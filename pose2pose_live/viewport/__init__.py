"""The posed mesh drawn with pyrender, off-screen; importing this package loads no OpenGL library."""

from .context import EglContext, GLContext, QtContext, open_context
from .orbit import OrbitCamera
from .overlay import OverlayRenderer
from .skeleton_overlay import draw_skeleton
from .view import Viewport

__all__ = [
    "EglContext",
    "GLContext",
    "OrbitCamera",
    "OverlayRenderer",
    "QtContext",
    "Viewport",
    "draw_skeleton",
    "open_context",
]
