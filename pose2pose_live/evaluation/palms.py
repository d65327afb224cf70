"""Whether hands are where they should be and face there: the palm of the posed mesh against the palm of the hand network's own landmarks."""

from __future__ import annotations

import numpy as np

from ..estimation.hand_net import HandLandmarks
from ..estimation.rest import SIDES, palm_basis
from ..estimation.whole_body import hand_in_world
from ..frame import FloatArray
from ..mocap import Sighting
from ..skeleton import HAND_LANDMARK, SMPLX

_LANDMARKS = [HAND_LANDMARK[name] for name in ("wrist", "index_mcp", "middle_mcp", "pinky_mcp")]
_JOINTS = [[SMPLX[f"{side}_{name}"] for name in ("wrist", "index1", "middle1", "pinky1")] for side in SIDES]


def palm_errors(joints: FloatArray, sighting: Sighting) -> FloatArray:
    """Of posed joints (55,3) against the landmarks of the left and right hand (2,2): the angle between the palms in degrees, and how far their middles are
    apart in the picture, in palm sizes there. NaN where the hand network saw no hand, and with an engine that has none."""
    parts = getattr(sighting.observation, "parts", None)
    hands: tuple[HandLandmarks | None, ...] = (None, None) if parts is None else parts.hands
    errors = np.full((2, 2), np.nan)
    for row, hand in enumerate(hands):
        if hand is not None:
            posed, seen_px = joints[_JOINTS[row]], hand.image_px[_LANDMARKS]
            angle = angle_deg(palm_normal(posed), palm_normal(hand_in_world(hand, sighting.camera)[_LANDMARKS]))
            errors[row] = angle, place_error(sighting.camera.project(posed), seen_px)
    return errors


def place_error(points_px: FloatArray, seen_px: FloatArray) -> float:
    """Distance between the middles of two palms (4,2), in the largest distance between two points of the seen one."""
    size_px = np.linalg.norm(seen_px[:, None] - seen_px, axis=-1).max()
    return float(np.linalg.norm(points_px.mean(axis=0) - seen_px.mean(axis=0)) / max(size_px, 1.0))


def palm_normal(points: FloatArray) -> FloatArray:
    """Unit normal (3,) of wrist, index, middle and little finger's knuckle (4,3); which side it is on depends on the hand alone."""
    return palm_basis(*points)[:, 2]


def angle_deg(a: FloatArray, b: FloatArray) -> float:
    """Between two directions (3,), 0..180."""
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b)))
