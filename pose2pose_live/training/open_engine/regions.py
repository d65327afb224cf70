"""Where a person's crop lies, by the rule of the pose network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...detection.region import Region, region_from_points, wrap_angle
from ...frame import FloatArray
from ...skeleton import SUPERVISION

CROP_PX = 256
_REGION_SCALE = 1.25  # as in estimation/pose_net.py
_NEAREST_M = 0.2
# The radius of the circle that the published network draws about a person, in trunk lengths (hips to shoulders) at the hips' distance:
# where its regions settled on 240 rendered people the median was 1.9, whatever the picture showed of the legs, with a spread of 10 %. The
# outermost point in the picture, feet or crown, spreads by 36 % as soon as the legs are cut off.
_RADIUS_PER_TRUNK = 1.9
_SIDES = ("left", "right")
_SHIFT_PX, _SCALE_SPREAD, _TURN_DEG = 8.0, 0.12, 9.0
# Now and then the network sees much less than the whole body, or the camera is held aslant and tracking has not caught up.
_CLOSE_SHARE, _CLOSE = 0.2, (0.65, 1.0)
_ASLANT_SHARE, _ASLANT_DEG = 0.1, 22.0


def true_region(joints_2d: FloatArray, joints_3d: FloatArray, focal_px: float) -> Region:
    """The region that tracking would settle at: about the middle of the hips, upright along the trunk as the picture shows it.

    joints_2d (137,2) px and joints_3d (137,3) m in the camera's OpenCV axes, in `SUPERVISION_JOINTS` order.
    """
    hips, hips_3d = _middle(joints_2d, "hip"), _middle(joints_3d, "hip")
    trunk = _middle(joints_2d, "shoulder") - hips
    length_m = float(np.linalg.norm(_middle(joints_3d, "shoulder") - hips_3d))
    radius = _RADIUS_PER_TRUNK * length_m * focal_px / max(float(hips_3d[2]), _NEAREST_M)
    up = trunk / max(float(np.linalg.norm(trunk)), 1e-6)
    return region_from_points(hips, hips + radius * up, _REGION_SCALE)


def jittered(region: Region, rng: np.random.Generator) -> Region:
    """The region as it may be in use: shifted by pixels of the crop, larger or smaller, turned."""
    size = region.size_px * float(np.exp(np.clip(rng.normal(0, _SCALE_SPREAD), -0.36, 0.36)))
    if rng.random() < _CLOSE_SHARE:
        size *= rng.uniform(*_CLOSE)
    shift = np.clip(rng.normal(0, _SHIFT_PX, 2), -24, 24) * size / CROP_PX
    spread = _ASLANT_DEG if rng.random() < _ASLANT_SHARE else _TURN_DEG
    turn = np.radians(np.clip(rng.normal(0, spread), -45, 45))
    return replace(
        region,
        centre_x_px=region.centre_x_px + shift[0],
        centre_y_px=region.centre_y_px + shift[1],
        size_px=size,
        rotation_rad=wrap_angle(region.rotation_rad + turn),
    )


def _middle(joints: FloatArray, name: str) -> FloatArray:
    return joints[[SUPERVISION[f"{side}_{name}"] for side in _SIDES]].mean(axis=0)
