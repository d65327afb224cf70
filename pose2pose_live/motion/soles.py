"""`Soles`: the points of a body's feet that touch the floor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..frame import FloatArray
from ..skeleton import SMPLX

if TYPE_CHECKING:
    from ..body import BodyModel

_SOLE_M = 0.01
_JOINTS = [(SMPLX[f"{side}_ankle"], SMPLX[f"{side}_foot"]) for side in ("left", "right")]


class Soles:
    """Heel, toe tip, inner and outer ball of each foot, found on the mesh: rigid points of the ankle's and the foot's joint."""

    def __init__(self, body: BodyModel) -> None:
        self._body = body
        owner = np.asarray(body.weights.argmax(axis=1)).ravel()
        rest = body.rest_vertices(np.zeros(10)).astype(np.float64)
        self._vertices = np.array([_sole_vertices(rest, owner, joints) for joints in _JOINTS])
        self._joints = owner[self._vertices]
        self._betas = b""

    def __call__(self, joint_to_world: FloatArray, betas: FloatArray) -> FloatArray:
        """(2,4,3) m in the world: left and right foot. joint_to_world (55,4,4): of a body of this shape."""
        if betas.tobytes() != self._betas:
            self._betas = betas.tobytes()
            self._offsets = (
                self._body.rest_vertices(betas)[self._vertices] - self._body.rest_joints(betas)[self._joints]
            )
        world = joint_to_world[self._joints]
        return np.matvec(world[..., :3, :3], self._offsets) + world[..., :3, 3]


def _sole_vertices(rest: FloatArray, owner: NDArray[np.integer], joints: tuple[int, int]) -> list[int]:
    foot = np.flatnonzero(np.isin(owner, joints))
    sole = foot[rest[foot, 1] < rest[foot, 1].min() + _SOLE_M]
    ball = sole[owner[sole] == joints[1]]
    return [
        int(sole[rest[sole, 2].argmin()]),
        int(sole[rest[sole, 2].argmax()]),
        int(ball[rest[ball, 0].argmin()]),
        int(ball[rest[ball, 0].argmax()]),
    ]
