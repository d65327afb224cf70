"""The mesh drawn over the picture that it was captured from: the plainest check of a capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ..frame import CameraFrame, Image, SmplxFrame
from .context import EglContext, GLContext
from .drawing import draw_note

if TYPE_CHECKING:
    from ..body import BodyModel

_OPACITY = 0.75
_NOTE = "no person tracked"


class OverlayRenderer:
    """`overlay(picture, pose)` -> the picture (H,W,3) uint8 BGR with the mesh over it, in a buffer that the next call reuses.

    Any picture size, also changing from call to call. Calls may come from any thread, one at a time. Raises DisplayError
    when no OpenGL context can be made.
    """

    def __init__(self, body: BodyModel, context: GLContext | None = None) -> None:
        """context: None makes one with EGL, which needs no display."""
        self._body = body
        self._context = context if context is not None else EglContext()
        with self._context:
            # Loads OpenGL, which must not happen before the context was made.
            from .renderer import ColourRenderer
            from .scene import BodyScene

            # One sample per pixel everywhere: an overlay looks the same on every machine, and coverage is yes or no.
            self._renderer = ColourRenderer(multisample=False)
            self._scene = BodyScene((0.0, 0.0, 0.0, 0.0))
        self._scene.set_body(body)
        self._mesh_bgra = np.empty((0, 0, 4), np.uint8)
        self._result = np.empty((0, 0, 3), np.uint8)

    def __call__(self, picture: CameraFrame, pose: SmplxFrame) -> Image:
        height, width = picture.image.shape[:2]
        if self._result.shape[:2] != (height, width):
            self._mesh_bgra = np.empty((height, width, 4), np.uint8)
            self._result = np.empty((height, width, 3), np.uint8)
        np.copyto(self._result, picture.image)
        if not pose.tracked:
            draw_note(self._result, _NOTE)
            return self._result
        vertices = self._body.pose(pose).vertices
        self._scene.camera.intrinsics = pose.camera
        with self._context:
            self._scene.pose_skin(vertices)
            self._renderer.draw(self._scene.scene, self._mesh_bgra)
        blend_mesh(self._result, self._mesh_bgra, pose.camera.project(vertices.astype(np.float64)))
        return self._result

    def close(self) -> None:
        """Free the GL objects."""
        with self._context:
            self._renderer.delete()
        self._context.close()


def blend_mesh(image: NDArray[np.uint8], mesh_bgra: NDArray[np.uint8], points_px: NDArray[np.floating]) -> None:
    """Lay the drawing of a mesh (H,W,4), alpha 0 beside it, over an image (H,W,3 or 4) of its size. points_px (N,2): its vertices in it."""
    height, width = image.shape[:2]
    # Blending more than the mesh's box would be work for nothing.
    lower = np.clip(np.floor(points_px.min(axis=0)) - 1, 0, (width, height)).astype(int)
    upper = np.clip(np.ceil(points_px.max(axis=0)) + 1, 0, (width, height)).astype(int)
    box = slice(lower[1], upper[1]), slice(lower[0], upper[0])
    result, mesh = image[box], mesh_bgra[box]
    if not result.size:
        return
    colors = mesh if image.shape[2] == 4 else cv2.cvtColor(mesh, cv2.COLOR_BGRA2BGR)
    mixed = cv2.addWeighted(colors, _OPACITY, result, 1 - _OPACITY, 0)
    cv2.copyTo(mixed, cv2.extractChannel(mesh, 3), result)
