"""The paper's own data format: COCO-WholeBody annotations, SMPL-X fits keyed by annotation id, and a folder of pictures.

Annotations (COCO-WholeBody v1.0 JSON): `images` of {id, file_name}; `annotations` of {id, image_id, bbox [x,y,w,h], keypoints 17x3,
foot_kpts 6x3, lefthand_kpts 21x3, righthand_kpts 21x3, face_kpts 68x3, iscrowd}; only id, image_id, bbox and keypoints are required. The third
number of a key point is its visibility or score, 0 = not annotated. Crowds and entries without key points are left out, as in the paper.

Fits (NeuralAnnot JSON): {annotation id: {smplx_param: {root_pose 3, body_pose 63, shape 10, trans 3, lhand_pose 45, rhand_pose 45, jaw_pose 3,
expr 10, lhand_valid, rhand_valid, face_valid}, cam_param: {focal 2, princpt 2, R 3x3, t 3}}}. Axis-angle in radians, metres; hand poses relative to
the mean hand of the body file. R and t, where given, bring world to camera.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..errors import TrainingError
from ..rotations import rotmat_to_rotvec, rotvec_to_rotmat
from ..skeleton import FACE_LANDMARKS, POSITION_HAND_JOINTS, SUPERVISION, SUPERVISION_JOINTS
from .body_layer import BodyLayer
from .sample import BoolArray, FloatArray, Sample, SmplxTarget

_COCO_BODY = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist",
    "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
_COCO_FEET = ("left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel")
_CONTOUR_COUNT = sum(name.startswith("contour") for name in FACE_LANDMARKS)
# 300-W numbering starts with the contour, SMPL-X's ends with it.
_COCO_FACE = (*FACE_LANDMARKS[-_CONTOUR_COUNT:], *FACE_LANDMARKS[:-_CONTOUR_COUNT])
_KEYPOINTS: dict[str, tuple[str | None, ...]] = {
    "keypoints": _COCO_BODY,
    "foot_kpts": _COCO_FEET,
    # Their wrist repeats the body's.
    "lefthand_kpts": (None, *(f"left_{joint}" for joint in POSITION_HAND_JOINTS)),
    "righthand_kpts": (None, *(f"right_{joint}" for joint in POSITION_HAND_JOINTS)),
    "face_kpts": _COCO_FACE,
}
_FIT_SIZES = {"root_pose": 3, "body_pose": 63, "shape": 10, "trans": 3}
_PART_SIZES = {"lhand_pose": 45, "rhand_pose": 45, "jaw_pose": 3, "expr": 10}


class CocoWholeBody(Sequence[Sample]):
    """The annotated persons of one annotation file.

    body: the body file that the fits were made with; its mean hands are what their hand poses are relative to.
    All numbers and the presence of all pictures are checked on opening. Raises TrainingError, which names file and entry, for a
    missing file or picture, broken JSON, a missing field, a wrong length, or a number that is NaN or infinite; and, when it is
    read, for a picture that cannot be decoded.
    """

    def __init__(self, annotations: Path, pictures: Path, fits: Path | None, body: BodyLayer) -> None:
        self._pictures, self._body = pictures, body
        content = _read_json(annotations, dict, "a COCO annotation file")
        self._fits = {} if fits is None else _read_json(fits, dict, "SMPL-X fits keyed by annotation id")
        self._fits_name = str(fits)
        for key in ("images", "annotations"):
            if not isinstance(content.get(key), list):
                raise TrainingError(f"{annotations}: expected a list under {key!r}, as COCO has it")
        if not pictures.is_dir():
            raise TrainingError(f"{pictures}: no such folder of pictures (of {annotations})")
        files = {}
        for i, image in enumerate(content["images"]):
            where = f"{annotations}: images[{i}]"
            files[_field(image, "id", where)] = _field(image, "file_name", where)
        present = _listing(pictures)
        self._entries: list[tuple[str, str, dict[str, Any]]] = []
        for i, entry in enumerate(content["annotations"]):
            name = f"{annotations}: annotations[{i}]"
            name = f"{annotations}: annotation {_field(entry, 'id', name)}"
            if entry.get("iscrowd"):
                continue
            file = files.get(_field(entry, "image_id", name))
            if file is None:
                raise TrainingError(f"{name}: its image_id {entry['image_id']} is not among the images")
            if file not in present:
                raise TrainingError(f"{name}: its picture {pictures / file} does not exist")
            _numbers(entry, "bbox", 4, name)
            _, valid = _joints(entry, name)
            if valid.any():
                self._target(entry, name)
                self._entries.append((name, file, entry))
        if not self._entries:
            raise TrainingError(f"{annotations}: no annotation with key points; expected at least one person")

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: Any) -> Any:
        name, file, entry = self._entries[index]
        picture = cv2.imread(str(self._pictures / file), cv2.IMREAD_COLOR)
        if picture is None:
            raise TrainingError(
                f"{name}: its picture {self._pictures / file} cannot be decoded; get a fresh copy or leave the entry out"
            )
        joints, valid = _joints(entry, name)
        target, focal, principal = self._target(entry, name)
        return Sample(
            name, picture.astype(np.uint8, copy=False), _numbers(entry, "bbox", 4, name), focal, principal, target,
            joints_2d=joints, joints_2d_valid=valid,
        )  # fmt: skip

    def _target(
        self, entry: Mapping[str, Any], name: str
    ) -> tuple[SmplxTarget | None, FloatArray | None, FloatArray | None]:
        """Parameters in camera axes, focal length and principal point; None three times where the person has no fit."""
        fit = self._fits.get(str(entry["id"]))
        if fit is None:
            return None, None, None
        where = f"{self._fits_name}: entry {entry['id']}"
        parameters, camera = _field(fit, "smplx_param", where), _field(fit, "cam_param", where)
        values = {key: _numbers(parameters, key, size, f"{where}: smplx_param") for key, size in _FIT_SIZES.items()}
        values |= {
            key: _numbers(parameters, key, size, f"{where}: smplx_param") if key in parameters else np.zeros(size)
            for key, size in _PART_SIZES.items()
        }
        root, trans = values["root_pose"], values["trans"]
        if "R" in camera:
            world_to_camera = _numbers(camera, "R", 9, f"{where}: cam_param").reshape(3, 3)
            root = rotmat_to_rotvec(world_to_camera @ rotvec_to_rotmat(root))
            # The body turns about its pelvis, which is not its origin.
            pelvis = self._body.rest_pelvis(values["shape"])
            trans = world_to_camera @ (pelvis + trans) + _numbers(camera, "t", 3, f"{where}: cam_param") - pelvis
        left, right = values["lhand_pose"].reshape(15, 3), values["rhand_pose"].reshape(15, 3)
        target = SmplxTarget(
            global_orient=root, body_pose=values["body_pose"].reshape(21, 3), left_hand_pose=left + self._body.hand_means[0],
            right_hand_pose=right + self._body.hand_means[1], jaw_pose=values["jaw_pose"], betas=values["shape"], expression=values["expr"],
            transl=trans, left_hand_valid="lhand_pose" in parameters and bool(parameters.get("lhand_valid", True)),
            right_hand_valid="rhand_pose" in parameters and bool(parameters.get("rhand_valid", True)),
            face_valid="expr" in parameters and bool(parameters.get("face_valid", True)),
        )  # fmt: skip
        return (
            target,
            _numbers(camera, "focal", 2, f"{where}: cam_param"),
            _numbers(camera, "princpt", 2, f"{where}: cam_param"),
        )


def _joints(entry: Mapping[str, Any], name: str) -> tuple[FloatArray, BoolArray]:
    """Key points of an entry as joints (137,2) px and mask (137,); the pelvis is the middle of the hips."""
    joints, valid = np.zeros((len(SUPERVISION_JOINTS), 2)), np.zeros(len(SUPERVISION_JOINTS), bool)
    for key, names in _KEYPOINTS.items():
        if key not in entry and key != "keypoints":
            continue
        points = _numbers(entry, key, 3 * len(names), name).reshape(-1, 3)
        for point, joint in zip(points, names, strict=True):
            if joint is not None and point[2] > 0:
                joints[SUPERVISION[joint]], valid[SUPERVISION[joint]] = point[:2], True
    left, right = SUPERVISION["left_hip"], SUPERVISION["right_hip"]
    if valid[left] and valid[right]:
        joints[SUPERVISION["pelvis"]], valid[SUPERVISION["pelvis"]] = (joints[left] + joints[right]) / 2, True
    return joints, valid


def _read_json(path: Path, kind: type, what: str) -> Any:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TrainingError(f"{path}: {error.strerror}; expected {what}") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise TrainingError(f"{path}: broken JSON ({error}); expected {what}; get a fresh copy") from None
    if not isinstance(content, kind):
        raise TrainingError(f"{path}: expected {what}, found JSON of another structure")
    return content


def _listing(folder: Path) -> set[str]:
    """Paths of all files below the folder, relative to it: one walk is far faster than a look-up for each of 100 000 pictures."""
    found: set[str] = set()
    for root, _, files in os.walk(folder):
        prefix = os.path.relpath(root, folder)
        found.update(files if prefix == "." else (f"{Path(prefix).as_posix()}/{file}" for file in files))
    return found


def _field(table: Any, key: str, where: str) -> Any:
    if not isinstance(table, Mapping) or key not in table:
        raise TrainingError(f"{where}: the field {key!r} is missing")
    return table[key]


def _numbers(table: Any, key: str, count: int, where: str) -> FloatArray:
    """`count` finite numbers, nested or not."""
    try:
        values = np.asarray(_field(table, key, where), np.float64).ravel()
    except (TypeError, ValueError):
        raise TrainingError(f"{where}: {key}: expected {count} numbers, found something else") from None
    if len(values) != count:
        raise TrainingError(f"{where}: {key}: expected {count} numbers, found {len(values)}")
    if not np.isfinite(values).all():
        raise TrainingError(f"{where}: {key}: expected finite numbers, found NaN or infinity")
    return values
