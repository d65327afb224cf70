"""Every joint list, parent and order; the only place where a joint index is written.

SMPL-X joints in the order of the SMPL-X model file (Pavlakos et al. 2019); BlazePose landmarks in the order of its model
card; hand landmarks in MediaPipe's order; blendshapes in the order of MediaPipe's blendshape network (ARKit names).
"""

from __future__ import annotations

from collections.abc import Iterable


def both_sides(index: dict[str, int], *names: str) -> list[int]:
    """Indices of what is there on the left and on the right, for each of the names without their side: left, right, left, right ..."""
    return [index[f"{side}_{name}"] for name in names for side in ("left", "right")]


def other_side(names: tuple[str, ...]) -> list[int]:
    """For every name the index of the same on the other side of the body."""
    swapped = (name.replace("left", "*").replace("right", "left").replace("*", "right") for name in names)
    return [names.index(name) for name in swapped]


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
EXPRESSION_MAX = 1.1
"""Beyond that a coefficient of the open body's expression, either way, draws no face any more."""

SMPLX_FROM_POSE: tuple[tuple[str, str], ...] = (
    *((f"{side}_{j}", f"{side}_{j}") for side in ("left", "right")
      for j in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")),
)  # fmt: skip
"""SMPL-X joints that have a BlazePose landmark at the same anatomical place: (SMPL-X name, BlazePose name)."""

SMPLX_FEET_AND_FACE: tuple[str, ...] = (
    "nose", "right_eye", "left_eye", "right_ear", "left_ear", "left_big_toe", "left_small_toe", "left_heel", "right_big_toe",
    "right_small_toe", "right_heel",
)  # fmt: skip
"""The first 11 of the vertices that SMPL-X software appends to the 55 joints."""
_TIPS = ("thumb", "index", "middle", "ring", "pinky")
_LANDMARKS = (
    ("brow", 10),
    ("nose_ridge", 4),
    ("nose_base", 5),
    ("eye_rim", 12),
    ("mouth", 12),
    ("lips", 8),
    ("contour", 17),
)
"""Blocks of the 68 face landmarks in the order of SMPL-X's output: points 18 to 68 of the 300-W mark-up, then 1 to 17."""
FACE_LANDMARKS: tuple[str, ...] = tuple(f"{block}{i}" for block, count in _LANDMARKS for i in range(1, count + 1))
"""The 68 face landmarks; the last 17, `contour*`, follow the visible outline of the face and not every body file has them."""

SMPLX_OUTPUT_JOINTS: tuple[str, ...] = (
    *SMPLX_JOINTS, *SMPLX_FEET_AND_FACE, *(f"{side}_{f}_tip" for side in ("left", "right") for f in _TIPS), *FACE_LANDMARKS,
)  # fmt: skip
"""The 144 joints that SMPL-X software returns: 55 joints, 21 vertices, 68 face landmarks (127 where the file lacks contour)."""
SMPLX_OUTPUT = {name: i for i, name in enumerate(SMPLX_OUTPUT_JOINTS)}
"""Name -> index in the 144."""

POSITION_BODY_JOINTS: tuple[str, ...] = (
    "pelvis", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle", "neck", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_big_toe", "left_small_toe", "left_heel",
    "right_big_toe", "right_small_toe", "right_heel", "left_ear", "right_ear", "left_eye", "right_eye", "nose",
)  # fmt: skip
"""The 25 body joints whose positions the Pose2Pose network finds."""
POSITION_HAND_JOINTS: tuple[str, ...] = tuple(f"{finger}{end}" for finger in _TIPS for end in ("1", "2", "3", "_tip"))
"""The 20 joints of one hand whose positions it finds: from thumb to pinky (rotations go another way: `HAND_JOINTS`)."""

SUPERVISION_JOINTS: tuple[str, ...] = (
    *POSITION_BODY_JOINTS, *(f"{side}_{joint}" for side in ("left", "right") for joint in POSITION_HAND_JOINTS),
    "jaw", "head", "face_left_eye", "face_right_eye", *FACE_LANDMARKS,
)  # fmt: skip
"""The 137 joints that training of the whole-body network compares: 25 of the body, 20 a hand, 72 of the face."""
SUPERVISION = {name: i for i, name in enumerate(SUPERVISION_JOINTS)}
"""Name -> index in the 137."""
SUPERVISION_BODY_SLICE, SUPERVISION_LEFT_HAND_SLICE = slice(0, 25), slice(25, 45)
SUPERVISION_RIGHT_HAND_SLICE, SUPERVISION_FACE_SLICE = slice(45, 65), slice(65, 137)
"""Rows of the parts in the 137; the first 65 are the joints whose positions the network finds."""
POSITION_COUNT = 65

SUPERVISION_FROM_SMPLX: tuple[int, ...] = tuple(SMPLX_OUTPUT[name.removeprefix("face_")] for name in SUPERVISION_JOINTS)
"""Index of each of the 137 in the 144. The eyes are there twice: the 2D data sets annotate them with body and face."""


def _supervision_root(index: int) -> str:
    if index < SUPERVISION_BODY_SLICE.stop:
        return "pelvis"
    if index < SUPERVISION_FACE_SLICE.start:
        return "left_wrist" if index < SUPERVISION_LEFT_HAND_SLICE.stop else "right_wrist"
    return "neck"


SUPERVISION_ROOT: tuple[int, ...] = tuple(SUPERVISION[_supervision_root(i)] for i in range(len(SUPERVISION_JOINTS)))
"""The joint that each of the 137 is compared relative to: pelvis (body), its wrist (hands), neck (face)."""


def _supervision_mirror() -> tuple[int, ...]:
    mirror = list(range(len(SUPERVISION_JOINTS)))
    for name, index in SUPERVISION.items():
        other = name.replace("left_", "right_") if "left_" in name else name.replace("right_", "left_")
        mirror[index] = SUPERVISION[other]
    # Landmarks are numbered across the face: these swap, the ones not named lie on its middle line.
    swaps: tuple[tuple[str, Iterable[int], Iterable[int]], ...] = (
        ("brow", range(1, 6), range(10, 5, -1)), ("nose_base", (1, 2), (5, 4)),
        ("eye_rim", range(1, 7), (10, 9, 8, 7, 12, 11)), ("mouth", (1, 2, 3, 8, 9), (7, 6, 5, 12, 11)),
        ("lips", (1, 2, 6), (5, 4, 8)), ("contour", range(1, 9), range(17, 9, -1)),
    )  # fmt: skip
    for block, right, left in swaps:
        for i, j in zip(right, left, strict=True):
            a, b = SUPERVISION[f"{block}{i}"], SUPERVISION[f"{block}{j}"]
            mirror[a], mirror[b] = b, a
    return tuple(mirror)


SUPERVISION_MIRROR: tuple[int, ...] = _supervision_mirror()
"""Index of the joint on the other side of the body, for pictures mirrored left to right."""
HAND_KNUCKLES = tuple(POSITION_HAND_JOINTS.index(f"{finger}1") for finger in ("index", "middle", "ring", "pinky"))
"""Rows of the four knuckles (MCP joints) among the 20 of a hand; their features help to turn the wrist."""

OPEN_BODY_POINTS: tuple[str, ...] = (
    *SMPLX_JOINTS[:22],
    *SMPLX_FEET_AND_FACE,
    *(f"{side}_{finger}1" for side in ("left", "right") for finger in ("index", "middle", "pinky")),
)
"""SMPL-X's 22 body joints, points of face and feet, knuckles."""
OPEN_BODY_POINT = {name: i for i, name in enumerate(OPEN_BODY_POINTS)}
"""Name -> row."""

_TRUNK = ("pelvis", "spine1", "spine2", "spine3", "neck", "left_shoulder", "right_shoulder", "left_hip", "right_hip")
OPEN_BODY_PARTS: dict[str, tuple[str, ...]] = {
    "trunk": _TRUNK,
    "head": ("head", "nose", "left_eye", "right_eye", "left_ear", "right_ear"),
    **{
        f"{side}_arm": tuple(f"{side}_{j}" for j in ("elbow", "wrist", "index1", "middle1", "pinky1"))
        for side in ("left", "right")
    },
    **{f"{side}_leg": tuple(f"{side}_{j}" for j in ("knee", "ankle", "big_toe", "heel")) for side in ("left", "right")},
}
"""Part -> the points whose error its log variance foretells."""
_POINT_OF_LANDMARK = {"foot_index": "big_toe", "index": "index1", "pinky": "pinky1"}
_PAIRED = ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel")
POSE_FROM_OPEN_BODY: tuple[tuple[str, str], ...] = (
    ("nose", "nose"),
    *((f"{side}_{name}", f"{side}_{name}") for name in _PAIRED for side in ("left", "right")),
    *((f"{side}_{a}", f"{side}_{b}") for a, b in _POINT_OF_LANDMARK.items() for side in ("left", "right")),
)
"""BlazePose landmarks that are the same place of the body as one of `OPEN_BODY_POINTS`: (landmark, point)."""

DEPTH_LANDMARKS: tuple[str, ...] = (
    *(landmark for _, landmark in SMPLX_FROM_POSE),
    "nose", *(f"{side}_{name}" for name in ("ear", "heel", "foot_index") for side in ("left", "right")),
)  # fmt: skip
"""The 19 BlazePose landmarks whose depths the open engine's depth network reads off the whole figure; the first twelve are those of the limbs."""
