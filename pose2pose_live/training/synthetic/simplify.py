"""Fewer vertices for a mesh whose vertices are moved by weights: some are kept, the others collapse on to a kept neighbour."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from ...frame import FloatArray


def simplify(
    vertices: FloatArray,
    faces: NDArray[np.int32],
    part: NDArray[np.int64],
    spacing_m: FloatArray,
    needed: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Which vertices stay, and the faces between them, numbered anew.

    vertices (V,3) m, faces (F,3), part (V,) a label that no collapse may cross, spacing_m (V,) the wanted distance between the
    vertices that stay, needed (V,) vertices that stay whatever happens. Distances are walked along the edges, so that two sides of a
    thin sheet, or two fingers side by side, do not collapse on to each other. The vertices that stay are a subset: each keeps its
    place, weights and shape directions.
    """
    neighbours = _neighbours(faces, len(vertices))
    representative = np.full(len(vertices), -1, np.int64)
    distance = np.full(len(vertices), np.inf)
    for seed in (*np.flatnonzero(needed), *np.flatnonzero(~needed)):
        if not needed[seed] and representative[seed] >= 0:
            continue
        # Dijkstra from the seed, out to half the spacing between seeds.
        heap = [(0.0, int(seed))]
        while heap:
            length, vertex = heapq.heappop(heap)
            if length >= distance[vertex]:
                continue
            distance[vertex], representative[vertex] = length, seed
            for other in neighbours[vertex]:
                farther = length + float(np.linalg.norm(vertices[other] - vertices[vertex]))
                if not needed[other] and part[other] == part[seed] and farther < min(spacing_m[seed], distance[other]):
                    heapq.heappush(heap, (farther, int(other)))
    kept = np.unique(representative)
    new_index = np.full(len(vertices), -1)
    new_index[kept] = np.arange(len(kept))
    small = new_index[representative[faces]]
    whole = (small[:, 0] != small[:, 1]) & (small[:, 1] != small[:, 2]) & (small[:, 2] != small[:, 0])
    return kept, small[whole].astype(np.int32)


def _neighbours(faces: NDArray[np.int32], vertex_count: int) -> list[NDArray[np.int64]]:
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).astype(np.int64)
    edges = np.unique(np.concatenate([edges, edges[:, ::-1]]), axis=0)
    return np.split(edges[:, 1], np.cumsum(np.bincount(edges[:, 0], minlength=vertex_count))[:-1])
