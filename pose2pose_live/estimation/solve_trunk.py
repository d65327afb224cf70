"""Pelvis, spine, neck and head from landmarks: frames built on the hips, the shoulders and the face."""

from __future__ import annotations

import numpy as np

from ..frame import FloatArray
from ..rotations import basis_from, blend, cross, normalise, rotmat_to_rotvec, rotvec_to_rotmat
from ..skeleton import POSE, SMPLX
from .points import BodyPoints
from .rest import RestSkeleton

_UP = np.array([0.0, 1.0, 0.0])
_NECK_SHARE = 0.45
_SLANT_SHARE = 0.35


def solve_trunk(world: FloatArray, rest: RestSkeleton, points: BodyPoints, head: FloatArray | None) -> None:
    """Fill in the world rotations of pelvis, spine, neck and head. head: as the face network sees it, or None."""
    thorax = _solve_torso(world, rest, points)
    _solve_head(world, thorax, points, head)


def _solve_torso(world: FloatArray, rest: RestSkeleton, points: BodyPoints) -> FloatArray:
    shoulders, hips = points.pair("shoulder"), points.pair("hip")
    hips_seen = float(points.pair_seen("hip").min())
    # Hips outside the picture are a guess of the network; a person at a desk sits upright.
    trunk = normalise(shoulders.mean(axis=0) - hips.mean(axis=0))
    trunk = normalise(hips_seen * trunk + (1 - hips_seen) * (0.5 * trunk + 0.5 * _UP))
    thorax = _frame(shoulders, trunk) @ rest.thorax_basis.T
    level = np.array([thorax[0, 0], 0.0, thorax[2, 0]])
    neutral = basis_from(trunk, level)[:, [1, 0, 2]] * np.array([1.0, 1.0, -1.0])
    pelvis = blend(neutral, _frame(hips, trunk) @ rest.pelvis_basis.T, hips_seen)
    step = rotmat_to_rotvec(pelvis.T @ thorax) / 3
    world[SMPLX["pelvis"]] = pelvis
    for i, name in enumerate(("spine1", "spine2", "spine3"), start=1):
        world[SMPLX[name]] = pelvis @ rotvec_to_rotmat(i * step)
    return thorax


def _frame(pair: FloatArray, trunk: FloatArray) -> FloatArray:
    """Basis of the trunk at a left-right pair (2,3): the pair says how it is turned, the trunk's line mostly how it leans.

    What of a slant is not the trunk's is of the shoulder girdle or the legs.
    """
    across = normalise(pair[0] - pair[1])
    slant = float(across @ trunk)
    return basis_from(across - (1 - _SLANT_SHARE) * slant * trunk, trunk)


def _solve_head(world: FloatArray, thorax: FloatArray, points: BodyPoints, head: FloatArray | None) -> None:
    if head is None:
        ears, nose = points.pair("ear"), points.positions[POSE["nose"]]
        across = normalise(ears[0] - ears[1])
        forward = normalise(nose - ears.mean(axis=0))
        # The nose sits a little below the ears' axis: the gaze is higher than the line from ears to nose.
        head = basis_from(across, cross(forward, across)) @ rotvec_to_rotmat(np.array([-np.radians(15.0), 0, 0]))
    bend_neck(world, thorax, head)


def bend_neck(world: FloatArray, thorax: FloatArray, head: FloatArray) -> None:
    """Fill in neck and head for a head's world rotation (3,3): the neck takes its share of the bend."""
    bend = rotmat_to_rotvec(thorax.T @ head)
    world[SMPLX["neck"]] = thorax @ rotvec_to_rotmat(_NECK_SHARE * bend)
    world[SMPLX["head"]] = head
