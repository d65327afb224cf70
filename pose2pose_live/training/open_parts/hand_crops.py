"""What training keeps of one hand: the crop, what the published network says and sees there, and the true pose. Always of a right hand, a left one mirrored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ...detection.region import Region, blob, view_to_world, wrap_angle
from ...estimation.hand_net import HandRecropNet, region_from_landmarks, rough_region
from ...estimation.rest import SIDES
from ...frame import Camera, FloatArray, Image
from ...inference import Engine, Session
from ...network.hand_landmarker import ANSWERS, INPUT_PX, TAPS
from ...network.open_hand_net import mean_features, pooled_features
from ...resources import engine_path
from ...rotations import rotmat_to_rotvec, rotvec_to_rotmat
from ...skeleton import SMPLX, SMPLX_PARENTS, SUPERVISION, SUPERVISION_LEFT_HAND_SLICE, SUPERVISION_RIGHT_HAND_SLICE
from ..synthetic import SyntheticSample
from .shard_rows import Rows

Rng = np.random.Generator
LABELS = ("rotations", "points", "points_px", "seen")
"""What is known of a drawn hand: see `drawn_crops`."""
_OPENCV_TO_WORLD = np.diag([1.0, -1.0, -1.0])
_MIRROR = np.array([-1.0, 1.0, 1.0])
_ROTVEC_MIRROR = np.array([1.0, -1.0, -1.0])
_POINTS = {
    side: [SUPERVISION[f"{side}_wrist"], *range(part.start, part.stop)]
    for side, part in zip(SIDES, (SUPERVISION_LEFT_HAND_SLICE, SUPERVISION_RIGHT_HAND_SLICE), strict=True)
}
_SEEN_MIN, _PRESENCE_MIN = 0.45, 0.5
_RECROP_SHARE = 0.25
_SHIFT, _SCALE_SPREAD, _TURN_DEG = 0.035, 0.09, 8.0
_WRIST, _INDEX, _PINKY = 0, 5, 17
_SMALL_SHARE, _SMALLEST = 0.5, 0.3
_JPEG_QUALITY = 90


@dataclass(frozen=True)
class HandTruth:
    """Of a hand in its picture: points (21,3) m in the camera's world, their px (21,2), which are seen (21,); palm: world rotation (3,3) of SMPL-X's
    wrist; fingers (15,3) axis-angle."""

    points: FloatArray
    points_px: FloatArray
    seen: NDArray[np.bool_]
    palm: FloatArray
    fingers: FloatArray


class HandEyes:
    """The published hand networks, asked once for every crop."""

    def __init__(self) -> None:
        engine = Engine.load(engine_path("landmarks"))
        self._hand = Session(engine.graph("hand").path, 1, (*ANSWERS, *TAPS))
        self.recrop = HandRecropNet(engine.graph("hand_recrop"))

    def look(self, picture: Image, region: Region, side: str) -> Rows:
        """What is kept of a crop: the network's answers, its features at the landmarks and on average, the crop itself."""
        crop = region.crop(picture, INPUT_PX)
        if side == "left":
            crop = np.ascontiguousarray(crop[:, ::-1])
        out = self._hand.run(blob(crop))
        seen = {name: torch.from_numpy(value) for name, value in out.items()}
        _, jpeg = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        return {
            **{name: out[name][0] for name in ANSWERS},
            "pooled": pooled_features(seen)[0].numpy().astype(np.float16),
            "mean": mean_features(seen)[0].numpy().astype(np.float16),
            "jpeg": np.asarray(jpeg, np.uint8).ravel(),
        }


def drawn_hand(sample: SyntheticSample, side: str) -> HandTruth | None:
    """None when too little of the hand is to be seen."""
    assert sample.joints_2d is not None
    assert sample.joints_3d is not None
    assert sample.joints_visible is not None
    assert sample.smplx is not None
    rows = _POINTS[side]
    seen = sample.joints_visible[rows]
    if seen.mean() < _SEEN_MIN:
        return None
    target = sample.smplx
    local = rotvec_to_rotmat(np.concatenate([target.global_orient[None], target.body_pose]))
    palm, joint = np.eye(3), SMPLX[f"{side}_wrist"]
    while joint >= 0:
        palm, joint = local[joint] @ palm, SMPLX_PARENTS[joint]
    fingers = target.left_hand_pose if side == "left" else target.right_hand_pose
    return HandTruth(
        sample.joints_3d[rows] @ _OPENCV_TO_WORLD, sample.joints_2d[rows], seen, _OPENCV_TO_WORLD @ palm, fingers
    )


def drawn_crops(sample: SyntheticSample, side: str, eyes: HandEyes, crops: int, rng: Rng) -> list[Rows]:
    """Crops as tracking and finding cut them, with labels; those in which the network sees no hand are left out, as in use.

    rotations (16,3): palm in upright view axes and the fingers, axis-angle; points (21,3) m from the wrist in these axes; points_px (21,2) of the crop;
    seen (21,).
    """
    truth = drawn_hand(sample, side)
    if truth is None:
        return []
    assert sample.focal_px is not None
    assert sample.principal_px is not None
    camera = Camera(*sample.focal_px, *sample.principal_px)
    picture = _as_small(sample.picture, rng)
    kept = []
    for _ in range(crops):
        region = _region(picture, truth.points_px, eyes.recrop, rng)
        rows = eyes.look(picture, region, side)
        if rows["presence"].item() >= _PRESENCE_MIN:
            kept.append(rows | _labels(truth, camera, region, side))
    return kept


def real_crop(picture: Image, region: Region, side: str, eyes: HandEyes, rng: Rng) -> Rows | None:
    """A crop of a real hand, whose true pose nobody knows."""
    rows = eyes.look(picture, jittered(region, rng), side)
    if rows["presence"].item() < _PRESENCE_MIN:
        return None
    return rows | {
        "rotations": np.zeros((16, 3), np.float32), "points": np.zeros((21, 3), np.float32),
        "points_px": np.zeros((21, 2), np.float32), "seen": np.zeros(21, np.float32),
    }  # fmt: skip


def jittered(region: Region, rng: Rng) -> Region:
    """The region as tracking may be off with it."""
    shift = np.clip(rng.normal(0, _SHIFT, 2), -0.1, 0.1) * region.size_px
    return replace(
        region,
        centre_x_px=region.centre_x_px + shift[0],
        centre_y_px=region.centre_y_px + shift[1],
        size_px=region.size_px * float(np.exp(np.clip(rng.normal(0, _SCALE_SPREAD), -0.25, 0.25))),
        rotation_rad=wrap_angle(region.rotation_rad + np.radians(np.clip(rng.normal(0, _TURN_DEG), -25, 25))),
    )


def _region(picture: Image, points_px: FloatArray, recrop: HandRecropNet, rng: Rng) -> Region:
    tracked = region_from_landmarks(points_px)
    if rng.random() >= _RECROP_SHARE:
        return jittered(tracked, rng)
    rough = points_px[[_WRIST, _INDEX, _PINKY]]
    size = np.linalg.norm(rough[1] - rough[0])
    return recrop(picture, rough_region(*(rough + rng.normal(0, 0.08 * size, (3, 2)))))


def _as_small(picture: Image, rng: Rng) -> Image:
    """As if the hand took fewer px of the picture, which most do."""
    if rng.random() >= _SMALL_SHARE:
        return picture
    height, width = picture.shape[:2]
    share = rng.uniform(_SMALLEST, 1.0)
    small = cv2.resize(picture, (round(share * width), round(share * height)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _labels(truth: HandTruth, camera: Camera, region: Region, side: str) -> dict[str, Any]:
    to_view = view_to_world(camera, region).T
    palm, points = to_view @ truth.palm, (truth.points - truth.points[0]) @ to_view.T
    pixels = region.to_crop(truth.points_px, INPUT_PX)
    fingers = truth.fingers
    if side == "left":
        palm, points = palm * np.outer(_MIRROR, _MIRROR), points * _MIRROR
        fingers, pixels = fingers * _ROTVEC_MIRROR, np.column_stack([INPUT_PX - 1 - pixels[:, 0], pixels[:, 1]])
    rotations = np.concatenate([rotmat_to_rotvec(palm)[None], fingers])
    return {
        "rotations": rotations.astype(np.float32), "points": points.astype(np.float32), "points_px": pixels.astype(np.float32),
        "seen": truth.seen.astype(np.float32),
    }  # fmt: skip


def published_hand_graph() -> Path:
    return engine_path("landmarks") / "hand.onnx"
