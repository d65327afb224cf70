"""Tells when cameras come and go."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from .devices import SYSFS, CameraDevice, list_cameras

log = logging.getLogger(__name__)

INTERVAL_S = 1.0


class CameraWatcher:
    """Calls on_change in a thread of its own with the cameras that there are: once at the start, and whenever that changes.

    On Linux it looks only at names of files until something changes; elsewhere the system is asked for its cameras each second.
    """

    def __init__(self, on_change: Callable[[list[CameraDevice]], None], *, interval_s: float = INTERVAL_S) -> None:
        self._on_change, self._interval_s = on_change, interval_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="cameras", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Nothing is called any more once this has returned. Not to be called by on_change."""
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        seen: object = None
        told: list[CameraDevice] | None = None
        while not self._stopping.is_set():
            try:
                signs = signs_of_cameras() if sys.platform == "linux" else None
                if signs is None or signs != seen:
                    cameras = list_cameras()
                    seen = signs
                    if (signs is not None or cameras != told) and not self._stopping.is_set():
                        told = cameras
                        self._on_change(cameras)
            except Exception:  # of a driver; the next look may succeed
                log.debug("cameras cannot be listed", exc_info=True)
                if told is None:
                    told = []
                    self._on_change(told)
            self._stopping.wait(self._interval_s)


def signs_of_cameras(devices: Path = Path("/dev"), sysfs: Path = SYSFS) -> frozenset[tuple[str, str, bool]]:
    """Name of each video device, that of its camera, and whether it may be used: that comes a moment after the device."""
    signs = set()
    for device in os.listdir(devices):
        if device.startswith("video"):
            try:
                name = (sysfs / device / "name").read_text(errors="replace").strip()
            except OSError:
                name = ""
            signs.add((device, name, os.access(devices / device, os.R_OK | os.W_OK)))
    return frozenset(signs)
