"""The hand network: regions of the picture become 21 landmarks each, and the next regions (MediaPipe hand landmark full); where the engine has a
trained head on it, how palm and fingers are turned as well (network/open_hand_net.py)."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..detection.region import Region, blob, region_from_points, wrap_angle
from ..frame import FloatArray, Image
from ..inference import GraphSpec, Session
from ..skeleton import HAND_LANDMARK, POSE
from .pose_net import PoseLandmarks

PRESENCE_MIN = 0.5
_WRIST_VISIBILITY_MIN = 0.1
_POSE_SCALE = 2.7
_SHIFT_UP = 0.1
_LANDMARK_SCALE = 2.0
# The palm and the finger roots, which MediaPipe's hand region is built from, so that moving fingertips don't move it.
_STEADY = [
    HAND_LANDMARK[name]
    for name in ("wrist", "thumb_cmc", "thumb_mcp", "thumb_ip", "index_mcp", "index_pip", "middle_mcp", "middle_pip",
                 "ring_mcp", "ring_pip", "pinky_mcp", "pinky_pip")
]  # fmt: skip


_MIRROR = np.array([-1.0, 1.0, 1.0])
_LANDMARKS = ("landmarks", "presence", "handedness", "world")
_HEADS = ("palm", "fingers")


@dataclass(frozen=True)
class HandRotations:
    """What the heads read. palm (3,3): SMPL-X's wrist in upright view axes of the region that was looked at; fingers (15,3,3) relative to their parents;
    looked_at: the region."""

    palm: FloatArray
    fingers: FloatArray
    looked_at: Region


@dataclass(frozen=True)
class HandLandmarks:
    """What the hand network saw.

    image_px (21,2) px of the source picture. world_m (21,3) metres from the middle of the hand, in axes along the crop's view, x
    right, y down, z away. presence: chance that there is a hand. right: chance that it is a right hand. region: where to look in
    the next picture. rotations: None of an engine without heads.
    """

    image_px: FloatArray
    world_m: FloatArray
    presence: float
    right: float
    region: Region
    rotations: HandRotations | None = None


class HandNet:
    """MediaPipe's hand landmark network, with heads or without; may be called by several threads at once."""

    def __init__(self, spec: GraphSpec) -> None:
        self._size_px = spec.input_size_px
        self._has_heads = set(_HEADS) <= set(spec.table["outputs"])
        self._session = Session(spec.path, 1, (*_LANDMARKS, *(_HEADS if self._has_heads else ())))

    def __call__(self, image: Image, region: Region, side: str) -> HandLandmarks:
        """side: "left" or "right", which of a person's hands is expected in the region."""
        crop = region.crop(image, self._size_px)
        # Heads know right hands only, and are shown a left one in a mirror.
        is_mirrored = self._has_heads and side == "left"
        out = self._session.run(blob(cv2.flip(crop, 1) if is_mirrored else crop))
        seen = {name: value[0].astype(np.float64) for name, value in out.items()}
        if is_mirrored:
            seen = _mirrored(seen, self._size_px)
        image_px = region.to_image(seen["landmarks"][:, :2], self._size_px)
        return HandLandmarks(
            image_px,
            seen["world"] @ region.rotation_to_image().T,
            float(seen["presence"].item()),
            float(seen["handedness"].item()),
            region_from_landmarks(image_px),
            HandRotations(seen["palm"], seen["fingers"], region) if self._has_heads else None,
        )


class HandRecropNet:
    """MediaPipe's re-crop network: a rough hand region guessed from the body becomes a tight one."""

    def __init__(self, spec: GraphSpec) -> None:
        self._size_px = spec.input_size_px
        self._session = Session(spec.path, 1)

    def __call__(self, image: Image, rough: Region) -> Region:
        out = self._session.run(blob(rough.crop(image, self._size_px)))
        points = next(iter(out.values())).reshape(2, 2).astype(np.float64)
        centre_px, below_px = rough.to_image(points, self._size_px)
        # The second point lies on the wrist's side of the centre: up is the other way.
        return _shifted_up(region_from_points(centre_px, 2 * centre_px - below_px, 1.0), _SHIFT_UP)


def hand_region_from_pose(pose: PoseLandmarks, side: str) -> Region | None:
    """Rough region of the `left` or `right` hand by the body's wrist and knuckles; None when the wrist is hidden."""
    wrist, pinky, index = (POSE[f"{side}_{name}"] for name in ("wrist", "pinky", "index"))
    if pose.visibility[wrist] < _WRIST_VISIBILITY_MIN:
        return None
    return rough_region(*pose.image_px[[wrist, index, pinky]])


def rough_region(wrist_px: FloatArray, index_px: FloatArray, pinky_px: FloatArray) -> Region:
    """Where a hand is about, by its wrist and two knuckles (2,) px."""
    middle_px = (2 * index_px + pinky_px) / 3
    towards = 2 * middle_px - wrist_px
    small = _shifted_up(region_from_points(middle_px, towards, 1.0), _SHIFT_UP)
    return Region(small.centre_x_px, small.centre_y_px, small.size_px * _POSE_SCALE, small.rotation_rad)


def region_from_landmarks(image_px: FloatArray) -> Region:
    """MediaPipe's HandLandmarksToRect: the turned bounding square of the steady points, twice as large."""
    knuckles = image_px[[HAND_LANDMARK[f"{finger}_mcp"] for finger in ("index", "ring", "middle")]]
    up = (knuckles[0] + knuckles[1]) / 4 + knuckles[2] / 2 - image_px[HAND_LANDMARK["wrist"]]
    rotation = wrap_angle(np.arctan2(up[0], -up[1]))
    cos, sin = np.cos(rotation), np.sin(rotation)
    to_image = np.array([[cos, -sin], [sin, cos]])
    local = image_px[_STEADY] @ to_image
    low, high = local.min(axis=0), local.max(axis=0)
    extent = high - low
    centre = to_image @ ((low + high) / 2 - [0.0, _SHIFT_UP * extent[1]])
    return Region(float(centre[0]), float(centre[1]), float(_LANDMARK_SCALE * extent.max()), rotation)


def _mirrored(seen: dict[str, FloatArray], size_px: int) -> dict[str, FloatArray]:
    """What was seen in the mirror, of the crop itself."""
    landmarks = seen["landmarks"] * _MIRROR + [size_px - 1, 0, 0]
    turned = np.outer(_MIRROR, _MIRROR)
    return {
        "landmarks": landmarks, "presence": seen["presence"], "handedness": 1 - seen["handedness"], "world": seen["world"] * _MIRROR,
        **{name: seen[name] * turned for name in _HEADS},
    }  # fmt: skip


def _shifted_up(region: Region, fraction: float) -> Region:
    """The region moved towards its own top by a fraction of its size."""
    shift = fraction * region.size_px
    return Region(
        region.centre_x_px + shift * np.sin(region.rotation_rad),
        region.centre_y_px - shift * np.cos(region.rotation_rad),
        region.size_px,
        region.rotation_rad,
    )
