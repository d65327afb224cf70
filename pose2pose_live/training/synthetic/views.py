"""Where the camera is: webcams first (hips-up, seated, frontal), but every facing, height, roll, distance and cut as well."""

from __future__ import annotations

from dataclasses import dataclass
from math import radians

import numpy as np

from ...frame import Camera, FloatArray
from ...skeleton import SMPLX
from .turns import about_x, about_y, about_z

Rng = np.random.Generator
_ASPECTS = ((4, 3, 0.42), (16, 9, 0.22), (1, 1, 0.16), (3, 4, 0.20))  # width, height, how often
_NEAREST_M = 0.38


@dataclass(frozen=True)
class Framing:
    """What the picture shall hold: joints at its lower edge, with a share of the way to the next; distance range in m."""

    lowest: tuple[str, ...]
    drop: float
    distance_m: tuple[float, float]
    seated: float
    standing: float


_FRAMINGS = (
    Framing(("left_shoulder", "right_shoulder"), 0.5, (0.5, 1.1), 0.10, 0.05),
    Framing(("left_hip", "right_hip"), -0.35, (0.6, 1.5), 0.22, 0.14),
    Framing(("left_hip", "right_hip"), 0.0, (0.7, 2.0), 0.26, 0.20),
    Framing(("left_hip", "right_hip", "left_knee", "right_knee"), 0.0, (0.9, 2.6), 0.24, 0.15),
    Framing(("left_knee", "right_knee", "left_hip", "right_hip"), 0.15, (1.1, 3.2), 0.06, 0.10),
    Framing(
        ("left_foot", "right_foot", "left_ankle", "right_ankle", "left_knee", "right_knee"),
        0.08,
        (1.6, 6.0),
        0.12,
        0.48,
    ),
)


@dataclass(frozen=True)
class View:
    """rotation (3,3): from the person's world (Y up, heading +Z) to the camera's (Y up, looking along -Z); shift (3,) m after it;
    camera in px; size: width and height in px."""

    rotation: FloatArray
    shift: FloatArray
    camera: Camera
    size: tuple[int, int]

    def to_camera(self, points: FloatArray) -> FloatArray:
        return points @ self.rotation.T + self.shift


def sample_view(
    rng: Rng, joints: FloatArray, head_top: FloatArray, heading_rad: float, is_seated: bool, size_px: int
) -> View:
    """joints (55,3) and head_top (3,) m in the person's world, heading_rad: which way the trunk faces about Y; size_px: longer side."""
    weights = np.array([f.seated if is_seated else f.standing for f in _FRAMINGS])
    framing = _FRAMINGS[rng.choice(len(_FRAMINGS), p=weights / weights.sum())]
    is_full = framing is _FRAMINGS[-1]
    rotation = _angles(rng, heading_rad, is_full)
    turned = joints @ rotation.T
    top = rotation @ head_top
    centre = turned[SMPLX["spine3"]]
    distance = np.exp(rng.uniform(*np.log(framing.distance_m)))
    distance = max(distance, float(max(turned[:, 2].max(), top[2]) - centre[2]) + _NEAREST_M)
    aside = rng.normal(0, (0.16, 0.08))
    shift = np.array([aside[0] * distance, aside[1] * distance, -distance]) - centre
    size = _size(rng, is_full, size_px)
    lowest = turned[[SMPLX[name] for name in framing.lowest]]
    trunk = turned[[SMPLX[name] for name in ("left_shoulder", "right_shoulder", "neck", "head")]]
    points = np.concatenate([lowest, trunk, top[None]])
    if rng.random() < 0.6:  # keep the hands in the picture
        points = np.concatenate([points, turned[[SMPLX["left_middle1"], SMPLX["right_middle1"]]]])
    if is_full:
        points = np.concatenate([points, turned[:22]])
    return View(rotation, shift, _fit(rng, points + shift, framing.drop, size), size)


def _angles(rng: Rng, heading_rad: float, is_full: bool) -> FloatArray:
    kind = rng.random()
    if kind < (0.5 if is_full else 0.78):
        yaw = rng.normal(0, 22)
    elif kind < (0.72 if is_full else 0.93):
        yaw = rng.normal(0, 65)
    else:
        yaw = rng.uniform(-180, 180)
    pitch = rng.normal(5, 9) if rng.random() < 0.88 else rng.uniform(-30, 50)
    roll = rng.normal(0, 2.5) if rng.random() < 0.8 else rng.normal(0, 13)
    return about_z(radians(roll)) @ about_x(radians(pitch)) @ about_y(radians(yaw) - heading_rad)


def _size(rng: Rng, is_full: bool, size_px: int) -> tuple[int, int]:
    weights = np.array([a[2] for a in _ASPECTS])
    if is_full:
        weights = weights[::-1]
    width, height, _ = _ASPECTS[rng.choice(len(_ASPECTS), p=weights / weights.sum())]
    scale = size_px / max(width, height)
    return round(width * scale), round(height * scale)


def _fit(rng: Rng, points: FloatArray, drop: float, size: tuple[int, int]) -> Camera:
    """Focal length and principal point for which the points fill the picture from just below its upper edge to its lower one."""
    u, v = points[:, 0] / -points[:, 2], -points[:, 1] / -points[:, 2]
    width, height = size
    top, bottom = v.min(), v.max()
    bottom = bottom + drop * (bottom - top)
    extent = bottom - top
    above = rng.uniform(0.03, 0.30) if rng.random() < 0.94 else rng.uniform(-0.06, 0.03)
    focal = height / (extent * (1 + above + max(0.0, rng.normal(0.0, 0.04))))
    # Never much wider than the picture: arms stretched sideways push the camera back.
    focal = min(focal, 1.02 * width / max(u.max() - u.min(), 1e-3))
    if rng.random() < 0.12:
        focal *= rng.uniform(0.45, 0.8)  # a person who stands farther away than usual
    free = height - focal * extent * (1 + above)
    cy = -focal * top + focal * extent * above + (rng.uniform(0.0, 1.0) * free if free > 0 else 0.0)
    middle = 0.5 * (u.min() + u.max())
    cx = 0.5 * width - focal * middle + float(np.clip(rng.normal(0, 0.10), -0.3, 0.3)) * width
    return Camera(float(focal), float(focal), float(cx), float(cy))
