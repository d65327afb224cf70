"""Where receivers see the person: on a floor, at its middle."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from ..frame import FloatArray, SmplxFrame

_SHAPE_STEP = 0.05
"""A shape coefficient that changed by less moves no joint by more than about a millimetre."""


class Body(Protocol):
    """What streaming needs of `body.BodyModel`."""

    def rest_joints(self, betas: FloatArray) -> FloatArray: ...

    def rest_height(self, betas: FloatArray) -> tuple[float, float]: ...

    def joint_to_world(self, frame: SmplxFrame) -> FloatArray: ...


class Shape:
    """Joints (55,3) m and lowest and highest point of the T-pose, renewed when the person's estimated shape has changed."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._betas: FloatArray | None = None

    def update(self, betas: FloatArray) -> bool:
        """Whether the shape is another one than before."""
        if self._betas is not None and np.abs(betas - self._betas).max() <= _SHAPE_STEP:
            return False
        self._betas = betas
        self.joints = self._body.rest_joints(betas)
        self.bottom_m, self.top_m = self._body.rest_height(betas)
        return True

    @property
    def pelvis_height_m(self) -> float:
        """Of the pelvis above the soles."""
        return float(self.joints[0, 1]) - self.bottom_m


class Stage:
    """Moves the world so that the pelvis, where it is first seen, is at x = z = 0 and as high as when standing upright.

    A camera does not know the floor: whoever is first seen sitting is taken to stand, and `recentre` mends that.
    """

    def __init__(self) -> None:
        self._origin: FloatArray | None = None

    def recentre(self) -> None:
        """Take the next tracked place for the middle."""
        self._origin = None

    def place(self, pelvis: FloatArray, shape: Shape, *, is_tracked: bool) -> FloatArray:
        """The pelvis (3,) m on the stage, in SMPL-X's axes, from where it is in the world."""
        origin = pelvis if self._origin is None else self._origin
        if is_tracked:
            self._origin = origin
        return pelvis - origin + (0.0, shape.pelvis_height_m, 0.0)
