from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest

from pose2pose_live import skeleton
from pose2pose_live.body import BodyModel
from pose2pose_live.body.normals import VertexNormals
from pose2pose_live.errors import DisplayError
from pose2pose_live.frame import Camera, CameraFrame, PartConfidence
from pose2pose_live.viewport import EglContext, OverlayRenderer, Viewport, draw_skeleton

from .fakes import capsule_body, waving_pose


@pytest.fixture
def context() -> EglContext:
    try:
        return EglContext()
    except DisplayError as error:
        pytest.skip(f"no OpenGL on this machine: {error}")


@pytest.fixture
def view(context: EglContext) -> Iterator[Viewport]:
    viewport = Viewport(context)
    viewport.set_body(capsule_body())
    yield viewport
    viewport.close()


@pytest.fixture
def overlay(context: EglContext) -> Iterator[OverlayRenderer]:
    renderer = OverlayRenderer(capsule_body(is_coloured=True), context)
    yield renderer
    renderer.close()


def drawn(viewport: Viewport, time_s: float, width: int = 320, height: int = 240) -> np.ndarray:
    target = np.zeros((height, width, 4), np.uint8)
    viewport.draw(waving_pose(time_s), target)
    return target[:, :, :3].astype(int)


def body_mask(picture: np.ndarray) -> np.ndarray:
    return picture.sum(axis=2) > 250


def test_importing_the_package_loads_no_opengl() -> None:
    code = "import sys, pose2pose_live.viewport; assert not {'OpenGL', 'pyrender', 'PyQt6.QtGui'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_trimesh_is_whole_for_whoever_imports_it_later(context: EglContext) -> None:
    with context:
        import pose2pose_live.viewport.gl  # noqa: F401
    import trimesh

    assert len(trimesh.creation.box().vertices) == 8


def test_picture_shows_a_body_that_moves(view: Viewport) -> None:
    first, second = drawn(view, 0.0), drawn(view, 0.25)
    assert 0.02 < body_mask(first).mean() < 0.5
    assert (np.abs(first - second).max(axis=2) > 60).mean() > 0.01


def test_head_is_up_and_the_persons_left_arm_on_the_right_of_the_picture(view: Viewport) -> None:
    mask = body_mask(drawn(view, 0.25))  # left arm up
    upper = mask[: len(mask) // 3]
    assert upper[:, 190:].sum() > 100
    assert upper[:, :130].sum() == 0


def test_mirrored_view_is_the_mirror_image(view: Viewport) -> None:
    plain = drawn(view, 0.25)
    view.is_mirrored = True
    assert (np.abs(drawn(view, 0.25)[:, ::-1] - plain).max(axis=2) > 8).mean() < 0.005


def test_orbit_turns_zooms_and_comes_home(view: Viewport) -> None:
    home = drawn(view, 0.1)
    view.orbit.zoom(3)
    close = drawn(view, 0.1)
    assert body_mask(close).mean() > 1.2 * body_mask(home).mean()
    view.orbit.drag(200, -20)
    assert (np.abs(drawn(view, 0.1) - close).max(axis=2) > 60).mean() > 0.05
    view.orbit.reset()
    np.testing.assert_array_equal(drawn(view, 0.1), home)


def test_another_body_takes_the_place_of_the_first(view: Viewport) -> None:
    grey = drawn(view, 0.1)
    view.set_body(capsule_body(is_coloured=True))
    blue = drawn(view, 0.1)
    assert (body_mask(blue) == body_mask(grey)).mean() > 0.9
    mean = blue[body_mask(grey)].mean(axis=0)
    assert mean[0] > mean[2] + 60


def test_a_small_body_is_drawn_coarsely_and_nobody_sees_it(context: EglContext, body: BodyModel) -> None:
    pictures, counts = [], []
    viewport = Viewport(context)
    viewport.set_body(body)

    def draw(time_s: float) -> None:
        pictures.append(drawn(viewport, time_s, 640, 480))
        assert viewport._posed is not None
        counts.append(len(viewport._posed[2].vertices))

    draw(0.2)  # the first picture of a body is drawn at once, whole
    draw(0.2)
    viewport.orbit.zoom(8)
    draw(0.3)
    assert counts[2] == body.vertex_count, "near by it has all its vertices"
    viewport.close()
    assert counts[0] == body.vertex_count > 2 * counts[1]
    apart = np.abs(pictures[0] - pictures[1])
    assert 0 < apart[body_mask(pictures[0])].mean() < 4
    assert (apart.max(axis=2) > 40).mean() < 0.005


def test_size_may_change_between_pictures(view: Viewport) -> None:
    small, large = drawn(view, 0.1, 160, 120), drawn(view, 0.1, 320, 240)
    shrunk = cv2.resize(large.astype(np.uint8), (160, 120), interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(shrunk - small).mean() < 3


def test_in_place_update_equals_a_fresh_mesh_bit_for_bit(view: Viewport) -> None:
    drawn(view, 0.0)
    for time_s in (0.1, 0.3, 0.6):
        fresh = Viewport(EglContext())
        fresh.set_body(capsule_body())
        drawn(fresh, 0.0)  # the target that both cameras follow
        fresh.set_body(capsule_body())
        fresh._target, fresh._floor_m, fresh._time_s = np.array(view._target), view._floor_m, view._time_s
        np.testing.assert_array_equal(drawn(view, time_s), drawn(fresh, time_s))
        fresh.close()


def test_equals_a_stock_pyrender_picture(overlay: OverlayRenderer, context: EglContext) -> None:
    """The same shaders through pyrender's own renderer, camera and read-back, which share no line with ours."""
    pose = waving_pose(0.3)
    overlay(CameraFrame(np.zeros((480, 640, 3), np.uint8), 0.0, 0), waving_pose(0.0))
    overlay(CameraFrame(np.zeros((480, 640, 3), np.uint8), 0.0, 0), pose)
    ours = overlay._mesh_bgra[:, :, 2::-1].astype(int)
    with context:
        import pyrender

        scene, body = overlay._scene.scene, capsule_body(is_coloured=True)
        posed = body.pose(pose).vertices
        scene.remove_node(overlay._scene._skins[0].node)
        primitive = pyrender.Primitive(
            posed,
            normals=VertexNormals(body.faces, body.vertex_count)(posed),
            color_0=np.hstack([np.square(np.array(body.vertex_colors) / 255.0), np.ones((body.vertex_count, 1))]),
            indices=body.faces,
            material=pyrender.MetallicRoughnessMaterial(baseColorFactor=(1.0, 1.0, 1.0, 1.0)),
        )
        scene.add(pyrender.Mesh([primitive]))
        c = pose.camera
        scene.main_camera_node.camera = pyrender.IntrinsicsCamera(c.fx, c.fy, c.cx, c.cy)
        stock_renderer = pyrender.Renderer(640, 480)
        stock_renderer._program_cache.shader_dir = overlay._renderer._program_cache.shader_dir
        from OpenGL import GL

        GL.glFrontFace(GL.GL_CCW)
        stock = stock_renderer.render(scene, pyrender.RenderFlags.OFFSCREEN)[0].astype(int)
        stock_renderer.delete()
    # Multisampling softens the outline of the stock picture; inside it, the two must be the same.
    covered = (ours.max(axis=2) > 0).astype(np.uint8)
    inside = cv2.erode(covered, np.ones((5, 5), np.uint8)) > 0
    assert inside.sum() > 5000
    difference = np.abs(ours - stock).max(axis=2)
    assert (difference[inside] > 4).mean() < 0.02
    outside = cv2.dilate(covered, np.ones((3, 3), np.uint8)) == 0
    assert difference[outside].max() == 0


def test_overlay_lands_where_the_camera_of_the_pose_projects_the_mesh(overlay: OverlayRenderer) -> None:
    # Nothing symmetric: an off-centre principal point, unequal focal lengths, a body off to one side.
    pose = replace(waving_pose(0.25), camera=Camera(500.0, 540.0, 300.0, 260.0), transl=np.array([0.3, 0.1, -3.2]))
    picture = CameraFrame(np.full((480, 640, 3), 128, np.uint8), 0.0, 0)
    result = overlay(picture, pose)
    mask = (result != 128).any(axis=2)
    points = pose.camera.project(overlay._body.pose(pose).vertices.astype(np.float64))
    rows, columns = np.nonzero(mask)
    assert columns.min() == pytest.approx(points[:, 0].min(), abs=1.5)
    assert columns.max() == pytest.approx(points[:, 0].max(), abs=1.5)
    assert rows.min() == pytest.approx(points[:, 1].min(), abs=1.5)
    assert rows.max() == pytest.approx(points[:, 1].max(), abs=1.5)
    grown = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8))
    pixels = np.floor(points).astype(int)
    assert grown[pixels[:, 1], pixels[:, 0]].mean() > 0.999
    blue, _, red = result[mask].astype(int).mean(axis=0)
    assert blue > red + 40  # the body is blue in RGB: a swap of channels would show
    assert (picture.image == 128).all()


def test_overlay_reuses_its_buffer_and_follows_the_size_of_the_picture(overlay: OverlayRenderer) -> None:
    pose = waving_pose(0.0)
    first = overlay(CameraFrame(np.zeros((240, 320, 3), np.uint8), 0.0, 0), pose)
    assert overlay(CameraFrame(np.zeros((240, 320, 3), np.uint8), 0.0, 1), pose) is first
    assert overlay(CameraFrame(np.zeros((180, 200, 3), np.uint8), 0.0, 2), pose).shape == (180, 200, 3)


def test_overlay_of_nobody_is_the_picture_with_a_note_in_the_corner(overlay: OverlayRenderer) -> None:
    image = np.full((240, 320, 3), 60, np.uint8)
    changed = (overlay(CameraFrame(image, 0.0, 0), replace(waving_pose(0.0), tracked=False)) != image).any(axis=2)
    assert changed[200:].sum() > 100
    assert changed[:200].sum() == 0


def test_body_outside_the_picture_is_no_error(overlay: OverlayRenderer) -> None:
    image = np.full((240, 320, 3), 60, np.uint8)
    away = replace(waving_pose(0.0), transl=np.array([40.0, 0.0, -3.0]))
    np.testing.assert_array_equal(overlay(CameraFrame(image, 0.0, 0), away), image)


def test_contexts_live_and_end_independently(view: Viewport) -> None:
    before = drawn(view, 0.0)
    other = OverlayRenderer(capsule_body())
    other(CameraFrame(np.zeros((120, 160, 3), np.uint8), 0.0, 0), waving_pose(0.0))
    other.close()
    np.testing.assert_array_equal(drawn(view, 0.0), before)


def skeleton_picture(confidence: PartConfidence) -> np.ndarray:
    body, pose = capsule_body(), replace(waving_pose(0.0), confidence=confidence)
    image = np.zeros((480, 640, 3), np.uint8)
    draw_skeleton(image, body.joints(pose), pose)
    return image


def test_skeleton_passes_through_the_projected_joints_in_the_colours_of_the_sides() -> None:
    pose, image = waving_pose(0.0), skeleton_picture(PartConfidence(1, 1, 1, 1, 1))
    joints_px = pose.camera.project(capsule_body().joints(pose)).astype(int)
    for name, blue_above_red in (("left_elbow", False), ("right_elbow", True)):
        u, v = joints_px[skeleton.SMPLX[name]]
        blue, _, red = image[v, u].astype(int)
        assert abs(blue - red) > 100
        assert (blue > red) == blue_above_red


def test_unseen_parts_of_the_skeleton_are_not_drawn() -> None:
    everything = skeleton_picture(PartConfidence(1, 1, 1, 1, 1)) > 0
    no_legs = skeleton_picture(PartConfidence(1, 0, 1, 1, 1)) > 0
    assert everything[300:].any()
    assert not no_legs[300:].any()
    assert not (skeleton_picture(PartConfidence(0, 0, 0, 0, 0)) > 0).any()


def test_vertex_normals_of_a_capsule_point_outwards_with_unit_length() -> None:
    body = capsule_body()
    vertices = body.pose(waving_pose(0.0)).vertices
    normals = VertexNormals(body.faces, body.vertex_count)(vertices)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)
    count = 72  # the first capsule
    outwards = vertices[:count] - vertices[:count].mean(axis=0)
    assert (np.einsum("ij,ij->i", normals[:count], outwards) > 0).all()
