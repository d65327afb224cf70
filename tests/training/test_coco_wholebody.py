"""The paper's data format on small generated files, and what broken ones are answered with."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pose2pose_live.errors import TrainingError
from pose2pose_live.rotations import rotvec_to_rotmat
from pose2pose_live.skeleton import SUPERVISION
from pose2pose_live.training.body_layer import BodyLayer
from pose2pose_live.training.coco_wholebody import CocoWholeBody
from pose2pose_live.training.parts import WHOLE_BODY
from pose2pose_live.training.preprocess import Preprocessor


@pytest.fixture(scope="module")
def layer() -> BodyLayer:
    return BodyLayer().for_joints()


def key_points(count: int, start: float) -> list[float]:
    return [float(v) for i in range(count) for v in (start + i, start + 2 * i, 2)]


def annotation(number: int) -> dict[str, Any]:
    return {
        "id": number, "image_id": 1, "bbox": [5.0, 6.0, 30.0, 40.0], "iscrowd": 0, "keypoints": key_points(17, 1),
        "foot_kpts": key_points(6, 100), "lefthand_kpts": key_points(21, 200), "righthand_kpts": key_points(21, 300),
        "face_kpts": key_points(68, 400),
    }  # fmt: skip


def fit() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    sizes = {
        "root_pose": 3,
        "body_pose": 63,
        "shape": 10,
        "lhand_pose": 45,
        "rhand_pose": 45,
        "jaw_pose": 3,
        "expr": 10,
    }
    parameters = {key: rng.normal(0, 0.2, size).tolist() for key, size in sizes.items()}
    parameters |= {"trans": [0.1, 0.2, 5.0], "lhand_valid": True, "rhand_valid": False, "face_valid": True}
    return {"smplx_param": parameters, "cam_param": {"focal": [500.0, 510.0], "princpt": [32.0, 24.0]}}


class Files:
    """A data set of two persons in one picture, the second without a fit, and a crowd; to be changed before it is opened."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "pictures" / "sub").mkdir(parents=True)
        cv2.imwrite(str(folder / "pictures" / "sub" / "a.png"), np.full((48, 64, 3), 90, np.uint8))
        crowd = annotation(9) | {"iscrowd": 1}
        empty = annotation(10)
        for key in ("keypoints", "foot_kpts", "lefthand_kpts", "righthand_kpts", "face_kpts"):
            empty[key] = [0.0] * len(empty[key])
        self.content: Any = {
            "images": [{"id": 1, "file_name": "sub/a.png"}],
            "annotations": [annotation(7), annotation(8), crowd, empty],
        }
        self.fits: Any = {"7": fit()}

    def open(self, layer: BodyLayer) -> CocoWholeBody:
        (self.folder / "a.json").write_text(json.dumps(self.content))
        (self.folder / "fits.json").write_text(json.dumps(self.fits))
        return CocoWholeBody(self.folder / "a.json", self.folder / "pictures", self.folder / "fits.json", layer)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_key_points_land_on_their_joints(files: Files, layer: BodyLayer):
    data = files.open(layer)
    assert len(data) == 2  # neither the crowd nor the one without key points
    first = data[0]
    assert first.picture.shape == (48, 64, 3)
    expected = {"nose": (1, 1), "left_eye": (2, 3), "right_ankle": (17, 33), "left_big_toe": (100, 100), "right_heel": (105, 110),
                "left_thumb1": (201, 202), "left_pinky_tip": (220, 240), "right_index1": (305, 310), "contour1": (400, 400),
                "contour17": (416, 432), "brow1": (417, 434), "lips8": (467, 534)}  # fmt: skip
    for joint, point in expected.items():
        assert tuple(first.joints_2d[SUPERVISION[joint]]) == point, joint
        assert first.joints_2d_valid[SUPERVISION[joint]]
    np.testing.assert_allclose(first.joints_2d[SUPERVISION["pelvis"]], [12.5, 24])  # of hips at (12, 23) and (13, 25)
    unknown = [name for name, i in SUPERVISION.items() if not first.joints_2d_valid[i]]
    assert unknown == ["neck", "jaw", "head", "face_left_eye", "face_right_eye"]
    assert data[1].smplx is None
    assert data[1].focal_px is None


def test_hand_poses_become_absolute(files: Files, layer: BodyLayer):
    target = files.open(layer)[0].smplx
    stored = files.fits["7"]["smplx_param"]
    np.testing.assert_allclose(target.left_hand_pose, np.reshape(stored["lhand_pose"], (15, 3)) + layer.hand_means[0])
    assert (target.left_hand_valid, target.right_hand_valid, target.face_valid) == (True, False, True)
    # And the network is then trained with what the file says.
    item = Preprocessor(WHOLE_BODY, layer)(files.open(layer)[0])
    np.testing.assert_allclose(
        item["left_hand_rotations"], rotvec_to_rotmat(np.reshape(stored["lhand_pose"], (15, 3))), atol=1e-6
    )


def test_world_fits_are_brought_into_the_camera(files: Files, layer: BodyLayer):
    """The same person, described in world axes with the camera's R and t, has the same joints."""
    plain = Preprocessor(WHOLE_BODY, layer)._fit(files.open(layer)[0])
    rotation, shift = rotvec_to_rotmat(np.array([0.4, -1.0, 0.3])), np.array([0.2, -0.1, 1.0])
    target = files.open(layer)[0].smplx
    pelvis = layer.rest_pelvis(target.betas)
    parameters = files.fits["7"]["smplx_param"]
    from pose2pose_live.rotations import rotmat_to_rotvec

    parameters["root_pose"] = rotmat_to_rotvec(rotation.T @ rotvec_to_rotmat(target.global_orient)).tolist()
    parameters["trans"] = (rotation.T @ (pelvis + target.transl - shift) - pelvis).tolist()
    files.fits["7"]["cam_param"] |= {"R": rotation.tolist(), "t": shift.tolist()}
    moved = Preprocessor(WHOLE_BODY, layer)._fit(files.open(layer)[0])
    np.testing.assert_allclose(moved.joints_3d, plain.joints_3d, atol=1e-5)
    np.testing.assert_allclose(moved.joints_2d, plain.joints_2d, atol=1e-2)


def test_missing_parts_are_only_masked(files: Files, layer: BodyLayer):
    for key in ("lefthand_kpts", "face_kpts"):
        del files.content["annotations"][0][key]
    del files.fits["7"]["smplx_param"]["lhand_pose"]
    first = files.open(layer)[0]
    assert not first.joints_2d_valid[25:45].any()
    assert first.joints_2d_valid[45:65].all()
    assert not first.smplx.left_hand_valid


def break_content(change: str, files: Files) -> None:
    entry, parameters = files.content["annotations"][0], files.fits["7"]["smplx_param"]
    changes: dict[str, Any] = {
        "no images": lambda: files.content.pop("images"),
        "picture gone": lambda: (files.folder / "pictures/sub/a.png").unlink(),
        "unknown picture": lambda: entry.update(image_id=5),
        "no box": lambda: entry.pop("bbox"),
        "short box": lambda: entry.update(bbox=[1, 2, 3]),
        "nan key point": lambda: entry["face_kpts"].__setitem__(4, float("nan")),
        "short hand": lambda: entry.update(lefthand_kpts=[1.0, 2.0, 2.0]),
        "text": lambda: entry.update(keypoints=["a"] * 51),
        "no id": lambda: entry.pop("id"),
        "short pose": lambda: parameters.update(body_pose=[0.0] * 60),
        "infinite shape": lambda: parameters.update(shape=[float("inf")] * 10),
        "no trans": lambda: parameters.pop("trans"),
        "no camera": lambda: files.fits["7"].pop("cam_param"),
        "no focal": lambda: files.fits["7"]["cam_param"].pop("focal"),
        "nobody": lambda: files.content.update(annotations=[]),
    }
    changes[change]()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("no images", r"a\.json: expected a list under 'images'"),
        ("picture gone", r"annotation 7: its picture .*sub/a\.png does not exist"),
        ("unknown picture", r"annotation 7: its image_id 5 is not among the images"),
        ("no box", r"annotation 7: the field 'bbox' is missing"),
        ("short box", r"annotation 7: bbox: expected 4 numbers, found 3"),
        ("nan key point", r"annotation 7: face_kpts: expected finite numbers"),
        ("short hand", r"annotation 7: lefthand_kpts: expected 63 numbers, found 3"),
        ("text", r"annotation 7: keypoints: expected 51 numbers, found something else"),
        ("no id", r"annotations\[0\]: the field 'id' is missing"),
        ("short pose", r"fits\.json: entry 7: smplx_param: body_pose: expected 63 numbers, found 60"),
        ("infinite shape", r"fits\.json: entry 7: smplx_param: shape: expected finite"),
        ("no trans", r"fits\.json: entry 7: smplx_param: the field 'trans' is missing"),
        ("no camera", r"fits\.json: entry 7: the field 'cam_param' is missing"),
        ("no focal", r"fits\.json: entry 7: cam_param: the field 'focal' is missing"),
        ("nobody", r"a\.json: no annotation with key points"),
    ],
)
def test_broken_data_is_named(files: Files, layer: BodyLayer, change: str, message: str):
    break_content(change, files)
    with pytest.raises(TrainingError, match=message):
        files.open(layer)


def test_broken_files_are_named(files: Files, layer: BodyLayer, tmp_path: Path):
    data = files.open(layer)
    (tmp_path / "pictures/sub/a.png").write_bytes(b"no picture")
    with pytest.raises(TrainingError, match=r"annotation 7: its picture .* cannot be decoded"):
        data[0]
    (tmp_path / "a.json").write_text('{"images": [')
    with pytest.raises(TrainingError, match=r"a\.json: broken JSON"):
        CocoWholeBody(tmp_path / "a.json", tmp_path / "pictures", None, layer)
    with pytest.raises(TrainingError, match=r"none\.json: No such file"):
        CocoWholeBody(tmp_path / "none.json", tmp_path / "pictures", None, layer)
    (tmp_path / "a.json").write_text(json.dumps(copy.deepcopy(files.content)))
    with pytest.raises(TrainingError, match="no such folder of pictures"):
        CocoWholeBody(tmp_path / "a.json", tmp_path / "elsewhere", None, layer)
