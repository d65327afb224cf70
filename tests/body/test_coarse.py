"""Fewer vertices, the same shape."""

from __future__ import annotations

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.body.coarse import coarse_mesh
from tests.fakes import waving_pose

EDGE_M = 0.1


def sphere(rings: int = 24, round_: int = 48) -> tuple[np.ndarray, np.ndarray]:
    """Of radius 1, closed, wound outwards."""
    up, turn = np.linspace(0, np.pi, rings + 1)[1:-1], np.arange(round_) * 2 * np.pi / round_
    grid = np.stack(
        [np.outer(np.sin(up), np.cos(turn)), np.outer(np.sin(up), np.sin(turn)), np.outer(np.cos(up), np.ones(round_))],
        axis=2,
    )
    points = np.concatenate([grid.reshape(-1, 3), [[0, 0, 1], [0, 0, -1]]])
    top, bottom = len(points) - 2, len(points) - 1
    faces = []
    for i in range(round_):
        j = (i + 1) % round_
        faces += [(top, i, j), (bottom, (rings - 2) * round_ + j, (rings - 2) * round_ + i)]
        for ring in range(rings - 2):
            a, b, c, d = ring * round_ + i, ring * round_ + j, (ring + 1) * round_ + i, (ring + 1) * round_ + j
            faces += [(a, c, d), (a, d, b)]
    return points, np.array(faces)


def volume(points: np.ndarray, faces: np.ndarray) -> float:
    return float(np.linalg.det(points[faces]).sum() / 6)


def edges(faces: np.ndarray) -> np.ndarray:
    return np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])


def test_short_edges_go_and_the_mesh_stays_closed() -> None:
    points, faces = sphere()
    kept, coarse = coarse_mesh(points, faces, None, EDGE_M)
    found = points[kept]
    before, after = edges(faces), edges(coarse)
    assert len(kept) < 0.75 * len(points)
    shorter = (np.linalg.norm(found[after[:, 0]] - found[after[:, 1]], axis=1) < EDGE_M).mean()
    assert shorter < 0.05 < (np.linalg.norm(points[before[:, 0]] - points[before[:, 1]], axis=1) < EDGE_M).mean()
    assert {tuple(edge) for edge in after} == {tuple(edge) for edge in after[:, ::-1]}
    assert volume(found, coarse) == pytest.approx(volume(points, faces), rel=0.01)


def test_no_face_turns_over() -> None:
    points, faces = sphere()
    kept, coarse = coarse_mesh(points, faces, None, 0.4)
    corners = points[kept][coarse]
    outwards = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("ij,ij->i", outwards, corners.mean(axis=1)) > -1e-12).all()


def test_colours_keep_their_borders() -> None:
    points, faces = sphere()
    colors = np.where(points[:, :1] > 0, [[200, 30, 30]], [[30, 30, 200]]).astype(np.uint8)
    kept, coarse = coarse_mesh(points, faces, colors, EDGE_M)
    for is_red in (True, False):
        half = (colors[:, 0] == 200) == is_red
        before, after = (np.abs(points[rows][:, 0]).min() for rows in (half, kept[half[kept]]))
        assert after < before + EDGE_M
    assert set(map(tuple, colors[kept])) == {(200, 30, 30), (30, 30, 200)}
    assert len(coarse) < len(faces)


def test_a_mesh_of_long_edges_stays() -> None:
    points, faces = sphere(6, 8)
    kept, coarse = coarse_mesh(points, faces, None, EDGE_M)
    np.testing.assert_array_equal(kept[coarse], faces)


def test_a_coarse_body_is_the_same_body(body: BodyModel) -> None:
    coarse = body.coarse(0.008)
    kept, faces = coarse_mesh(body.rest_vertices(np.zeros(10)), body.faces, body.vertex_colors, 0.008)
    np.testing.assert_array_equal(coarse.faces, faces)
    assert coarse.vertex_count == len(kept) < 0.5 * body.vertex_count
    rng = np.random.default_rng(0)
    pose = waving_pose(0.3)
    pose.betas[:] = rng.normal(size=10)
    pose.expression[:] = rng.normal(size=10)
    pose.left_hand_pose[:] = rng.normal(0, 0.3, pose.left_hand_pose.shape)
    whole, few = body.pose(pose), coarse.pose(pose)
    np.testing.assert_array_equal(few.joints, whole.joints)
    np.testing.assert_allclose(few.vertices, whole.vertices[kept], atol=1e-6)
    assert coarse.vertex_colors is not None
    assert body.vertex_colors is not None
    np.testing.assert_array_equal(coarse.vertex_colors, body.vertex_colors[kept])
