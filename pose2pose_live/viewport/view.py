"""The 3D view of the window: the posed body on a floor grid, seen by an orbit camera; and the same body over the camera picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ..frame import Camera, FloatArray, Ground, SmplxFrame
from ..rotations import normalise
from ..skeleton import SMPLX
from .context import GLContext
from .options import ViewOptions
from .orbit import OrbitCamera
from .overlay import blend_mesh

if TYPE_CHECKING:
    from ..body import BodyModel, PosedBody

_SOFTWARE_MAX_PX = 360_000
"""Largest picture of a body that the processor draws; a larger one is enlarged, for estimation needs the processor too."""

_COARSE_EDGE_M = 0.008
_COARSE_EDGE_MAX_PX = 2.0
"""Edges of the coarse body are at most so long where it is drawn: nobody sees which one it is, and it costs three tenths less."""

_FOLLOW_TIME_S = 0.5
_FLOOR_TIME_S = 1.5
_FRAMING_TIME_S = 0.8
_PORTRAIT_HEIGHT_M = 0.42  # above the pelvis
_PORTRAIT_DISTANCE = 0.47  # of the distance from which the whole body is seen
_SOLE_BELOW_JOINTS_M = 0.03


class Viewport:
    """Draws poses in one render thread, in a context of its own; `orbit`, `options` and `is_mirrored` may be set from any thread."""

    def __init__(self, context: GLContext) -> None:
        self.orbit = OrbitCamera()
        self.options = ViewOptions()
        self.is_mirrored = False
        self._context = context
        with context:
            # Loads OpenGL, which must not happen before the context was made.
            from .renderer import ColourRenderer, is_software_renderer, renderer_name
            from .scene import GRID_SPACING_M, BodyScene

            self.renderer_name = renderer_name()
            self.is_software = is_software_renderer()
            self._renderer = ColourRenderer(multisample=not self.is_software)
            self._scene = BodyScene((*self.options.background, 1.0))
            self._grid_spacing_m = GRID_SPACING_M
            self._grid_node = self._scene.add_floor_grid()
        self._levels: tuple[BodyModel, ...] = ()
        self._posed: tuple[SmplxFrame, int, PosedBody] | None = None
        self._target = np.zeros(3)
        self._floor_m = 0.0
        self._portrait = 0.0  # 0: the whole body is framed, 1: head and trunk
        self._time_s = 0.0
        self._small, self._mesh = np.empty((0, 0, 4), np.uint8), np.empty((0, 0, 4), np.uint8)

    def set_body(self, body: BodyModel) -> None:
        """The body that is posed from now on."""
        self._levels, self._posed = (body,), None
        self._scene.set_body(body)

    def draw(self, pose: SmplxFrame, target: NDArray[np.uint8]) -> None:
        """Fill target (H,W,4) uint8 BGRA (QImage Format_RGB32) with the body, or its skeleton, in this pose."""
        options = self.options
        height, width = self._affordable(target)
        if options.body == "skeleton":
            joints = self._known_body().joints(pose)
            lowest_m = joints @ _up(pose.ground)
            floor_m = float(lowest_m.min()) - _SOLE_BELOW_JOINTS_M
        else:
            level = self._level(self.orbit.intrinsics(width, height), self.orbit.closeness * self.orbit.distance_m)
            posed = self._pose(pose, level)
            joints = posed.joints
            floor_m = float((posed.vertices @ _up(pose.ground).astype(np.float32)).min())
        self._follow(pose, joints[SMPLX["pelvis"]], floor_m)
        small = target
        if (height, width) != target.shape[:2]:
            small = self._small = _sized(self._small, height, width)
        self._place_camera(width, height, pose.ground)
        self._scene.set_background((*options.background, 1.0))
        self._grid_node.mesh.is_visible = options.has_grid
        with self._context:
            if options.body == "skeleton":
                self._scene.pose_bones(joints)
            else:
                self._scene.pose_skin(posed.vertices, level)
            self._renderer.draw(self._scene.scene, small)
        if small is not target:
            cv2.resize(small, target.shape[1::-1], dst=target, interpolation=cv2.INTER_LINEAR)

    def draw_over(self, image: NDArray[np.uint8], pose: SmplxFrame, *, scale: float) -> None:
        """Lay the body over image (H,W,4) uint8, which is `scale` times the size of the picture that `pose.camera` belongs to."""
        height, width = self._affordable(image)
        mesh = self._mesh = _sized(self._mesh, height, width)
        across, down = scale * width / image.shape[1], scale * height / image.shape[0]
        camera = self._scene.camera.intrinsics = _scaled(pose.camera, across, down)
        level = self._level(camera, float(-pose.transl[2]))
        posed = self._pose(pose, level)
        self._scene.camera.is_mirrored = False
        self._scene.set_camera_pose(np.eye(4))
        self._scene.set_background((0.0, 0.0, 0.0, 0.0))
        self._grid_node.mesh.is_visible = False
        with self._context:
            self._scene.pose_skin(posed.vertices, level)
            self._renderer.draw(self._scene.scene, mesh)
        if mesh.shape != image.shape:
            mesh = np.asarray(cv2.resize(mesh, image.shape[1::-1], interpolation=cv2.INTER_LINEAR))
        blend_mesh(image, mesh, pose.camera.project(posed.vertices.astype(np.float64)) * scale)

    def joints(self, pose: SmplxFrame) -> FloatArray:
        """Joints (55,3) m of the body in this pose."""
        if self._posed is not None and self._posed[0] is pose:
            return self._posed[2].joints
        return self._known_body().joints(pose)

    def close(self) -> None:
        """Free the GL objects and the context, in the thread that drew."""
        with self._context:
            self._renderer.delete()
        self._context.close()

    def _known_body(self) -> BodyModel:
        if not self._levels:
            raise ValueError("draw: expected a body from set_body first")
        return self._levels[0]

    def _level(self, camera: Camera, distance_m: float) -> int:
        """0: the whole body; 1: the coarse one, where it is small enough at this distance. The first pose of a body does not wait for that to be made."""
        if _COARSE_EDGE_M * camera.fx > _COARSE_EDGE_MAX_PX * distance_m or self._posed is None:
            return 0
        if len(self._levels) == 1:
            self._levels += (self._levels[0].coarse(_COARSE_EDGE_M),)
            self._scene.set_body(*self._levels)
        return 1

    def _pose(self, pose: SmplxFrame, level: int) -> PosedBody:
        """The body in this pose, computed once for both pictures of it if they show it in the same detail."""
        self._known_body()
        if self._posed is None or self._posed[0] is not pose or self._posed[1] != level:
            self._posed = pose, level, self._levels[level].pose(pose)
        return self._posed[2]

    def _affordable(self, picture: NDArray[np.uint8]) -> tuple[int, int]:
        """Height and width in which a picture is drawn: its own, or less where the processor draws."""
        height, width = picture.shape[:2]
        if not self.is_software or width * height <= _SOFTWARE_MAX_PX:
            return height, width
        shrink = (_SOFTWARE_MAX_PX / (width * height)) ** 0.5
        return max(round(height * shrink), 1), max(round(width * shrink), 1)

    def _follow(self, pose: SmplxFrame, pelvis: FloatArray, floor_m: float) -> None:
        """Let target, floor and framing drift after the body, slowly, so that steps and jumps are seen as such.

        Who shows no legs sits at a desk and is framed closer, for then hands and face are what matters. floor_m: how high the lowest point is.
        """
        elapsed_s = max(pose.time_s - self._time_s, 0.0)  # a clip that starts again goes back in time
        self._time_s = pose.time_s
        is_portrait = pose.tracked and not pose.confidence.legs
        if pose.ground is not None and pose.ground.height_m is not None:
            floor_m = pose.ground.height_m
        if self.orbit.is_fresh:
            self.orbit.is_fresh, elapsed_s = False, np.inf
        self._portrait += _approach(elapsed_s, _FRAMING_TIME_S) * (is_portrait - self._portrait)
        self._floor_m += _approach(elapsed_s, _FLOOR_TIME_S) * (floor_m - self._floor_m)
        if self.options.is_following or elapsed_s == np.inf:
            self._target = self._target + _approach(elapsed_s, _FOLLOW_TIME_S) * (pelvis - self._target)

    def _place_camera(self, width_px: int, height_px: int, ground: Ground | None) -> None:
        """On levelled axes: where the camera's tilt is known, the floor lies level in the view."""
        level_to_world = _level_to_world(ground)
        target = level_to_world[:3, :3].T @ self._target
        self.orbit.closeness = 1 + (_PORTRAIT_DISTANCE - 1) * self._portrait
        raised = target + np.array([0.0, _PORTRAIT_HEIGHT_M * self._portrait, 0.0])
        self._scene.camera.intrinsics = self.orbit.intrinsics(width_px, height_px)
        self._scene.camera.is_mirrored = self.is_mirrored
        self._scene.set_camera_pose(level_to_world @ self.orbit.camera_to_world(raised))
        grid = np.eye(4)
        # In whole cells, so that the lines stand still while the body walks on them.
        grid[:3, 3] = np.round(target / self._grid_spacing_m) * self._grid_spacing_m
        grid[1, 3] = self._floor_m
        self._scene.scene.set_pose(self._grid_node, level_to_world @ grid)


def _approach(elapsed_s: float, time_constant_s: float) -> float:
    """Share of the way to its goal that a quantity goes in elapsed_s."""
    return float(1 - np.exp(-elapsed_s / time_constant_s))


def _scaled(camera: Camera, across: float, down: float) -> Camera:
    return Camera(camera.fx * across, camera.fy * down, camera.cx * across, camera.cy * down)


def _up(ground: Ground | None) -> FloatArray:
    return np.array((0.0, 1.0, 0.0) if ground is None else ground.up)


def _level_to_world(ground: Ground | None) -> FloatArray:
    """(4,4) rotation of axes whose Y is up."""
    y = _up(ground)
    x = normalise(np.cross(y, (0.0, 0.0, 1.0)))
    turned = np.eye(4)
    turned[:3, :3] = np.stack([x, y, np.cross(x, y)], axis=1)
    return turned


def _sized(buffer: NDArray[np.uint8], height_px: int, width_px: int) -> NDArray[np.uint8]:
    """The buffer (H,W,4), or a new one if it has another size."""
    return buffer if buffer.shape[:2] == (height_px, width_px) else np.empty((height_px, width_px, 4), np.uint8)
