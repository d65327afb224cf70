"""The trained body network: one crop gives landmarks as BlazePose does, and how the body is turned (network/open_body_net.py)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ..detection.region import Region, blob, view_to_world
from ..frame import Camera, FloatArray, Image
from ..inference import GraphSpec, Session
from ..skeleton import OPEN_BODY_PARTS, SMPLX_JOINTS, other_side
from .pose_net import PoseLandmarks, read_told_apart

_OUTPUTS = (
    "landmarks",
    "presence",
    "heatmap",
    "world",
    "root_rotation",
    "body_rotations",
    "log_variance",
)


_OTHER_JOINT = other_side(SMPLX_JOINTS[:22])
_OTHER_PART = other_side(tuple(OPEN_BODY_PARTS))
_MIRRORED_BODY = np.array([-1.0, 1.0, 1.0])
_MIRROR = np.outer(_MIRRORED_BODY, _MIRRORED_BODY)
_REVERSED = np.array([1.0, 1.0, -1.0])


@dataclass(frozen=True)
class BodyLandmarks(PoseLandmarks):
    """`PoseLandmarks`, and what the heads read at them.

    rotations (22,3,3): SMPL-X pelvis and body; the pelvis in upright view axes of the region that was looked at, the others relative to
    their parent. spread_m (6,): how far the points of `skeleton.OPEN_BODY_PARTS` are expected to be off, root mean square. looked_at: the
    region.
    """

    rotations: FloatArray
    spread_m: FloatArray
    looked_at: Region

    def turned_round(self) -> Self:
        # In a mirror that stands where the picture is, depth is reversed, the body's own left becomes right.
        mirrored = self.rotations[_OTHER_JOINT] * _MIRROR
        mirrored[0] = _REVERSED[:, None] * self.rotations[0] * _MIRRORED_BODY
        return replace(
            super().turned_round(),
            rotations=mirrored,
            spread_m=self.spread_m[_OTHER_PART],
        )

    def in_world(self, camera: Camera) -> FloatArray:
        """rotations with the pelvis in axes of the camera-aligned world."""
        rotations = self.rotations.copy()
        rotations[0] = view_to_world(camera, self.looked_at) @ rotations[0]
        return rotations


class BodyNet:
    """The open engine's body graph with BlazePose's pre- and post-processing."""

    def __init__(self, spec: GraphSpec) -> None:
        self._size_px = spec.input_size_px
        self._session = Session(spec.path, 1, _OUTPUTS)

    def __call__(self, image: Image, region: Region, before_px: FloatArray | None = None) -> BodyLandmarks:
        out = self._session.run(blob(region.crop(image, self._size_px)))
        return read_body(out, region, self._size_px, before_px)


def read_body(
    out: dict[str, np.ndarray], region: Region, crop_size_px: int, before_px: FloatArray | None = None
) -> BodyLandmarks:
    """What the graph's outputs for one crop say. before_px: see `PoseNet`."""
    seen = read_told_apart(out, region, crop_size_px, before_px)
    return BodyLandmarks(
        seen.image_px,
        seen.world_m,
        seen.visibility,
        seen.presence,
        seen.region,
        rotations=np.concatenate([out["root_rotation"], out["body_rotations"][0]]).astype(np.float64),
        spread_m=np.exp(0.5 * out["log_variance"][0].astype(np.float64)),
        looked_at=region,
    )
