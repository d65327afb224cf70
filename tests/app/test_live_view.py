"""What the view paints for each of its options, without a window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from pose2pose_live.app.live_view import LiveView, Painting
from pose2pose_live.frame import CameraFrame, Ground, SmplxFrame
from pose2pose_live.pipeline import LiveFrame
from pose2pose_live.viewport import GREEN, EglContext, ViewOptions

from ..fakes import capsule_body, waving_pose

pytestmark = pytest.mark.usefixtures("needs_opengl")
PICTURE = np.full((480, 640, 3), 90, np.uint8)


@pytest.fixture
def view() -> Iterator[LiveView]:
    opened = LiveView(EglContext, lambda: None).open()
    opened.set_body(capsule_body())
    opened.is_mirrored = False
    opened.camera_size_px = opened.body_size_px = (320, 240)
    yield opened
    opened.close()


def paint(view: LiveView, pose: SmplxFrame | None = None, **options: object) -> Painting:
    view.options = ViewOptions(**options)  # type: ignore[arg-type]
    pose = waving_pose(0.1) if pose is None else pose
    view.draw(LiveFrame(CameraFrame(PICTURE, 0.0, 0), 0.0, pose))
    return view.exchange.fetch()


def colours(picture: np.ndarray) -> np.ndarray:
    return picture[:, :, :3].astype(int).copy()


def is_body(picture: np.ndarray) -> np.ndarray:
    return colours(picture).sum(axis=2) > 250


def touched(painting: Painting) -> np.ndarray:
    return (colours(painting.camera) != 90).any(axis=2)


def test_each_overlay_marks_the_person_in_its_own_way(view: LiveView) -> None:
    marked = {name: touched(paint(view, overlay=name)) for name in ("mesh", "skeleton", "boxes", "off")}
    assert not marked["off"].any()
    assert marked["mesh"].sum() > 2 * marked["skeleton"].sum() > 0
    box, mesh = marked["boxes"], marked["mesh"]
    columns = np.nonzero(mesh)[1]
    assert np.nonzero(box)[1].min() <= columns.min()
    assert np.nonzero(box)[1].max() >= columns.max()
    # The skeleton runs inside the mesh.
    assert (marked["skeleton"] & ~mesh).sum() < 0.1 * marked["skeleton"].sum()


def test_the_mesh_over_the_picture_lets_it_shine_through_and_is_where_the_joints_are(view: LiveView) -> None:
    dark = colours(paint(view, overlay="mesh").camera)
    view.draw(LiveFrame(CameraFrame(np.full((480, 640, 3), 200, np.uint8), 0.0, 0), 0.0, waving_pose(0.1)))
    bright = colours(view.exchange.fetch().camera)
    pose = waving_pose(0.1)
    points = (pose.camera.project(capsule_body().joints(pose)) / 2).astype(int)
    shines = (bright - dark)[points[:, 1], points[:, 0]]
    assert np.median(shines) == pytest.approx(0.25 * 110, abs=3)


def test_a_mirrored_picture_has_a_mirrored_mesh(view: LiveView) -> None:
    plain = colours(paint(view, overlay="mesh").camera)
    view.is_mirrored = True
    np.testing.assert_array_equal(colours(paint(view, overlay="mesh").camera), plain[:, ::-1])


def test_a_large_panel_has_the_mesh_at_the_same_place(view: LiveView) -> None:
    small = touched(paint(view, overlay="mesh"))
    view.camera_size_px = (1600, 1200)
    large = touched(paint(view, overlay="mesh"))[2::5, 2::5]
    assert (large != small).mean() < 0.01


def test_mesh_and_skeleton_are_different_bodies_of_the_same_pose(view: LiveView) -> None:
    mesh, bones = is_body(paint(view).body), is_body(paint(view, body="skeleton").body)
    assert 0 < bones.sum() < 0.6 * mesh.sum()
    assert (bones & ~mesh).sum() < 0.1 * bones.sum()
    np.testing.assert_array_equal(is_body(paint(view).body), mesh)


def test_no_3d_view_is_drawn_when_it_is_off_and_the_camera_goes_on(view: LiveView) -> None:
    painting = paint(view, body="off")
    assert painting.body.size == 0
    assert touched(painting).any()
    assert painting.captured_s == 0.0
    assert paint(view).body.size > 0


def test_the_grid_can_be_left_out(view: LiveView) -> None:
    with_grid, without = colours(paint(view).body), colours(paint(view, has_grid=False).body)
    background = without[0, 0]
    assert (without[230] == background).all()
    assert (with_grid[150:] != without[150:]).any(axis=2).sum() > 100


def test_a_green_screen_is_green_everywhere_but_on_the_body(view: LiveView) -> None:
    picture = colours(paint(view, background=GREEN, has_grid=False).body)
    body = is_body(paint(view, has_grid=False).body)
    is_green = (picture == (0, 255, 0)).all(axis=2)
    assert is_green.mean() > 0.7
    assert not (is_green & body).any()


def centre_x(view: LiveView, x_m: float, time_s: float, **options: object) -> float:
    pose = replace(waving_pose(time_s), transl=np.array([x_m, -0.1, -3.0]))
    return float(np.nonzero(is_body(paint(view, pose, has_grid=False, **options).body))[1].mean())


def test_following_the_camera_goes_along_and_otherwise_stays_until_it_is_called_home(view: LiveView) -> None:
    start = centre_x(view, 0.0, 0.0, is_following=False)
    assert centre_x(view, 0.5, 1.0, is_following=False) > start + 30
    assert centre_x(view, 0.5, 2.0, is_following=False) > start + 30
    view.orbit.reset()
    assert centre_x(view, 0.5, 3.0, is_following=False) == pytest.approx(start, abs=3)
    just_moved = centre_x(view, 0.0, 3.1, is_following=True)
    assert just_moved < start - 15  # smoothly
    for i in range(30):
        last = centre_x(view, 0.0, 4.0 + i, is_following=True)
    assert last == pytest.approx(start, abs=3)


def test_every_pose_is_in_both_views_while_the_mesh_is_in_both(view: LiveView) -> None:
    paintings = [
        [colours(part).copy() for part in (p.body, p.camera)]
        for p in (paint(view, waving_pose(0.05 * i), overlay="mesh") for i in range(5))
    ]
    for before, after in pairwise(paintings):
        assert all((a != b).any() for a, b in zip(before, after, strict=True))


def test_a_replayed_pose_takes_the_place_of_the_live_one_in_the_3d_view_only(view: LiveView) -> None:
    live = paint(view)
    body, camera = colours(live.body), colours(live.camera)
    view.replayed = waving_pose(0.35)
    replayed = paint(view)
    assert (np.abs(colours(replayed.body) - body).max(axis=2) > 60).mean() > 0.01
    np.testing.assert_array_equal(colours(replayed.camera), camera)
    view.replayed = None
    np.testing.assert_array_equal(colours(paint(view).body), body)


def test_a_take_is_replayed_while_nothing_is_estimated(view: LiveView) -> None:
    view.replayed = waving_pose(0.1)
    view.draw(LiveFrame(CameraFrame(PICTURE, 0.0, 0), None, None))
    painting = view.exchange.fetch()
    assert is_body(painting.body).any()
    assert painting.captured_s is None


def test_where_the_floor_is_known_the_grid_lies_there_and_level(view: LiveView) -> None:
    """A camera that looks down by 20 degrees sees a person who stands upright, 0.5 m above a known floor."""
    tilt = np.radians(20)
    up = (0.0, float(np.cos(tilt)), float(np.sin(tilt)))
    upright = replace(waving_pose(0.1), global_orient=np.array([tilt, 0.0, 0.0]))
    feet_m = float((capsule_body().pose(upright).vertices @ np.array(up)).min())
    plain = is_body(paint(view, waving_pose(0.1), has_grid=False).body)
    view.orbit.reset()
    levelled = is_body(paint(view, replace(upright, ground=Ground(up, feet_m)), has_grid=False).body)
    assert (levelled != plain).mean() < 0.01
    np.testing.assert_allclose(view._viewport._floor_m, feet_m)
    view.orbit.reset()
    paint(view, replace(upright, ground=Ground(up, feet_m - 0.5)))
    grid_to_world = view._viewport._scene.scene.get_pose(view._viewport._grid_node)
    np.testing.assert_allclose(grid_to_world[:3, 1], up, atol=1e-9)
    assert grid_to_world[:3, 3] @ up == pytest.approx(feet_m - 0.5)
