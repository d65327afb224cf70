"""The whole chain on the bundled clip, with its real networks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from pose2pose_live.errors import SourceError
from pose2pose_live.frame import SHAPES, CameraFrame, Ground, SmplxFrame
from pose2pose_live.mocap import MocapSettings, MotionCapture
from pose2pose_live.motion import Calibration, MocapControls, Moment
from pose2pose_live.resources import asset_path
from pose2pose_live.skeleton import POSE, SMPLX, both_sides
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


def test_the_legs_of_a_man_who_steps_in_profile_lie_apart_and_keep_their_sides(mocap):
    """By the network's points alone they hang between his in some of these pictures, and change places five times."""
    mocap.reset()
    with VideoSource(asset_path("demo.mp4")) as video:
        seen = [mocap.observe(picture).observation.pose for picture in islice(video, 100, 130)]
    ankles_px = np.array([pose.image_px[both_sides(POSE, "ankle")] for pose in seen])
    stayed, changed = (
        np.linalg.norm(ankles_px[1:] - before, axis=2).sum(1) for before in (ankles_px[:-1], ankles_px[:-1, ::-1])
    )
    assert (changed < stayed - 20).sum() <= 1
    assert np.linalg.norm(ankles_px[6:28, 0] - ankles_px[6:28, 1], axis=1).min() > 60


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


class TestControls:
    """What may be changed while capturing, on the real chain."""

    @pytest.fixture(autouse=True)
    def default_controls(self, mocap):
        mocap.reset()
        yield
        mocap.controls = MocapControls()

    @pytest.fixture
    def looks(self, mocap, monkeypatch) -> list[str]:
        """Every look for a hand or a face."""
        calls: list[str] = []
        tracker = mocap._estimator._parts

        def counted(name: str, find: Callable[..., object]) -> Callable[..., object]:
            def count(*arguments: object) -> object:
                calls.append(name)
                return find(*arguments)

            return count

        for name in ("_find_hand", "_find_face"):
            monkeypatch.setattr(tracker, name, counted(name, getattr(tracker, name)))
        return calls

    def test_parts_that_are_not_wanted_are_not_looked_for(self, mocap, pictures, looks):
        mocap.controls = MocapControls(hands=False)
        poses = [mocap(picture) for picture in pictures[:5]]
        assert set(looks) == {"_find_face"}
        assert poses[-1].confidence.left_hand == poses[-1].confidence.right_hand == 0
        mocap.controls = MocapControls(face=False)
        looks.clear()
        for picture in pictures[5:10]:
            pose = mocap(picture)
        assert set(looks) == {"_find_hand"}
        assert pose.confidence.face == 0

    def test_no_live_picture_waits_for_a_part_that_is_looked_for(self, mocap, pictures, looks, monkeypatch):
        mocap(pictures[0])
        assert len(looks) == 3
        mocap.reset()
        mocap.controls = MocapControls(is_live=True)
        tracker, may_look = mocap._estimator._parts, threading.Event()
        find = tracker._find

        def wait_and_find(*arguments: object) -> object:
            assert may_look.wait(5)
            return find(*arguments)

        monkeypatch.setattr(tracker, "_find", wait_and_find)
        for picture in pictures[:3]:
            image = picture.image.copy()
            pose = mocap(replace(picture, image=image))
            assert pose.tracked
            assert pose.confidence.face == 0
            image[:] = 0  # a camera writes its next picture there
        may_look.set()
        tracker._search["face"].found.result(5)
        assert mocap(pictures[3]).confidence.face == 0
        assert mocap(pictures[4]).confidence.face > 0.5

    def test_a_still_picture_is_looked_at_whole(self, mocap, pictures):
        mocap.controls = MocapControls(is_live=True)
        assert mocap(replace(pictures[0], is_still=True)).confidence.face > 0.5

    def test_a_person_is_looked_for_beforehand_and_posed_in_a_newer_picture(self, mocap, pictures, looks):
        assert mocap.search(pictures[0])
        assert mocap(pictures[2]).tracked
        assert not mocap.search(pictures[3])

    def test_the_face_relaxes_when_it_is_not_wanted_any_more(self, mocap, pictures):
        seen = [mocap(picture) for picture in pictures]
        assert np.abs(seen[-1].blendshapes).max() > 0.05
        mocap.controls = MocapControls(face=False)
        found = [mocap(replace(pictures[-1], time_s=pictures[-1].time_s + i / 30)) for i in range(1, 60)]
        faces = np.array([pose.blendshapes for pose in (seen[-1], *found)])
        assert np.abs(np.diff(faces, axis=0)).max() < 0.1
        assert np.abs(faces[-1]).max() < 0.01

    def test_they_hold_from_the_next_picture_on_and_change_nothing_before(self, mocap, pictures):
        plain = [mocap(picture) for picture in pictures]
        mocap.reset()
        found = [mocap(picture) for picture in pictures[:5]]
        mocap.controls = MocapControls(smoothing=3.0, seated="on", floor=True)
        found += [mocap(picture) for picture in pictures[5:]]
        assert all(same(a, b) for a, b in zip(plain[:5], found[:5], strict=True))
        assert found[-1].confidence.legs < 0.5 * plain[-1].confidence.legs  # on its way to rest
        joints = [mocap.body.joints(pose)[SMPLX["head"]] for pose in found]
        steps = np.linalg.norm(np.diff(joints, axis=0), axis=-1)
        assert steps[4] < 2 * steps[:4].max()

    def test_a_height_makes_the_body_so_tall_and_moves_it_away(self, mocap, pictures):
        distances = []
        for height_m in (1.5, 1.9):
            mocap.reset()
            mocap.controls = MocapControls(calibration=Calibration(height_m))
            pose = [mocap(picture) for picture in pictures[:6]][-1]
            low, high = mocap.body.rest_height(pose.betas)
            assert high - low == pytest.approx(height_m, abs=0.005)
            distances.append(-pose.transl[2])
        assert distances[1] / distances[0] == pytest.approx(1.9 / 1.5, rel=0.03)

    def test_a_shape_chosen_by_hand_is_worn(self, mocap, pictures):
        betas = (1.0, -0.5, *[0.0] * 8)
        mocap.controls = MocapControls(betas=betas)
        poses = [mocap(picture) for picture in pictures[:4]]
        np.testing.assert_array_equal(poses[-1].betas, betas)
        mocap.controls = MocapControls()
        poses = [mocap(picture) for picture in pictures[4:7]]
        assert np.abs(poses[-1].betas - betas).max() > 0.2  # fitted again, at once

    def test_watchers_see_every_moment(self, mocap, pictures):
        seen: list[Moment] = []
        mocap.controls = MocapControls(watchers=(seen.append,))
        poses = [mocap(picture) for picture in pictures[:3]]
        assert [moment.pose for moment in seen] == poses
        assert [moment.picture for moment in seen] == pictures[:3]
        assert seen[-1].landmarks is not None
        assert seen[-1].landmarks.image_px.shape == (33, 2)
        grey = CameraFrame(np.full_like(pictures[0].image, 128), 1.0, 3)
        mocap(grey)
        assert seen[-1].landmarks is None or not seen[-1].pose.tracked

    def test_the_ground_goes_with_every_frame(self, mocap, pictures):
        ground = Ground((0.0, 0.8, 0.6), -1.0)
        mocap.controls = MocapControls(calibration=Calibration(ground=ground))
        assert mocap(pictures[0]).ground == ground
        grey = CameraFrame(np.full_like(pictures[0].image, 128), 0.04, 1)
        assert mocap(grey).ground == ground

    @pytest.mark.parametrize("controls", [MocapControls(seated="on"), MocapControls(floor=True, hands=False), MocapControls(smoothing=0.3)])  # fmt: skip
    def test_looking_ahead_changes_nothing_with_them(self, mocap, pictures, controls):
        mocap.controls = controls
        one_by_one = [mocap(picture) for picture in pictures]
        mocap.reset()
        assert all(same(a, b) for a, (_, b) in zip(one_by_one, mocap.stream(pictures), strict=True))
