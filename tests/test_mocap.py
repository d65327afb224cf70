"""The whole chain on the bundled clip, with its real networks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from pose2pose_live.errors import SourceError
from pose2pose_live.frame import SHAPES, CameraFrame, SmplxFrame
from pose2pose_live.mocap import MocapSettings, MotionCapture
from pose2pose_live.resources import asset_path
from pose2pose_live.skeleton import SMPLX
from pose2pose_live.sources import VideoSource

COUNT = 14


@pytest.fixture(scope="module")
def mocap() -> Iterator[MotionCapture]:
    with MotionCapture.open() as chain:
        yield chain


@pytest.fixture(scope="module")
def pictures() -> list[CameraFrame]:
    with VideoSource(asset_path("demo.mp4")) as video:
        return list(islice(video, COUNT))


def same(a: SmplxFrame, b: SmplxFrame) -> bool:
    return a.confidence == b.confidence and all(np.array_equal(getattr(a, n), getattr(b, n)) for n in SHAPES)


def test_a_person_is_found_in_the_first_picture_and_lies_on_the_picture(mocap, pictures):
    mocap.reset()
    poses = [mocap(picture) for picture in pictures]
    assert all(pose.tracked for pose in poses)
    joints_px = poses[-1].camera.project(mocap.body.joints(poses[-1]))
    height, width = pictures[0].image.shape[:2]
    assert ((joints_px[:22] > -20) & (joints_px[:22] < [width + 20, height + 20])).all()
    assert joints_px[SMPLX["head"], 1] < joints_px[SMPLX["pelvis"], 1] < joints_px[SMPLX["left_ankle"], 1]


def test_looking_ahead_changes_nothing(mocap, pictures):
    mocap.reset()
    one_by_one = [mocap(picture) for picture in pictures]
    mocap.reset()
    streamed = [pose for _, pose in mocap.stream(pictures)]
    assert len(streamed) == COUNT
    assert all(same(a, b) for a, b in zip(one_by_one, streamed, strict=True))


def test_a_picture_of_a_folder_does_not_depend_on_the_others(mocap, pictures):
    def named(index: int) -> CameraFrame:
        return CameraFrame(pictures[index].image, index / 30, index, f"{index}.png")

    together = [pose for _, pose in mocap.stream([named(0), named(9), named(4)])]
    alone = [pose for _, pose in mocap.stream([named(4)])]
    assert same(together[2], alone[0])


def test_what_a_source_raises_comes_after_the_poses_before_it(mocap, pictures):
    def breaking() -> Iterator[CameraFrame]:
        yield from pictures[:3]
        raise SourceError("the camera was unplugged; plug it in again")

    mocap.reset()
    stream = mocap.stream(breaking())
    assert [picture.index for picture, _ in islice(stream, 3)] == [0, 1, 2]
    with pytest.raises(SourceError):
        next(stream)


def test_nobody_in_the_picture_is_not_tracked(mocap):
    mocap.reset()
    grey = np.full((480, 640, 3), 128, np.uint8)
    poses = [mocap(CameraFrame(grey, i / 30, i)) for i in range(3)]
    assert not any(pose.tracked for pose in poses)
    assert all(pose.confidence.body == 0 for pose in poses)


def test_who_leaves_is_held_and_found_again(mocap, pictures):
    mocap.reset()
    grey = np.full_like(pictures[0].image, 128)
    for i in range(5):
        seen = mocap(CameraFrame(pictures[0].image, i / 30, i))
    gone = [mocap(CameraFrame(grey, i / 30, i)) for i in range(5, 12)]
    assert not any(pose.tracked for pose in gone)
    # The smoothing still settles on what was seen last.
    assert np.abs(gone[2].body_pose - seen.body_pose).max() < 0.1
    back = [mocap(CameraFrame(pictures[0].image, i / 30, i)) for i in range(12, 30)]
    assert back[-1].tracked


@pytest.mark.parametrize("size_px", [(320, 240), (1280, 720), (333, 517)])
def test_pictures_may_change_their_size(mocap, pictures, size_px):
    import cv2

    mocap.reset()
    mocap(pictures[0])
    assert mocap(CameraFrame(cv2.resize(pictures[1].image, size_px), pictures[1].time_s, 1)).tracked


@pytest.mark.parametrize("fov_deg", [5, 400])
def test_settings_out_of_range_are_refused(fov_deg):
    with pytest.raises(ValueError, match="expected"):
        MocapSettings(fov_deg=fov_deg)
