"""Random changes of a training picture (network.md 10) and what mirroring does to joints and SMPL-X parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..skeleton import BODY_JOINTS, SMPLX, SUPERVISION_MIRROR
from ..skeleton import MIRROR_JOINT as MIRROR_SMPLX
from .sample import FloatArray, SmplxTarget

_SCALE_SPREAD, _ROTATION_SPREAD_DEG, _ROTATION_SHARE = 0.25, 30.0, 0.6
_COLOUR_RANGE = (0.8, 1.2)
_FLIP_SHARE = 0.5

_FIRST_BODY = SMPLX[BODY_JOINTS[0]]
_MIRROR_BODY = [MIRROR_SMPLX[SMPLX[name]] - _FIRST_BODY for name in BODY_JOINTS]
_MIRROR_ROTVEC = np.array([1.0, -1.0, -1.0])
_MIRROR_POINT = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class Augmentation:
    """One draw. scale: the box's sides times this. rotation_deg: how far the box is turned, clockwise in the picture, so that the
    person in the crop turns the other way. colour (3,): factor of R, G, B. flip: mirror the picture left to right, first of all."""

    scale: float = 1.0
    rotation_deg: float = 0.0
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    flip: bool = False

    @property
    def rotation(self) -> FloatArray:
        """(3,3): how points in camera axes turn with the picture."""
        angle = np.radians(-self.rotation_deg)
        cos, sin = np.cos(angle), np.sin(angle)
        return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])


NO_AUGMENTATION = Augmentation()


def draw(rng: np.random.Generator) -> Augmentation:
    """The paper's distribution: scale 1 +- 25 %, rotation within 60 degrees for 6 of 10 pictures, colours +- 20 %, half of them mirrored."""
    rotated = rng.random() < _ROTATION_SHARE
    return Augmentation(
        scale=1.0 + _SCALE_SPREAD * float(np.clip(rng.normal(), -1, 1)),
        rotation_deg=_ROTATION_SPREAD_DEG * float(np.clip(rng.normal(), -2, 2)) if rotated else 0.0,
        colour=tuple(rng.uniform(*_COLOUR_RANGE, 3)),
        flip=bool(rng.random() < _FLIP_SHARE),
    )


def mirror_joints(joints_3d: FloatArray) -> FloatArray:
    """Joints (137,3) in camera axes of the mirrored picture, left and right swapped."""
    return joints_3d[list(SUPERVISION_MIRROR)] * _MIRROR_POINT


def mirror_mask(valid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return valid[list(SUPERVISION_MIRROR)]


def mirror_pixels(joints_2d: FloatArray, width_px: int) -> FloatArray:
    """Joints (137,2) px of the mirrored picture: column x becomes width - 1 - x, left and right swapped."""
    return (joints_2d * [-1, 1] + [width_px - 1, 0])[list(SUPERVISION_MIRROR)]


def mirror_target(target: SmplxTarget, expression_mirror: FloatArray) -> SmplxTarget:
    """Parameters of the mirrored person: axis-angle (a,b,c) becomes (a,-b,-c), limbs and hands change sides.

    expression_mirror (10,10) turns the expression into its mirror image (`BodyLayer.expression_mirror`). The shape stays: its directions are
    symmetric but for noise.
    """
    return replace(
        target,
        global_orient=target.global_orient * _MIRROR_ROTVEC,
        body_pose=target.body_pose[_MIRROR_BODY] * _MIRROR_ROTVEC,
        left_hand_pose=target.right_hand_pose * _MIRROR_ROTVEC,
        right_hand_pose=target.left_hand_pose * _MIRROR_ROTVEC,
        jaw_pose=target.jaw_pose * _MIRROR_ROTVEC,
        expression=expression_mirror @ target.expression,
        transl=target.transl * _MIRROR_POINT,
        left_hand_valid=target.right_hand_valid,
        right_hand_valid=target.left_hand_valid,
    )
