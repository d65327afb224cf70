"""What training keeps of one drawn face: what the published networks say of it, and the true jaw and expression."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from ...detection.region import Region, wrap_angle
from ...estimation.face_net import FaceLandmarks, FaceNet
from ...frame import FloatArray, Image
from ...inference import Engine
from ...resources import engine_path
from ...skeleton import SUPERVISION
from ..synthetic import SyntheticSample
from .shard_rows import Rows

Rng = np.random.Generator
_POINTS = [i for i, name in enumerate(SUPERVISION) if name.startswith(("brow", "nose_", "eye_rim", "mouth"))]
_RIGHT_EYE, _LEFT_EYE = ([SUPERVISION[f"eye_rim{i}"] for i in rows] for rows in (range(1, 7), range(7, 13)))
_SEEN_MIN, _PRESENCE_MIN = 0.4, 0.5
_ROUGH_SCALE = 2.1
_SHIFT, _SCALE_SPREAD, _TURN_DEG = 0.02, 0.06, 5.0
_CROP_PX, _JPEG_QUALITY = 256, 85


class FaceEyes:
    """The published face networks, asked as the application asks them."""

    def __init__(self) -> None:
        engine = Engine.load(engine_path("landmarks"))
        self._net = FaceNet(engine.graph("face"), engine.graph("blendshapes"))

    def look(self, picture: Image, region: Region) -> FaceLandmarks:
        return self._net(picture, region)

    def rows(self, picture: Image, region: Region) -> Rows:
        """Those of `rows_of`, and presence."""
        seen = self.look(picture, region)
        return rows_of(seen, picture, region) | {"presence": np.array([seen.presence], np.float32)}


def rows_of(seen: FaceLandmarks, picture: Image, region: Region) -> Rows:
    """points (478,3) px, blendshapes (52,), the crop that the region makes of the picture."""
    _, jpeg = cv2.imencode(".jpg", region.crop(picture, _CROP_PX), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return {
        "points": seen.points_px.astype(np.float32), "blendshapes": seen.blendshapes.astype(np.float32),
        "jpeg": np.asarray(jpeg, np.uint8).ravel(),
    }  # fmt: skip


def drawn_faces(sample: SyntheticSample, eyes: FaceEyes, crops: int, rng: Rng) -> list[Rows]:
    """Crops as tracking cuts them, with jaw (3,) axis-angle and expression (10,)."""
    assert sample.joints_2d is not None
    assert sample.joints_visible is not None
    assert sample.smplx is not None
    if sample.joints_visible[_POINTS].mean() < _SEEN_MIN:
        return []
    found = eyes.look(sample.picture, _rough_region(sample.joints_2d))
    if found.presence < _PRESENCE_MIN:
        return []
    made = [eyes.rows(sample.picture, jittered(found.region, rng)) for _ in range(crops)]
    labels = {
        "jaw": sample.smplx.jaw_pose.astype(np.float32),
        "expression": sample.smplx.expression.astype(np.float32),
    }
    return [rows | labels for rows in made if rows["presence"].item() >= _PRESENCE_MIN]


def jittered(region: Region, rng: Rng) -> Region:
    """The region as tracking may be off with it."""
    shift = rng.normal(0, _SHIFT, 2) * region.size_px
    return replace(
        region,
        centre_x_px=region.centre_x_px + shift[0],
        centre_y_px=region.centre_y_px + shift[1],
        size_px=region.size_px * float(np.exp(rng.normal(0, _SCALE_SPREAD))),
        rotation_rad=wrap_angle(region.rotation_rad + np.radians(rng.normal(0, _TURN_DEG))),
    )


def _rough_region(joints_px: FloatArray) -> Region:
    points = joints_px[_POINTS]
    low, high = points.min(axis=0), points.max(axis=0)
    across = joints_px[_LEFT_EYE].mean(axis=0) - joints_px[_RIGHT_EYE].mean(axis=0)
    centre, size = (low + high) / 2, float(_ROUGH_SCALE * (high - low).max())
    return Region(float(centre[0]), float(centre[1]), size, wrap_angle(np.arctan2(across[1], across[0])))
