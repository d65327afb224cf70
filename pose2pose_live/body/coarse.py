"""The same mesh with fewer vertices, for pictures in which its edges are shorter than a pixel or two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_ROUNDS_MAX = 8
_COLOR_TOLERANCE = 12  # of 255: eyes, lips and nails keep their edges


def coarse_mesh(
    vertices: NDArray[np.floating],
    faces: NDArray[np.integer],
    vertex_colors: NDArray[np.uint8] | None,
    edge_m: float,
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Draws edges shorter than edge_m together, all but a few of them: kept vertices (K,) by their old numbers, faces (G,3) in their new ones.

    vertices (V,3) m at rest, faces (F,3), vertex_colors (V,3). In each round every vertex names its shortest edge; of two that name the same one, the
    second moves onto the first. Kept vertices stay where they are, so that whatever is known of each holds. No face may turn over.
    """
    points = np.asarray(vertices, np.float64)
    colors = np.zeros((len(points), 3), np.int64) if vertex_colors is None else vertex_colors.astype(np.int64)
    corners: NDArray[np.int64] = np.asarray(faces, np.int64)
    outwards = _normals(points, corners)
    everyone = np.arange(len(points))
    for _ in range(_ROUNDS_MAX):
        keeper, mover = _pairs(points, corners, colors, edge_m)
        moves = everyone.copy()
        moves[mover] = keeper
        # None of the vertices of a face that would turn over moves, by which another may turn over.
        while (turned := corners[np.einsum("ij,ij->i", _normals(points, moves[corners]), outwards) < 0]).size:
            moves[turned] = turned
        if (moves == everyone).all():
            break
        corners = moves[corners]
        a, b, c = corners.T
        is_whole = (a != b) & (b != c) & (c != a)
        corners, outwards = corners[is_whole], outwards[is_whole]
    kept, renumbered = np.unique(corners, return_inverse=True)
    return kept, renumbered.reshape(-1, 3).astype(np.int32)


def _pairs(
    points: NDArray[np.float64], faces: NDArray[np.int64], colors: NDArray[np.int64], edge_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The two ends of each edge that is the shortest one of both of them."""
    ends = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    a, b = ends[ends[:, 0] < ends[:, 1]].T  # two faces share it, and go along it in opposite directions
    length = ((points[a] - points[b]) ** 2).sum(axis=1)
    is_short = length < edge_m**2
    is_short[is_short] = np.abs(colors[a[is_short]] - colors[b[is_short]]).max(axis=1) <= _COLOR_TOLERANCE
    order = np.flatnonzero(is_short)[np.argsort(length[is_short], kind="stable")]
    a, b = a[order], b[order]
    rank = np.arange(len(order))
    shortest = np.full(len(points), len(order))
    for end in (a, b):
        np.minimum.at(shortest, end, rank)
    both = (shortest[a] == rank) & (shortest[b] == rank)
    return a[both], b[both]


def _normals(points: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.float64]:
    a, b, c = (points[:, axis].take(faces) for axis in range(3))  # np.cross takes several times as long
    (ux, vx), (uy, vy), (uz, vz) = ((axis[:, 1] - axis[:, 0], axis[:, 2] - axis[:, 0]) for axis in (a, b, c))
    return np.stack([uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx], axis=1)
