"""`Region`: a turned square of the picture that a network looks at, and the way there and back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from ..frame import Camera, FloatArray, Image

_CORNERS = np.array([[0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]])
_PER_LEVEL = np.float32(1 / 255)
VIEW_TO_UPRIGHT = np.array([1.0, -1.0, -1.0])
"""Networks give points x right, y down, z away; times this they are x right, y up, z towards the camera."""


@dataclass(frozen=True)
class Region:
    """Square region of interest in the source picture.

    centre_px (x, y), size_px = side length, rotation_rad = turn of the region's own x axis, clockwise on the screen (y down),
    so that an upright body has rotation 0.
    """

    centre_x_px: float
    centre_y_px: float
    size_px: float
    rotation_rad: float = 0.0

    @property
    def centre_px(self) -> FloatArray:
        return np.array([self.centre_x_px, self.centre_y_px])

    def crop_to_image(self, crop_size_px: int) -> FloatArray:
        """(2,3) affine from crop px to source px, corner-aligned as MediaPipe's ImageToTensor maps them."""
        scale = self.size_px / crop_size_px
        cos, sin = scale * np.cos(self.rotation_rad), scale * np.sin(self.rotation_rad)
        half = crop_size_px / 2
        return np.array(
            [
                [cos, -sin, self.centre_x_px - half * (cos - sin)],
                [sin, cos, self.centre_y_px - half * (sin + cos)],
            ]
        )

    def crop(self, image: Image, crop_size_px: int) -> Image:
        """The region as an upright uint8 (S,S,3) BGR picture; pixels outside the source repeat its border."""
        affine = self.crop_to_image(crop_size_px)
        corners = affine[:, :2] @ (_CORNERS * crop_size_px) + affine[:, 2:]
        inside = (corners >= 0).all() and ([image.shape[1] - 1, image.shape[0] - 1] >= corners.T).all()
        return cv2.warpAffine(
            image,
            affine,
            (crop_size_px, crop_size_px),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            # Where no border is needed, OpenCV is six times as fast when it is asked for a constant one.
            borderMode=cv2.BORDER_CONSTANT if inside else cv2.BORDER_REPLICATE,
        )

    def to_image(self, points_crop_px: FloatArray, crop_size_px: int) -> FloatArray:
        """Points (...,2) px of the crop -> px of the source picture."""
        affine = self.crop_to_image(crop_size_px)
        return points_crop_px @ affine[:, :2].T + affine[:, 2]

    def to_crop(self, points_image_px: FloatArray, crop_size_px: int) -> FloatArray:
        """Points (...,2) px of the source picture -> px of the crop."""
        affine = self.crop_to_image(crop_size_px)
        return (points_image_px - affine[:, 2]) @ np.linalg.inv(affine[:, :2]).T

    def rotation_to_image(self) -> FloatArray:
        """(3,3) rotation about the viewing axis from the region's axes to the picture's, for 3D points with y down."""
        cos, sin = np.cos(self.rotation_rad), np.sin(self.rotation_rad)
        return np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])

    def overlap(self, other: Region) -> float:
        """Intersection over union of the two squares, their turn left out of account (0..1)."""
        half_a, half_b = self.size_px / 2, other.size_px / 2
        low = np.maximum(self.centre_px - half_a, other.centre_px - half_b)
        high = np.minimum(self.centre_px + half_a, other.centre_px + half_b)
        common = float(np.prod(np.maximum(high - low, 0.0)))
        return common / (self.size_px**2 + other.size_px**2 - common)

    def touches(self, width_px: int, height_px: int) -> bool:
        """Whether the centre lies inside a picture of this size, or at most a quarter of the region outside it."""
        margin = self.size_px / 4
        return -margin <= self.centre_x_px <= width_px + margin and -margin <= self.centre_y_px <= height_px + margin


def blob(crop: Image) -> np.ndarray:
    """uint8 BGR crop (S,S,3) -> float32 (1,3,S,S) RGB in [0,1], as every graph of an engine takes it."""
    planes = np.empty((1, 3, *crop.shape[:2]), np.float32)
    for channel, plane in enumerate(cv2.split(crop)):  # five times as fast as cv2.dnn.blobFromImage
        np.multiply(plane, _PER_LEVEL, out=planes[0, 2 - channel])
    return planes


def ray_rotation(camera: Camera, point_px: FloatArray) -> FloatArray:
    """Rotation (3,3) from axes whose view is along the ray through point_px to the camera-aligned world.

    A crop network sees its subject as if the camera looked straight at the crop's centre; this turns what it says about depth and
    orientation into the real camera's axes.
    """
    x, y = camera.slopes(point_px)
    yaw, pitch = math.atan2(-x, 1.0), math.atan2(y, math.hypot(x, 1.0))
    cy, sy, cp, sp = math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)
    return np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]]) @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])


def view_to_world(camera: Camera, region: Region) -> FloatArray:
    """Rotation (3,3) from a crop's upright view axes (x right in the crop, y up, z towards the camera along the ray through the
    region's middle) to the camera-aligned world: how the network's rotations and points are brought there."""
    upright = np.diag(VIEW_TO_UPRIGHT)
    return ray_rotation(camera, region.centre_px) @ (upright @ region.rotation_to_image() @ upright)


def region_from_points(start_px: FloatArray, end_px: FloatArray, scale: float) -> Region:
    """Region centred on `start`, upright towards `end` (up on the crop), with side = 2 * scale * their distance.

    MediaPipe's AlignmentPointsRectsCalculator followed by a square-long RectTransformation.
    """
    delta = np.asarray(end_px, float) - start_px
    return Region(
        float(start_px[0]),
        float(start_px[1]),
        float(2 * scale * np.hypot(*delta)),
        wrap_angle(np.arctan2(delta[0], -delta[1])),
    )


def wrap_angle(angle_rad: float) -> float:
    """The same angle in [-pi, pi)."""
    return float((angle_rad + np.pi) % (2 * np.pi) - np.pi)
