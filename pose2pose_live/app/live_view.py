"""What the render thread paints for the window: the camera picture with what was found in it, and the body in 3D."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ..frame import SmplxFrame
from ..pipeline import LiveFrame
from ..viewport import GLContext, OrbitCamera, ViewOptions, Viewport, draw_boxes, draw_note, draw_skeleton

if TYPE_CHECKING:
    from ..body import BodyModel


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
    """A `pipeline.View` for two panels. The window sets sizes, `is_mirrored`, `orbit`, `options` and `replayed` at any time.

    replayed: a pose that the 3D view shows instead of the live one, with the body of the estimator. on_painting is called in the
    render thread when `exchange` holds a new painting, not again before that was fetched, so that a slow window never finds a queue
    of old pictures.
    """

    def __init__(self, open_context: Callable[[], GLContext], on_painting: Callable[[], None]) -> None:
        self.exchange = PaintingExchange()
        self.orbit = OrbitCamera()
        self.options = ViewOptions()
        self.is_mirrored = True
        self.replayed: SmplxFrame | None = None
        self.camera_size_px = self.body_size_px = (640, 480)
        self.renderer_name = ""
        self._open_context = open_context
        self._on_painting = on_painting
        self._has_body = False
        self._scratch = _empty()

    def open(self) -> LiveView:
        """Make the OpenGL context, in the render thread. Raises DisplayError."""
        self._viewport = Viewport(self._open_context())
        self._viewport.orbit = self.orbit
        self.renderer_name = self._viewport.renderer_name
        return self

    def set_body(self, body: BodyModel) -> None:
        self._viewport.set_body(body)
        self._has_body = True

    def draw(self, frame: LiveFrame) -> None:
        painting, options = self.exchange.back, self.options
        self._viewport.options, self._viewport.is_mirrored = options, self.is_mirrored
        is_posed = frame.pose is not None and self._has_body
        painting.captured_s = frame.captured_s if is_posed else None
        shown = (self.replayed or frame.pose) if self._has_body else None
        if shown is not None and options.body != "off":
            painting.body = _sized(painting.body, *self.body_size_px)
            self._viewport.draw(shown, painting.body)
        else:
            painting.body = _empty()
        self._draw_camera(painting, frame.picture.image, frame.pose if is_posed else None, options)
        if self.exchange.publish():
            self._on_painting()

    def close(self) -> None:
        self._viewport.close()

    def _draw_camera(
        self, painting: Painting, image: NDArray[np.uint8], pose: SmplxFrame | None, options: ViewOptions
    ) -> None:
        height, width = image.shape[:2]
        scale = min(self.camera_size_px[0] / width, self.camera_size_px[1] / height)
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        if size != (width, height):
            # Averaging over areas is slow, and shows only where several pixels become one.
            image = np.asarray(
                cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale <= 0.5 else cv2.INTER_LINEAR)
            )
        painting.camera = _sized(painting.camera, *size)
        canvas = painting.camera
        if self.is_mirrored:
            canvas = self._scratch = _sized(self._scratch, *size)
        cv2.cvtColor(image, cv2.COLOR_BGR2BGRA, dst=canvas)
        if pose is not None and pose.tracked:
            self._draw_over(canvas, pose, options.overlay, scale)
        if self.is_mirrored:
            cv2.flip(canvas, 1, dst=painting.camera)
        if pose is not None and not pose.tracked:
            draw_note(painting.camera, "no person in view")

    def _draw_over(self, canvas: NDArray[np.uint8], pose: SmplxFrame, overlay: str, scale: float) -> None:
        match overlay:
            case "mesh":
                self._viewport.draw_over(canvas, pose, scale=scale)
            case "skeleton":
                draw_skeleton(canvas, self._viewport.joints(pose), pose, scale=scale)
            case "boxes":
                draw_boxes(canvas, self._viewport.joints(pose), pose, scale=scale)


def _sized(buffer: NDArray[np.uint8], width_px: int, height_px: int) -> NDArray[np.uint8]:
    """The buffer, or a new one if it has another size."""
    return buffer if buffer.shape[:2] == (height_px, width_px) else np.empty((height_px, width_px, 4), np.uint8)
