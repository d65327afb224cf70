"""Skin weights of the 55 joints, from MakeHuman's weights of its 163 bones."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from pose2pose_live.skeleton import SMPLX, SMPLX_JOINTS

from .body_mesh import PARTS, Mesh, smoothing
from .body_rig import carrier_matrix
from .makehuman import MakeHuman

SMOOTHING_STEPS = 6
MAX_INFLUENCES = 8
MIN_WEIGHT = 0.01

# Parts that are rigid: teeth, tongue and eyeballs.
_RIGID = {
    "helper-tongue": "jaw", "helper-lower-teeth": "jaw", "helper-upper-teeth": "head",
    "left-eye": "left_eye_smplhf", "right-eye": "right_eye_smplhf",
}  # fmt: skip


def skin_weights(source: MakeHuman, mesh: Mesh) -> np.ndarray:
    """Weights (V,55), rows summing to 1, at most `MAX_INFLUENCES` of them non-zero."""
    weights = np.asarray(
        (mesh.operator @ (source.skin_weights() @ sparse.csr_matrix(carrier_matrix(source)))).todense()
    )
    smooth = smoothing(mesh.faces, len(weights))
    softened = weights
    for _ in range(SMOOTHING_STEPS):
        softened = smooth @ softened
    # Fingers and face are finer than the smoothing; their own weights stay.
    fine = [SMPLX[name] for name in SMPLX_JOINTS if name[-1] in "123" and "spine" not in name] + [
        SMPLX["jaw"],
        SMPLX["head"],
    ]
    keep = np.clip(softened[:, fine].sum(1) * 4.0, 0.0, 1.0)[:, None]
    weights = keep * weights + (1.0 - keep) * softened
    # A turning eyeball must not drag the lids along.
    eyes = [SMPLX["left_eye_smplhf"], SMPLX["right_eye_smplhf"]]
    weights[:, SMPLX["head"]] += weights[:, eyes].sum(1)
    weights[:, eyes] = 0.0
    for part, joint in _RIGID.items():
        rows = mesh.part == PARTS.index(part)
        weights[rows] = 0.0
        weights[rows, SMPLX[joint]] = 1.0
    return _sparsified(weights)


def _sparsified(weights: np.ndarray) -> np.ndarray:
    weights = np.where(weights < MIN_WEIGHT, 0.0, weights)
    weakest = np.argsort(weights, axis=1)[:, :-MAX_INFLUENCES]
    np.put_along_axis(weights, weakest, 0.0, axis=1)
    return weights / weights.sum(1, keepdims=True)
