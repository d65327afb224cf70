"""Where the trunk faces, read off the positional pose by geometry: the axes in which the open engine's heads see the joints.

*View axes*, upright: x right in the crop, y up, z towards the camera along the ray through the crop's middle. `VIEW_TO_UPRIGHT` of
detection/region.py turns what BlazePose says (x right, y down, z away) into them.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..skeleton import POSE
from .rotation6d import rot6d_to_rotmat

_LEFT, _RIGHT = ([POSE[f"{side}_{joint}"] for joint in ("shoulder", "hip")] for side in ("left", "right"))
_HIPS = [POSE["left_hip"], POSE["right_hip"]]
_SHOULDERS = [POSE["left_shoulder"], POSE["right_shoulder"]]


def trunk_frame(points: Tensor) -> tuple[Tensor, Tensor]:
    """Body landmarks (N,33,3) m in upright view axes -> rotation (N,3,3), origin (N,3).

    The columns of the rotation are the trunk's left (from right to left shoulder and hip), up (from hips to shoulders, made normal to it)
    and forward, so that somebody who stands and faces the camera has the identity, as with SMPL-X's pelvis. The origin is the middle of the
    hips. A proper rotation for any points, also where they coincide.
    """
    hips = points[:, _HIPS].mean(1)
    across = (points[:, _LEFT] - points[:, _RIGHT]).mean(1)
    up = points[:, _SHOULDERS].mean(1) - hips
    return rot6d_to_rotmat(torch.stack([across, up], dim=-1).flatten(1)), hips


def into_frame(points: Tensor, rotation: Tensor, origin: Tensor) -> Tensor:
    """Points (N,K,3) in the axes of a frame, (N,K,3) m."""
    return (points - origin[:, None]) @ rotation
