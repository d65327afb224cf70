"""What works on this machine, and how to mend what doesn't."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from .errors import DisplayError, ModelError, Pose2PoseError, SourceError

if TYPE_CHECKING:
    from .sources import CameraDevice

NO_CAMERA = "no camera found; plug one in, or on Linux check that you may read /dev/video* (group `video`)"
MEDIAPIPE_REPORTS_FROM = (0, 10, 34)
"""From this version on MediaPipe reports usage to a server, and offers no way out."""

_SYSTEM_LIBRARIES = "libgl1 libegl1 libgles2 libglib2.0-0"
_WINDOW_LIBRARIES = (
    "libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 "
    "libxcb-xkb1 libdbus-1-3 libfontconfig1"
)
_WINDOW_TIMEOUT_S = 60.0
# In a process of its own: Qt aborts the one in which it finds no display.
_WINDOW_PROBE = """
from PyQt6.QtWidgets import QApplication
application = QApplication([])
from pose2pose_live.viewport import context_opener
with context_opener()():
    from pose2pose_live.viewport.renderer import renderer_name
    print(f"Qt platform {application.platformName()}, OpenGL by {renderer_name()}")
"""


@dataclass(frozen=True)
class Finding:
    """One line of the report. needed: without it nothing can be captured at all."""

    what: str
    works: bool
    detail: str
    needed: bool = True

    def __str__(self) -> str:
        mark = "ok  " if self.works else ("FAIL" if self.needed else "none")
        return f"[{mark}] {self.what:<9} {' '.join(self.detail.split())}"


def examine() -> Iterator[Finding]:
    """Check one thing after the other; each check is contained, so that one failure hides no other."""
    yield Finding("python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.platform()}")
    yield _check("opencv", _opencv)
    yield _check("runtime", _runtime)
    yield _check("engine", _engine)
    yield _check("body", _body)
    yield _check("detector", _detector)
    yield _check("opengl", _opengl, needed=False)
    yield _check("window", _window, needed=False)
    yield from _cameras()


def _check(what: str, check: Callable[[], str], *, needed: bool = True) -> Finding:
    try:
        return Finding(what, True, check(), needed)
    except Pose2PoseError as error:
        return Finding(what, False, str(error), needed)
    except Exception as error:  # a doctor reports, whatever the illness
        return Finding(what, False, f"{type(error).__name__}: {error}; {_remedy(str(error))}", needed)


def _remedy(reason: str) -> str:
    if re.search(r"\.so\b", reason):
        return f"install the package that holds this library (Debian, Ubuntu: apt-get install {_SYSTEM_LIBRARIES})"
    return "reinstall pose2pose-live"


def _opencv() -> str:
    from .sources.opencv import cv2

    names = {(dist.metadata["Name"] or "").lower() for dist in importlib.metadata.distributions()}
    found = sorted(name for name in names if re.fullmatch(r"opencv(-contrib)?-python(-headless)?", name))
    if len(found) > 1:
        raise Pose2PoseError(
            f"expected one OpenCV distribution, found {', '.join(found)}; they overwrite each other: uninstall all of them, "
            "then `pip install opencv-contrib-python`"
        )
    return f"{''.join(found) or 'OpenCV'} {cv2.__version__}"


def _runtime() -> str:
    import onnxruntime

    from .inference import Engine, Session
    from .processor import core_count

    session = Session(Engine.load().graph("pose").path)
    return (
        f"onnxruntime {onnxruntime.__version__} ({', '.join(onnxruntime.get_available_providers())}), {core_count()} cores; "
        f"`auto` takes {session.runtime} ({session.reason})"
    )


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

    version = importlib.metadata.version("mediapipe")
    if tuple(map(int, re.findall(r"\d+", version)[:3])) >= MEDIAPIPE_REPORTS_FROM:
        raise ModelError(
            f"mediapipe {version} reports usage to a server; go back to one that does not: "
            '`pip install "mediapipe>=0.10.32,<0.10.34"`'
        )
    PersonDetector().close()
    return f"mediapipe {version} starts"


def _opengl() -> str:
    from .viewport import windowless_context

    with ExitStack() as stack:
        context = stack.enter_context(closing(windowless_context(stack)))
        with context:
            from .viewport.renderer import renderer_name

            return f"OpenGL without a window, by {renderer_name()}"


def _window() -> str:
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise DisplayError(
            "no display (neither DISPLAY nor WAYLAND_DISPLAY is set); recordings work: `pose2pose-live process`"
        )
    probe = subprocess.run(
        [sys.executable, "-c", _WINDOW_PROBE],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=_WINDOW_TIMEOUT_S,
    )
    if probe.returncode:
        said = [line for line in probe.stderr.splitlines() if line.strip()] or [f"exit code {probe.returncode}"]
        reason = next((line for line in said if "could not" in line.lower()), said[-1])
        if "connect to display" in reason:
            remedy = "check DISPLAY or WAYLAND_DISPLAY, and that you may use that display"
        elif sys.platform == "linux":
            remedy = f"Debian, Ubuntu: apt-get install {_SYSTEM_LIBRARIES} {_WINDOW_LIBRARIES}"
        else:
            remedy = "reinstall pose2pose-live"
        raise DisplayError(f"{reason.strip()}; {remedy}")
    return f"PyQt6 {importlib.metadata.version('PyQt6')}, {probe.stdout.strip().splitlines()[-1]}"


def _cameras() -> Iterator[Finding]:
    """A finding for each camera, which is opened for a moment: some are listed, but busy or forbidden."""
    try:
        from .sources import list_cameras

        cameras = list_cameras()
        if not cameras:
            raise SourceError(NO_CAMERA)
    except Exception as error:
        yield Finding("camera", False, str(error), needed=False)
        return
    for camera in cameras:
        yield _check("camera", partial(_camera, camera), needed=False)


def _camera(camera: CameraDevice) -> str:
    from .sources import CameraSource

    with CameraSource(camera) as source:
        return f"{camera}: {source.format}"
