"""Where pictures come from: a camera, a video file or a folder of pictures, all behind `FrameSource`."""

from .camera import DEFAULT_FORMAT, CameraSource
from .devices import CameraDevice, list_cameras, same_camera
from .formats import PictureFormat, formats_to_choose, picture_formats
from .pictures import PictureSource
from .player import VideoPlayer
from .selection import find_source, open_live, open_source
from .source import FrameSource, clock_s
from .turned import ROTATIONS_DEG, TurnedSource
from .video import VideoSource
from .watcher import CameraWatcher

__all__ = [
    "DEFAULT_FORMAT",
    "ROTATIONS_DEG",
    "CameraDevice",
    "CameraSource",
    "CameraWatcher",
    "FrameSource",
    "PictureFormat",
    "PictureSource",
    "TurnedSource",
    "VideoPlayer",
    "VideoSource",
    "clock_s",
    "find_source",
    "formats_to_choose",
    "list_cameras",
    "open_live",
    "open_source",
    "picture_formats",
    "same_camera",
]
