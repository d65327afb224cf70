"""OpenGL contexts without a window: from Qt on a desktop, from EGL where Qt has none (no display, tests, offline work).

A context is current only inside its `with` block, so it may be used by any thread, one at a time, and several may exist.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Protocol, Self

from ..errors import DisplayError

_INSTALL_HINT = (
    "On Debian or Ubuntu: apt-get install libegl1 libgl1 libgles2. Elsewhere install the graphics driver; "
    "Mesa's software OpenGL (llvmpipe) is enough"
)


class GLContext(Protocol):
    """An OpenGL context: `with context:` makes it current in this thread."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...

    def close(self) -> None:
        """Free it, outside any `with` block, in the thread that used it last."""


def _choose_pyopengl_platform(name: str) -> None:
    """Bind PyOpenGL to the library that makes the contexts; a mismatch ends in "no valid context" and an abort."""
    chosen = os.environ.get("PYOPENGL_PLATFORM")
    if "OpenGL" in sys.modules and chosen != name:
        raise DisplayError(
            f"this process already draws through PYOPENGL_PLATFORM={chosen}, and OpenGL binds only once: expected {name}. "
            "Do this in a process of its own"
        )
    os.environ["PYOPENGL_PLATFORM"] = name


class EglContext:
    """Context from EGL, with no window system. Raises DisplayError when none can be made."""

    def __init__(self) -> None:
        _choose_pyopengl_platform("egl")
        try:
            from .gl import load_egl

            egl = load_egl()
            devices = egl.query_devices() or [egl.EGLDevice(None)]
        except Exception as error:  # PyOpenGL reports a missing library as AttributeError, ImportError or RuntimeError
            raise DisplayError(f"expected EGL and OpenGL libraries, found: {error}. {_INSTALL_HINT}") from error
        failures = []
        for device in devices:
            self._platform: Any = egl.EGLPlatform(1, 1, device=device)
            try:
                self._platform.init_context()
            except Exception as error:  # a failed EGL call is an EGLError or a bare assert in pyrender
                failures.append(f"{device}: {error!r}")
                continue
            self.__exit__()
            return
        raise DisplayError(f"no EGL device gives an OpenGL 4.1 context ({'; '.join(failures)}). {_INSTALL_HINT}")

    def __enter__(self) -> Self:
        self._platform.make_current()
        return self

    def __exit__(self, *exc_info: object) -> None:
        from OpenGL import EGL

        EGL.eglMakeCurrent(self._platform._egl_display, EGL.EGL_NO_SURFACE, EGL.EGL_NO_SURFACE, EGL.EGL_NO_CONTEXT)

    def close(self) -> None:
        from OpenGL import EGL

        # Not pyrender's delete_context: its eglTerminate would end every other context of the same device.
        EGL.eglDestroyContext(self._platform._egl_display, self._platform._egl_context)


class QtContext:
    """Context from Qt. Made in the GUI thread, then used in one render thread. Raises DisplayError when Qt has none.

    Keep it until the render thread has ended: its surface belongs to the GUI thread.
    """

    def __init__(self) -> None:
        from PyQt6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext, QSurfaceFormat

        surface_format = QSurfaceFormat()
        surface_format.setVersion(4, 1)
        surface_format.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
        self._surface = QOffscreenSurface()
        self._surface.setFormat(surface_format)
        self._surface.create()
        self._context = QOpenGLContext()
        self._context.setFormat(surface_format)
        platform = QGuiApplication.platformName()
        if not self._context.create() or not self._surface.isValid():
            raise DisplayError(f"Qt's platform {platform!r} gives no OpenGL 4.1 context. {_INSTALL_HINT}")
        if sys.platform == "linux":
            is_egl = platform.startswith("wayland") or os.environ.get("QT_XCB_GL_INTEGRATION") == "xcb_egl"
            _choose_pyopengl_platform("egl" if is_egl else "glx")
        self._gui_thread = self._context.thread()
        # Without a thread the first user can pull it to itself; Qt lets nobody but the owner push it.
        self._context.moveToThread(None)

    def __enter__(self) -> Self:
        from PyQt6.QtCore import QThread

        if self._context.thread() is None:
            self._context.moveToThread(QThread.currentThread())
        if not self._context.makeCurrent(self._surface):
            raise DisplayError(f"the OpenGL context was lost. Restart the program. {_INSTALL_HINT}")
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._context.doneCurrent()

    def close(self) -> None:
        self._context.moveToThread(self._gui_thread)


def context_opener() -> Callable[[], GLContext]:
    """Call it in the GUI thread, and its result in the render thread; the context fits the running Qt application.

    It is Qt's own, or EGL's where Qt has none (always so on the platform `offscreen`). Either call may raise DisplayError.
    """
    from PyQt6.QtGui import QGuiApplication

    if QGuiApplication.platformName() == "offscreen":
        return EglContext
    try:
        context = QtContext()
    except DisplayError:
        if sys.platform != "linux":
            raise
        return EglContext
    return lambda: context


def windowless_context(stack: ExitStack) -> GLContext:
    """An OpenGL context without a window. Raises DisplayError."""
    if sys.platform == "linux":
        return EglContext()
    # Elsewhere there is no EGL, but Qt draws without a window, too.
    from PyQt6.QtGui import QGuiApplication

    application = QGuiApplication.instance() or QGuiApplication(sys.argv[:1])
    stack.callback(application.quit)  # and so it lives as long as the context
    return context_opener()()
