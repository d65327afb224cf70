"""One annotated person in one picture: what every data set yields.

A data set is a `Sequence[Sample]`: `len(data_set)` and `data_set[i]`. Coordinates are the ones of the research data sets: OpenCV camera
axes (x right, y down, z forward), metres, px of the whole picture with the centre of the first pixel at (0, 0).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..skeleton import SUPERVISION_JOINTS

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
JOINT_COUNT = len(SUPERVISION_JOINTS)

_TARGET_SHAPES: dict[str, tuple[int, ...]] = {
    "global_orient": (3,), "body_pose": (21, 3), "left_hand_pose": (15, 3), "right_hand_pose": (15, 3), "jaw_pose": (3,),
    "betas": (10,), "expression": (10,), "transl": (3,),
}  # fmt: skip


def _checked(owner: str, name: str, value: object, shape: tuple[int, ...]) -> FloatArray:
    array = np.asarray(value, np.float64)
    if array.shape != shape:
        raise ValueError(f"{owner}{name}: expected shape {shape}, found {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{owner}{name}: expected finite numbers, found NaN or infinity")
    return array


@dataclass(frozen=True)
class SmplxTarget:
    """SMPL-X parameters of a person in camera axes (x right, y down, z forward).

    Axis-angle in radians: global_orient (3,), body_pose (21,3), left_hand_pose (15,3), right_hand_pose (15,3), jaw_pose (3,); the
    hands are absolute (flat hand = 0) and in the order of `skeleton.HAND_JOINTS`. betas (10,), expression (10,), transl (3,) m, added
    after the rotation about the pelvis. The three flags say which parts were really annotated; the body always is.

    Raises ValueError when an array has another shape or holds NaN or infinity.
    """

    global_orient: FloatArray
    body_pose: FloatArray
    left_hand_pose: FloatArray
    right_hand_pose: FloatArray
    jaw_pose: FloatArray
    betas: FloatArray
    expression: FloatArray
    transl: FloatArray
    left_hand_valid: bool = True
    right_hand_valid: bool = True
    face_valid: bool = True

    def __post_init__(self) -> None:
        for name, shape in _TARGET_SHAPES.items():
            object.__setattr__(self, name, _checked("SmplxTarget.", name, getattr(self, name), shape))


@dataclass(frozen=True)
class Sample:
    """One person in one picture, with whatever was annotated.

    name: file and entry, for error messages. picture (H,W,3) uint8 BGR. person_box_xywh (4,) px, x and y of its upper left corner.
    focal_px (2,), principal_px (2,) of a pinhole camera, or both None. smplx: parameters, or None. joints_2d (137,2) px and joints_3d
    (137,3) m in camera axes, in the order of `skeleton.SUPERVISION_JOINTS`, each with its (137,) bool mask of joints that are
    annotated, or None. The losses use joints_3d relative to pelvis, wrist and neck, so its origin is free.

    Raises ValueError, with the name, when an array has another shape, holds NaN or infinity, or stands without its mask.
    """

    name: str
    picture: NDArray[np.uint8]
    person_box_xywh: FloatArray
    focal_px: FloatArray | None = None
    principal_px: FloatArray | None = None
    smplx: SmplxTarget | None = None
    joints_2d: FloatArray | None = None
    joints_2d_valid: BoolArray | None = None
    joints_3d: FloatArray | None = None
    joints_3d_valid: BoolArray | None = None

    def __post_init__(self) -> None:
        owner = f"{self.name}: "
        picture = self.picture
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or picture.size == 0:
            raise ValueError(f"{owner}picture: expected uint8 (H,W,3), found {picture.dtype} {picture.shape}")
        shapes: dict[str, tuple[int, ...]] = {"person_box_xywh": (4,), "focal_px": (2,), "principal_px": (2,)}
        shapes |= {"joints_2d": (JOINT_COUNT, 2), "joints_3d": (JOINT_COUNT, 3)}
        for name in (field.name for field in fields(self) if field.name in shapes):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _checked(owner, name, getattr(self, name), shapes[name]))
        for first, second in (
            ("focal_px", "principal_px"),
            *((f"joints_{d}", f"joints_{d}_valid") for d in ("2d", "3d")),
        ):
            if (getattr(self, first) is None) != (getattr(self, second) is None):
                raise ValueError(f"{owner}{first} and {second}: expected both or neither")
        for name in ("joints_2d_valid", "joints_3d_valid"):
            mask = getattr(self, name)
            if mask is not None:
                if np.shape(mask) != (JOINT_COUNT,):
                    raise ValueError(f"{owner}{name}: expected shape {(JOINT_COUNT,)}, found {np.shape(mask)}")
                object.__setattr__(self, name, np.asarray(mask, bool))
