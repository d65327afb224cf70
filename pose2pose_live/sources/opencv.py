"""OpenCV, imported the one way that suits an application with a Qt window and one-line errors.

The settings below are read by OpenCV when its library loads or first opens something, so they are set before the import;
`setdefault` leaves a developer free to turn the messages back on from the shell.
"""

from __future__ import annotations

import os

# OpenCV and its FFmpeg print their own reports to stderr, in between the one line that a person is meant to read.
_silent = os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT") == "SILENT"
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET
# Media Foundation's hardware transforms make opening a camera on Windows take many seconds (opencv/opencv#17687).
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
# Seconds that V4L2 waits for a picture before a read counts as failed; OpenCV's 10 would freeze a window that long.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")

import cv2  # noqa: E402

if _silent:  # for the case that somebody imported cv2 before this module
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

# OpenCV brings a Qt of its own and points every Qt in the process to its plugins; PyQt6 must find its own instead.
for _name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
    os.environ.pop(_name, None)

__all__ = ["cv2"]
