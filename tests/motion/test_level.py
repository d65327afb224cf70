"""The level world, and the mirror image of a tilted one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pose2pose_live.frame import Camera, Ground, SmplxFrame
from pose2pose_live.motion import levelled, mirrored
from pose2pose_live.motion.level import upright
from pose2pose_live.rotations import quat_to_rotmat, rotvec_to_quat, rotvec_to_rotmat

TURN = rotvec_to_rotmat(np.radians([18.0, 0.0, -7.0]))
GROUND = Ground(tuple(TURN @ [0.0, 1.0, 0.0]), -1.3)


def tilted(body) -> SmplxFrame:
    rng = np.random.default_rng(1)
    return SmplxFrame(
        0.0, Camera(500, 500, 320, 240), rng.normal(0, 0.5, 3), rng.normal(0, 0.2, (21, 3)), transl=np.array([0.3, 0.1, -3]), ground=GROUND
    )  # fmt: skip


def test_heights_along_up_become_heights(body):
    frame = tilted(body)
    level = levelled(frame, body.rest_joints(frame.betas)[0])
    up = np.array(GROUND.up)
    before, after = body.pose(frame).vertices, body.pose(level).vertices
    np.testing.assert_allclose(after[:, 1], before @ up, atol=1e-5)
    np.testing.assert_allclose(
        np.linalg.norm(after, axis=1), np.linalg.norm(before, axis=1), atol=1e-5
    )  # about the camera
    assert level.ground == Ground((0.0, 1.0, 0.0), -1.3)
    assert levelled(level, body.rest_joints(frame.betas)[0]) is level


def test_a_camera_that_nobody_calibrated_is_level(body):
    frame = replace(tilted(body), ground=None)
    assert levelled(frame, body.rest_joints(frame.betas)[0]) is frame


@pytest.mark.parametrize("lean", [(0, 0, 0), (30, 0, 0), (10, 60, -20)])
def test_upright_is_along_up(lean):
    turn = quat_to_rotmat(upright(rotvec_to_quat(np.radians(lean)), GROUND))
    np.testing.assert_allclose(turn @ [0, 1, 0], GROUND.up, atol=1e-9)


def test_a_mirror_tilts_the_camera_to_the_other_side(body):
    frame = tilted(body)
    x, y, z = GROUND.up
    assert mirrored(frame).ground == Ground((-x, y, z), -1.3)
    assert mirrored(mirrored(frame)).ground == GROUND
