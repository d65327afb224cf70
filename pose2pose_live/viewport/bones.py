"""The skeleton as a body of its own: a capsule for each bone, which costs a fraction of the skin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .. import skeleton
from ..frame import FloatArray
from ..rotations import normalise

# sRGB; the person's own sides.
LEFT, RIGHT, MIDDLE = (255, 165, 80), (70, 190, 255), (225, 225, 225)
_FINGER_RADIUS_M, _FACE_RADIUS_M, _RADIUS_M = 0.006, 0.008, 0.018
_SIDES = 10
_LATITUDES_DEG = (89.0, 45.0, 0.0)  # rings of each half ball


def side_color(joint: str) -> tuple[int, int, int]:
    """sRGB colour of the side that a joint belongs to."""
    return LEFT if joint.startswith("left_") else RIGHT if joint.startswith("right_") else MIDDLE


def _radius_m(joint: str) -> float:
    if "eye" in joint:
        return _FACE_RADIUS_M
    is_finger = skeleton.SMPLX[joint] >= skeleton.LEFT_HAND_SLICE.start
    return _FINGER_RADIUS_M if is_finger else _RADIUS_M


def _unit_capsule() -> tuple[FloatArray, NDArray[np.bool_], NDArray[np.int32]]:
    """Normals (n,3) around the axis Z, whether each vertex is at the far end (n,), faces (f,3) wound outwards."""
    turn = np.linspace(0, 2 * np.pi, _SIDES, endpoint=False)
    latitudes = np.radians([-degrees for degrees in _LATITUDES_DEG] + list(_LATITUDES_DEG[::-1]))
    normals = np.array([[(np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)) for a in turn] for b in latitudes])
    is_far = np.repeat(np.arange(len(latitudes)) >= len(_LATITUDES_DEG), _SIDES)
    ring = np.arange(_SIDES)
    after = (ring + 1) % _SIDES
    faces = []
    for below in range(0, (len(latitudes) - 1) * _SIDES, _SIDES):
        above = below + _SIDES
        faces += [np.stack([below + ring, below + after, above + after], axis=1)]
        faces += [np.stack([below + ring, above + after, above + ring], axis=1)]
    return normals.reshape(-1, 3), is_far, np.concatenate(faces).astype(np.int32)


class BoneMesh:
    """Vertices and normals from joints. faces (F,3) int32, vertex_colors (V,3) uint8 sRGB: by the person's sides."""

    def __init__(self) -> None:
        pairs = enumerate(zip(skeleton.SMPLX_JOINTS, skeleton.SMPLX_PARENTS, strict=True))
        bones = [(parent, child, joint) for child, (joint, parent) in pairs if parent >= 0 and joint != "jaw"]
        self._parents, self._children = (np.array([bone[i] for bone in bones]) for i in (0, 1))
        self._radii_m = np.array([_radius_m(joint) for _, _, joint in bones])
        self._normals, is_far, faces = _unit_capsule()
        self._far = is_far.astype(np.float64)[:, None]
        count = len(self._normals)
        self.vertex_count = count * len(bones)
        self.faces = np.concatenate([faces + k * count for k in range(len(bones))]).astype(np.int32)
        self.vertex_colors = np.repeat(np.array([side_color(joint) for *_, joint in bones], np.uint8), count, axis=0)

    def __call__(self, joints: FloatArray) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """joints (55,3) m -> vertices (V,3) m and unit normals (V,3)."""
        starts = joints[self._parents]
        along = joints[self._children] - starts
        z = normalise(along)
        is_steep = np.abs(z[:, 1:2]) > 0.9
        x = normalise(np.cross(np.where(is_steep, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)), z))
        axes = np.stack([x, np.cross(z, x), z], axis=2)
        normals = self._normals @ axes.transpose(0, 2, 1)
        vertices = starts[:, None] + self._far * along[:, None] + self._radii_m[:, None, None] * normals
        return vertices.reshape(-1, 3).astype(np.float32), normals.reshape(-1, 3).astype(np.float32)
