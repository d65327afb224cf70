"""Lines, boxes and notes drawn into a picture: cheap enough for every live frame."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .. import skeleton
from ..frame import FloatArray, PartConfidence, SmplxFrame
from .bones import MIDDLE, side_color

_FIXED_POINT_BITS = 4
_FACE_JOINTS = ("jaw", "left_eye_smplhf", "right_eye_smplhf")
_EYES = [skeleton.SMPLX[name] for name in _FACE_JOINTS[1:]]


def _part(joint: str) -> str:
    """Name of the confidence that says whether the bone that ends in this joint was seen."""
    if joint in skeleton.LEG_JOINTS:
        return "legs"
    if joint in skeleton.SMPLX_JOINTS[skeleton.LEFT_HAND_SLICE]:
        return "left_hand"
    if joint in skeleton.SMPLX_JOINTS[skeleton.RIGHT_HAND_SLICE]:
        return "right_hand"
    return "body"


def _bgr(color: tuple[int, int, int]) -> tuple[int, int, int]:
    red, green, blue = color
    return blue, green, red


def _bones() -> list[tuple[str, bool, tuple[int, int, int], NDArray[np.intp]]]:
    """(part, is a finger, colour, bones (N,2) of parent and child) for each group that is drawn in one call."""
    groups: dict[tuple[str, bool, tuple[int, int, int]], list[tuple[int, int]]] = {}
    for child, (joint, parent) in enumerate(zip(skeleton.SMPLX_JOINTS, skeleton.SMPLX_PARENTS, strict=True)):
        if parent >= 0 and joint not in _FACE_JOINTS:
            part = _part(joint)
            groups.setdefault((part, part.endswith("hand"), _bgr(side_color(joint))), []).append((parent, child))
    return [(*key, np.array(bones)) for key, bones in groups.items()]


_BONES = _bones()
# Confidence that says whether it was seen, colour, joints inside, and how far their box is from them in m.
_BOXES: list[tuple[str, tuple[int, int, int], list[int], float]] = [
    ("body", _bgr(MIDDLE), [i for i, joint in enumerate(skeleton.SMPLX_JOINTS) if _part(joint) != "legs"], 0.12),
    ("legs", _bgr(MIDDLE), [skeleton.SMPLX[joint] for joint in skeleton.LEG_JOINTS], 0.12),
    ("face", _bgr(MIDDLE), [skeleton.SMPLX[joint] for joint in (*_FACE_JOINTS, "head")], 0.09),
    ("left_hand", _bgr(side_color("left_")), list(range(55))[skeleton.LEFT_HAND_SLICE], 0.04),
    ("right_hand", _bgr(side_color("right_")), list(range(55))[skeleton.RIGHT_HAND_SLICE], 0.04),
]


def draw_skeleton(image: NDArray[np.uint8], joints: FloatArray, pose: SmplxFrame, *, scale: float = 1.0) -> None:
    """Draw into image (H,W,3 or 4) uint8 the joints (55,3) m of pose, leaving out the parts that were not seen.

    scale: size of the image relative to the source picture that `pose.camera` belongs to.
    """
    if not pose.tracked:
        return
    joints_px = pose.camera.project(joints) * scale
    fixed_point = np.round(np.clip(joints_px, -1e4, 1e4) * (1 << _FIXED_POINT_BITS)).astype(np.int32)
    thickness_px = max(round(min(image.shape[:2]) / 240), 1)
    for part, is_finger, color, bones in _BONES:
        if _is_seen(pose.confidence, part):
            thickness = thickness_px if is_finger else 2 * thickness_px
            cv2.polylines(
                image, list(fixed_point[bones]), False, color, thickness, cv2.LINE_AA, shift=_FIXED_POINT_BITS
            )
    if _is_seen(pose.confidence, "face"):
        for u, v in fixed_point[_EYES].tolist():
            radius = 2 * thickness_px << _FIXED_POINT_BITS
            cv2.circle(image, (u, v), radius, _bgr(MIDDLE), cv2.FILLED, cv2.LINE_AA, shift=_FIXED_POINT_BITS)


def draw_boxes(image: NDArray[np.uint8], joints: FloatArray, pose: SmplxFrame, *, scale: float = 1.0) -> None:
    """Draw into image (H,W,3 or 4) uint8 a box around the person and one around the face and each hand, of what was seen of the joints (55,3) m.

    scale: see `draw_skeleton`.
    """
    if not pose.tracked:
        return
    joints_px = pose.camera.project(joints) * scale
    px_per_m = pose.camera.fx * scale / max(-float(joints[:, 2].mean()), 0.1)
    boxes = {}
    for part, color, inside, margin_m in _BOXES:
        if _is_seen(pose.confidence, part):
            points, margin = joints_px[inside], margin_m * px_per_m
            boxes[part] = color, points.min(axis=0) - margin, points.max(axis=0) + margin
    if {"body", "legs"} <= boxes.keys():
        color, low, high = boxes.pop("legs")
        boxes["body"] = color, np.minimum(low, boxes["body"][1]), np.maximum(high, boxes["body"][2])
    thickness = max(round(min(image.shape[:2]) / 240), 1)
    for color, low, high in boxes.values():
        (left, top), (right, bottom) = np.clip(np.round([low, high]), -1e4, 1e4).astype(int).tolist()
        cv2.rectangle(image, (left, top), (right, bottom), color, thickness)


def _is_seen(confidence: PartConfidence, part: str) -> bool:
    return getattr(confidence, part) > 0


def draw_note(image: NDArray[np.uint8], text: str) -> None:
    """Write a small line into the lower left corner of an image (H,W,3 or 4), readable on any picture."""
    scale = max(image.shape[0] / 900, 0.4)
    corner = (round(24 * scale), image.shape[0] - round(24 * scale))
    for color, extra in (((0, 0, 0), 2), ((255, 255, 255), 0)):
        thickness = max(round(2 * scale), 1) + extra
        cv2.putText(image, text, corner, cv2.FONT_HERSHEY_SIMPLEX, scale, color, thickness, cv2.LINE_AA)
