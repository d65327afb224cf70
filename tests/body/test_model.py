"""BodyModel against the SMPL formula in plain loops, and against files that are not bodies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pose2pose_live.body.model import BodyModel
from pose2pose_live.errors import ModelError
from pose2pose_live.frame import SmplxFrame
from pose2pose_live.resources import asset_path
from pose2pose_live.skeleton import SMPLX

from .reference import naive_body, random_frame, save, synthetic_arrays

TOLERANCE_M = 1e-5


@pytest.fixture(scope="module")
def open_body() -> BodyModel:
    return BodyModel.load()


@pytest.mark.parametrize("seed", range(3))
def test_open_body_follows_the_smpl_formula(open_body: BodyModel, seed: int):
    with np.load(asset_path("open_body.npz")) as archive:
        arrays = {key: archive[key] for key in ("v_template", "shapedirs", "posedirs", "J_regressor", "weights")}
    frame = random_frame(seed)
    posed = open_body.pose(frame)
    vertices, joints = naive_body(arrays, frame)
    np.testing.assert_allclose(posed.vertices, vertices, atol=TOLERANCE_M)
    np.testing.assert_allclose(posed.joints, joints, atol=TOLERANCE_M)
    np.testing.assert_allclose(open_body.joints(frame), joints, atol=TOLERANCE_M)


@pytest.mark.parametrize("shape_columns", [20, 400])
def test_file_in_official_layout_follows_the_smpl_formula(tmp_path: Path, shape_columns: int):
    arrays = synthetic_arrays(700, shape_columns)
    model = BodyModel.load(save(tmp_path / "SMPLX_NEUTRAL.npz", arrays))
    assert model.vertex_count == 700
    assert model.expression_from_arkit is None
    assert model.vertex_colors is None
    for seed in range(3):
        frame = random_frame(seed)
        vertices, joints = naive_body(arrays, frame)
        posed = model.pose(frame)
        np.testing.assert_allclose(posed.vertices, vertices, atol=TOLERANCE_M)
        np.testing.assert_allclose(posed.joints, joints, atol=TOLERANCE_M)


def test_changed_betas_are_not_served_from_the_cache(open_body: BodyModel):
    frame = random_frame(0)
    first = open_body.pose(frame)
    tall = open_body.pose(replace(frame, betas=frame.betas + 1.0))
    again = open_body.pose(frame)
    assert np.abs(tall.vertices - first.vertices).max() > 0.01
    np.testing.assert_array_equal(again.vertices, first.vertices)


def test_results_are_not_overwritten_by_later_calls(open_body: BodyModel):
    posed = open_body.pose(random_frame(1))
    vertices, joints = posed.vertices.copy(), posed.joints.copy()
    open_body.pose(random_frame(2))
    np.testing.assert_array_equal(posed.vertices, vertices)
    np.testing.assert_array_equal(posed.joints, joints)


def test_translation_moves_and_rotation_turns_about_the_pelvis(open_body: BodyModel):
    rest = SmplxFrame(time_s=0.0, camera=random_frame(0).camera)
    moved = replace(rest, global_orient=np.array([0.3, 1.0, -0.2]), transl=np.array([1.0, 2.0, -3.0]))
    expected = open_body.rest_joints(rest.betas)[SMPLX["pelvis"]] + moved.transl
    np.testing.assert_allclose(open_body.joints(moved)[SMPLX["pelvis"]], expected, atol=1e-9)


def test_tags_tell_bodies_apart(open_body: BodyModel, tmp_path: Path):
    assert open_body.tag.startswith("open_body ")
    one = BodyModel.load(save(tmp_path / "SMPLX_NEUTRAL.npz", synthetic_arrays(100, 20, seed=1)))
    other = BodyModel.load(save(tmp_path / "SMPLX_FEMALE.npz", synthetic_arrays(100, 20, seed=2)))
    assert one.tag.startswith("SMPLX_NEUTRAL ")
    assert len({one.tag.split()[1], other.tag.split()[1]}) == 2
    assert len(one.tag.split()[1]) == 12


def test_missing_file_is_explained(tmp_path: Path):
    with pytest.raises(ModelError, match="no such file"):
        BodyModel.load(tmp_path / "absent.npz")


def test_missing_arrays_are_named(tmp_path: Path):
    arrays = synthetic_arrays(100, 20)
    del arrays["posedirs"], arrays["f"]
    with pytest.raises(ModelError, match="posedirs, f are missing"):
        BodyModel.load(save(tmp_path / "SMPLX_X.npz", arrays))


def test_pickle_is_refused(tmp_path: Path):
    path = tmp_path / "SMPLX_NEUTRAL.pkl"
    path.write_bytes(b"\x80\x03}q\x00.")
    with pytest.raises(ModelError, match=r"expected an SMPL-X \.npz"):
        BodyModel.load(path)


def test_truncated_file_is_explained(tmp_path: Path):
    whole = save(tmp_path / "whole.npz", synthetic_arrays(100, 20)).read_bytes()
    cut = tmp_path / "SMPLX_CUT.npz"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError):
        BodyModel.load(cut)


def _with(key: str, value: np.ndarray) -> dict[str, np.ndarray]:
    return {**synthetic_arrays(100, 20), key: value}


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (_with("posedirs", np.zeros((100, 3, 207))), "posedirs has shape 100 x 3 x 207"),
        (_with("weights", np.zeros((90, 55))), "weights has shape 90 x 55"),
        (_with("shapedirs", np.zeros((100, 3, 10))), "10 columns, expected at least 20"),
        (_with("kintree_table", np.zeros((2, 24), np.int64)), "24 joints"),
        (_with("f", np.full((5, 3), 100)), "names vertices outside"),
        (_with("J_regressor", np.array({"a": 1}, dtype=object)), "Object arrays cannot be loaded"),
    ],
)
def test_wrong_arrays_are_explained(tmp_path: Path, arrays: dict[str, np.ndarray], words: str):
    with pytest.raises(ModelError, match=words):
        BodyModel.load(save(tmp_path / "SMPLX_WRONG.npz", arrays))
