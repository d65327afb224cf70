"""Simple solids in the renderer's vertex format: boxes, tubes and sheets, for furniture and what people wear and hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...frame import FloatArray
from ...rotations import cross, normalise
from .vertex import VERTEX


@dataclass(frozen=True)
class Mesh:
    """vertices (V,) of `vertex.VERTEX`, faces (F,3) counter-clockwise from outside."""

    vertices: NDArray[np.void]
    faces: NDArray[np.int32]

    def moved(self, rotation: FloatArray, shift: FloatArray) -> Mesh:
        vertices = self.vertices.copy()
        vertices["position"] = vertices["position"] @ rotation.T + shift
        vertices["normal"] = vertices["normal"] @ rotation.T
        return Mesh(vertices, self.faces)


@dataclass(frozen=True)
class Material:
    """colour and ink (3,) linear rgb, pattern: number of the layer, shine 0..1, kind: what the picture's mask says."""

    colour: FloatArray
    ink: FloatArray
    pattern: int
    shine: float
    kind: int


def join(meshes: Sequence[Mesh]) -> Mesh:
    """One mesh out of several."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    faces = [mesh.faces + np.int32(start) for mesh, start in zip(meshes, starts[:-1], strict=True)]
    return Mesh(np.concatenate([mesh.vertices for mesh in meshes]), np.concatenate(faces))


def _painted(positions: FloatArray, normals: FloatArray, cloth: FloatArray, material: Material) -> NDArray[np.void]:
    vertices = np.zeros(len(positions), VERTEX)
    vertices["position"], vertices["normal"], vertices["cloth"] = positions, normals, cloth
    vertices["colour"][:, :3] = np.clip(255 * material.colour, 0, 255)
    vertices["ink"][:, :3] = np.clip(255 * material.ink, 0, 255)
    vertices["ink"][:, 3] = material.pattern
    vertices["kind"] = material.kind, int(255 * material.shine)
    return vertices


_CORNERS = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float) / 2


def box(size_m: FloatArray, material: Material) -> Mesh:
    """A box about the origin."""
    positions, normals, cloth = [], [], []
    for axis in range(3):
        for sign in (1.0, -1.0):
            side = np.zeros((4, 3))
            side[:, axis] = sign / 2
            side[:, (axis + 1) % 3], side[:, (axis + 2) % 3] = _CORNERS[:, 0] * sign, _CORNERS[:, 1]
            positions.append(side * size_m)
            normals.append(np.tile(np.eye(3)[axis] * sign, (4, 1)))
            cloth.append(_CORNERS * size_m[[(axis + 1) % 3, (axis + 2) % 3]])
    quads = np.arange(24).reshape(6, 4)
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)
    return Mesh(_painted(np.concatenate(positions), np.concatenate(normals), np.concatenate(cloth), material), faces)


def tube(path: FloatArray, radius_m: FloatArray | float, material: Material, sides: int = 7) -> Mesh:
    """A tube along a path (P,3) m, with a radius (P,) or one for all, and flat ends."""
    count = len(path)
    along = normalise(np.gradient(path, axis=0))
    first = np.eye(3)[np.argmin(np.abs(along[0]))]
    right = normalise(cross(along, np.broadcast_to(first, along.shape)))
    up = cross(right, along)
    angle = np.arange(sides) * 2 * np.pi / sides
    ring = np.cos(angle)[:, None] * right[:, None] + np.sin(angle)[:, None] * up[:, None]
    radius = np.broadcast_to(np.asarray(radius_m, float), count)
    positions = path[:, None] + radius[:, None, None] * ring
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    cloth = np.stack(np.broadcast_arrays(angle * 0.05, length[:, None]), axis=-1)
    grid = np.arange(count * sides).reshape(count, sides)
    faces = _grid_faces(np.concatenate([grid, grid[:, :1]], axis=1))
    ends = []
    for row, sign in ((0, -1.0), (count - 1, 1.0)):
        cap = grid[row] if sign > 0 else grid[row][::-1]
        ends.append(np.stack([np.full(sides - 2, cap[0]), cap[1:-1], cap[2:]], axis=1))
    mesh = _painted(positions.reshape(-1, 3), ring.reshape(-1, 3), cloth.reshape(-1, 2), material)
    return Mesh(mesh, np.concatenate([faces, *ends]).astype(np.int32))


def sheet(points: FloatArray, material: Material) -> Mesh:
    """A sheet through a grid of points (R,C,3) m, seen from both sides."""
    rows, columns = points.shape[:2]
    normal = normalise(cross(np.gradient(points, axis=1), np.gradient(points, axis=0)))
    cloth = np.stack(np.meshgrid(np.arange(columns) * 0.02, np.arange(rows) * 0.02), axis=-1)
    faces = _grid_faces(np.arange(rows * columns).reshape(rows, columns))
    vertices = _painted(points.reshape(-1, 3), normal.reshape(-1, 3), cloth.reshape(-1, 2).astype(float), material)
    return Mesh(vertices, np.concatenate([faces, faces[:, ::-1]]).astype(np.int32))


def _grid_faces(grid: NDArray[np.int64]) -> NDArray[np.int64]:
    a, b, c, d = grid[:-1, :-1].ravel(), grid[:-1, 1:].ravel(), grid[1:, 1:].ravel(), grid[1:, :-1].ravel()
    return np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
