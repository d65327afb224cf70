"""The differentiable SMPL-X layer: the authors' `smplx` package fed with either body file.

`smplx` is licensed for non-commercial research and is never bundled: whoever trains installs it (`pip install "pose2pose-live[train]"`) and
accepts its terms. The application poses the same files with `body.BodyModel`, in numpy and without it.
"""

from __future__ import annotations

import contextlib
import copy
import io
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..body.files import POSE_FEATURES, read_body
from ..body.model import OPEN_BODY
from ..errors import ModelError, TrainingError
from ..resources import asset_path
from ..skeleton import (
    FACE_LANDMARKS,
    HAND_JOINTS,
    SMPLX_JOINTS,
    SMPLX_OUTPUT_JOINTS,
    SMPLX_PARENTS,
    SUPERVISION,
    SUPERVISION_FROM_SMPLX,
    SUPERVISION_MIRROR,
)
from .torch_rotations import rotmat_to_rotvec, rotvec_to_rotmat

_LANDMARKS = ("lmk_faces_idx", "lmk_bary_coords")
SIDES = ("left", "right")
_CONTOUR = ("dynamic_lmk_faces_idx", "dynamic_lmk_bary_coords")


class PosedBodies(NamedTuple):
    """vertices (N,V,3) m, joints (N,137,3) m in the order of `skeleton.SUPERVISION_JOINTS`; zero where not available."""

    vertices: Tensor
    joints: Tensor


class BodyLayer(nn.Module):
    """SMPL-X as a PyTorch module, without parameters to train; none of its arrays goes into a checkpoint.

    path: a file in SMPL-X layout such as `SMPLX_NEUTRAL.npz`, or None for the bundled open body. The 137 supervised joints come out
    with it; the buffer `joint_available` (137,) bool says which of them the file knows. The open body has no embedding of the face
    contour (17 joints): they are zero there and not available, and no loss or metric counts them.

    faces (F,3) int32; weights (V,55) float32 skinning weights; hand_means (2,15,3) float64 rad, left and right; tag: name of the body.
    Raises ModelError when the file is unusable, TrainingError when `smplx` is not installed.
    """

    def __init__(self, path: Path | None = None) -> None:
        super().__init__()
        path = asset_path(OPEN_BODY) if path is None else path
        body = read_body(path)
        extras = _read_extras(path)
        self.faces, self.weights, self.tag = body.faces, body.weights, body.tag
        self.hand_means = np.stack([extras["hands_meanl"], extras["hands_meanr"]]).reshape(2, len(HAND_JOINTS), 3)
        arrays = {
            # 20 columns, betas and expressions: `smplx` reads this layout as it reads 400 columns.
            "shapedirs": np.concatenate([body.shapedirs, body.expression_dirs], axis=2),
            "v_template": body.v_template,
            "posedirs": body.posedirs.reshape(-1, 3, POSE_FEATURES),
            "J_regressor": body.j_regressor,
            "weights": body.weights,
            "kintree_table": np.stack([SMPLX_PARENTS, np.arange(len(SMPLX_JOINTS))]),
            "f": body.faces,
            "hands_componentsl": np.eye(3 * len(HAND_JOINTS)),
            "hands_componentsr": np.eye(3 * len(HAND_JOINTS)),
            **extras,
        }
        self._smplx = _smplx_layer(arrays)
        available = torch.ones(len(SMPLX_OUTPUT_JOINTS), dtype=torch.bool)
        available[len(SMPLX_OUTPUT_JOINTS) - (0 if self._smplx.use_face_contour else 17) :] = False
        self.register_buffer("joint_available", available[list(SUPERVISION_FROM_SMPLX)], persistent=False)
        self.register_buffer("_joint_index", torch.tensor(SUPERVISION_FROM_SMPLX), persistent=False)
        self.register_buffer("_hand_means", torch.tensor(self.hand_means, dtype=torch.float32), persistent=False)

    def forward(
        self,
        root_rotation: Tensor,
        body_rotations: Tensor,
        left_hand_rotations: Tensor,
        right_hand_rotations: Tensor,
        jaw_rotation: Tensor,
        betas: Tensor,
        expression: Tensor,
        translation: Tensor,
    ) -> PosedBodies:
        """Poses N bodies; eyes look straight ahead.

        Rotation matrices: root (N,3,3), body (N,21,3,3), hands (N,15,3,3) absolute (identity = flat hand, no mean is added; see
        `absolute_hand`), jaw (N,3,3). betas (N,10), expression (N,10), translation (N,3) m, added to every point.
        """
        with torch.autocast(root_rotation.device.type, enabled=False):
            posed = self._smplx(
                global_orient=root_rotation.float()[:, None], body_pose=body_rotations.float(),
                left_hand_pose=left_hand_rotations.float(), right_hand_pose=right_hand_rotations.float(),
                jaw_pose=jaw_rotation.float()[:, None], betas=betas.float(), expression=expression.float(),
            )  # fmt: skip
        joints = nn.functional.pad(posed.joints, (0, 0, 0, len(SMPLX_OUTPUT_JOINTS) - posed.joints.shape[1]))
        shift = translation.float()[:, None]
        joints = (joints[:, self._joint_index] + shift) * self.joint_available[:, None]
        return PosedBodies(posed.vertices + shift, joints)

    def absolute_hand(self, relative: Tensor, side: str) -> Tensor:
        """Rotations (N,15,3,3) of the "left" or "right" hand relative to the file's mean hand, as networks give them -> absolute.

        SMPL-X adds the mean to the axis-angle vector (`flat_hand_mean=False`), which is not a product of rotations.
        """
        mean = self._hand_means[SIDES.index(side)].to(relative.dtype)
        return rotvec_to_rotmat(rotmat_to_rotvec(relative) + mean)

    def rest_pelvis(self, betas: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where the pelvis joint (3,) m is before any rotation and translation, for betas (10,)."""
        layer = self._smplx
        shaped = layer.v_template + layer.shapedirs @ torch.as_tensor(betas, dtype=torch.float32)
        return (layer.J_regressor[0] @ shaped).numpy().astype(np.float64)

    def expression_mirror(self) -> NDArray[np.float64]:
        """The matrix (10,10) that turns an expression into its mirror image: least squares over the 51 face landmarks.

        The open body has a blink of the left eye and one of the right, and a mouth drawn to the left.
        """
        layer = self._smplx
        corners = layer.expr_dirs[layer.faces_tensor[layer.lmk_faces_idx]]
        moves = torch.einsum("lk,lkce->lce", layer.lmk_bary_coords, corners).double().numpy()
        rows = np.array([SUPERVISION[name] for name in FACE_LANDMARKS[: len(moves)]])
        mirrored = moves[np.array(SUPERVISION_MIRROR)[rows] - rows[0]] * np.array([-1.0, 1.0, 1.0])[:, None]
        return np.linalg.lstsq(moves.reshape(-1, moves.shape[2]), mirrored.reshape(-1, moves.shape[2]), rcond=None)[0]

    def for_joints(self) -> BodyLayer:
        """The same body with only the vertices that its joints depend on, for losses that need no mesh: many times cheaper."""
        reduced = copy.deepcopy(self)
        layer = reduced._smplx
        landmark_faces = [layer.lmk_faces_idx] + (
            [layer.dynamic_lmk_faces_idx.flatten()] if layer.use_face_contour else []
        )
        kept_faces = torch.cat(landmark_faces).unique()
        selector = layer.vertex_joint_selector
        kept = torch.cat([layer.J_regressor.any(0).nonzero()[:, 0], selector.extra_joints_idxs,
                          layer.faces_tensor[kept_faces].flatten()]).unique()  # fmt: skip
        new_vertex = torch.zeros(len(layer.v_template), dtype=torch.long)
        new_vertex[kept] = torch.arange(len(kept))
        new_face = torch.zeros(len(layer.faces_tensor), dtype=torch.long)
        new_face[kept_faces] = torch.arange(len(kept_faces))
        columns = (3 * kept[:, None] + torch.arange(3)).flatten()
        layer.v_template, layer.shapedirs, layer.expr_dirs = (
            layer.v_template[kept],
            layer.shapedirs[kept],
            layer.expr_dirs[kept],
        )
        layer.posedirs = layer.posedirs[:, columns].contiguous()
        layer.J_regressor, layer.lbs_weights = layer.J_regressor[:, kept].contiguous(), layer.lbs_weights[kept]
        layer.faces_tensor, layer.lmk_faces_idx = (
            new_vertex[layer.faces_tensor[kept_faces]],
            new_face[layer.lmk_faces_idx],
        )
        if layer.use_face_contour:
            layer.dynamic_lmk_faces_idx = new_face[layer.dynamic_lmk_faces_idx]
        selector.extra_joints_idxs = new_vertex[selector.extra_joints_idxs]
        layer.faces = reduced.faces = layer.faces_tensor.numpy().astype(np.int32)
        reduced.weights = self.weights[kept.numpy()]
        return reduced


def _read_extras(path: Path) -> dict[str, NDArray[Any]]:
    """What `read_body` leaves out: mean hands and landmark embeddings. Nothing is unpickled."""
    with np.load(path, allow_pickle=False) as archive:
        needed = ("hands_meanl", "hands_meanr", *_LANDMARKS)
        missing = [key for key in needed if key not in archive.files]
        if missing:
            raise ModelError(
                f"body file {path}: the arrays {', '.join(missing)} are missing, which training needs; "
                "use an unmodified SMPLX_NEUTRAL.npz, or leave the path out for the open body"
            )
        contour = _CONTOUR if all(key in archive.files for key in _CONTOUR) else ()
        return {key: archive[key] for key in (*needed, *contour)}


def _smplx_layer(arrays: dict[str, NDArray[Any]]) -> Any:
    """`smplx.SMPLXLayer` of these arrays, all its buffers kept out of state dicts."""
    try:
        import smplx
    except ImportError as error:
        raise TrainingError(
            "training needs the smplx package, which is not installed (its licence is non-commercial, so it is never bundled); "
            'install it with: pip install "pose2pose-live[train]"'
        ) from error
    # `smplx` reads files only, and unpickles every member of them: it gets a copy of the plain arrays instead of the user's file.
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        path = Path(folder) / "SMPLX_NEUTRAL.npz"
        np.savez(path, **arrays)  # type: ignore[arg-type]
        layer = smplx.SMPLXLayer(
            str(path), num_betas=10, num_expression_coeffs=10, use_pca=False, flat_hand_mean=True,
            use_face_contour=_CONTOUR[0] in arrays,
        )  # fmt: skip
    for module in layer.modules():
        for name, value in list(module.named_buffers(recurse=False)):
            module.register_buffer(name, value, persistent=False)
    return layer
