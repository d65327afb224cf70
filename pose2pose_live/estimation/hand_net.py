"""The hand network: regions of the picture become 21 landmarks each, and the next regions (MediaPipe hand landmark full)."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class HandLandmarks:
    """What the hand network saw.

    image_px (21,2) px of the source picture. world_m (21,3) metres from the middle of the hand, in axes along the crop's view, x
    right, y down, z away. presence: chance that there is a hand. right: chance that it is a right hand. region: where to look in
    the next picture.
    """

    image_px: FloatArray
    world_m: FloatArray
    presence: float
    right: float
    region: Region


class HandNet:
    """MediaPipe's hand landmark network; may be called by several threads at once."""

    def __init__(self, spec: GraphSpec) -> None:
        self._size_px = spec.input_size_px
        self._session = Session(spec.path, 1, ("landmarks", "presence", "handedness", "world"))

    def __call__(self, image: Image, region: Region) -> HandLandmarks:
        out = self._session.run(blob(region.crop(image, self._size_px)))
        image_px = region.to_image(out["landmarks"][0, :, :2].astype(np.float64), self._size_px)
        return HandLandmarks(
            image_px,
            out["world"][0].astype(np.float64) @ region.rotation_to_image().T,
            float(out["presence"].item()),
            float(out["handedness"].item()),
            _region_from_landmarks(image_px),
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
    middle_px = (2 * pose.image_px[index] + pose.image_px[pinky]) / 3
    towards = 2 * middle_px - pose.image_px[wrist]
    small = _shifted_up(region_from_points(middle_px, towards, 1.0), _SHIFT_UP)
    return Region(small.centre_x_px, small.centre_y_px, small.size_px * _POSE_SCALE, small.rotation_rad)


def _region_from_landmarks(image_px: FloatArray) -> Region:
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


def _shifted_up(region: Region, fraction: float) -> Region:
    """The region moved towards its own top by a fraction of its size."""
    shift = fraction * region.size_px
    return Region(
        region.centre_x_px + shift * np.sin(region.rotation_rad),
        region.centre_y_px - shift * np.cos(region.rotation_rad),
        region.size_px,
        region.rotation_rad,
    )
