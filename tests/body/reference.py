"""What the body tests share: a synthetic body file, random frames, and the SMPL formula written out in plain loops."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from pose2pose_live.frame import Camera, SmplxFrame
from pose2pose_live.skeleton import SMPLX_JOINTS, SMPLX_PARENTS

JOINT_COUNT = len(SMPLX_JOINTS)
LANDMARK_COUNT = 51


def synthetic_arrays(vertex_count: int, shape_columns: int, seed: int = 0) -> dict[str, np.ndarray]:
    """A body of random numbers in the official layout: float64, dense pose correctives, non-zero mean hands."""
    rng = np.random.default_rng(seed)
    weights = np.zeros((vertex_count, JOINT_COUNT))
    chosen = rng.integers(0, JOINT_COUNT, (vertex_count, 4))
    np.put_along_axis(weights, chosen, rng.random((vertex_count, 4)), axis=1)
    regressor = np.zeros((JOINT_COUNT, vertex_count))
    for row in regressor:
        row[rng.choice(vertex_count, 8, replace=False)] = rng.random(8)
    face_count = 2 * vertex_count
    return {
        "v_template": rng.normal(0, 0.4, (vertex_count, 3)),
        "shapedirs": rng.normal(0, 0.01, (vertex_count, 3, shape_columns)),
        "posedirs": rng.normal(0, 0.002, (vertex_count, 3, 9 * (JOINT_COUNT - 1))),
        "J_regressor": regressor / regressor.sum(1, keepdims=True),
        "weights": weights / weights.sum(1, keepdims=True),
        "kintree_table": np.array([[2**32 - 1, *SMPLX_PARENTS[1:]], range(JOINT_COUNT)], np.uint32),
        "f": rng.integers(0, vertex_count, (face_count, 3)).astype(np.uint32),
        "hands_meanl": rng.normal(0, 0.3, 45),
        "hands_meanr": rng.normal(0, 0.3, 45),
        "hands_componentsl": np.eye(45),
        "hands_componentsr": np.eye(45),
        "lmk_faces_idx": rng.integers(0, face_count, LANDMARK_COUNT),
        "lmk_bary_coords": np.full((LANDMARK_COUNT, 3), 1 / 3),
        "joint2num": np.array({"Pelvis": 0}, dtype=object),
    }


def save(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


def random_frame(seed: int) -> SmplxFrame:
    """Every joint turned, every coefficient used, the body in front of the camera."""
    rng = np.random.default_rng(seed)
    frame = SmplxFrame(time_s=0.0, camera=Camera(600.0, 600.0, 320.0, 240.0))
    frame = frame.with_full_pose(rng.normal(0, 0.5, (JOINT_COUNT, 3)))
    return replace(
        frame, betas=rng.normal(0, 1, 10), expression=rng.normal(0, 1, 10), transl=np.array([0.2, -0.1, -2.5])
    )


def _rodrigues(rotvec: np.ndarray) -> np.ndarray:
    angle = float(np.linalg.norm(rotvec))
    if angle == 0.0:
        return np.eye(3)
    x, y, z = rotvec / angle
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + np.sin(angle) * k + (1.0 - np.cos(angle)) * (k @ k)


def naive_body(arrays: dict[str, np.ndarray], frame: SmplxFrame) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (V,3) and joints (55,3) in float64 by equations 2 to 10 of SMPL (Loper et al. 2015), loops and 4x4 matrices."""
    data = {
        key: np.asarray(arrays[key], np.float64)
        for key in ("v_template", "shapedirs", "posedirs", "J_regressor", "weights")
    }
    first_expression = 300 if data["shapedirs"].shape[2] >= 400 else 10
    shaped = data["v_template"].copy()
    for k in range(10):
        shaped += data["shapedirs"][:, :, k] * frame.betas[k]
        shaped += data["shapedirs"][:, :, first_expression + k] * frame.expression[k]
    rest = data["J_regressor"] @ shaped
    rotations = [_rodrigues(rotvec) for rotvec in frame.full_pose]
    feature = np.concatenate([(rotation - np.eye(3)).ravel() for rotation in rotations[1:]])
    corrected = shaped + data["posedirs"] @ feature
    world: list[np.ndarray] = []
    for joint, parent in enumerate(SMPLX_PARENTS):
        local = np.eye(4)
        local[:3, :3] = rotations[joint]
        local[:3, 3] = rest[joint] - (rest[parent] if parent >= 0 else 0.0)
        world.append(local if parent < 0 else world[parent] @ local)
    joints = np.array([matrix[:3, 3] for matrix in world])
    vertices = np.zeros_like(corrected)
    for joint, matrix in enumerate(world):
        unposed = matrix.copy()
        unposed[:3, 3] -= matrix[:3, :3] @ rest[joint]
        moved = corrected @ unposed[:3, :3].T + unposed[:3, 3]
        vertices += data["weights"][:, joint, None] * moved
    return vertices + frame.transl, joints + frame.transl
