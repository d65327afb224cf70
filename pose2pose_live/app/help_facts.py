"""What this program is made of and where its files are, for the help panel."""

from __future__ import annotations

import importlib.metadata
import platform
from pathlib import Path

from PyQt6.QtCore import QT_VERSION_STR

from .. import __version__

_PACKAGES = ("PyQt6", "onnxruntime", "mediapipe", "opencv-contrib-python", "numpy", "pyrender2")


def versions() -> list[tuple[str, str]]:
    """Names and versions of the program and of what it runs on. Reads files: some milliseconds."""
    own = [("Pose2Pose Live", __version__), ("Python", platform.python_version()), ("Qt", QT_VERSION_STR)]
    return [*own, *((name, _version(name)) for name in _PACKAGES)]


def notice_path() -> Path | None:
    """The file that says whose work this program carries and under which terms; None where the installation holds none."""
    try:
        files = importlib.metadata.files("pose2pose-live") or []
    except importlib.metadata.PackageNotFoundError:  # a copy of the folder
        files = []
    return next((Path(str(file.locate())) for file in files if file.name == "NOTICE"), None)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "-"
