"""PCK: the share of annotated joints that are found near enough (Yang & Ramanan 2013), in the picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..frame import Camera, FloatArray
from ..skeleton import POSE, SMPLX, SMPLX_FROM_POSE
from .samples import Person

THRESHOLDS = (0.05, 0.1)
"""Shares of the longer side of the person's box."""
JOINTS = {name: SMPLX[name] for name, _ in SMPLX_FROM_POSE} | {
    f"{side}_eye": SMPLX[f"{side}_eye_smplhf"] for side in ("left", "right")
}
"""COCO's joints that SMPL-X and BlazePose both have -> index of the SMPL-X joint."""

Points = Mapping[str, FloatArray]
Errors = dict[str, float]


def smplx_points(joints: FloatArray, camera: Camera) -> Points:
    """SMPL-X joints (55,3) m -> px of the picture (2,) by COCO's names."""
    return dict(zip(JOINTS, camera.project(joints[list(JOINTS.values())]), strict=True))


def blazepose_points(landmarks_px: FloatArray) -> Points:
    """BlazePose's landmarks (33,2) px by COCO's names."""
    return {name: landmarks_px[POSE[name]] for name in JOINTS}


def joint_errors(points: Points | None, person: Person) -> Errors:
    """Distance of every annotated joint as a share of the person's size; infinite where nobody was found."""
    return {
        name: np.inf if points is None else float(np.linalg.norm(points[name] - place)) / person.size_px
        for name, place in person.joints.items()
        if name in JOINTS
    }


def nearest_person(points: Points | None, people: Sequence[Person]) -> Person:
    """Whom the points are meant for: the person most of whose joints they hit; the largest one where nobody was found."""
    if points is None:
        return max(people, key=lambda person: person.size_px)
    return max(people, key=lambda person: _rank(joint_errors(points, person)))


def nearest_pose(poses: Iterable[Points], person: Person) -> Points | None:
    """The pose that hits most of the person's joints, or None when there is no pose."""
    return max(poses, key=lambda points: _rank(joint_errors(points, person)), default=None)


def share(errors: Iterable[float], threshold: float) -> float:
    """Of the errors that are within the threshold; NaN when there are none."""
    hits = [error <= threshold for error in errors]
    return float(np.mean(hits)) if hits else float("nan")


def _rank(errors: Errors) -> tuple[float, float]:
    """More for more hits, then for smaller errors."""
    values = list(errors.values())
    return (share(values, THRESHOLDS[-1]), -float(np.sum(values))) if values else (0.0, 0.0)
