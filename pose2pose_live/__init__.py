"""Pose2Pose Live: one ordinary webcam becomes SMPL-X motion capture (body, hands, face).

import pose2pose_live as p2p

for frame in p2p.capture("video.mp4"):
    print(frame.time_s, frame.tracked, frame.body_pose)
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

# ONNX Runtime reports to its maker ten seconds after the first session, in its newer builds on Linux too, unless it is told not to before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .body import BodyModel
    from .errors import Pose2PoseError
    from .frame import Camera, CameraFrame, PartConfidence, SmplxFrame
    from .mocap import MocapSettings, MotionCapture, capture
    from .motion import MocapControls
    from .sources import open_source

__all__ = [
    "BodyModel",
    "Camera",
    "CameraFrame",
    "MocapControls",
    "MocapSettings",
    "MotionCapture",
    "PartConfidence",
    "Pose2PoseError",
    "SmplxFrame",
    "__version__",
    "capture",
    "open_source",
]

_HOMES = {
    **dict.fromkeys(("Camera", "CameraFrame", "PartConfidence", "SmplxFrame"), "frame"),
    **dict.fromkeys(("MocapSettings", "MotionCapture", "capture"), "mocap"),
    "BodyModel": "body",
    "MocapControls": "motion",
    "Pose2PoseError": "errors",
    "open_source": "sources",
}


def __getattr__(name: str) -> Any:
    """Load a public name's module when it is first asked for: `import pose2pose_live` itself stays light."""
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
