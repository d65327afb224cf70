"""`RestSkeleton`: the body's rest joints as the directions that a geometric solver turns."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ..frame import FloatArray
from ..rotations import basis_from, cross, normalise
from ..skeleton import HAND, SMPLX, SMPLX_PARENTS, both_sides

SIDES = ("left", "right")
FINGERS = ("thumb", "index", "middle", "ring", "pinky")
FINGER_ROWS = tuple(tuple(HAND[f"{finger}{i}"] for i in (1, 2, 3)) for finger in FINGERS)
"""Rows of a hand pose for each finger and bone."""


class RestSkeleton:
    """Rest joints (55,3) m of a shaped body: T-pose, Y up, facing +Z, subject's left = +X. What is derived from them is kept.

    A bone is named by the joint that it ends in.
    """

    def __init__(self, joints: FloatArray) -> None:
        self.joints = joints

    def __getitem__(self, name: str) -> FloatArray:
        return self.joints[SMPLX[name]]

    def pair(self, joint: str) -> FloatArray:
        """The left and the right joint of this name, (2,3)."""
        return self.joints[both_sides(SMPLX, joint)]

    @cached_property
    def offsets(self) -> FloatArray:
        """(55,3): each joint relative to its parent; the pelvis relative to the origin."""
        offsets = self.joints.copy()
        offsets[1:] -= self.joints[list(SMPLX_PARENTS[1:])]
        return offsets

    @cached_property
    def directions(self) -> FloatArray:
        """(55,3): unit vectors along the bones, away from the pelvis."""
        return normalise(self.offsets)

    @cached_property
    def lengths(self) -> FloatArray:
        """(55,) m: of the bones."""
        return np.linalg.norm(self.offsets, axis=-1)

    @cached_property
    def thorax_basis(self) -> FloatArray:
        return torso_basis(self.pair("shoulder"), self.pair("hip"), self.pair("shoulder"))

    @cached_property
    def pelvis_basis(self) -> FloatArray:
        return torso_basis(self.pair("hip"), self.pair("hip"), self.pair("shoulder"))

    @cached_property
    def palm_bases(self) -> FloatArray:
        """(2,3,3): see `palm_basis`."""
        return palm_basis(self.pair("wrist"), self.pair("index1"), self.pair("middle1"), self.pair("pinky1"))

    @cached_property
    def finger_directions(self) -> FloatArray:
        """(2,5,3,3): side, finger (thumb, index, middle, ring, pinky), bone 1..3, unit vector. The last bone has no tip joint in SMPL-X;
        a straight finger goes on as it came."""
        chain = np.stack([[[self[f"{side}_{finger}{i}"] for i in (1, 2, 3)] for finger in FINGERS] for side in SIDES])
        bones = normalise(np.diff(chain, axis=2))
        return np.concatenate([bones, bones[:, :, -1:]], axis=2)

    @cached_property
    def flexion_axes(self) -> FloatArray:
        """(2,5,3): about which axis each finger of the flat hand curls towards the palm."""
        axes = np.empty((2, len(FINGERS), 3))
        for side, basis in enumerate(self.palm_bases):
            # Columns: to the knuckles, to the thumb's side, their cross; palms face down in the T-pose.
            normal = -np.sign(basis[1, 2]) * basis[:, 2]
            axes[side] = normalise(cross(self.finger_directions[side, :, 0], normal))
            # The thumb's pad faces the fingers, not the floor: it flexes across the palm.
            across = normalise(0.35 * normal - basis[:, 1])
            axes[side, 0] = normalise(cross(self.finger_directions[side, 0, 1], across))
        return axes


def torso_basis(across: FloatArray, hips: FloatArray, shoulders: FloatArray) -> FloatArray:
    """Right-handed basis (columns left, up, forward) from a left-right pair (2,3) and the trunk's direction."""
    return basis_from(across[0] - across[1], shoulders.mean(axis=0) - hips.mean(axis=0))


def palm_basis(wrist: FloatArray, index: FloatArray, middle: FloatArray, pinky: FloatArray) -> FloatArray:
    """Basis (...,3,3) of a palm: first column to the middle knuckle, second in the palm's plane from pinky to index."""
    return basis_from(middle - wrist, index - pinky)
