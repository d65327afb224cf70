"""The mesh of the open body: which points of MakeHuman's base mesh it has, its triangles, and finer eyeballs.

The mesh is MakeHuman's closed body surface with tongue and teeth. Its eyeballs (8 segments) are too coarse for an iris, so
finer spheres stand in their place. Every vertex is a fixed weighted mean of base-mesh points: a sparse matrix does it all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .makehuman import MakeHuman

SKIN_PARTS = ("body", "helper-tongue", "helper-upper-teeth", "helper-lower-teeth")
PARTS = (*SKIN_PARTS, "left-eye", "right-eye")
"""Names of the parts that `Mesh.part` counts through."""

NIPPLE_RADIUS_M, NIPPLE_STEPS = 0.03, 12
PUPIL_DEG, IRIS_DEG = 9.0, 25.0
# Rings lie close together where the colour changes, so that interpolated vertex colours keep a sharp edge.
_RING_DEG = (4.0, PUPIL_DEG, 11.0, 18.0, 23.0, IRIS_DEG, 27.0, 38.0, 55.0, 75.0, 100.0, 140.0)
_SEGMENTS = 24


@dataclass(frozen=True)
class Mesh:
    """vertices = operator @ base-mesh points.

    operator: (V,19158), rows sum to 1. faces: (F,3) counter-clockwise seen from outside. part: (V,) index into `PARTS`.
    base: (V,) base-mesh point of a skin vertex, -1 in the eyeballs. eye_angle: (V,) degrees from the gaze axis, 180
    outside the eyeballs.
    """

    operator: sparse.csr_matrix
    faces: np.ndarray
    part: np.ndarray
    base: np.ndarray
    eye_angle: np.ndarray

    def reordered(self, order: np.ndarray) -> Mesh:
        """The same mesh whose vertex i is the present vertex order[i]."""
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        return Mesh(self.operator[order], place[self.faces], self.part[order], self.base[order], self.eye_angle[order])


def _eyeball() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit sphere around +Z: directions (N,3), their angle to +Z in degrees (N,), and triangles."""
    angles = [0.0]
    directions = [[0.0, 0.0, 1.0]]
    for ring, degrees in enumerate(_RING_DEG):
        # Odd rings are turned by half a segment: the triangles between them stay close to equilateral.
        turn = 2 * np.pi * (np.arange(_SEGMENTS) + 0.5 * (ring % 2)) / _SEGMENTS
        polar = np.radians(degrees)
        directions += np.stack(
            [np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.full(_SEGMENTS, np.cos(polar))], 1
        ).tolist()
        angles += [degrees] * _SEGMENTS
    directions.append([0.0, 0.0, -1.0])
    angles.append(180.0)
    k = np.arange(_SEGMENTS)
    following = (k + 1) % _SEGMENTS
    last = len(directions) - 1
    triangles = [np.stack([np.zeros_like(k), 1 + k, 1 + following], 1)]
    for ring in range(len(_RING_DEG) - 1):
        inner, outer = 1 + ring * _SEGMENTS, 1 + (ring + 1) * _SEGMENTS
        if ring % 2 == 0:
            triangles.append(np.stack([inner + k, outer + k, inner + following], 1))
            triangles.append(np.stack([inner + following, outer + k, outer + following], 1))
        else:
            triangles.append(np.stack([inner + k, outer + k, outer + following], 1))
            triangles.append(np.stack([inner + k, outer + following, inner + following], 1))
    rim = last - _SEGMENTS
    triangles.append(np.stack([rim + k, np.full_like(k, last), rim + following], 1))
    return np.array(directions), np.array(angles), np.concatenate(triangles)


def _eyeball_operator(centre_points: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Weights (N,72) that place the finer sphere, given the eyeball's points (72,3) in the neutral adult.

    There it is an exact sphere that looks along +Z (MakeHuman's own eyeball is turned by some degrees); any affine change
    of the points, such as another size of the head, it follows exactly.
    """
    centred = centre_points - centre_points.mean(0)
    radius = np.linalg.norm(centred, axis=1).mean()
    known = np.concatenate([np.ones((len(centred), 1)), centred / radius], axis=1)
    wanted = np.concatenate([np.ones((len(directions), 1)), directions], axis=1)
    return wanted @ np.linalg.pinv(known)


def _triangulate(quads: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Two triangles per quadrilateral, cut along its shorter diagonal."""
    a, b, c, d = quads.T
    first = np.linalg.norm(points[a] - points[c], axis=1) <= np.linalg.norm(points[b] - points[d], axis=1)
    one = np.where(first, [a, b, c], [a, b, d])
    two = np.where(first, [a, c, d], [b, c, d])
    return np.stack([one, two], 1).transpose(2, 1, 0).reshape(-1, 3)


def _without_nipples(
    source: MakeHuman, neutral: np.ndarray, operator: sparse.csr_matrix, faces: np.ndarray
) -> sparse.csr_matrix:
    """The operator whose vertices at the tips of the breasts are means of their surroundings: a mannequin has no nipples."""
    points = operator @ neutral
    tips = [neutral[list(source.bones[f"breast.{side}"].tail)].mean(0) for side in "LR"]
    distance = np.min([np.linalg.norm(points - tip, axis=1) for tip in tips], axis=0)
    amount = sparse.diags(np.clip((NIPPLE_RADIUS_M - distance) / (0.5 * NIPPLE_RADIUS_M), 0.0, 1.0))
    smooth = smoothing(faces, len(points))
    step = sparse.identity(len(points)) + amount @ (smooth - sparse.identity(len(points)))
    for _ in range(NIPPLE_STEPS):
        operator = step @ operator
    return operator.tocsr()


def build_mesh(source: MakeHuman, neutral: np.ndarray) -> Mesh:
    """The mesh of the open body, in the vertex order body, tongue, teeth, left eye, right eye.

    neutral: points (19158,3) of the neutral adult at rest.
    """
    skin = np.concatenate([source.groups[name] for name in SKIN_PARTS])
    place = np.full(len(source.vertices), -1)
    place[skin] = np.arange(len(skin))
    quads = source.quads(*SKIN_PARTS)
    faces = [place[_triangulate(quads, neutral)]]
    part = [np.repeat(np.arange(len(SKIN_PARTS)), [len(source.groups[name]) for name in SKIN_PARTS])]
    operators = [
        sparse.csr_matrix((np.ones(len(skin)), (np.arange(len(skin)), skin)), (len(skin), len(source.vertices)))
    ]
    angle = [np.full(len(skin), 180.0)]
    base = [skin]
    directions, degrees, triangles = _eyeball()
    for number, group in enumerate(("helper-l-eye", "helper-r-eye"), len(SKIN_PARTS)):
        ball = source.groups[group]
        weights = _eyeball_operator(neutral[ball], directions)
        faces.append(triangles + sum(map(len, part)))
        rows = np.repeat(np.arange(len(directions)), len(ball))
        columns = np.tile(ball, len(directions))
        operators.append(sparse.csr_matrix((weights.ravel(), (rows, columns)), (len(directions), len(source.vertices))))
        part.append(np.full(len(directions), number))
        angle.append(degrees)
        base.append(np.full(len(directions), -1))
    triangles = np.concatenate(faces)
    return Mesh(
        _without_nipples(source, neutral, sparse.vstack(operators).tocsr(), triangles),
        triangles,
        np.concatenate(part),
        np.concatenate(base),
        np.concatenate(angle),
    )


def adjacency(faces: np.ndarray, vertex_count: int) -> sparse.csr_matrix:
    """Symmetric matrix (V,V) of ones where two vertices share an edge."""
    pairs = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    links = sparse.coo_matrix((np.ones(len(pairs)), pairs.T), (vertex_count, vertex_count)).tocsr()
    links = links + links.T
    links.data[:] = 1.0
    return links


def smoothing(faces: np.ndarray, vertex_count: int) -> sparse.csr_matrix:
    """Matrix (V,V) that replaces a vertex value by the mean of itself (half) and its neighbours (half)."""
    links = adjacency(faces, vertex_count)
    mean = sparse.diags(1.0 / np.asarray(links.sum(1)).ravel()) @ links
    return (0.5 * (sparse.identity(vertex_count) + mean)).tocsr()
