"""Where pictures come from: a camera, a video file or a folder of pictures, all behind `FrameSource`."""

from .camera import CameraSource
from .devices import CameraDevice, PictureFormat, list_cameras, picture_formats
from .pictures import PictureSource
from .selection import open_source
from .source import FrameSource, clock_s
from .video import VideoSource

__all__ = [
    "CameraDevice",
    "CameraSource",
    "FrameSource",
    "PictureFormat",
    "PictureSource",
    "VideoSource",
    "clock_s",
    "list_cameras",
    "open_source",
    "picture_formats",
]
