"""Every joint list, parent and order; the only place where a joint index is written.

SMPL-X joints in the order of the SMPL-X model file (Pavlakos et al. 2019); BlazePose landmarks in the order of its model
card; hand landmarks in MediaPipe's order; blendshapes in the order of MediaPipe's blendshape network (ARKit names).
"""

from __future__ import annotations

_FINGERS = ("index", "middle", "pinky", "ring", "thumb")

SMPLX_JOINTS: tuple[str, ...] = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle", "spine3",
    "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "jaw", "left_eye_smplhf", "right_eye_smplhf",
    *(f"{side}_{finger}{i}" for side in ("left", "right") for finger in _FINGERS for i in (1, 2, 3)),
)  # fmt: skip
"""The 55 SMPL-X joints."""

SMPLX = {name: i for i, name in enumerate(SMPLX_JOINTS)}
"""SMPL-X joint name -> index in the 55."""


def _smplx_parents() -> tuple[int, ...]:
    parents = [-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 15, 15, 15]
    for wrist in (SMPLX["left_wrist"], SMPLX["right_wrist"]):
        for _ in _FINGERS:
            parents += [wrist, len(parents), len(parents) + 1]
    return tuple(parents)


SMPLX_PARENTS: tuple[int, ...] = _smplx_parents()
"""Parent of each SMPL-X joint; -1 for the pelvis. A parent always comes before its children."""

BODY_JOINTS = SMPLX_JOINTS[1:22]
"""The 21 joints of `body_pose`, in order."""
BODY = {name: i for i, name in enumerate(BODY_JOINTS)}
"""Joint name -> row of `body_pose`."""
HAND_JOINTS: tuple[str, ...] = tuple(f"{finger}{i}" for finger in _FINGERS for i in (1, 2, 3))
"""The 15 joints of `left_hand_pose` and `right_hand_pose`, in order (SMPL-X: index, middle, pinky, ring, thumb)."""
HAND = {name: i for i, name in enumerate(HAND_JOINTS)}
"""Finger joint name -> row of a hand pose."""

GLOBAL_SLICE = slice(0, 1)
BODY_SLICE = slice(1, 22)
JAW_SLICE = slice(22, 23)
EYES_SLICE = slice(23, 25)
LEFT_HAND_SLICE = slice(25, 40)
RIGHT_HAND_SLICE = slice(40, 55)
"""Rows of the parts in a full pose (55,3)."""

LEG_JOINTS = tuple(n for n in BODY_JOINTS if n.split("_")[-1] in ("hip", "knee", "ankle", "foot"))
"""The joints of the legs among the 21."""

MIRROR_JOINT: tuple[int, ...] = tuple(
    SMPLX[name.replace("left_", "right_") if name.startswith("left_") else name.replace("right_", "left_")]
    for name in SMPLX_JOINTS
)
"""Index of the joint on the other side of the body."""

POSE_LANDMARKS: tuple[str, ...] = (
    "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer", "left_ear",
    "right_ear", "mouth_left", "mouth_right", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist",
    "right_wrist", "left_pinky", "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb", "left_hip",
    "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle", "left_heel", "right_heel", "left_foot_index",
    "right_foot_index",
)  # fmt: skip
"""The 33 BlazePose landmarks."""
POSE = {name: i for i, name in enumerate(POSE_LANDMARKS)}
"""BlazePose landmark name -> index."""
POSE_ROI_CENTRE, POSE_ROI_EDGE = 33, 34
"""Auxiliary outputs of the pose network: centre of the next region (mid-hip) and a point on its circle."""

HAND_LANDMARKS: tuple[str, ...] = (
    "wrist", *(f"{f}_{p}" for f, ps in (
        ("thumb", ("cmc", "mcp", "ip", "tip")), ("index", ("mcp", "pip", "dip", "tip")), ("middle", ("mcp", "pip", "dip", "tip")),
        ("ring", ("mcp", "pip", "dip", "tip")), ("pinky", ("mcp", "pip", "dip", "tip"))) for p in ps),
)  # fmt: skip
"""The 21 hand landmarks of MediaPipe's hand network."""
HAND_LANDMARK = {name: i for i, name in enumerate(HAND_LANDMARKS)}
"""Hand landmark name -> index."""

BLENDSHAPES: tuple[str, ...] = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel", "mouthLeft",
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight",
)  # fmt: skip
"""The 52 outputs of MediaPipe's blendshape network, in its order (`_neutral` and 51 ARKit names)."""

ARKIT: tuple[str, ...] = (
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft",
    "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft",
    "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft",
    "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight", "mouthClose",
    "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel", "mouthLeft",
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight",
    "tongueOut",
)  # fmt: skip
"""ARKit's 52 blendshape names in alphabetical order: the order of `SmplxFrame.blendshapes`."""
ARKIT_INDEX = {name: i for i, name in enumerate(ARKIT)}
"""ARKit name -> index in `SmplxFrame.blendshapes`."""

SMPLX_FROM_POSE: tuple[tuple[str, str], ...] = (
    *((f"{side}_{j}", f"{side}_{j}") for side in ("left", "right")
      for j in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")),
)  # fmt: skip
"""SMPL-X joints that have a BlazePose landmark at the same anatomical place: (SMPL-X name, BlazePose name)."""
