from __future__ import annotations

import numpy as np

from pose2pose_live import skeleton
from pose2pose_live.viewport.bones import LEFT, RIGHT, BoneMesh

from ..fakes import capsule_body, waving_pose


def test_every_bone_is_a_closed_tube_around_its_joints() -> None:
    mesh, joints = BoneMesh(), capsule_body().joints(waving_pose(0.2))
    vertices, normals = mesh(joints)
    assert vertices.shape == normals.shape == (mesh.vertex_count, 3)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)
    for child, parent in enumerate(skeleton.SMPLX_PARENTS):
        if parent >= 0 and skeleton.SMPLX_JOINTS[child] != "jaw":
            middle = (joints[child] + joints[parent]) / 2
            assert np.linalg.norm(vertices - middle, axis=1).min() < 0.01 + np.linalg.norm(joints[child] - middle)
    edges = np.sort(np.concatenate([mesh.faces[:, [0, 1]], mesh.faces[:, [1, 2]], mesh.faces[:, [2, 0]]]), axis=1)
    _, uses = np.unique(edges, axis=0, return_counts=True)
    assert (uses == 2).mean() > 0.85  # but for the pinholes at the ends


def test_faces_are_wound_outwards() -> None:
    mesh = BoneMesh()
    vertices, normals = mesh(capsule_body().joints(waving_pose(0.2)))
    a, b, c = (vertices[mesh.faces[:, k]].astype(float) for k in range(3))
    faces_out = np.einsum("ij,ij->i", np.cross(b - a, c - a), normals[mesh.faces].mean(axis=1))
    assert (faces_out > -1e-12).all()
    assert (faces_out > 0).mean() > 0.95


def test_sides_have_their_colours() -> None:
    mesh = BoneMesh()
    vertices, _ = mesh(capsule_body().joints(waving_pose(0.2)))
    assert (vertices[(mesh.vertex_colors == LEFT).all(axis=1), 0] > -0.1).all()
    assert (vertices[(mesh.vertex_colors == RIGHT).all(axis=1), 0] < 0.1).all()


def test_a_bone_without_length_is_no_error() -> None:
    vertices, normals = BoneMesh()(np.zeros((55, 3)))
    assert np.isfinite(vertices).all()
    assert np.isfinite(normals).all()
