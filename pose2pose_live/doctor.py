"""What works on this machine, and how to mend what doesn't."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .errors import Pose2PoseError


@dataclass(frozen=True)
class Finding:
    """One line of the report. needed: without it nothing can be captured at all."""

    what: str
    works: bool
    detail: str
    needed: bool = True

    def __str__(self) -> str:
        mark = "ok  " if self.works else ("FAIL" if self.needed else "none")
        return f"[{mark}] {self.what:<12} {self.detail}"


def examine() -> Iterator[Finding]:
    """Check one thing after the other; each check is contained, so that one failure hides no other."""
    yield Finding("python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.platform()}")
    checks: tuple[tuple[str, Callable[[], str], bool], ...] = (
        ("opencv", _opencv, True),
        ("runtime", _runtime, True),
        ("engine", _engine, True),
        ("body", _body, True),
        ("detector", _detector, True),
        ("opengl", _opengl, False),
        ("window", _window, False),
        ("cameras", _cameras, False),
    )
    for what, check, needed in checks:
        try:
            yield Finding(what, True, check(), needed)
        except Pose2PoseError as error:
            yield Finding(what, False, str(error), needed)
        except Exception as error:  # a doctor reports, whatever the illness
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            yield Finding(what, False, f"{type(error).__name__}: {reason}; reinstall pose2pose-live", needed)


def _opencv() -> str:
    names = sorted(
        {
            name
            for dist in importlib.metadata.distributions()
            if (name := (dist.metadata["Name"] or "").lower()).startswith("opencv-")
        }
    )
    if len(names) != 1:
        raise Pose2PoseError(
            f"expected one OpenCV distribution, found {', '.join(names) or 'none'}; they overwrite each other: uninstall all of "
            "them, then `pip install opencv-contrib-python`"
        )
    return f"{names[0]} {importlib.metadata.version(names[0])}"


def _runtime() -> str:
    import onnxruntime

    return f"onnxruntime {onnxruntime.__version__} ({', '.join(onnxruntime.get_available_providers())}), {os.cpu_count()} cores"


def _engine() -> str:
    from .inference import Engine, Session

    engine = Engine.load()
    for graph in engine.graphs.values():
        graph.verify()
        Session(graph.path)
    return f"{engine.name}: {', '.join(engine.graphs)} load and are unchanged"


def _body() -> str:
    from .body import BodyModel

    body = BodyModel.load()
    return f"{body.tag}, {body.vertex_count} vertices"


def _detector() -> str:
    from .detection.person_detector import PersonDetector

    PersonDetector().close()
    return f"mediapipe {importlib.metadata.version('mediapipe')} starts"


def _opengl() -> str:
    from .viewport import EglContext

    context = EglContext()
    with context:
        from OpenGL import GL

        name = GL.glGetString(GL.GL_RENDERER).decode()
    context.close()
    return name


def _window() -> str:
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise Pose2PoseError(
            "no display (neither DISPLAY nor WAYLAND_DISPLAY is set); recordings work: `pose2pose-live process`"
        )
    from PyQt6.QtCore import PYQT_VERSION_STR

    return f"PyQt6 {PYQT_VERSION_STR}"


def _cameras() -> str:
    from .sources import list_cameras

    cameras = list_cameras()
    if not cameras:
        raise Pose2PoseError(
            "no camera found; plug one in, or on Linux check that you may read /dev/video* (group `video`)"
        )
    return "; ".join(map(str, cameras))
