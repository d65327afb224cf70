"""The two types that flow: `CameraFrame` (a picture and its time) and `SmplxFrame` (one captured pose)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import skeleton

FloatArray = NDArray[np.float64]
Image = NDArray[np.uint8]

SHAPES: dict[str, tuple[int, ...]] = {
    "global_orient": (3,),
    "body_pose": (21, 3),
    "left_hand_pose": (15, 3),
    "right_hand_pose": (15, 3),
    "jaw_pose": (3,),
    "eye_pose": (2, 3),
    "betas": (10,),
    "expression": (10,),
    "blendshapes": (52,),
    "transl": (3,),
}
"""Shape of every array field of `SmplxFrame`."""


class NotFinite(ValueError):
    """A pose with NaN or infinity in it: no sink may see it."""


@dataclass(frozen=True)
class CameraFrame:
    """One picture of a source.

    image: uint8 (H,W,3) BGR. time_s: seconds on the source's own clock, when the picture was taken (a camera: monotonic clock;
    a file: its timestamp). index: number of the picture in the source, counting the ones nobody read. name: file name when
    the source is a folder of pictures. cuts: how often the source has jumped (a seek, a loop that begins anew, another rotation);
    where it has grown, nothing that was tracked holds any more. is_still: of a source that stands at it; no other may follow.
    """

    image: Image
    time_s: float
    index: int
    name: str = ""
    cuts: int = 0
    is_still: bool = False


@dataclass(frozen=True)
class PartConfidence:
    """How sure each part is, 0 (unseen: the pose is a neutral or held one) to 1."""

    body: float = 0.0
    legs: float = 0.0
    left_hand: float = 0.0
    right_hand: float = 0.0
    face: float = 0.0

    @staticmethod
    def names() -> tuple[str, ...]:
        return tuple(f.name for f in fields(PartConfidence))

    def to_array(self) -> FloatArray:
        """(5,) in the order of `names()`."""
        return np.array([getattr(self, name) for name in self.names()])


@dataclass(frozen=True)
class Camera:
    """Pinhole camera in px of the source picture: a point (X,Y,Z) appears at u = cx - fx X/Z, v = cy + fy Y/Z."""

    fx: float
    fy: float
    cx: float
    cy: float

    @classmethod
    def from_field_of_view(cls, width_px: int, height_px: int, fov_deg: float) -> Camera:
        """Centred camera whose longer picture side spans `fov_deg` degrees."""
        focal = 0.5 * max(width_px, height_px) / np.tan(np.radians(fov_deg) / 2)
        return cls(focal, focal, width_px / 2, height_px / 2)

    def project(self, points: FloatArray) -> FloatArray:
        """World points (...,3) m in front of the camera (Z < 0) -> px (...,2)."""
        depth = -np.minimum(points[..., 2], -1e-6)
        return np.stack(
            [self.cx + self.fx * points[..., 0] / depth, self.cy - self.fy * points[..., 1] / depth], axis=-1
        )

    def slopes(self, image_px: FloatArray) -> FloatArray:
        """px (...,2) -> X and Y (...,2) of what appears there, per metre that it is before the camera."""
        return (image_px - [self.cx, self.cy]) / [self.fx, -self.fy]

    def to_array(self) -> FloatArray:
        """(4,) fx, fy, cx, cy."""
        return np.array([self.fx, self.fy, self.cx, self.cy])


@dataclass(frozen=True)
class Ground:
    """Where up is and where the floor lies in the camera-aligned world, as a calibration found it.

    up: unit vector. height_m: the floor is where up . point is this, in m; None when only the camera's tilt is known.
    """

    up: tuple[float, float, float] = (0.0, 1.0, 0.0)
    height_m: float | None = None


def _zeros(name: str) -> FloatArray:
    return np.zeros(SHAPES[name])


@dataclass(frozen=True)
class SmplxFrame:
    """One captured pose in SMPL-X parameters.

    Rotations are axis-angle in radians, hands absolute (flat hand = 0). World: camera-aligned, right-handed, X picture right,
    Y up, Z towards the camera, metres, origin at the camera. Arrays are float64 and must not be written to.

    time_s: capture time of the picture. global_orient (3,), body_pose (21,3), left_hand_pose (15,3), right_hand_pose (15,3),
    jaw_pose (3,), eye_pose (2,3) left then right, betas (10,), expression (10,), blendshapes (52,) in 0..1 in
    `skeleton.ARKIT` order, transl (3,) m as SMPL-X defines it (pelvis = rest pelvis of the shaped body + transl).
    tracked: the pose was seen in this picture, not held or relaxed. index: number of the picture in its source. ground: None
    unless the camera was calibrated.

    Raises ValueError when an array has another shape, NotFinite when a number is NaN or infinite.
    """

    time_s: float
    camera: Camera
    global_orient: FloatArray = field(default_factory=lambda: _zeros("global_orient"))
    body_pose: FloatArray = field(default_factory=lambda: _zeros("body_pose"))
    left_hand_pose: FloatArray = field(default_factory=lambda: _zeros("left_hand_pose"))
    right_hand_pose: FloatArray = field(default_factory=lambda: _zeros("right_hand_pose"))
    jaw_pose: FloatArray = field(default_factory=lambda: _zeros("jaw_pose"))
    eye_pose: FloatArray = field(default_factory=lambda: _zeros("eye_pose"))
    betas: FloatArray = field(default_factory=lambda: _zeros("betas"))
    expression: FloatArray = field(default_factory=lambda: _zeros("expression"))
    blendshapes: FloatArray = field(default_factory=lambda: _zeros("blendshapes"))
    transl: FloatArray = field(default_factory=lambda: _zeros("transl"))
    confidence: PartConfidence = PartConfidence()
    tracked: bool = False
    index: int = 0
    ground: Ground | None = None

    def __post_init__(self) -> None:
        arrays = {name: np.asarray(getattr(self, name), np.float64) for name in SHAPES}
        for name, array in arrays.items():
            if array.shape != SHAPES[name]:
                raise ValueError(f"SmplxFrame.{name}: expected shape {SHAPES[name]}, found {array.shape}")
            object.__setattr__(self, name, array)
        if not np.isfinite(np.concatenate(list(arrays.values()), axis=None)).all():
            name, array = next((name, array) for name, array in arrays.items() if not np.isfinite(array).all())
            raise NotFinite(f"SmplxFrame.{name}: expected finite numbers, found {array.ravel()}")
        camera, seen = self.camera, self.confidence
        others = (self.time_s, camera.fx, camera.fy, camera.cx, camera.cy, *vars(seen).values())
        if not all(map(math.isfinite, others)):
            raise NotFinite(f"SmplxFrame: expected finite numbers, found {self.time_s} s, {camera}, {seen}")

    @property
    def full_pose(self) -> FloatArray:
        """(55,3) axis-angle in SMPL-X order: pelvis, body, jaw, eyes, left hand, right hand."""
        return np.concatenate(
            [
                self.global_orient[None],
                self.body_pose,
                self.jaw_pose[None],
                self.eye_pose,
                self.left_hand_pose,
                self.right_hand_pose,
            ]
        )

    def with_full_pose(self, full_pose: FloatArray, **others: Any) -> SmplxFrame:
        """The same frame with all its rotations replaced by full_pose (55,3), and other fields as named."""
        return replace(
            self,
            global_orient=full_pose[skeleton.GLOBAL_SLICE][0],
            body_pose=full_pose[skeleton.BODY_SLICE],
            jaw_pose=full_pose[skeleton.JAW_SLICE][0],
            eye_pose=full_pose[skeleton.EYES_SLICE],
            left_hand_pose=full_pose[skeleton.LEFT_HAND_SLICE],
            right_hand_pose=full_pose[skeleton.RIGHT_HAND_SLICE],
            **others,
        )
