"""Where things are in metres: landmarks lifted from the picture into the camera-aligned world, and the body placed on them."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np

from ..detection.region import VIEW_TO_UPRIGHT, ray_rotation
from ..frame import Camera, FloatArray
from ..skeleton import POSE, SMPLX, SMPLX_FROM_POSE
from .points import BodyPoints
from .pose_net import PoseLandmarks

ANCHORS: tuple[tuple[str, str], ...] = (
    *SMPLX_FROM_POSE,
    *((f"{side}_eye_smplhf", f"{side}_eye") for side in ("left", "right")),
)
"""What places a body in the picture: (SMPL-X joint, BlazePose landmark)."""
# The trunk and the head place the body; hands and feet carry the errors of whole limbs.
_WEIGHT_OF = {"shoulder": 1.0, "hip": 1.0, "elbow": 0.5, "knee": 0.5, "wrist": 0.25, "ankle": 0.25, "eye": 0.5}
ANCHOR_JOINTS, ANCHOR_POINTS = [SMPLX[joint] for joint, _ in ANCHORS], [POSE[landmark] for _, landmark in ANCHORS]
ANCHOR_WEIGHT = np.array([_WEIGHT_OF[landmark.split("_")[-1]] for _, landmark in ANCHORS])
P = TypeVar("P", bound=PoseLandmarks)
_DEPTH_MIN_M = 0.25
# What the network thinks of a hidden point inside the picture is better than a neutral pose, unless it has no idea at all: visibility
# below the first is no idea, above the second full use. What lies outside the picture is never used.
_VISIBLE = (0.04, 0.2)
_WEIGHT_MIN = 1e-3
_RIDGE = 1e-9
_HIPS = [POSE["left_hip"], POSE["right_hip"]]
_HIP_SHARE = 0.77


def joint_centres(pose: P) -> P:
    """The same landmarks with the hips where SMPL-X has them.

    The network marks the outside of the pelvis (hips 0.23 m apart in adults), SMPL-X the balls of the thigh bones (0.17 to 0.18 m).
    """
    image_px, world_m = pose.image_px.copy(), pose.world_m.copy()
    for points in (image_px, world_m):
        middle = points[_HIPS].mean(axis=0)
        points[_HIPS] = middle + _HIP_SHARE * (points[_HIPS] - middle)
    return replace(pose, image_px=image_px, world_m=world_m)


def lift_landmarks(pose: PoseLandmarks, camera: Camera, width_px: int, height_px: int) -> BodyPoints:
    """Body landmarks in the camera-aligned world, metres.

    The network says well where a point is in the picture and how far points lie behind one another, less well how far they lie
    apart across the view. So a seen point goes on its own pixel's ray, at the network's depth; an unseen one keeps the network's
    guess of its place in the body.
    """
    relative = world_axes(pose, camera)
    seen = seen_in_picture(pose, width_px, height_px)
    translation = fit_translation(relative, pose.image_px, seen, camera)
    guessed = relative + translation
    lifted = on_rays(pose.image_px, np.maximum(-guessed[:, 2], _DEPTH_MIN_M), camera)
    return BodyPoints(seen[:, None] * lifted + (1 - seen)[:, None] * guessed, seen)


def on_rays(image_px: FloatArray, depth_m: FloatArray, camera: Camera) -> FloatArray:
    """Points (K,3) m in the world, on the rays through their pixels (K,2), depth_m (K,) before the camera."""
    return depth_m[:, None] * np.concatenate([camera.slopes(image_px), np.full((len(depth_m), 1), -1.0)], axis=1)


def world_axes(pose: PoseLandmarks, camera: Camera) -> FloatArray:
    """The network's metric landmarks (33,3) m from the middle of the hips, in axes of the camera-aligned world."""
    return (pose.world_m * VIEW_TO_UPRIGHT) @ ray_rotation(camera, pose.region.centre_px).T


def fit_translation(points: FloatArray, image_px: FloatArray, weights: FloatArray, camera: Camera) -> FloatArray:
    """Translation (3,) m that brings points (K,3), metres in world axes, onto their pixels (K,2): weighted linear least squares.

    Each pixel gives two equations that are linear in the translation t: with the slopes s of its ray, X + tx + sx (Z + tz) = 0 and
    likewise for Y. That is the line through (s, -X - s Z) and (s, -Y - s Z) whose slope, tz, both axes share.
    """
    weights = np.maximum(weights, _WEIGHT_MIN)
    slopes = camera.slopes(image_px)
    target = -points[:, :2] - slopes * points[:, 2:]
    total, slopes_sum, target_sum = weights.sum() + _RIDGE, weights @ slopes, weights @ target
    along = weights @ np.vecdot(slopes, target) - slopes_sum @ target_sum / total
    spread = weights @ np.vecdot(slopes, slopes) + _RIDGE - slopes_sum @ slopes_sum / total
    away = along / spread
    translation = np.array([*(target_sum - away * slopes_sum) / total, away])
    nearest = -_DEPTH_MIN_M - points[weights > _WEIGHT_MIN, 2].max(initial=-1.0)
    if translation[2] > nearest:  # too few points to tell the depth, or a fit behind the camera
        translation = (
            translation * (nearest / min(translation[2], -1e-3)) if translation[2] < 0 else np.array([0, 0, nearest])
        )
    return translation


def seen_in_picture(pose: PoseLandmarks, width_px: int, height_px: int) -> FloatArray:
    """(33,) 0..1: visible to the network, and inside the picture with a soft edge."""
    low, high = _VISIBLE
    visible = np.clip((pose.visibility - low) / (high - low), 0.0, 1.0)
    edge_px = 0.02 * max(width_px, height_px)
    size = np.array([width_px, height_px])
    inside = np.clip((np.minimum(pose.image_px, size - pose.image_px) + edge_px) / edge_px, 0.0, 1.0).min(axis=1)
    return visible * inside
