"""The world with its up axis upright: what a camera that looks down or is held askew shows, as it stands on the floor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..frame import FloatArray, Ground, SmplxFrame
from ..rotations import (
    quat_conjugate,
    quat_multiply,
    rotmat_to_quat,
    rotmat_to_rotvec,
    rotvec_to_rotmat,
    swing_between,
    swing_twist,
)

_Y_AXIS = np.array([0.0, 1.0, 0.0])
_LEVEL = Ground()


def camera_to_level(ground: Ground | None) -> FloatArray:
    """The smallest rotation (3,3) that turns up to +Y; about the camera, which stays the origin."""
    return np.eye(3) if ground is None else swing_between(np.array(ground.up), _Y_AXIS)


def levelled(frame: SmplxFrame, rest_pelvis: FloatArray) -> SmplxFrame:
    """The frame in a world whose Y is up; its `camera` no longer fits it. rest_pelvis (3,) m: of the body with the frame's betas."""
    if frame.ground is None or frame.ground.up == _LEVEL.up:
        return frame
    turn = camera_to_level(frame.ground)
    return replace(
        frame,
        global_orient=rotmat_to_rotvec(turn @ rotvec_to_rotmat(frame.global_orient)),
        # SMPL-X turns about the pelvis, which stands at rest_pelvis + transl.
        transl=turn @ (rest_pelvis + frame.transl) - rest_pelvis,
        ground=replace(frame.ground, up=_LEVEL.up),
    )


def upright(quat: FloatArray, ground: Ground | None) -> FloatArray:
    """The same facing (4,) without lean."""
    turn = rotmat_to_quat(camera_to_level(ground))
    return quat_multiply(quat_conjugate(turn), swing_twist(quat_multiply(turn, quat), _Y_AXIS)[1])
