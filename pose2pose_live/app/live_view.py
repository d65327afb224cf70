"""What the render thread paints for the window: the camera picture with its skeleton, and the body in 3D."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ..frame import FloatArray, SmplxFrame
from ..pipeline import LiveFrame
from ..viewport import GLContext, OrbitCamera, Viewport, draw_note, draw_skeleton

if TYPE_CHECKING:
    from ..body import BodyModel

_SOFTWARE_MAX_PX = 360_000
"""Largest 3D picture that the processor draws; for a larger panel it is enlarged, for estimation needs the processor too."""


def _empty() -> NDArray[np.uint8]:
    return np.empty((0, 0, 4), np.uint8)


@dataclass
class Painting:
    """One picture for each panel, (H,W,4) uint8 BGRA, empty before there is one. captured_s: see `LiveFrame`; None without a pose."""

    camera: NDArray[np.uint8] = field(default_factory=_empty)
    body: NDArray[np.uint8] = field(default_factory=_empty)
    captured_s: float | None = None


class PaintingExchange:
    """Three paintings that go round: one is drawn, one waits, one is on the screen; the newest wins and nothing is copied."""

    def __init__(self) -> None:
        self.back = Painting()
        self.dropped = 0
        self._waiting, self._front = Painting(), Painting()
        self._is_fresh = False
        self._lock = threading.Lock()

    def publish(self) -> bool:
        """Offer `back` to the screen and get another to draw on. False if the one before was not fetched yet."""
        with self._lock:
            self.back, self._waiting = self._waiting, self.back
            was_fetched = not self._is_fresh
            self.dropped += self._is_fresh
            self._is_fresh = True
            return was_fetched

    def fetch(self) -> Painting:
        """The newest painting; it is the caller's until the next `fetch`."""
        with self._lock:
            if self._is_fresh:
                self._front, self._waiting = self._waiting, self._front
                self._is_fresh = False
            return self._front


class LiveView:
    """A `pipeline.View` for two panels. The window sets sizes, `is_mirrored` and `orbit` at any time.

    on_painting is called in the render thread when `exchange` holds a new painting, not again before that was fetched, so
    that a slow window never finds a queue of old pictures.
    """

    def __init__(self, open_context: Callable[[], GLContext], on_painting: Callable[[], None]) -> None:
        self.exchange = PaintingExchange()
        self.orbit = OrbitCamera()
        self.is_mirrored = True
        self.camera_size_px = self.body_size_px = (640, 480)
        self.renderer_name = ""
        self._open_context = open_context
        self._on_painting = on_painting
        self._body: BodyModel | None = None
        self._scratch, self._small = _empty(), _empty()

    def open(self) -> LiveView:
        """Make the OpenGL context, in the render thread. Raises DisplayError."""
        self._viewport = Viewport(self._open_context())
        self._viewport.orbit = self.orbit
        self.renderer_name = self._viewport.renderer_name
        return self

    def set_body(self, body: BodyModel) -> None:
        self._viewport.set_body(body)
        self._body = body

    def draw(self, frame: LiveFrame) -> None:
        painting = self.exchange.back
        painting.captured_s = None
        joints = None
        if frame.pose is not None and self._body is not None:
            self._viewport.is_mirrored = self.is_mirrored
            painting.body, joints = self._draw_body(painting.body, frame.pose)
            painting.captured_s = frame.captured_s
        self._draw_camera(painting, frame, joints)
        if self.exchange.publish():
            self._on_painting()

    def close(self) -> None:
        self._viewport.close()

    def _draw_body(self, buffer: NDArray[np.uint8], pose: SmplxFrame) -> tuple[NDArray[np.uint8], FloatArray]:
        """The 3D picture, in buffer if that has the right size, and the joints (55,3) m of the body in it."""
        width, height = self.body_size_px
        buffer = _sized(buffer, width, height)
        if not self._viewport.is_software or width * height <= _SOFTWARE_MAX_PX:
            return buffer, self._viewport.draw(pose, buffer).joints
        shrink = (_SOFTWARE_MAX_PX / (width * height)) ** 0.5
        self._small = _sized(self._small, round(width * shrink), round(height * shrink))
        joints = self._viewport.draw(pose, self._small).joints
        cv2.resize(self._small, (width, height), dst=buffer, interpolation=cv2.INTER_LINEAR)
        return buffer, joints

    def _draw_camera(self, painting: Painting, frame: LiveFrame, joints: FloatArray | None) -> None:
        image = frame.picture.image
        height, width = image.shape[:2]
        scale = min(self.camera_size_px[0] / width, self.camera_size_px[1] / height)
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        if size != (width, height):
            # Averaging over areas is slow, and shows only where several pixels become one.
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale <= 0.5 else cv2.INTER_LINEAR)
        painting.camera = _sized(painting.camera, *size)
        canvas = painting.camera
        if self.is_mirrored:
            canvas = self._scratch = _sized(self._scratch, *size)
        cv2.cvtColor(image, cv2.COLOR_BGR2BGRA, dst=canvas)
        if frame.pose is not None and joints is not None:
            draw_skeleton(canvas, joints, frame.pose, scale=scale)
        if self.is_mirrored:
            cv2.flip(canvas, 1, dst=painting.camera)
        if frame.pose is not None and not frame.pose.tracked:
            draw_note(painting.camera, "no person in view")


def _sized(buffer: NDArray[np.uint8], width_px: int, height_px: int) -> NDArray[np.uint8]:
    """The buffer, or a new one if it has another size."""
    return buffer if buffer.shape[:2] == (height_px, width_px) else np.empty((height_px, width_px, 4), np.uint8)
