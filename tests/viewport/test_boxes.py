from __future__ import annotations

from dataclasses import replace

import numpy as np

from pose2pose_live import skeleton
from pose2pose_live.frame import PartConfidence
from pose2pose_live.viewport import draw_boxes

from ..fakes import capsule_body, waving_pose


def drawn(confidence: PartConfidence, *, tracked: bool = True) -> np.ndarray:
    pose = replace(waving_pose(0.0), confidence=confidence, tracked=tracked)
    image = np.zeros((480, 640, 3), np.uint8)
    draw_boxes(image, capsule_body().joints(pose), pose)
    return image


def corners(image: np.ndarray) -> np.ndarray:
    """Left, top, right and bottom of what is drawn in an image, or marked in a mask."""
    rows, columns = np.nonzero(image)[:2]
    return np.array([columns.min(), rows.min(), columns.max(), rows.max()])


def test_the_box_of_the_person_holds_all_joints_and_little_more() -> None:
    left, top, right, bottom = corners(drawn(PartConfidence(1, 1, 0, 0, 0)))
    pose = waving_pose(0.0)
    points = pose.camera.project(capsule_body().joints(pose))
    assert 0 < points[:, 0].min() - left < 60
    assert 0 < right - points[:, 0].max() < 60
    assert 0 < points[:, 1].min() - top < 60
    assert bottom == 479 or 0 < bottom - points[:, 1].max() < 60


def test_hands_have_the_colour_of_their_side_and_lie_around_the_fingers() -> None:
    image = drawn(PartConfidence(0, 0, 1, 1, 0)).astype(int)
    left_hand, right_hand = image[..., 2] > image[..., 0] + 50, image[..., 0] > image[..., 2] + 50
    pose = waving_pose(0.0)
    points = pose.camera.project(capsule_body().joints(pose))
    for mask, joints in ((left_hand, skeleton.LEFT_HAND_SLICE), (right_hand, skeleton.RIGHT_HAND_SLICE)):
        left, top, right, bottom = corners(mask)
        middle = points[joints].mean(axis=0)
        assert left < middle[0] < right
        assert top < middle[1] < bottom
        assert right - left < 120


def test_unseen_parts_have_no_box() -> None:
    assert not drawn(PartConfidence()).any()
    assert not drawn(PartConfidence(1, 1, 1, 1, 1), tracked=False).any()
    upper, whole = drawn(PartConfidence(1, 0, 0, 0, 0)), drawn(PartConfidence(1, 1, 0, 0, 0))
    assert corners(upper)[3] < corners(whole)[3]
    assert corners(drawn(PartConfidence(face=1)))[3] < 240
