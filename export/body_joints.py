"""Where the 55 joints are, and the regressor that finds them from the vertices."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from pose2pose_live.skeleton import SMPLX, SMPLX_JOINTS

from .body_rig import FINGER_NUMBER, bone_heads
from .makehuman import MakeHuman

# Hip joint centres of adults lie about 17 cm apart (Harrington et al. 2007: 0.33 x pelvic width + 7 mm each, for the
# 24 cm pelvis of a 1.70 m adult); MakeHuman's leg cubes, placed for good deformation, are 21 cm apart.
HIP_HALF_DISTANCE_SHARE = 0.0865 / 0.1041

REGRESSOR_CANDIDATES = 1000
TEMPLATE_WEIGHT = 100.0

_HEAD_OF_BONE = {
    "pelvis": "spine05", "spine1": "spine04", "spine2": "spine02", "spine3": "spine01", "neck": "neck01", "head": "head",
    "jaw": "jaw", "hip": "upperleg01", "knee": "lowerleg01", "ankle": "foot", "collar": "clavicle", "shoulder": "upperarm01",
    "elbow": "lowerarm01", "wrist": "wrist",
    **{f"{finger}{i}": f"finger{n}-{i}" for finger, n in FINGER_NUMBER.items() for i in (1, 2, 3)},
}  # fmt: skip


def joint_positions(source: MakeHuman, points: np.ndarray, rotations: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Joints (55,3) in the T-pose of one shape given at rest as `points`, with its bone transforms x -> R x + t."""
    heads = bone_heads(source, points)
    posed = {n: r @ heads[n] + t for n, r, t in zip(source.bones, rotations, offsets, strict=True)}
    joints = np.empty((len(SMPLX_JOINTS), 3))
    for index, name in enumerate(SMPLX_JOINTS):
        side, _, stem = name.partition("_") if name.startswith(("left_", "right_")) else ("", "", name)
        suffix = {"left": ".L", "right": ".R", "": ""}[side]
        if stem == "foot":
            joints[index] = np.mean([posed[f"toe{i}-1{suffix}"] for i in range(1, 6)], axis=0)
        elif stem == "eye_smplhf":
            # The middle of the eyeball itself, which the head carries: any other point would make it wobble in its socket.
            ball = points[source.groups[f"helper-{side[0]}-eye"]].mean(0)
            joints[index] = posed["head"] + ball - heads["head"]
        else:
            joints[index] = posed[_HEAD_OF_BONE[stem] + suffix]
    for side in ("left", "right"):
        joints[SMPLX[f"{side}_hip"], 0] *= HIP_HALF_DISTANCE_SHARE
    return joints


def fit_regressor(
    vertices: np.ndarray, joints: np.ndarray, directions: np.ndarray, joint_directions: np.ndarray, still: np.ndarray
) -> np.ndarray:
    """Non-negative rows (55,V), each summing to 1, that give the joints of the template and follow every shape.

    vertices (V,3) and joints (55,3): the template. directions (V,3,K) and joint_directions (55,3,K): what each unit of a
    shape coefficient adds. still (V,): which vertices no expression moves; only these are used, so that a grimace never
    displaces a joint. Non-negative least squares per joint over its neighbourhood (Lawson & Hanson 1974).
    """
    usable = np.flatnonzero(still)
    regressor = np.zeros((len(joints), len(vertices)))
    for index, joint in enumerate(joints):
        nearest = np.argsort(np.linalg.norm(vertices[usable] - joint, axis=1))[:REGRESSOR_CANDIDATES]
        columns = usable[nearest]
        known = np.concatenate([vertices[columns].T[:, None], directions[columns].transpose(1, 2, 0)], axis=1)
        wanted = np.concatenate([joint[:, None], joint_directions[index]], axis=1)
        # The template and the sum of the weights must hold to rounding; the shape directions as well as they can.
        matrix = np.concatenate([known[:, 0] * TEMPLATE_WEIGHT, known[:, 1:].reshape(-1, len(columns))])
        target = np.concatenate([wanted[:, 0] * TEMPLATE_WEIGHT, wanted[:, 1:].ravel()])
        matrix = np.concatenate([matrix, np.full((1, len(columns)), TEMPLATE_WEIGHT)])
        target = np.concatenate([target, [TEMPLATE_WEIGHT]])
        weights = nnls(matrix, target, maxiter=50 * len(columns))[0]
        regressor[index, columns] = weights / weights.sum()
    return regressor
