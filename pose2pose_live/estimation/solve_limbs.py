"""Arms and legs: each bone aims from where the model's joint is to where the next landmark is."""

from __future__ import annotations

import numpy as np

from ..frame import FloatArray
from ..rotations import (
    basis_from,
    blend,
    cross,
    normalise,
    quat_to_rotvec,
    rotmat_to_quat,
    rotmat_to_rotvec,
    rotvec_to_rotmat,
    swing_between,
    swing_twist,
)
from ..skeleton import SMPLX, both_sides
from .aim import aim, lean
from .hinge import ELBOW_HINGES, KNEE_HINGES, hinge_certainty, with_hinge
from .points import BodyPoints, Palms
from .rest import SIDES, RestSkeleton

_UP = np.array([0.0, 1.0, 0.0])
_SHOULDERS, _ELBOWS, _WRISTS = (both_sides(SMPLX, joint) for joint in ("shoulder", "elbow", "wrist"))
_KNEES, _ANKLES = both_sides(SMPLX, "knee"), both_sides(SMPLX, "ankle")
PRONATION_MAX_RAD = np.radians(85.0)
# Of an arm raised past the horizontal the shoulder blade takes about a third (scapulohumeral rhythm, Inman 1944); the collar
# joint of SMPL-X stands for it. Half of that is seen in the shoulder's landmark already.
_COLLAR_SHARE = 0.15
_SHRUG_SHARE = 0.5
_COLLAR_FREE_RAD = np.radians(10.0)
# From a thorax's axes: how an arm hangs that is not in the picture.
_HANGING = np.array([[0.25, -1.0, 0.05], [-0.25, -1.0, 0.05]])


def solve_arms(
    world: FloatArray, rest: RestSkeleton, joints: dict[str, FloatArray], points: BodyPoints, palms: Palms
) -> None:
    """Fill in the world rotations of collars, shoulders, elbows and wrists. joints: of the model's trunk, points: in its place."""
    shoulder, elbow, wrist = (points.pair(name) for name in ("shoulder", "elbow", "wrist"))
    rest_upper, rest_fore = rest.directions[_ELBOWS], rest.directions[_WRISTS]
    thorax = world[SMPLX["spine3"]]
    hanging = normalise(_HANGING @ thorax.T)
    seen, fore_seen = points.pair_seen("shoulder", "elbow"), points.pair_seen("elbow", "wrist")
    at_collar = np.stack([joints[f"{side}_collar"] for side in SIDES])
    seen_upper = normalise(elbow - shoulder)
    collar = _collars(thorax, rest, at_collar, points, lean(hanging, seen_upper, seen))
    at_shoulder = at_collar + np.matvec(collar, rest.offsets[_SHOULDERS])
    length, fore_length = rest.lengths[_ELBOWS], rest.lengths[_WRISTS]
    upper = lean(hanging, aim(at_shoulder, elbow, points, seen_upper, length), seen)
    at_elbow = at_shoulder + length[:, None] * upper
    fore = aim(at_elbow, wrist, points, normalise(wrist - elbow), fore_length)
    fore = lean(normalise(hanging + 0.15 * thorax[:, 2]), fore, fore_seen)

    # The collar must not move the measured direction of the arm: the shoulder turns from where the collar has brought it.
    free = collar @ swing_between(rest_upper, np.vecmat(upper, collar))
    hinge = cross(upper, fore)
    certain = hinge_certainty(hinge, upper, fore)
    shoulder_rotation = with_hinge(free, rest_upper, ELBOW_HINGES, upper, hinge, certain)
    shoulder_rotation, forearm, twist = _twist_of_palm(shoulder_rotation, certain, rest_upper, rest_fore, fore, palms)
    forearm = forearm @ rotvec_to_rotmat(0.5 * twist[:, None] * rest_fore)
    hand = np.where(palms.known[:, None, None] > 0, palms.rotations, forearm)
    for s, side in enumerate(SIDES):
        world[SMPLX[f"{side}_collar"]] = collar[s]
        world[SMPLX[f"{side}_shoulder"]] = shoulder_rotation[s]
        world[SMPLX[f"{side}_elbow"]] = forearm[s]
        world[SMPLX[f"{side}_wrist"]] = hand[s]


def _collars(
    thorax: FloatArray, rest: RestSkeleton, at_collar: FloatArray, points: BodyPoints, upper: FloatArray
) -> FloatArray:
    """World rotations (2,3,3) of the collars: towards the shoulders' landmarks, and up with an arm that is raised."""
    offset = rest.offsets[_SHOULDERS]
    towards = (points.pair("shoulder") - at_collar) @ thorax
    shrug = rotmat_to_rotvec(swing_between(offset, towards)) * (_SHRUG_SHARE * points.pair_seen("shoulder"))[:, None]
    in_thorax = upper @ thorax
    rise = rotmat_to_rotvec(swing_between(rest.directions[_ELBOWS], in_thorax))
    raised = np.linalg.norm(rise, axis=-1, keepdims=True)
    free = np.clip(1 - _COLLAR_FREE_RAD / np.maximum(raised, 1e-6), 0, 1)
    return thorax @ rotvec_to_rotmat(shrug + _COLLAR_SHARE * np.clip(in_thorax[:, 1:2], 0, 1) * free * rise)


def _twist_of_palm(
    shoulder: FloatArray,
    hinge_certain: FloatArray,
    rest_upper: FloatArray,
    rest_fore: FloatArray,
    fore: FloatArray,
    palms: Palms,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Forearm rotations before pronation, and the pronation angle (2,) that the palms ask for.

    A forearm turns by about 85 degrees each way from the T-pose's palm-down; what the palm turns beyond that comes from the
    shoulder, as far as a straight elbow leaves the shoulder's twist open.
    """

    def forearm_of(shoulder: FloatArray) -> tuple[FloatArray, FloatArray]:
        forearm = shoulder @ swing_between(rest_fore, np.vecmat(fore, shoulder))
        return forearm, palm_twist(forearm, rest_fore, palms)

    forearm, twist = forearm_of(shoulder)
    excess = (twist - np.clip(twist, -PRONATION_MAX_RAD, PRONATION_MAX_RAD)) * (1 - hinge_certain)
    if np.any(np.abs(excess) > 1e-3):
        shoulder = shoulder @ rotvec_to_rotmat(excess[:, None] * rest_upper)
        forearm, twist = forearm_of(shoulder)
    return shoulder, forearm, np.clip(twist, -PRONATION_MAX_RAD, PRONATION_MAX_RAD)


def palm_twist(forearm: FloatArray, rest_fore: FloatArray, palms: Palms) -> FloatArray:
    """By how much (2,) rad the palms are turned about forearms of these world rotations (2,3,3); 0 where no palm is known."""
    relative = rotmat_to_quat(np.swapaxes(forearm, -1, -2) @ palms.rotations)
    return np.vecdot(quat_to_rotvec(swing_twist(relative, rest_fore)[1]), rest_fore) * palms.known


def solve_legs(world: FloatArray, rest: RestSkeleton, joints: dict[str, FloatArray], points: BodyPoints) -> FloatArray:
    """Fill in the world rotations of hips, knees, ankles and feet; returns how much each leg is seen (2,)."""
    hip, knee, ankle = (points.pair(name) for name in ("hip", "knee", "ankle"))
    rest_thigh, rest_shank = rest.directions[_KNEES], rest.directions[_ANKLES]
    pelvis = world[SMPLX["pelvis"]]
    thigh_seen, shank_seen = points.pair_seen("hip", "knee"), points.pair_seen("knee", "ankle")
    foot_seen = points.pair_seen("ankle", "foot_index", "heel")
    # What is not seen goes to a neutral stance: straight down from the pelvis, or on from the thigh at rest.
    neutral = rest_thigh @ pelvis.T
    at_hip = np.stack([joints[f"{side}_hip"] for side in SIDES])
    length = rest.lengths[_KNEES]
    thigh = lean(neutral, aim(at_hip, knee, points, normalise(knee - hip), length), thigh_seen)
    free = pelvis @ swing_between(rest_thigh, thigh @ pelvis)
    shank = aim(at_hip + length[:, None] * thigh, ankle, points, normalise(ankle - knee), rest.lengths[_ANKLES])
    shank = lean(np.matvec(free, rest_shank), shank, shank_seen)

    toes = normalise(points.pair("foot_index") - points.pair("heel"))
    by_toes = cross(-thigh, toes)
    by_toes = normalise(by_toes) * (foot_seen * (np.linalg.norm(by_toes, axis=-1) > 0.3))[:, None]
    hinge = cross(thigh, shank)
    straight = with_hinge(free, rest_thigh, KNEE_HINGES, thigh, by_toes, np.linalg.norm(by_toes, axis=-1))
    hip_rotation = with_hinge(straight, rest_thigh, KNEE_HINGES, thigh, hinge, hinge_certainty(hinge, thigh, shank))
    knee_rotation = hip_rotation @ swing_between(rest_shank, np.vecmat(shank, hip_rotation))
    rest_foot = basis_from(np.array([0.0, 0.0, 1.0]), _UP)
    foot = basis_from(toes, -shank) @ rest_foot.T
    for s, side in enumerate(SIDES):
        world[SMPLX[f"{side}_hip"]] = hip_rotation[s]
        world[SMPLX[f"{side}_knee"]] = knee_rotation[s]
        ankle_rotation = blend(knee_rotation[s], foot[s], float(foot_seen[s]))
        world[SMPLX[f"{side}_ankle"]] = ankle_rotation
        world[SMPLX[f"{side}_foot"]] = ankle_rotation
    return np.minimum(thigh_seen, shank_seen)
