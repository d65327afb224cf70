"""The body: vertices and joints from an `SmplxFrame`, in numpy.

The function is SMPL's (Loper et al. 2015, equations 2 to 10) with SMPL-X's joints and expressions (Pavlakos et al. 2019):
shape and expression offsets, joints regressed from the shaped mesh, pose correctives, linear blend skinning.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ..frame import SmplxFrame
from ..resources import asset_path
from ..rotations import rotvec_to_rotmat
from ..skeleton import SMPLX_PARENTS
from .coarse import coarse_mesh
from .files import BodyData, read_body

FloatArray = NDArray[np.float64]
OPEN_BODY = "open_body.npz"

_PARENTS = np.array(SMPLX_PARENTS)


def _by_level() -> tuple[NDArray[np.int64], NDArray[np.int64], list[tuple[slice, NDArray[np.int64]]]]:
    """The joints in the order of their depth in the tree, the inverse of that order, and for each depth but the root's the rows in it and
    the rows of their parents: one batched product per level, on rows that lie together."""
    depth = np.zeros(len(_PARENTS), np.int64)
    for joint in range(1, len(_PARENTS)):
        depth[joint] = depth[_PARENTS[joint]] + 1
    order = np.argsort(depth, kind="stable")
    back = np.argsort(order)
    ends = np.cumsum(np.bincount(depth))
    levels = [slice(a, b) for a, b in pairwise(ends)]
    return order, back, [(rows, back[_PARENTS[order[rows]]]) for rows in levels]


_ORDER, _BACK, _LEVELS = _by_level()
# Above this share of non-zeros a dense product reads less memory than a sparse one.
_SPARSE_BELOW = 0.25


def _of_joints(regressor: FloatArray, directions: FloatArray) -> FloatArray:
    """How far each of K coefficients moves the joints (J,3,K), from how far it moves the vertices (V,3,K)."""
    # As one product of matrices: einsum takes half a second.
    vertex_count, _, columns = directions.shape
    return (regressor @ directions.reshape(vertex_count, -1)).reshape(-1, 3, columns)


def _linear(matrix: NDArray[np.floating]) -> NDArray[np.float32] | csr_matrix | None:
    """The matrix, of any precision, in the form that multiplies a vector fastest; None when it is zero."""
    # NumPy looks at float16 value by value, at their bits many times as fast.
    is_filled = (matrix.view(np.uint16) if matrix.dtype == np.float16 else matrix) != 0
    row_counts = np.count_nonzero(is_filled, axis=1)
    count = row_counts.sum()
    if count == 0:
        return None
    if count >= _SPARSE_BELOW * matrix.size:
        return np.ascontiguousarray(matrix, np.float32)
    places = np.flatnonzero(is_filled)
    starts = np.concatenate([[0], np.cumsum(row_counts)])
    return csr_matrix((matrix.ravel()[places].astype(np.float32), places % matrix.shape[1], starts), matrix.shape)


@dataclass(frozen=True)
class PosedBody:
    """A body in the world: vertices (V,3) float32 m and joints (55,3) float64 m. The arrays belong to the receiver."""

    vertices: NDArray[np.float32]
    joints: FloatArray


@dataclass(frozen=True)
class _Shaped:
    betas: bytes
    vertices: NDArray[np.float32]
    joints: FloatArray


class BodyModel:
    """A body file ready to be posed.

    Safe to be shared by threads: every call returns new arrays, and the cached shape of the last betas is replaced as a
    whole. faces: (F,3) int32, counter-clockwise from outside. tag: what a recording stores to name the body.
    expression_from_arkit: (10,52), expression = expression_from_arkit @ blendshapes, or None when the file does not know.
    vertex_colors: (V,3) uint8 sRGB or None. beta_names: of the ten shape coefficients, or empty. weights: skin weights (V,55), sparse.
    """

    def __init__(self, data: BodyData) -> None:
        self.faces = data.faces
        self.tag = data.tag
        self.expression_from_arkit = data.expression_from_arkit
        self.vertex_colors = data.vertex_colors
        self.beta_names = data.beta_names
        self._face_points = data.face_points
        self._template = data.v_template.astype(np.float32)
        self._shapedirs = data.shapedirs.reshape(-1, data.shapedirs.shape[2]).astype(np.float32)
        self._rest_joints = data.j_regressor @ data.v_template
        self._joint_shapedirs = _of_joints(data.j_regressor, data.shapedirs)
        self._joint_expression_dirs = _of_joints(data.j_regressor, data.expression_dirs)
        self._expression_directions = data.expression_dirs.astype(np.float32)
        self._expression_dirs = _linear(self._expression_directions.reshape(-1, data.expression_dirs.shape[2]))
        self._posedirs = _linear(data.posedirs)
        self.weights = csr_matrix(data.weights)
        self._shaped: _Shaped | None = None

    @classmethod
    def load(cls, path: Path | str | None = None) -> BodyModel:
        """The bundled open body, or a user's SMPL-X `.npz` of 20 or 400 shape columns. Raises ModelError."""
        return cls(read_body(asset_path(OPEN_BODY) if path is None else Path(path)))

    def coarse(self, edge_m: float) -> BodyModel:
        """The same body with the vertices that `coarse_mesh` keeps of the T-pose, each where it was; its joints are the same. It has no `face_points`."""
        kept, faces = coarse_mesh(self._template, self.faces, self.vertex_colors, edge_m)
        rows = (3 * kept[:, None] + np.arange(3)).ravel()
        body = copy.copy(self)
        body.faces, body.weights, body._shaped, body._face_points = faces, self.weights[kept], None, None
        body.vertex_colors = None if self.vertex_colors is None else self.vertex_colors[kept]
        body._template, body._shapedirs = self._template[kept], self._shapedirs[rows]
        body._expression_directions = self._expression_directions[kept]
        body._expression_dirs = None if self._expression_dirs is None else self._expression_dirs[rows]
        body._posedirs = None if self._posedirs is None else self._posedirs[rows]
        return body

    @property
    def vertex_count(self) -> int:
        return len(self._template)

    def rest_joints(self, betas: FloatArray) -> FloatArray:
        """Joints (55,3) m of the T-pose for betas (10,), without translation and expression."""
        return self._rest_joints + self._joint_shapedirs @ np.asarray(betas, np.float64)

    def rest_vertices(self, betas: FloatArray) -> NDArray[np.float32]:
        """Vertices (V,3) m of the T-pose for betas (10,), as `rest_joints` places them; not to be written to."""
        return self._shape(np.asarray(betas, np.float64)).vertices

    def expression_directions(self) -> NDArray[np.float32]:
        """(V,3,10) m: how far each expression coefficient moves each vertex of the T-pose."""
        return self._expression_directions

    def rest_height(self, betas: FloatArray) -> tuple[float, float]:
        """Lowest and highest point (Y) m of the T-pose for betas (10,): soles and crown, as `rest_joints` places them."""
        heights = self.rest_vertices(betas)[:, 1]
        return float(heights.min()), float(heights.max())

    def face_points(self, vertices: NDArray[np.float32]) -> FloatArray | None:
        """The face's 51 landmarks (51,3) m on posed vertices (V,3), the first of `skeleton.FACE_LANDMARKS`; None when the file has none."""
        if self._face_points is None:
            return None
        corners, weights = self._face_points
        return (vertices[corners].astype(np.float64) * weights[..., None]).sum(axis=1)

    def joints(self, frame: SmplxFrame) -> FloatArray:
        """Joints (55,3) m in the world, as `pose` gives them, without computing any vertex."""
        return self.joint_to_world(frame)[:, :3, 3]

    def joint_to_world(self, frame: SmplxFrame) -> FloatArray:
        """(55,4,4): world rotation of each joint, and its place in m; at rest a joint's axes are those of the world."""
        return self._chain(frame, self._shape(frame.betas))[1]

    def pose(self, frame: SmplxFrame) -> PosedBody:
        """Vertices and joints of one frame. The hands are absolute: the file's mean hand pose is never added."""
        shaped = self._shape(frame.betas)
        rotations, world, rest = self._chain(frame, shaped)
        joints = world[:, :3, 3]
        vertices = shaped.vertices
        offsets = None
        if self._expression_dirs is not None and frame.expression.any():
            offsets = self._expression_dirs @ frame.expression.astype(np.float32)
        if self._posedirs is not None:
            feature = (rotations[1:] - np.eye(3)).ravel().astype(np.float32)
            correctives = self._posedirs @ feature
            offsets = correctives if offsets is None else offsets + correctives
        if offsets is not None:
            vertices = vertices + offsets.reshape(-1, 3)
        # x -> R x + (joint - R rest): the rigid motion of each joint away from its place in the T-pose.
        motion = np.empty((len(joints), 3, 4), np.float32)
        motion[:, :, :3] = world[:, :3, :3]
        motion[:, :, 3] = joints - np.matvec(world[:, :3, :3], rest)
        blended = (self.weights @ motion.reshape(-1, 12)).reshape(-1, 3, 4)
        # Written out by columns: einsum and matmul take longer on thousands of 3x3 matrices.
        posed = np.empty_like(vertices)
        x, y, z = vertices.T
        for row in range(3):
            xx, xy, xz, shift = blended[:, row].T
            posed[:, row] = xx * x + xy * y + xz * z + shift
        return PosedBody(posed, joints.copy())

    def _shape(self, betas: FloatArray) -> _Shaped:
        key = betas.tobytes()
        shaped = self._shaped
        if shaped is None or shaped.betas != key:
            vertices = self._template + (self._shapedirs @ betas.astype(np.float32)).reshape(-1, 3)
            shaped = self._shaped = _Shaped(key, vertices, self.rest_joints(betas))
        return shaped

    def _chain(self, frame: SmplxFrame, shaped: _Shaped) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Local rotations (55,3,3), joints to world (55,4,4), joints at rest (55,3)."""
        rest = shaped.joints + self._joint_expression_dirs @ frame.expression
        local = np.zeros((len(rest), 4, 4))
        rotations = rotvec_to_rotmat(frame.full_pose)
        local[:, :3, :3] = rotations
        local[:, :3, 3] = rest - rest[_PARENTS]
        local[0, :3, 3] = rest[0] + frame.transl
        local[:, 3, 3] = 1.0
        local = local.take(_ORDER, axis=0)
        world = np.empty_like(local)
        world[0] = local[0]
        for rows, above in _LEVELS:
            np.matmul(world.take(above, axis=0), local[rows], out=world[rows])
        world = world.take(_BACK, axis=0)
        return rotations, world, rest
