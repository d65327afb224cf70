"""Pose correctives of the open body: what linear blend skinning gets wrong at one bent or twisted joint.

Nothing here is learned from scans. For each joint alone, the wanted deformation is computed in closed form: the bend blended
as a rotation (dual quaternion skinning of two bones that share the joint, Kavan et al. 2008), which keeps the volume of a
crease, and the twist spread along the limb, as forearm and upper arm do it. Its difference from linear blend skinning, taken
back into the T-pose, is fitted by a linear function of the joint's rotation matrix minus identity: the layout's `posedirs`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from pose2pose_live.rotations import normalise, quat_to_rotmat, rotvec_to_quat, slerp
from pose2pose_live.skeleton import SMPLX, SMPLX_JOINTS, SMPLX_PARENTS

from .body_mesh import smoothing

SAMPLES = 240
RIDGE = 0.05
# A joint corrects a vertex only where it matters: by this much (m) in one of the sampled poses.
MIN_CORRECTION_M = 0.0005
# Near a half-turn the blended matrix collapses and its inverse explodes: Tikhonov's term holds it back.
DAMPING = 0.1
# Neighbouring vertices get similar correctives, so that no single one stands out.
SMOOTHING_STEPS = 3
# Single entries below this (m per unit of a rotation matrix entry) are dropped: they cannot add up to a visible shift.
MIN_ENTRY_M = 0.0002
_IDENTITY = np.array([0.0, 0.0, 0.0, 1.0])


@dataclass(frozen=True)
class _Motion:
    """How a joint of the left side moves: ranges in degrees about x, y, z.

    twist: the joint whose direction is the twist axis, or None. spread_from: the joint at which a twist begins to build
    up, so that it is complete at `spread_to`.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    z: tuple[float, float]
    twist_towards: str | None = None
    spread_from: str | None = None
    spread_to: str | None = None


_FINGER_BEND = _Motion(x=(-10, 10), y=(-15, 15), z=(-100, 15))
_THUMB_BEND = _Motion(x=(-30, 30), y=(-60, 20), z=(-60, 20))
_MOTIONS = {
    "spine1": _Motion((-25, 45), (-30, 30), (-25, 25)),
    "spine2": _Motion((-25, 40), (-30, 30), (-25, 25)),
    "spine3": _Motion((-20, 30), (-25, 25), (-20, 20)),
    "neck": _Motion((-35, 35), (-45, 45), (-30, 30)),
    "head": _Motion((-30, 30), (-45, 45), (-25, 25)),
    "hip": _Motion((-125, 30), (-45, 45), (-15, 50), "knee", "hip", "knee"),
    "knee": _Motion((0, 140), (-10, 10), (-5, 5), "ankle", "knee", "ankle"),
    "ankle": _Motion((-40, 45), (-20, 20), (-20, 20)),
    "foot": _Motion((-50, 30), (-5, 5), (-5, 5)),
    "collar": _Motion((-15, 15), (-20, 20), (-15, 35)),
    "shoulder": _Motion((-80, 80), (-110, 40), (-95, 85), "elbow", "shoulder", "elbow"),
    "elbow": _Motion((-90, 90), (-145, 5), (-5, 5), "wrist", "elbow", "wrist"),
    "wrist": _Motion((-80, 80), (-35, 35), (-80, 70), "middle1", "elbow", "wrist"),
    **{f"{finger}{i}": _FINGER_BEND for finger in ("index", "middle", "ring", "pinky") for i in (1, 2, 3)},
    **{f"thumb{i}": _THUMB_BEND for i in (1, 2, 3)},
}


def _subtree_weight(weights: np.ndarray, joint: int) -> np.ndarray:
    """Share (V,) of each vertex that moves when the joint turns: its own weight and that of all joints below it."""
    moved = np.zeros(len(SMPLX_JOINTS), bool)
    moved[joint] = True
    for child, parent in enumerate(SMPLX_PARENTS):
        moved[child] |= parent >= 0 and bool(moved[parent])
    return weights[:, moved].sum(1)


def _samples(
    motion: _Motion, mirrored: bool, axis: np.ndarray | None, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Quaternions (N,4) of swing and of twist; the rotation is swing * twist."""
    ranges = np.radians([motion.x, motion.y, motion.z])
    rotvec = ranges[:, 0] + rng.random((SAMPLES, 3)) * (ranges[:, 1] - ranges[:, 0])
    if mirrored:
        rotvec *= [1.0, -1.0, -1.0]
    if axis is None:
        return rotvec_to_quat(rotvec), np.tile(_IDENTITY, (SAMPLES, 1))
    twist = (rotvec @ axis)[:, None] * axis
    return rotvec_to_quat(rotvec - twist), rotvec_to_quat(twist)


def _smoothstep(u: np.ndarray) -> np.ndarray:
    u = np.clip(u, 0.0, 1.0)
    return u * u * (3.0 - 2.0 * u)


def pose_correctives(vertices: np.ndarray, faces: np.ndarray, joints: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """`posedirs` (V,3,486) in metres for the T-posed template (V,3) with joints (55,3) and skin weights (V,55)."""
    smooth = smoothing(faces, len(vertices))
    posedirs = np.zeros((len(vertices), 3, len(SMPLX_JOINTS) - 1, 9))
    for joint, name in enumerate(SMPLX_JOINTS):
        side, _, stem = name.partition("_") if name.startswith(("left_", "right_")) else ("", "", name)
        motion = _MOTIONS.get(stem)
        if motion is None:
            continue
        prefix = f"{side}_" if side else ""
        # The same random numbers for both sides keep the body symmetric.
        rng = np.random.default_rng(sorted(_MOTIONS).index(stem))
        axis, share_of_twist = None, None
        if motion.twist_towards:
            axis = normalise(joints[SMPLX[prefix + motion.twist_towards]] - joints[joint])
            start, end = (joints[SMPLX[f"{prefix}{end}"]] for end in (motion.spread_from, motion.spread_to))
            share_of_twist = _smoothstep((vertices - start) @ (end - start) / np.sum((end - start) ** 2))
        swing, twist = _samples(motion, side == "right", axis, rng)
        moved = _subtree_weight(weights, joint)
        if share_of_twist is not None:
            limb = _subtree_weight(weights, SMPLX[f"{prefix}{motion.spread_from}"])
            share_of_twist = share_of_twist * limb
        rows, fitted = _fit(vertices - joints[joint], moved, swing, twist, share_of_twist, smooth)
        posedirs[rows, :, joint - 1] = fitted
    posedirs[np.abs(posedirs) < MIN_ENTRY_M] = 0.0
    return posedirs.reshape(len(vertices), 3, -1)


def _fit(
    arms: np.ndarray,
    moved: np.ndarray,
    swing: np.ndarray,
    twist: np.ndarray,
    share_of_twist: np.ndarray | None,
    smooth: sparse.csr_matrix,
) -> tuple[np.ndarray, np.ndarray]:
    """Rows that need correcting, and their coefficients (n,3,9). arms (V,3): vertices relative to the joint."""
    blended = (moved > 0.0) & (moved < 1.0)
    if share_of_twist is not None:
        blended |= np.abs(share_of_twist - moved) > 0.01
    rows = np.flatnonzero(blended)
    if not len(rows):
        return rows, np.empty((0, 3, 9))
    arm, share = arms[rows], moved[rows]
    rotations = quat_to_rotmat(swing) @ quat_to_rotmat(twist)
    offsets = np.empty((len(swing), len(rows), 3))
    for index, rotation in enumerate(rotations):
        part = share[:, None, None]
        matrix = part * rotation + (1.0 - part) * np.eye(3)
        bend = quat_to_rotmat(slerp(_IDENTITY, swing[index], share))
        turn = quat_to_rotmat(slerp(_IDENTITY, twist[index], share if share_of_twist is None else share_of_twist[rows]))
        wanted = np.einsum("vab,vb->va", bend @ turn, arm)
        # The corrective acts before skinning: blending matrix @ (arm + offset) = wanted.
        missing = wanted - np.einsum("vab,vb->va", matrix, arm)
        transposed = matrix.transpose(0, 2, 1)
        damped = transposed @ matrix + DAMPING**2 * np.eye(3)
        offsets[index] = np.linalg.solve(damped, transposed @ missing[..., None])[..., 0]
    features = (rotations - np.eye(3)).reshape(len(swing), 9)
    gram = features.T @ features + RIDGE * np.eye(9)
    fitted = (
        np.linalg.solve(gram, features.T @ offsets.reshape(len(swing), -1)).reshape(9, len(rows), 3).transpose(1, 2, 0)
    )
    coefficients = np.zeros((len(arms), 27))
    coefficients[rows] = fitted.reshape(len(rows), 27)
    for _ in range(SMOOTHING_STEPS):
        coefficients = smooth @ coefficients
    rows = np.flatnonzero(coefficients.any(1))
    fitted = coefficients[rows].reshape(-1, 3, 9)
    effect = np.linalg.norm(np.einsum("vcf,nf->nvc", fitted, features), axis=2).max(0)
    useful = effect > MIN_CORRECTION_M
    return rows[useful], fitted[useful]
