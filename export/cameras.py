"""Cameras that film the same thing from several sides: where points that all of them see are in space."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import cv2
import numpy as np

from pose2pose_live.errors import ModelError
from pose2pose_live.frame import FloatArray

_QUALISYS_TO_CAMERA = np.diag([1.0, -1.0, -1.0])
_SUBPIXELS = 64.0
# A view that is so far off the place on which the others agree counts half.
_DOUBT_PX = 15.0
_ROUNDS = 6
_REGISTERED_PX = 10.0


@dataclass(frozen=True)
class View:
    """A calibrated camera, in OpenCV's axes: x right, y down, z away. matrix (3,3); rotation (3,3) and translation (3,) m from the room's axes to the
    camera's; distortion (4,): k1, k2, p1, p2."""

    matrix: FloatArray
    rotation: FloatArray
    translation: FloatArray
    distortion: FloatArray

    def in_camera(self, points: FloatArray) -> FloatArray:
        """Points (...,3) m of the room, in the camera's axes."""
        return points @ self.rotation.T + self.translation

    def project(self, points: FloatArray) -> FloatArray:
        """Points (N,3) m of the room -> px (N,2)."""
        turn = cv2.Rodrigues(self.rotation)[0]
        found, _ = cv2.projectPoints(points.reshape(-1, 1, 3), turn, self.translation, self.matrix, self.distortion)
        return np.asarray(found, float).reshape(-1, 2)

    def slopes(self, points_px: FloatArray) -> FloatArray:
        """Px (N,2) -> x/z and y/z (N,2) of their rays in the camera's axes."""
        points = np.asarray(points_px, float).reshape(-1, 1, 2)
        return np.asarray(cv2.undistortPoints(points, self.matrix, self.distortion), float).reshape(-1, 2)


def read_qualisys(file: Path | IO[bytes]) -> list[View]:
    """The cameras of a Qualisys calibration (.qca.txt), in its order. Raises ModelError."""
    try:
        root = ET.parse(file).getroot()
        return [_view(camera) for camera in root.iter("camera")]
    except (OSError, ET.ParseError, AttributeError, KeyError, ValueError) as error:
        raise ModelError(f"{file}: expected a calibration by Qualisys ({type(error).__name__}: {error})") from error


def _view(camera: ET.Element) -> View:
    inner, outer = (_attributes(camera, name) for name in ("intrinsic", "transform"))
    matrix = np.eye(3)
    for row, axis in enumerate("UV"):
        matrix[row, row], matrix[row, 2] = inner[f"focalLength{axis}"], inner[f"centerPoint{axis}"]
    matrix[:2] /= _SUBPIXELS
    to_room = np.array([[outer[f"r{row}{column}"] for column in (1, 2, 3)] for row in (1, 2, 3)]).T
    rotation = _QUALISYS_TO_CAMERA @ to_room.T
    at = np.array([outer[axis] for axis in "xyz"]) / 1000
    # The format spells it so.
    names = ("radialDistortion1", "radialDistortion2", "tangentalDistortion1", "tangentalDistortion2")
    return View(matrix, rotation, -rotation @ at, np.array([inner[name] for name in names]))


def _attributes(camera: ET.Element, name: str) -> dict[str, float]:
    found = camera.find(name)
    if found is None:
        raise KeyError(name)
    return {key: float(value) for key, value in found.attrib.items()}


def triangulate(views: Sequence[View], points_px: FloatArray, weights: FloatArray) -> FloatArray:
    """Points (K,3) m of the room that the views see at points_px (V,K,2), believed as far as weights (V,K) say; a view on which the others do not
    agree counts less (least squares of the rays, weighted anew from round to round)."""
    slopes = np.stack([view.slopes(points) for view, points in zip(views, points_px, strict=True)])
    poses = np.stack([np.concatenate([view.rotation, view.translation[:, None]], axis=1) for view in views])
    # Of each view two equations for every point: slope times the third row of the pose less its first, or second, is zero.
    equations = slopes[..., None] * poses[:, None, 2:] - poses[:, None, :2]
    believed = weights
    for _ in range(_ROUNDS):
        rows = (believed[..., None, None] * equations).transpose(1, 0, 2, 3).reshape(points_px.shape[1], -1, 4)
        nothing = np.linalg.svd(rows)[2][:, -1]
        points = nothing[:, :3] / nothing[:, 3:]
        believed = weights / (1 + (residuals_px(views, points, points_px) / _DOUBT_PX) ** 2)
    return points


def residuals_px(views: Sequence[View], points: FloatArray, points_px: FloatArray) -> FloatArray:
    """How far (V,K) the points (K,3) m appear from where the views see them (V,K,2)."""
    seen = np.stack([view.project(points) for view in views])
    return np.linalg.norm(seen - points_px, axis=-1)


def registered(view: View, points: FloatArray, points_px: FloatArray) -> View:
    """The view where it must stand to see points (N,3) m of the room at points_px (N,2): for a camera that was moved after the calibration. Raises
    ModelError where they do not fit any place."""
    turn, shift = cv2.Rodrigues(view.rotation)[0], view.translation.reshape(3, 1).copy()
    corners, pixels = points.reshape(-1, 1, 3), points_px.reshape(-1, 1, 2)
    found, turn, shift, inside = cv2.solvePnPRansac(
        corners, pixels, view.matrix, view.distortion, turn, shift, True, 1000, _REGISTERED_PX
    )
    if not found:
        raise ModelError(
            "the camera cannot be brought to where its picture fits that of the others; check that they show the same"
        )
    rows = inside[:, 0]
    turn, shift = cv2.solvePnPRefineLM(corners[rows], pixels[rows], view.matrix, view.distortion, turn, shift)
    return replace(view, rotation=np.asarray(cv2.Rodrigues(turn)[0]), translation=np.asarray(shift).ravel())
