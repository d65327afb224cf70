"""The sample type, and the joint order against the published table written out as numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pose2pose_live.skeleton import HAND_KNUCKLES, SUPERVISION_FROM_SMPLX, SUPERVISION_MIRROR, SUPERVISION_ROOT
from pose2pose_live.training.sample import Sample, SmplxTarget

BODY = [0, 1, 2, 4, 5, 7, 8, 12, 16, 17, 18, 19, 20, 21, 60, 61, 62, 63, 64, 65, 59, 58, 57, 56, 55]
LEFT = [37, 38, 39, 66, 25, 26, 27, 67, 28, 29, 30, 68, 34, 35, 36, 69, 31, 32, 33, 70]
RIGHT = [52, 53, 54, 71, 40, 41, 42, 72, 43, 44, 45, 73, 49, 50, 51, 74, 46, 47, 48, 75]
FACE = [22, 15, 57, 56, *range(76, 144)]
FLIP_PAIRS = [
    (67, 68), (69, 78), (70, 77), (71, 76), (72, 75), (73, 74), (83, 87), (84, 86), (88, 97), (89, 96), (90, 95), (91, 94),
    (92, 99), (93, 98), (100, 106), (101, 105), (102, 104), (107, 111), (108, 110), (112, 116), (113, 115), (117, 119),
    *((120 + i, 136 - i) for i in range(8)),
    (1, 2), (3, 4), (5, 6), (8, 9), (10, 11), (12, 13), (14, 17), (15, 18), (16, 19), (20, 21), (22, 23),
    *((25 + i, 45 + i) for i in range(20)),
]  # fmt: skip


def target() -> SmplxTarget:
    return SmplxTarget(
        global_orient=np.zeros(3), body_pose=np.zeros((21, 3)), left_hand_pose=np.zeros((15, 3)),
        right_hand_pose=np.zeros((15, 3)), jaw_pose=np.zeros(3), betas=np.zeros(10), expression=np.zeros(10),
        transl=np.zeros(3),
    )  # fmt: skip


def test_joint_order_is_the_published_one():
    assert list(SUPERVISION_FROM_SMPLX) == BODY + LEFT + RIGHT + FACE
    mirror = list(range(137))
    for a, b in FLIP_PAIRS:
        mirror[a], mirror[b] = b, a
    assert list(SUPERVISION_MIRROR) == mirror
    assert list(SUPERVISION_ROOT) == [0] * 25 + [12] * 20 + [13] * 20 + [7] * 72
    assert HAND_KNUCKLES == (4, 8, 12, 16)


def test_a_broken_sample_is_refused_by_name():
    whole = Sample("a.json: 7", np.zeros((4, 5, 3), np.uint8), np.array([0, 0, 5, 4]), smplx=target())
    assert whole.person_box_xywh.dtype == np.float64
    changes: list[tuple[dict[str, Any], str]] = [
        ({"picture": np.zeros((4, 5), np.uint8)}, "a.json: 7: picture"),
        ({"person_box_xywh": np.array([0, 0, np.nan, 4])}, "person_box_xywh: expected finite"),
        (
            {"joints_2d": np.zeros((136, 2)), "joints_2d_valid": np.ones(136, bool)},
            r"joints_2d: expected shape \(137, 2\)",
        ),
        ({"joints_3d": np.zeros((137, 3))}, "joints_3d and joints_3d_valid: expected both"),
        ({"focal_px": np.ones(2)}, "focal_px and principal_px"),
    ]
    for change, message in changes:
        with pytest.raises(ValueError, match=message):
            replace(whole, **change)
    with pytest.raises(ValueError, match=r"SmplxTarget\.body_pose"):
        replace(target(), body_pose=np.zeros(63))
