from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.detection.region import Region, view_to_world
from pose2pose_live.errors import TrainingError
from pose2pose_live.frame import Camera, SmplxFrame
from pose2pose_live.rotations import rotmat_to_rotvec, rotvec_to_rotmat
from pose2pose_live.skeleton import OPEN_BODY_PARTS, SMPLX_JOINTS
from pose2pose_live.skeleton import OPEN_BODY_POINT as POINT
from pose2pose_live.training.open_engine import shards
from pose2pose_live.training.open_engine.checkpoints import published_graph
from pose2pose_live.training.open_engine.crops import FIELDS
from pose2pose_live.training.open_engine.regions import CROP_PX, jittered, true_region
from pose2pose_live.training.open_engine.shards import Crops, write_labelled
from pose2pose_live.training.synthetic import SyntheticPeople


def camera_and_region(crops: Crops, row: int) -> tuple[Camera, Region]:
    return Camera(*crops.labels["camera"][row].astype(float)), Region(*crops.labels["region"][row].astype(float))


def test_labels_pose_the_body_onto_the_pixels_of_the_crop(crops: Crops, people: SyntheticPeople, body: BodyModel):
    """The whole way back: rotations in view axes -> the camera's world -> the body posed by the application -> the picture -> the crop."""
    for row in range(len(crops)):
        camera, region = camera_and_region(crops, row)
        turns = crops.labels["rotations"][row].astype(float)
        root = rotmat_to_rotvec(view_to_world(camera, region) @ rotvec_to_rotmat(turns[0]))
        frame = SmplxFrame(
            0, camera, global_orient=root, body_pose=turns[1:], betas=crops.labels["betas"][row].astype(float)
        )
        joints = body.joints(frame)[:22]
        truth = people[row]
        assert truth.joints_3d is not None
        pelvis = truth.joints_3d[0] * [1, -1, -1]
        projected = region.to_crop(camera.project(joints - joints[0] + pelvis), CROP_PX)
        rows = [POINT[name] for name in SMPLX_JOINTS[:22]]
        assert np.abs(projected - crops.labels["points_px"][row, rows]).max() < 0.05
        in_view = (joints - joints[0]) @ view_to_world(camera, region)
        assert np.abs(in_view - crops.labels["points"][row, rows]).max() < 1e-4


def test_view_axes_look_along_the_crop(crops: Crops):
    """Seen in view axes a trunk is where the crop shows it, as a far camera would see it."""
    trunk = [POINT[name] for name in OPEN_BODY_PARTS["trunk"]]
    errors = []
    for row in range(len(crops)):
        points, pixels = crops.labels["points"][row, trunk], crops.labels["points_px"][row, trunk]
        flat, offsets = points[:, :2] * [1, -1], pixels - pixels[0]
        scale = (flat * offsets).sum() / (flat**2).sum()
        assert scale > 0
        errors.append(np.abs(offsets - scale * flat).mean() / np.abs(offsets).max())
    assert np.median(errors) < 0.06


def test_the_rule_puts_the_trunk_upright_in_the_middle(people: SyntheticPeople):
    for row in range(4):
        sample = people[row]
        assert sample.joints_2d is not None
        assert sample.joints_3d is not None
        assert sample.focal_px is not None
        region = true_region(sample.joints_2d, sample.joints_3d, sample.focal_px[0])
        hips, shoulders = (region.to_crop(sample.joints_2d[rows].mean(0), CROP_PX) for rows in ([1, 2], [8, 9]))
        np.testing.assert_allclose(hips, CROP_PX / 2, atol=1e-6)
        assert shoulders[0] == pytest.approx(CROP_PX / 2)
        assert shoulders[1] < hips[1]
        back = region.to_image(region.to_crop(sample.joints_2d, CROP_PX), CROP_PX)
        np.testing.assert_allclose(back, sample.joints_2d, atol=1e-6)


def test_jitter_is_what_it_is_said_to_be():
    rng, region = np.random.default_rng(0), Region(100.0, 80.0, 256.0, 0.2)
    made = [jittered(region, rng) for _ in range(4000)]
    assert np.std([r.centre_x_px / r.size_px * 256 - 100 / r.size_px * 256 for r in made]) == pytest.approx(8, rel=0.1)
    turns = np.degrees([r.rotation_rad - 0.2 for r in made])
    assert np.percentile(np.abs(turns), 68) == pytest.approx(9.5, abs=1)
    assert np.median([r.size_px for r in made]) == pytest.approx(250, rel=0.06)


def test_the_teacher_finds_most_people(crops: Crops):
    apart = []
    for row in range(len(crops)):
        for landmark, point in ((11, "left_shoulder"), (12, "right_shoulder"), (0, "nose")):
            if crops.labels["seen"][row, POINT[point]] > 0:
                apart.append(
                    np.linalg.norm(
                        crops.labels["teacher"][row, landmark, :2] - crops.labels["points_px"][row, POINT[point]]
                    )
                )
    assert len(apart) > 10
    assert np.median(apart) < 8


def test_seen_points_are_in_the_picture(crops: Crops):
    labels = crops.labels
    assert (labels["seen"] <= labels["inside"]).all()
    assert 0.2 < labels["seen"].mean() < labels["inside"].mean() < 1
    assert set(labels) == set(FIELDS)
    assert all(labels[name].shape == (len(crops), *shape) for name, shape in FIELDS.items())
    assert crops.picture(0).shape == (CROP_PX, CROP_PX, 3)


def test_an_interrupted_run_goes_on_and_gives_the_same(people: SyntheticPeople, folder: Path, tmp_path: Path):
    write_labelled(people, published_graph(), folder, 1)  # everything is there: nothing is drawn
    shard = next(folder.glob("*.npz"))
    (tmp_path / "options.json").write_text((folder / "options.json").read_text())
    write_labelled(people, published_graph(), tmp_path, 1)
    again, first = np.load(tmp_path / shard.name), np.load(shard)
    for name in first.files:
        np.testing.assert_array_equal(again[name], first[name])


def test_other_options_and_missing_shards_are_told(people: SyntheticPeople, folder: Path, tmp_path: Path):
    other = SyntheticPeople(12, 4)
    with pytest.raises(TrainingError, match="made with other options"):
        write_labelled(other, published_graph(), folder, 1)
    with pytest.raises(TrainingError, match="expected crops made by"):
        Crops(tmp_path)
    (tmp_path / "options.json").write_text(json.dumps({"count": 12}))
    with pytest.raises(TrainingError, match="missing or damaged"):
        Crops(tmp_path)


def test_a_folder_of_whole_shards_may_grow(
    people: SyntheticPeople, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    options = json.loads((folder / "options.json").read_text())
    monkeypatch.setattr(shards, "SHARD", 4)
    (tmp_path / "options.json").write_text(json.dumps(options | {"count": 8}))
    assert shards.prepare(tmp_path, 12, people.options) == [0, 4, 8]
    (tmp_path / "options.json").write_text(json.dumps(options | {"count": 6}))
    with pytest.raises(TrainingError, match="made with other options"):
        shards.prepare(tmp_path, 12, people.options)
