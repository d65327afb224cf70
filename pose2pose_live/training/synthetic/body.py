"""The body that is drawn: fewer triangles than the file has, and the labelled joints of it.

A picture of a few hundred pixels shows no difference between 28,000 triangles and a third of them, but posing and drawing them costs
in proportion. The vertices that joints are computed from are all kept, so the labels are those of the whole body.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...body import BodyModel
from ...body.files import BodyData, read_body
from ...body.model import OPEN_BODY
from ...body.normals import VertexNormals
from ...frame import FloatArray, SmplxFrame
from ...resources import asset_path
from ...rotations import rotvec_to_rotmat
from ...skeleton import SMPLX, SMPLX_JOINTS, SMPLX_OUTPUT, SMPLX_OUTPUT_JOINTS, SMPLX_PARENTS, SUPERVISION_FROM_SMPLX
from .simplify import simplify

# Vertices of SMPL-X bodies that stand for joints, in the order of `SMPLX_OUTPUT_JOINTS` after the 55 (body.md: fixed numbers that every
# SMPL-X software uses).
_POINT_VERTICES = (
    9120, 9929, 9448, 616, 6, 5770, 5780, 8846, 8463, 8474, 8635, 5361, 4933, 5058, 5169, 5286, 8079, 7669, 7794, 7905, 8022,
)  # fmt: skip
_FIRST_POINT = len(SMPLX_JOINTS)
_FIRST_LANDMARK = _FIRST_POINT + len(_POINT_VERTICES)
_CONTOUR = SMPLX_OUTPUT["contour1"]
# How far apart the remaining vertices lie in the T-pose, m.
_SPACING_M = {
    "trunk": 0.022,
    "limb": 0.018,
    "hand": 0.0065,
    "foot": 0.018,
    "head": 0.011,
    "face": 0.0065,
    "eye": 0.0065,
}


@dataclass(frozen=True)
class PosedPerson:
    """vertices (V,3) float32 m and unit normals (V,3); joints (137,3) m in `SUPERVISION_JOINTS` order, zero where not valid;
    smplx_joints (55,3) m. World axes of `frame.py`."""

    vertices: NDArray[np.float32]
    normals: NDArray[np.float32]
    joints: FloatArray
    smplx_joints: FloatArray


class DrawnBody:
    """A body file, simplified for small pictures.

    faces (F,3) int32, template (V,3) m, normals (V,3) and part (V,) of the T-pose, where part is the joint that moves a vertex most;
    colours (V,3) uint8 or None, as the file has them; joints_valid (137,): which joints this body file knows (the open body has no
    contour of the face); crown_m: height of the crown above the head joint in the T-pose.
    """

    def __init__(self, path: Path | None = None) -> None:
        path = asset_path(OPEN_BODY) if path is None else path
        data = read_body(path)
        with np.load(path, allow_pickle=False) as archive:
            landmark_faces = archive["lmk_faces_idx"].astype(np.int64)
            landmark_weights = archive["lmk_bary_coords"].astype(np.float64)
        landmark_vertices = data.faces[landmark_faces]
        needed = np.zeros(len(data.v_template), bool)
        needed[list(_POINT_VERTICES)] = True
        needed[landmark_vertices] = True
        needed |= (data.j_regressor != 0).any(axis=0)
        part = data.weights.argmax(axis=1)
        kept, faces = simplify(data.v_template, data.faces, part, _spacing(data, part), needed)
        new_index = np.full(len(data.v_template), -1)
        new_index[kept] = np.arange(len(kept))

        small = _subset(data, kept, faces)
        self.model = BodyModel(small)
        self.faces = faces
        self.template = small.v_template
        self.part = part[kept]
        self.weights = small.weights
        self.colours = small.vertex_colors
        self.expression_from_arkit = data.expression_from_arkit
        self.vertex_normals = VertexNormals(faces, len(kept))
        self.normals = self.vertex_normals(small.v_template.astype(np.float32))
        self.rest_joints = self.model.rest_joints(np.zeros(10))
        self.crown_m = float(self.template[:, 1].max() - self.rest_joints[SMPLX["head"], 1])
        self._points = new_index[list(_POINT_VERTICES)]
        self._landmarks = new_index[landmark_vertices]
        self._landmark_weights = landmark_weights
        output_valid = np.ones(len(SMPLX_OUTPUT_JOINTS), bool)
        output_valid[_CONTOUR:] = False
        self.joints_valid = output_valid[list(SUPERVISION_FROM_SMPLX)]

    def world_rotation(self, frame: SmplxFrame, joint: str) -> FloatArray:
        """World rotation (3,3) of a joint."""
        local = rotvec_to_rotmat(frame.full_pose)
        rotation = np.eye(3)
        index = SMPLX[joint]
        while index >= 0:
            rotation = local[index] @ rotation
            index = SMPLX_PARENTS[index]
        return rotation

    def pose(self, frame: SmplxFrame) -> PosedPerson:
        """Vertices, normals and joints in the world."""
        posed = self.model.pose(frame)
        joints = np.zeros((len(SMPLX_OUTPUT_JOINTS), 3))
        joints[:_FIRST_POINT] = posed.joints
        joints[_FIRST_POINT:_FIRST_LANDMARK] = posed.vertices[self._points]
        joints[_FIRST_LANDMARK:_CONTOUR] = np.einsum(
            "lk,lkc->lc", self._landmark_weights, posed.vertices[self._landmarks]
        )
        return PosedPerson(
            posed.vertices, self.vertex_normals(posed.vertices), joints[list(SUPERVISION_FROM_SMPLX)], posed.joints
        )


def _subset(data: BodyData, kept: NDArray[np.int64], faces: NDArray[np.int32]) -> BodyData:
    rows = (3 * kept[:, None] + np.arange(3)).ravel()
    return replace(
        data,
        v_template=data.v_template[kept],
        shapedirs=data.shapedirs[kept],
        expression_dirs=data.expression_dirs[kept],
        posedirs=data.posedirs[rows],
        j_regressor=data.j_regressor[:, kept],
        weights=data.weights[kept],
        faces=faces,
        vertex_colors=None if data.vertex_colors is None else data.vertex_colors[kept],
    )


def _spacing(data: BodyData, part: NDArray[np.int64]) -> FloatArray:
    """Wanted distance (V,) m between vertices."""
    regions = np.array([_region(name) for name in SMPLX_JOINTS])[part]
    head = data.j_regressor[SMPLX["head"]] @ data.v_template
    is_face = np.isin(regions, ("head",)) & (data.v_template[:, 2] > head[2] + 0.03)
    regions[is_face] = "face"
    return np.array([_SPACING_M[region] for region in regions])


def _region(joint: str) -> str:
    name = joint.removeprefix("left_").removeprefix("right_")
    if name.startswith("eye"):
        return "eye"
    if name in ("head", "jaw", "neck"):
        return "face" if name == "jaw" else "head"
    if name in ("ankle", "foot"):
        return "foot"
    if name in ("shoulder", "elbow", "knee"):
        return "limb"
    if name == "wrist" or (name[-1] in "123" and name[:-1] in ("index", "middle", "ring", "pinky", "thumb")):
        return "hand"
    return "trunk"
