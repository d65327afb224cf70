"""Why a camera gives no pictures, as far as the system tells, in words for a person."""

from __future__ import annotations

import errno
import os
import sys

from . import v4l2
from .devices import CameraDevice, cameras_found, list_cameras, same_camera
from .opencv import cv2

_PROBABLY = "gives no pictures: another program is probably using it"
_REMEDIES = {
    "win32": ", or Windows forbids it; close that program, and look at Settings > Privacy & security > Camera",
    "darwin": ", or macOS forbids it; close that program, and look at System Settings > Privacy & Security > Camera",
}
_REMEDY = "; close that program or plug the camera in again"


def why_no_pictures(camera: CameraDevice) -> str:
    """Cause and remedy, to be put after the camera's name. This program must have closed the camera before."""
    if camera.backend != cv2.CAP_V4L2:
        is_there = same_camera(list_cameras(), camera.identity) is not None
        return f"{_PROBABLY}{_REMEDIES.get(sys.platform, _REMEDY)}" if is_there else _gone()
    path = camera.path or f"/dev/video{camera.index}"
    error = v4l2.why_unusable(path)
    match None if error is None else error.errno:
        case errno.EBUSY:
            programs = ", ".join(v4l2.programs_using(path))
            named = f" ({programs})" if programs else ""
            return f"is used by another program{named}; close that program or choose another camera"
        case errno.EACCES | errno.EPERM:
            return (
                f"may not be used by you ({path}: permission denied); join the group that may: `sudo usermod -aG video $USER`, "
                "then log out and in again"
            )
        case errno.ENOENT | errno.ENXIO | errno.ENODEV:
            return _gone()
    return f"{_PROBABLY}{_REMEDY} ({cameras_found()})"


def is_unplugged(camera: CameraDevice) -> bool:
    """Whether the system says so without being asked much, as Linux does at once; nowhere else is it known so soon."""
    return camera.path.startswith("/dev/") and not os.path.exists(camera.path)


def _gone() -> str:
    return f"is not plugged in any more; plug it in again ({cameras_found()})"
