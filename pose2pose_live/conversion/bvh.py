"""BVH: a skeleton and its motion as text, in centimetres, Y up (or Z up), facing +Z at rest.

Two skeletons: SMPL-X's own 55 joints at the rest pose of the body, and 52 joints under Mixamo's names that rest in a T-pose.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TextIO

import numpy as np
from scipy.spatial.transform import Rotation

from ..frame import FloatArray
from ..humanoid import MIXAMO_BONES, from_t_pose, t_pose_offsets
from ..rotations import rotvec_to_rotmat
from ..skeleton import SMPLX_JOINTS, SMPLX_PARENTS
from .motion import Motion

CM_PER_M = 100.0
_END_SHARE = 0.5
"""The end of a leaf lies as far as half of its own bone beyond it: BVH wants one, and SMPL-X knows none."""
_PARENTS = np.array(SMPLX_PARENTS)
_ORDER = "YXZ"
"""The turn about the vertical is outermost: a person may turn round and round without coming near the place where the angles jump."""
_ROTATIONS = " ".join(f"{axis}rotation" for axis in _ORDER)


def write_bvh(file: TextIO, motion: Motion, rest_joints: FloatArray) -> None:
    """SMPL-X's skeleton with its names. rest_joints: (55,3) m of the motion's shape."""
    offsets = rest_joints - rest_joints[_PARENTS]
    _write(file, motion, dict(zip(SMPLX_JOINTS, SMPLX_JOINTS, strict=True)), offsets,
           rotvec_to_rotmat(motion.poses), motion.trans + rest_joints[0])  # fmt: skip


def write_humanoid_bvh(file: TextIO, motion: Motion, rest_joints: FloatArray) -> None:
    """Mixamo's names, resting in a T-pose, without jaw and eyes."""
    turns = from_t_pose(rest_joints)
    local = rotvec_to_rotmat(motion.poses) @ turns
    local[:, 1:] = turns[_PARENTS[1:]].swapaxes(-1, -2) @ local[:, 1:]
    _write(file, motion, MIXAMO_BONES, t_pose_offsets(rest_joints, turns), local, motion.trans + rest_joints[0])


def _write(
    file: TextIO, motion: Motion, names: Mapping[str, str], offsets: FloatArray, local: FloatArray, pelvis: FloatArray
) -> None:
    """names: joint -> name of those that are written; offsets (55,3) m; local (N,55,3,3); pelvis (N,3) m."""
    order: list[int] = []
    file.write("HIERARCHY\n")
    _write_joint(file, 0, names, offsets * CM_PER_M, 0, order)
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="Gimbal lock"
        )  # any of the angles that give the same rotation will do
        rotations = Rotation.from_matrix(local[:, order].reshape(-1, 3, 3))
        angles_deg = rotations.as_euler(_ORDER, degrees=True).reshape(len(motion), -1, 3)
    angles_deg = _without_jumps(angles_deg)
    # Blender took 0.033 for 30.30 frames per second.
    file.write(f"MOTION\nFrames: {len(motion)}\nFrame Time: {1 / motion.fps:.8f}\n")
    np.savetxt(file, np.concatenate([pelvis * CM_PER_M, angles_deg.reshape(len(motion), -1)], axis=1), fmt="%.5f")


def _without_jumps(angles_deg: FloatArray) -> FloatArray:
    """Of the angles (N,J,3) that mean the same rotations, those nearest to the frame before: programs interpolate between them."""
    flipped = angles_deg * (1.0, -1.0, 1.0) + 180.0  # (a, b, c) and (a + 180, 180 - b, c + 180) are the same rotation
    smooth = angles_deg.copy()
    for i in range(1, len(smooth)):
        choices = np.stack([angles_deg[i], flipped[i]])
        choices -= 360.0 * np.round((choices - smooth[i - 1]) / 360.0)
        is_flipped = np.abs(choices - smooth[i - 1]).sum(-1).argmin(0)
        smooth[i] = np.where(is_flipped[:, None], choices[1], choices[0])
    return smooth


def _write_joint(
    file: TextIO, joint: int, names: Mapping[str, str], offsets_cm: FloatArray, depth: int, order: list[int]
) -> None:
    order.append(joint)
    indent = "  " * depth
    children = [child for child, parent in enumerate(SMPLX_PARENTS) if parent == joint and SMPLX_JOINTS[child] in names]
    kind, offset, channels = "JOINT", offsets_cm[joint], f"3 {_ROTATIONS}"
    if joint == 0:
        kind, offset, channels = "ROOT", np.zeros(3), f"6 Xposition Yposition Zposition {_ROTATIONS}"
    file.write(f"{indent}{kind} {names[SMPLX_JOINTS[joint]]}\n{indent}{{\n")
    file.write(f"{indent}  OFFSET {_numbers(offset)}\n{indent}  CHANNELS {channels}\n")
    for child in children:
        _write_joint(file, child, names, offsets_cm, depth + 1, order)
    if not children:
        file.write(
            f"{indent}  End Site\n{indent}  {{\n{indent}    OFFSET {_numbers(_END_SHARE * offset)}\n{indent}  }}\n"
        )
    file.write(f"{indent}}}\n")


def _numbers(values: FloatArray) -> str:
    return " ".join(f"{value:.6f}" for value in values)
