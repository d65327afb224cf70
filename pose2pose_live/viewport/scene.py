"""The pyrender scene that every picture of the body is drawn from. Import only after a GL context exists (see gl.py)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..body.normals import VertexNormals
from ..frame import Camera, FloatArray
from .bones import BoneMesh
from .gl import pyrender
from .renderer import DynamicMesh, PinholeCamera

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..body import BodyModel

_MATERIAL_COLOR = (0.50, 0.47, 0.45, 1.0)  # warm grey clay, linear light
GRID_SPACING_M = 0.5
_GRID_RADIUS_M = 3.0
_GRID_PIECE_M = 0.75
_GRID_COLOR = (0.08, 0.085, 0.1)


class BodyScene:
    """One body, as skin or as bones, before a `PinholeCamera`. The lights are in the shader."""

    def __init__(self, background_rgba: tuple[float, float, float, float]) -> None:
        self.scene = pyrender.Scene(bg_color=background_rgba)
        self.camera = PinholeCamera(Camera(1.0, 1.0, 0.0, 0.0))
        self._camera_node = self.scene.add(self.camera)
        self._bone_mesh = BoneMesh()
        self._bones = DynamicMesh(
            self._bone_mesh.faces, self._bone_mesh.vertex_count, self._bone_mesh.vertex_colors, _material(None)
        )
        self._bones.mesh.is_visible = False
        self.scene.add(self._bones.mesh)
        self._skins: list[_Skin] = []

    def set_background(self, rgba: tuple[float, float, float, float]) -> None:
        self.scene.bg_color = np.array(rgba)

    def set_camera_pose(self, camera_to_world: FloatArray) -> None:
        self.scene.set_pose(self._camera_node, camera_to_world)

    def set_body(self, *levels: BodyModel) -> None:
        """Show this body from the next `pose_skin` on. levels: the same body, in one detail or in several."""
        for skin in self._skins:
            self.scene.remove_node(skin.node)
        self._skins = [self._add_skin(body) for body in levels]

    def _add_skin(self, body: BodyModel) -> _Skin:
        color = _MATERIAL_COLOR if body.vertex_colors is None else None
        mesh = DynamicMesh(body.faces, body.vertex_count, body.vertex_colors, _material(color))
        return _Skin(mesh, VertexNormals(body.faces, body.vertex_count), self.scene.add(mesh.mesh))

    def pose_skin(self, vertices: NDArray[np.float32], level: int = 0) -> None:
        """Show a level of the body with vertices (V,3) m, not to be changed later, with the context current."""
        if not self._skins:
            raise ValueError("pose_skin: expected a body from set_body first")
        skin = self._skins[level]
        if vertices is not skin.shown:  # in the 3D view and over the picture it is the same
            skin.mesh.update(vertices, skin.normals(vertices))
            skin.shown = vertices
        self._show(skin)

    def pose_bones(self, joints: FloatArray) -> None:
        """Show the skeleton with joints (55,3) m instead of the body, with the context current."""
        self._bones.update(*self._bone_mesh(joints))
        self._show(None)

    def _show(self, shown: _Skin | None) -> None:
        """One of the skins, or the bones."""
        for skin in self._skins:
            skin.mesh.mesh.is_visible = skin is shown
        self._bones.mesh.is_visible = shown is None

    def add_floor_grid(self) -> pyrender.Node:
        """Thin lines at Y = 0 that fade out with the distance from the origin; move the returned node to place them."""
        ticks = np.arange(-_GRID_RADIUS_M, _GRID_RADIUS_M + 1e-6, GRID_SPACING_M)
        # Each line is a chain of short pieces, for the fading is a colour per vertex.
        along = np.arange(-_GRID_RADIUS_M, _GRID_RADIUS_M + 1e-6, _GRID_PIECE_M)
        starts, ends = np.tile(along[:-1], len(ticks)), np.tile(along[1:], len(ticks))
        offsets = np.repeat(ticks, len(along) - 1)
        lines = np.zeros((2, len(offsets), 2, 3))  # direction, piece, end of the piece, xyz
        lines[0, :, 0, 0], lines[0, :, 1, 0], lines[0, :, :, 2] = starts, ends, offsets[:, None]
        lines[1] = lines[0, :, :, ::-1]
        points = lines.reshape(-1, 3)
        alpha = np.clip(1 - np.linalg.norm(points, axis=1) / _GRID_RADIUS_M, 0, 1)
        colors = np.hstack([np.tile(_GRID_COLOR, (len(points), 1)), alpha[:, None]])
        grid = pyrender.Primitive(
            points,
            color_0=colors,
            mode=pyrender.GLTF.LINES,
            material=_material(None, alphaMode="BLEND"),
        )
        return self.scene.add(pyrender.Mesh([grid]))


@dataclass(eq=False)
class _Skin:
    mesh: DynamicMesh
    normals: VertexNormals
    node: pyrender.Node
    shown: NDArray[np.float32] | None = None


def _material(color: tuple[float, float, float, float] | None, **options: str) -> pyrender.Material:
    """color: linear RGBA; None where vertices have colours of their own."""
    return pyrender.MetallicRoughnessMaterial(baseColorFactor=color or (1.0, 1.0, 1.0, 1.0), **options)
