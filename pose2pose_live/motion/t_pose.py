"""Whether somebody stands in a T-pose before the camera, and if not, what to tell them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from ..frame import CameraFrame, FloatArray, SmplxFrame
from ..rotations import normalise
from ..skeleton import POSE, SMPLX
from .legs_seen import SEEN_MIN

if TYPE_CHECKING:
    from ..estimation.pose_net import PoseLandmarks


class Cue(Enum):
    """What to tell the person; the value is the English text."""

    STEP_IN = "Step into the picture"
    SHOW_FEET = "Step back: your feet are not in the picture"
    SHOW_HEAD = "Step back: your head is not in the picture"
    SHOW_HANDS = "Step back: your hands are not in the picture"
    FACE_CAMERA = "Face the camera"
    STAND_STRAIGHT = "Stand upright, with straight legs"
    RAISE_ARMS = "Raise your arms to the height of your shoulders"
    LOWER_ARMS = "Lower your arms to the height of your shoulders"
    SPREAD_ARMS = "Spread your arms straight out to the sides"
    HOLD_STILL = "Hold still"
    HOLD = "Very good, stay like that"
    DONE = "Done"


_HEAD = [POSE[name] for name in ("nose", "left_eye", "right_eye")]
_SHOULDERS, _ELBOWS, _WRISTS, _ANKLES = (
    [POSE[f"{side}_{joint}"] for side in ("left", "right")] for joint in ("shoulder", "elbow", "wrist", "ankle")
)
_SHOWN = ((Cue.SHOW_FEET, _ANKLES), (Cue.SHOW_HEAD, _HEAD), (Cue.SHOW_HANDS, _WRISTS))
_YAW_MAX_RAD = np.radians(25.0)
_KNEE_MAX_RAD = np.radians(45.0)
_LEAN_MAX_RAD = np.radians(35.0)
_RAISED_MAX_RAD = np.radians(22.0)
_STRAIGHT_MIN = 0.93
# Arms that point forwards look short beside the width of the shoulders, which is about 0.7 of an arm.
_ARM_MIN = 0.9


def t_pose_cue(landmarks: PoseLandmarks | None, picture: CameraFrame, pose: SmplxFrame, joints: FloatArray) -> Cue:
    """What is missing for a T-pose, or `Cue.HOLD`. pose, joints (55,3) m: what was made of the landmarks."""
    if landmarks is None or not pose.tracked:
        return Cue.STEP_IN
    shown = landmarks.visibility * _is_inside(landmarks.image_px, picture)
    for cue, points in _SHOWN:
        if shown[points].min() < SEEN_MIN:
            return cue
    across = joints[SMPLX["left_shoulder"]] - joints[SMPLX["right_shoulder"]]
    if abs(np.arctan2(across[2], across[0])) > _YAW_MAX_RAD:
        return Cue.FACE_CAMERA
    up = standing_up(joints)
    lean = np.arccos(np.clip(up[1], -1.0, 1.0))
    if lean > _LEAN_MAX_RAD or np.linalg.norm(pose.body_pose[_KNEE_ROWS], axis=-1).max() > _KNEE_MAX_RAD:
        return Cue.STAND_STRAIGHT
    return _arms_cue(landmarks.image_px)


def standing_up(joints: FloatArray) -> FloatArray:
    """Unit vector (3,) from the feet to the shoulders of joints (55,3) m: up, of somebody who stands."""
    middle = {
        name: joints[[SMPLX[f"{side}_{name}"] for side in ("left", "right")]].mean(axis=0)
        for name in ("shoulder", "ankle")
    }
    return normalise(middle["shoulder"] - middle["ankle"])


_KNEE_ROWS = [SMPLX[f"{side}_knee"] - 1 for side in ("left", "right")]


def _arms_cue(image_px: FloatArray) -> Cue:
    shoulders, elbows, wrists = image_px[_SHOULDERS], image_px[_ELBOWS], image_px[_WRISTS]
    width_px = float(np.linalg.norm(shoulders[0] - shoulders[1]))
    arms = wrists - shoulders
    length_px = np.linalg.norm(arms, axis=1)
    # The left arm points to the picture's right; y points down. The shoulders' slope may be the camera's.
    to_left = normalise(shoulders[0] - shoulders[1])
    downwards = np.array([-to_left[1], to_left[0]])
    raised = np.arctan2(-(arms @ downwards), arms @ to_left * [1.0, -1.0])
    if length_px.min() < _ARM_MIN * width_px:
        return Cue.RAISE_ARMS if raised.min() < -_RAISED_MAX_RAD else Cue.SPREAD_ARMS
    if raised.min() < -_RAISED_MAX_RAD:
        return Cue.RAISE_ARMS
    if raised.max() > _RAISED_MAX_RAD:
        return Cue.LOWER_ARMS
    bones_px = np.linalg.norm(elbows - shoulders, axis=1) + np.linalg.norm(wrists - elbows, axis=1)
    return Cue.HOLD if (length_px / bones_px).min() >= _STRAIGHT_MIN else Cue.SPREAD_ARMS


def _is_inside(image_px: FloatArray, picture: CameraFrame) -> FloatArray:
    return np.asarray(((image_px >= 0) & (image_px < picture.image.shape[1::-1])).all(axis=1), np.float64)
