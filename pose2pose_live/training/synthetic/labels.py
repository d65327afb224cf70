"""From a shot to a `Sample`: parameters in the data sets' axes, joints, visibility, box."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...frame import FloatArray
from ...rotations import rotmat_to_rotvec, rotvec_to_rotmat
from ...skeleton import (
    SUPERVISION_FACE_SLICE,
    SUPERVISION_JOINTS,
    SUPERVISION_LEFT_HAND_SLICE,
    SUPERVISION_RIGHT_HAND_SLICE,
)
from ..sample import BoolArray, Sample, SmplxTarget
from .body import DrawnBody, PosedPerson
from .poses import Person
from .studio import Shot
from .vertex import depth_m
from .views import View

_OPENCV_AXES = np.diag(
    [1.0, -1.0, -1.0]
)  # from our world (Y up, Z to the camera) to the data sets' (y down, z forward)
_PART_SEEN = 0.3  # share of its joints that must be visible for a hand's or the face's rotations to count as annotated
_HALF_WINDOW_PX = 1


def _skin_depth(joint: str) -> float:
    """How deep a joint may lie under the surface and still count as visible, m: about the radius of the body there."""
    name = joint.removeprefix("left_").removeprefix("right_")
    for ending, depth in (
        ("hip", 0.17),
        ("shoulder", 0.11),
        ("knee", 0.10),
        ("ankle", 0.08),
        ("elbow", 0.08),
        ("wrist", 0.06),
    ):
        if name == ending:
            return depth
    if name in ("pelvis", "neck", "head", "jaw"):
        return 0.18
    return 0.045 if "eye" in name and "rim" not in name else 0.035


_SKIN_DEPTH_M = np.array([_skin_depth(name) for name in SUPERVISION_JOINTS])


@dataclass(frozen=True)
class SyntheticSample(Sample):
    """A `Sample` that also knows which joints can be seen, joints_visible (137,), and where the pose comes from, source."""

    joints_visible: BoolArray | None = None
    source: str = "procedural"


def labelled(
    name: str, person: Person, view: View, posed: PosedPerson, shot: Shot, picture: NDArray[np.uint8], body: DrawnBody
) -> SyntheticSample:
    """The sample of the first actor of a shot; picture: the shot as the camera delivers it."""
    frame, valid = person.frame, body.joints_valid
    points = posed.joints
    joints_2d = np.where(valid[:, None], view.camera.project(points), 0.0)
    visible = valid & _visible(points, joints_2d, shot)
    hands_and_face = [
        bool(visible[part][valid[part]].mean() > _PART_SEEN)
        for part in (SUPERVISION_LEFT_HAND_SLICE, SUPERVISION_RIGHT_HAND_SLICE, SUPERVISION_FACE_SLICE)
    ]
    rest_pelvis = body.model.rest_joints(frame.betas)[0]
    smplx = SmplxTarget(
        global_orient=rotmat_to_rotvec(_OPENCV_AXES @ rotvec_to_rotmat(frame.global_orient)),
        body_pose=frame.body_pose,
        left_hand_pose=frame.left_hand_pose,
        right_hand_pose=frame.right_hand_pose,
        jaw_pose=frame.jaw_pose,
        betas=frame.betas,
        expression=frame.expression,
        # SMPL-X turns about the pelvis of the rest pose, which the change of axes leaves where it is.
        transl=_OPENCV_AXES @ (frame.transl + rest_pelvis) - rest_pelvis,
        left_hand_valid=hands_and_face[0],
        right_hand_valid=hands_and_face[1],
        face_valid=hands_and_face[2],
    )
    camera = view.camera
    return SyntheticSample(
        name=name,
        picture=picture,
        person_box_xywh=_box(view, posed),
        focal_px=np.array([camera.fx, camera.fy]),
        principal_px=np.array([camera.cx, camera.cy]),
        smplx=smplx,
        joints_2d=joints_2d,
        joints_2d_valid=valid,
        joints_3d=points @ _OPENCV_AXES,
        joints_3d_valid=valid,
        joints_visible=visible,
        source=person.source,
    )


def _visible(points: FloatArray, joints_2d: FloatArray, shot: Shot) -> BoolArray:
    """In the picture, and nothing nearer in front: (137,)."""
    height, width = shot.depth.shape
    pixel = np.rint(np.clip(joints_2d, -1e6, 1e6)).astype(int)
    inside = (pixel >= 0).all(axis=1) & (pixel[:, 0] < width) & (pixel[:, 1] < height)
    # The farthest of a few neighbours, so that a joint at the very edge of something in front is not lost.
    offsets = np.arange(-_HALF_WINDOW_PX, _HALF_WINDOW_PX + 1)
    rows = np.clip(pixel[:, 1, None, None] + offsets[:, None], 0, height - 1)
    columns = np.clip(pixel[:, 0, None, None] + offsets, 0, width - 1)
    seen = np.where(shot.kind[rows, columns] > 0, shot.depth[rows, columns], 0.0).max(axis=(1, 2))
    return np.asarray(inside & (-points[:, 2] - depth_m(seen) < _SKIN_DEPTH_M))


def _box(view: View, posed: PosedPerson) -> FloatArray:
    """x, y, width, height px of the person, cut at the picture's edges."""
    pixels = view.camera.project(posed.vertices.astype(np.float64))
    limit = np.array(view.size, float) - 1
    low, high = np.clip(pixels.min(axis=0), 0, limit), np.clip(pixels.max(axis=0), 0, limit)
    return np.concatenate([low, high - low + 1])
