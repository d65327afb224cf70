"""Smooth vertex normals of a mesh whose faces stay and whose vertices move."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix


class VertexNormals:
    """Area-weighted vertex normals, for meshes that share one list of faces (F,3) over `vertex_count` vertices.

    The sum over the faces around each vertex is a product with a fixed sparse incidence matrix: several times faster than
    `np.add.at`.
    """

    def __init__(self, faces: NDArray[np.integer], vertex_count: int) -> None:
        face_count = len(faces)
        # Row-major corner columns: gathering them one by one keeps the cross product on contiguous arrays.
        self._corners = np.ascontiguousarray(faces.T.astype(np.int64))
        columns = np.tile(np.arange(face_count), 3)
        ones = np.ones(3 * face_count, np.float32)
        self._incidence = csr_matrix((ones, (self._corners.ravel(), columns)), shape=(vertex_count, face_count))

    def __call__(self, vertices: NDArray[np.float32]) -> NDArray[np.float32]:
        """vertices (V,3) float32 -> unit normals (V,3) float32; zero where a vertex has no face with an area."""
        a, b, c = (vertices.take(corner, axis=0) for corner in self._corners)
        u, v = b - a, c - a
        face_normals = a  # no longer needed
        for x, y, z in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):  # np.cross takes three times as long
            face_normals[:, x] = u[:, y] * v[:, z] - u[:, z] * v[:, y]
        normals = np.asarray(self._incidence @ face_normals)
        length = np.sqrt(np.einsum("ij,ij->i", normals, normals))
        normals /= np.where(length > 0, length, 1)[:, None]
        return normals
