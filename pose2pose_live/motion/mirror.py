"""The pose of the mirror image: left and right change places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..frame import Ground, SmplxFrame
from ..skeleton import ARKIT, ARKIT_INDEX, MIRROR_JOINT

_JOINTS = list(MIRROR_JOINT)
_ROTATION = np.array([1.0, -1.0, -1.0])  # a rotation seen in a mirror that is normal to X


def _other_side(name: str) -> str:
    for one, other in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(one):
            return name.removesuffix(one) + other
    return name


_BLENDSHAPES = [ARKIT_INDEX[_other_side(name)] for name in ARKIT]


def mirrored(frame: SmplxFrame) -> SmplxFrame:
    """The frame as a mirror normal to X shows it, in the world and on the body.

    Bodies are taken as symmetric; expression coefficients are kept, for nobody knows which of them have a side.
    """
    seen, ground = frame.confidence, frame.ground
    if ground is not None:
        x, y, z = ground.up
        ground = Ground((-x, y, z), ground.height_m)
    return frame.with_full_pose(
        frame.full_pose[_JOINTS] * _ROTATION,
        transl=frame.transl * (-1.0, 1.0, 1.0),
        blendshapes=frame.blendshapes[_BLENDSHAPES],
        confidence=replace(seen, left_hand=seen.right_hand, right_hand=seen.left_hand),
        ground=ground,
    )
