"""The 3D view of the window: the posed body on a floor grid, seen by an orbit camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..frame import FloatArray, SmplxFrame
from ..skeleton import SMPLX
from .context import GLContext
from .orbit import OrbitCamera

if TYPE_CHECKING:
    from ..body import BodyModel, PosedBody

_BACKGROUND_RGBA = (0.115, 0.122, 0.137, 1.0)
_FOLLOW_TIME_S = 0.5
_FLOOR_TIME_S = 1.5
_FRAMING_TIME_S = 0.8
_PORTRAIT_HEIGHT_M = 0.42  # above the pelvis
_PORTRAIT_DISTANCE = 0.47  # of the distance from which the whole body is seen


class Viewport:
    """Draws poses in one render thread, in a context of its own; `orbit` and `is_mirrored` may be set from any thread."""

    def __init__(self, context: GLContext) -> None:
        self.orbit = OrbitCamera()
        self.is_mirrored = False
        self._context = context
        with context:
            # Loads OpenGL, which must not happen before the context was made.
            from .renderer import ColourRenderer, is_software_renderer, renderer_name
            from .scene import GRID_SPACING_M, BodyScene

            self.renderer_name = renderer_name()
            self.is_software = is_software_renderer()
            self._renderer = ColourRenderer(multisample=not self.is_software)
            self._scene = BodyScene(_BACKGROUND_RGBA)
            self._grid_spacing_m = GRID_SPACING_M
            self._grid_node = self._scene.add_floor_grid()
        self._body: BodyModel | None = None
        self._target: FloatArray | None = None
        self._floor_y_m = 0.0
        self._portrait = 0.0  # 0: the whole body is framed, 1: head and trunk
        self._time_s = 0.0

    def set_body(self, body: BodyModel) -> None:
        """The body that `draw` poses; once."""
        self._body = body
        self._scene.set_body(body)

    def draw(self, pose: SmplxFrame, target: NDArray[np.uint8]) -> PosedBody:
        """Fill target (H,W,4) uint8 BGRA (QImage Format_RGB32) with the body in this pose, and return that body."""
        if self._body is None:
            raise ValueError("draw: expected a body from set_body first")
        posed = self._body.pose(pose)
        self._follow(posed, is_portrait=pose.tracked and not pose.confidence.legs, time_s=pose.time_s)
        self._place_camera(target.shape[1], target.shape[0])
        with self._context:
            self._scene.pose_body(posed.vertices)
            self._renderer.draw(self._scene.scene, target)
        return posed

    def close(self) -> None:
        """Free the GL objects and the context, in the thread that drew."""
        with self._context:
            self._renderer.delete()
        self._context.close()

    def _follow(self, posed: PosedBody, *, is_portrait: bool, time_s: float) -> None:
        """Let target, floor and framing drift after the body, slowly, so that steps and jumps are seen as such.

        Who shows no legs sits at a desk and is framed closer, for then hands and face are what matters.
        """
        lowest_y_m = float(posed.vertices[:, 1].min())
        elapsed_s = max(time_s - self._time_s, 0.0)  # a clip that starts again goes back in time
        if self._target is None:
            self._target = np.array(posed.joints[SMPLX["pelvis"]], np.float64)
            self._floor_y_m, self._portrait, elapsed_s = lowest_y_m, float(is_portrait), 0.0
        self._time_s = time_s
        self._portrait += _approach(elapsed_s, _FRAMING_TIME_S) * (is_portrait - self._portrait)
        centre = posed.joints[SMPLX["pelvis"]]
        self._target += _approach(elapsed_s, _FOLLOW_TIME_S) * (centre - self._target)
        self._floor_y_m += _approach(elapsed_s, _FLOOR_TIME_S) * (lowest_y_m - self._floor_y_m)

    def _place_camera(self, width_px: int, height_px: int) -> None:
        assert self._target is not None
        self._scene.camera.intrinsics = self.orbit.intrinsics(width_px, height_px)
        self._scene.camera.is_mirrored = self.is_mirrored
        raised = self._target + np.array([0.0, _PORTRAIT_HEIGHT_M * self._portrait, 0.0])
        closeness = 1 + (_PORTRAIT_DISTANCE - 1) * self._portrait
        self._scene.set_camera_pose(self.orbit.camera_to_world(raised, closeness))
        grid = np.eye(4)
        # In whole cells, so that the lines stand still while the body walks on them.
        grid[:3, 3] = np.round(self._target / self._grid_spacing_m) * self._grid_spacing_m
        grid[1, 3] = self._floor_y_m
        self._scene.scene.set_pose(self._grid_node, grid)


def _approach(elapsed_s: float, time_constant_s: float) -> float:
    """Share of the way to its goal that a quantity goes in elapsed_s."""
    return float(1 - np.exp(-elapsed_s / time_constant_s))
