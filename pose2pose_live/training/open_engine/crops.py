"""`Crop`: what training keeps of one person in one picture, in the axes in which the network answers."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...body import BodyModel
from ...detection.region import VIEW_TO_UPRIGHT, Region, blob, view_to_world
from ...frame import Camera, FloatArray, SmplxFrame
from ...inference import Session
from ...rotations import rotmat_to_rotvec, rotvec_to_rotmat
from ...skeleton import OPEN_BODY_POINTS, SMPLX, SUPERVISION
from ..synthetic import SyntheticSample
from .regions import CROP_PX

_POINTS = len(OPEN_BODY_POINTS)
FIELDS: dict[str, tuple[int, ...]] = {
    "rotations": (22, 3),
    "betas": (10,),
    "points": (_POINTS, 3),
    "points_px": (_POINTS, 2),
    "seen": (_POINTS,),
    "inside": (_POINTS,),
    "teacher": (39, 5),
    "teacher_world": (39, 3),
    "teacher_presence": (1,),
    "region": (4,),
    "camera": (4,),
    "picture_size": (2,),
}
"""Shape of every array of a crop's labels, all float32.

rotations: SMPL-X pelvis and body, axis-angle; the pelvis in upright view axes. points: `OPEN_BODY_POINTS` in metres from the pelvis in upright view axes;
points_px: in px of the crop; seen: 1 where it is visible; inside: 1 where it lies within the picture. teacher ...: what the frozen published network
says of this crop. region: centre x, y, size px, turn rad; camera: fx, fy, cx, cy; picture_size: width, height px. Crops without labels have zeros
in the first six.
"""
_JPEG_QUALITY = 93
_OPENCV_TO_WORLD = np.diag(VIEW_TO_UPRIGHT)  # the data sets' axes (y down, z forward) <-> the application's
_SUPERVISED = [name for name in OPEN_BODY_POINTS if name in SUPERVISION]
_ROW = {name: i for i, name in enumerate(OPEN_BODY_POINTS)}
# Points whose visibility nobody measured count as seen when another is.
_SEEN_WITH = {"spine1": "pelvis", "spine2": "pelvis", "spine3": "neck", "left_collar": "left_shoulder", "right_collar": "right_shoulder",
              "left_foot": "left_big_toe", "right_foot": "right_big_toe"}  # fmt: skip


@dataclass(frozen=True)
class Crop:
    """jpeg: the crop of 256 x 256 px. labels: see `FIELDS`. source: where the pose comes from."""

    jpeg: NDArray[np.uint8]
    labels: dict[str, NDArray[np.float32]]
    source: str


class Teacher:
    """The frozen published network, asked once for every crop."""

    def __init__(self, graph: Session) -> None:
        self._graph = graph

    def labels(self, crop: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        out = self._graph.run(blob(crop))
        return {
            "teacher": out["landmarks"][0],
            "teacher_world": out["world"][0],
            "teacher_presence": out["presence"][0],
        }


def labelled_crop(sample: SyntheticSample, region: Region, body: BodyModel, teacher: Teacher) -> Crop:
    """A crop of a rendered person with everything that is known about it."""
    assert sample.smplx is not None
    assert sample.focal_px is not None
    assert sample.principal_px is not None
    camera = Camera(*sample.focal_px, *sample.principal_px)
    world, seen = _world_points(sample, body)
    to_view = view_to_world(camera, region).T
    root = to_view @ _OPENCV_TO_WORLD @ rotvec_to_rotmat(sample.smplx.global_orient)
    height, width = sample.picture.shape[:2]
    image_px = camera.project(world)
    inside = ((image_px >= 0) & (image_px <= [width - 1, height - 1])).all(axis=1) & (world[:, 2] < -0.05)
    labels = {
        "rotations": np.concatenate([rotmat_to_rotvec(root)[None], sample.smplx.body_pose]),
        "betas": sample.smplx.betas,
        "points": (world - world[_ROW["pelvis"]]) @ to_view.T,
        "points_px": region.to_crop(image_px, CROP_PX),
        "seen": seen & inside,
        "inside": inside,
    }
    return _crop(sample.picture, region, camera, labels, teacher, sample.source)


def unlabelled_crop(picture: NDArray[np.uint8], region: Region, teacher: Teacher, source: str) -> Crop:
    """A crop of a real picture, of which only the teacher's opinion is known."""
    height, width = picture.shape[:2]
    labels = {name: np.zeros(shape) for name, shape in list(FIELDS.items())[:6]}
    return _crop(picture, region, Camera.from_field_of_view(width, height, 60.0), labels, teacher, source)


def _crop(
    picture: NDArray[np.uint8], region: Region, camera: Camera, labels: dict[str, FloatArray], teacher: Teacher, source: str
) -> Crop:  # fmt: skip
    crop = region.crop(picture, CROP_PX)
    encoded, jpeg = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    assert encoded
    height, width = picture.shape[:2]
    place = [region.centre_x_px, region.centre_y_px, region.size_px, region.rotation_rad]
    everything = (
        labels | teacher.labels(crop) | {"region": place, "camera": camera.to_array(), "picture_size": [width, height]}
    )
    return Crop(
        np.asarray(jpeg, np.uint8).ravel(),
        {name: np.asarray(everything[name], np.float32).reshape(shape) for name, shape in FIELDS.items()},
        source,
    )


def _world_points(sample: SyntheticSample, body: BodyModel) -> tuple[FloatArray, NDArray[np.bool_]]:
    """`OPEN_BODY_POINTS` (39,3) m in the camera-aligned world, and which are visible (39,)."""
    assert sample.smplx is not None
    assert sample.joints_3d is not None
    assert sample.joints_visible is not None
    world, seen = np.zeros((_POINTS, 3)), np.zeros(_POINTS, bool)
    rows, supervised = [_ROW[name] for name in _SUPERVISED], [SUPERVISION[name] for name in _SUPERVISED]
    world[rows] = sample.joints_3d[supervised] @ _OPENCV_TO_WORLD
    seen[rows] = sample.joints_visible[supervised]
    orient = rotmat_to_rotvec(_OPENCV_TO_WORLD @ rotvec_to_rotmat(sample.smplx.global_orient))
    frame = SmplxFrame(
        0.0, Camera(1, 1, 0, 0), global_orient=orient, body_pose=sample.smplx.body_pose, betas=sample.smplx.betas
    )
    joints = body.joints(frame)
    for name, other in _SEEN_WITH.items():
        world[_ROW[name]] = joints[SMPLX[name]] - joints[SMPLX["pelvis"]] + world[_ROW["pelvis"]]
        seen[_ROW[name]] = seen[_ROW[other]]
    return world, seen
