"""glTF 2.0 binary (GLB): the body's mesh with its skin, ten expressions as morph targets, and the animation. Metres, Y up.

Each vertex keeps its four strongest joints, which is what every reader knows. Pose correctives are left out: glTF has nothing for
shapes that follow from rotations. Joints stand where they stand without expression.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from .. import __version__
from ..body import BodyModel
from ..body.normals import VertexNormals
from ..frame import FloatArray
from ..rotations import rotvec_to_quat
from ..skeleton import SMPLX_JOINTS, SMPLX_PARENTS
from .motion import Motion, continuous

_INFLUENCES = 4
_ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER = 34962, 34963
_COMPONENT = {"<f4": 5126, "<u4": 5125, "<u2": 5123, "|u1": 5121}
_KIND = {1: "SCALAR", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
_PARENTS = np.array(SMPLX_PARENTS)
_MESH_NODE, _ROOT_NODE, _FIRST_JOINT = 0, 1, 2
_SKIN_COLOUR = (0.72, 0.57, 0.48, 1.0)


def write_glb(file: BinaryIO, motion: Motion, body: BodyModel) -> None:
    """The motion on the body in its shape. body must be the one that the motion's betas and expressions belong to."""
    buffers = _Buffers()
    rest = body.rest_joints(motion.betas)
    document = {
        "asset": {"version": "2.0", "generator": f"Pose2Pose Live {__version__}"},
        "scene": 0,
        "scenes": [{"nodes": [_MESH_NODE, _ROOT_NODE]}],
        "nodes": _nodes(rest),
        "meshes": [_mesh(buffers, motion, body)],
        "materials": [
            {
                "name": "skin",
                "pbrMetallicRoughness": {
                    "baseColorFactor": (1, 1, 1, 1) if body.vertex_colors is not None else _SKIN_COLOUR,
                    "metallicFactor": 0.0,
                    "roughnessFactor": 0.8,
                },
            }
        ],
        "skins": [_skin(buffers, rest)],
        "animations": [_animation(buffers, motion, rest)],
    }
    document |= {
        "accessors": buffers.accessors,
        "bufferViews": buffers.views,
        "buffers": [{"byteLength": buffers.length}],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    total = 12 + 8 + len(text) + 8 + buffers.length
    file.write(struct.pack("<4sII", b"glTF", 2, total))
    file.write(struct.pack("<I4s", len(text), b"JSON") + text)
    file.write(struct.pack("<I4s", buffers.length, b"BIN\0"))
    for chunk in buffers.chunks:
        file.write(chunk)


class _Buffers:
    """The one binary buffer, and what lies where in it."""

    def __init__(self) -> None:
        self.accessors: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []
        self.chunks: list[bytes] = []
        self.length = 0

    def add(
        self, array: NDArray[Any], dtype: str, *, target: int | None = None, bounds: bool = False, **more: Any
    ) -> int:
        """Append the rows of an array and return the accessor's number. bounds: with least and greatest value, where these are wanted."""
        rows = np.ascontiguousarray(array, dtype)
        rows = rows.reshape(len(rows), -1)
        data = rows.tobytes()
        view = {"buffer": 0, "byteOffset": self.length, "byteLength": len(data)}
        self.views.append(view if target is None else view | {"target": target})
        accessor: dict[str, Any] = {
            "bufferView": len(self.views) - 1, "componentType": _COMPONENT[rows.dtype.str], "count": len(rows),
            "type": _KIND[rows.shape[1]],
        }  # fmt: skip
        if bounds:
            accessor |= {"min": rows.min(0).tolist(), "max": rows.max(0).tolist()}
        self.accessors.append(accessor | more)
        padding = bytes(-len(data) % 4)
        self.chunks += [data, padding]
        self.length += len(data) + len(padding)
        return len(self.accessors) - 1


def _nodes(rest: FloatArray) -> list[dict[str, Any]]:
    """The mesh, the root, and the joints (55,3) m, each at its offset from its parent."""
    offsets = rest - rest[_PARENTS]
    offsets[0] = rest[0]
    joints = []
    for joint, name in enumerate(SMPLX_JOINTS):
        children = [_FIRST_JOINT + child for child in np.flatnonzero(joint == _PARENTS).tolist()]
        node = {"name": name, "translation": offsets[joint].tolist()}
        joints.append(node | ({"children": children} if children else {}))
    mesh = {"name": "body_mesh", "mesh": 0, "skin": 0}
    return [mesh, {"name": "body", "children": [_FIRST_JOINT]}, *joints]


def _mesh(buffers: _Buffers, motion: Motion, body: BodyModel) -> dict[str, Any]:
    vertices = body.rest_vertices(motion.betas)
    joints, weights = strongest_joints(body.weights)
    attributes = {
        "POSITION": buffers.add(vertices, "<f4", target=_ARRAY_BUFFER, bounds=True),
        "NORMAL": buffers.add(_normals(body, vertices), "<f4", target=_ARRAY_BUFFER),
        "JOINTS_0": buffers.add(joints, "|u1", target=_ARRAY_BUFFER),
        "WEIGHTS_0": buffers.add(weights, "<f4", target=_ARRAY_BUFFER),
    }
    if body.vertex_colors is not None:
        linear = np.concatenate([_srgb_to_linear(body.vertex_colors), np.ones((len(vertices), 1))], axis=1)
        attributes["COLOR_0"] = buffers.add(linear, "<f4", target=_ARRAY_BUFFER)
    directions = np.moveaxis(body.expression_directions(), -1, 0)
    targets = [{"POSITION": buffers.add(d, "<f4", target=_ARRAY_BUFFER, bounds=True)} for d in directions]
    names = [f"expression{i}" for i in range(len(targets))]
    primitive = {
        "attributes": attributes,
        "indices": buffers.add(body.faces.ravel(), "<u4", target=_ELEMENT_ARRAY_BUFFER),
        "material": 0,
        "targets": targets,
    }
    return {
        "name": "body",
        "primitives": [primitive],
        "weights": [0.0] * len(targets),
        "extras": {"targetNames": names},
    }


def _normals(body: BodyModel, vertices: NDArray[np.float32]) -> NDArray[np.float32]:
    """(V,3) of unit length, as glTF demands, also where no face says which way."""
    normals = VertexNormals(body.faces, len(vertices))(vertices)
    normals[~normals.any(axis=1)] = (0.0, 1.0, 0.0)
    return normals


def strongest_joints(weights: csr_matrix) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The four joints (V,4) with the greatest weights (V,4), which sum to 1, from weights (V,55)."""
    dense = weights.toarray()
    joints = np.argsort(-dense, axis=1, kind="stable")[:, :_INFLUENCES]
    kept = np.take_along_axis(dense, joints, axis=1)
    kept = kept / kept.sum(1, keepdims=True)
    return np.where(kept > 0, joints, 0).astype(np.uint8), kept.astype(np.float32)


def _srgb_to_linear(colours: NDArray[np.uint8]) -> FloatArray:
    """IEC 61966-2-1; glTF's vertex colours are linear."""
    c = colours / 255.0
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def _skin(buffers: _Buffers, rest: FloatArray) -> dict[str, Any]:
    inverse = np.tile(np.eye(4), (len(rest), 1, 1))
    inverse[:, 3, :3] = -rest  # column-major: the translation lies in the last four numbers
    return {
        "name": "SMPL-X",
        "inverseBindMatrices": buffers.add(inverse, "<f4"),
        "skeleton": _FIRST_JOINT,
        "joints": [_FIRST_JOINT + joint for joint in range(len(rest))],
    }


def _animation(buffers: _Buffers, motion: Motion, rest: FloatArray) -> dict[str, Any]:
    times = buffers.add(np.arange(len(motion)) / motion.fps, "<f4", bounds=True)
    quats = continuous(rotvec_to_quat(motion.poses))
    outputs = [(_FIRST_JOINT + joint, "rotation", quats[:, joint]) for joint in range(len(SMPLX_JOINTS))]
    outputs += [
        (_FIRST_JOINT, "translation", motion.trans + rest[0]),
        (_MESH_NODE, "weights", motion.expressions.reshape(-1, 1)),
    ]
    channels: list[dict[str, Any]] = []
    samplers: list[dict[str, Any]] = []
    for node, path, values in outputs:
        channels.append({"sampler": len(samplers), "target": {"node": node, "path": path}})
        samplers.append({"input": times, "output": buffers.add(values, "<f4"), "interpolation": "LINEAR"})
    return {"name": "take", "channels": channels, "samplers": samplers}
