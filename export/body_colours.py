"""Vertex colours of the open body: a grey-beige mannequin whose eyes, lips and brows can be read from afar."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from pose2pose_live.body.normals import VertexNormals

from .body_mesh import IRIS_DEG, PARTS, PUPIL_DEG, Mesh
from .makehuman import MakeHuman

SKIN = (196, 178, 162)
LIPS = (168, 112, 102)
BROWS = (118, 98, 84)
SCLERA = (240, 238, 234)
IRIS = (74, 108, 124)
PUPIL = (18, 18, 20)
TEETH = (232, 226, 212)
TONGUE = (150, 84, 82)
LINING = (92, 48, 46)
MOUTH_RADIUS_M, MOUTH_HALF_HEIGHT_M = 0.075, 0.045


def lip_mask(source: MakeHuman, mesh: Mesh) -> np.ndarray:
    """How much (V,) 0..1 a vertex belongs to the red of the lips: what MakeHuman's lip-volume targets move."""
    moved = sum(
        np.linalg.norm(source.target(f"mouth/mouth-{lip}lip-volume-incr"), axis=1) for lip in ("upper", "lower")
    )
    moved = np.where(mesh.base >= 0, np.asarray(moved)[np.maximum(mesh.base, 0)], 0.0)
    return np.clip(moved / (0.35 * moved.max()), 0.0, 1.0)


def vertex_colours(mesh: Mesh, vertices: np.ndarray, lips: np.ndarray, brow_points: np.ndarray) -> np.ndarray:
    """sRGB colours (V,3) uint8. brow_points (10,3): the brow landmarks, right to left."""
    colours = np.tile(np.array(SKIN, dtype=np.float64), (len(vertices), 1))

    def blend(amount: np.ndarray, colour: tuple[int, int, int]) -> None:
        colours[:] += amount[:, None] * (np.array(colour) - colours)

    skin = mesh.part == PARTS.index("body")
    blend(np.where(skin, 0.85 * lips, 0.0), LIPS)
    blend(np.where(skin, _brow_mask(vertices, brow_points), 0.0), BROWS)
    blend(np.where(skin, _mouth_lining(mesh, vertices), 0.0), LINING)
    for part, colour in (("helper-tongue", TONGUE), ("helper-upper-teeth", TEETH), ("helper-lower-teeth", TEETH)):
        colours[mesh.part == PARTS.index(part)] = colour
    eyes = mesh.base < 0
    colours[eyes] = SCLERA
    colours[eyes & (mesh.eye_angle <= IRIS_DEG)] = IRIS
    colours[eyes & (mesh.eye_angle == IRIS_DEG)] = np.array(IRIS) * 0.5
    colours[eyes & (mesh.eye_angle <= PUPIL_DEG)] = PUPIL
    return np.round(colours).astype(np.uint8)


def _brow_mask(vertices: np.ndarray, points: np.ndarray) -> np.ndarray:
    """1 on the two brow arcs, fading to 0 within some millimetres."""
    distance = np.full(len(vertices), np.inf)
    for brow in (points[:5], points[5:]):
        for start, end in pairwise(brow):
            along = np.clip(((vertices - start) @ (end - start)) / np.sum((end - start) ** 2), 0.0, 1.0)
            distance = np.minimum(distance, np.linalg.norm(vertices - start - along[:, None] * (end - start), axis=1))
    return 0.9 * np.clip((0.009 - distance) / 0.007, 0.0, 1.0)


def _mouth_lining(mesh: Mesh, vertices: np.ndarray) -> np.ndarray:
    """1 where the body's surface lines the cavity of the mouth: near the tongue and facing its middle."""
    middle = vertices[mesh.part == PARTS.index("helper-tongue")].mean(0)
    normals = VertexNormals(mesh.faces, len(vertices))(vertices.astype(np.float32))
    inward = middle - vertices
    distance = np.linalg.norm(inward, axis=1)
    facing = np.einsum("vi,vi->v", normals, inward) / distance
    inside = (distance < MOUTH_RADIUS_M) & (np.abs(inward[:, 1]) < MOUTH_HALF_HEIGHT_M)
    return np.where(inside, np.clip(4.0 * facing, 0.0, 1.0), 0.0)
