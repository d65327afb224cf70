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
from ..skeleton import SMPLX
from .points import BodyPoints, Palms
from .rest import SIDES, RestSkeleton

_UP = np.array([0.0, 1.0, 0.0])
# Elbows and knees that bend less than the first angle say nothing about their hinge; more than the second, all.
_HINGE_RANGE_RAD = np.radians([12.0, 35.0])
_PRONATION_MAX_RAD = np.radians(85.0)
# Of an arm raised past the horizontal the shoulder blade takes about a third (scapulohumeral rhythm, Inman 1944); the collar
# joint of SMPL-X stands for it. Half of that is seen in the shoulder's landmark already.
_COLLAR_SHARE = 0.15
_SHRUG_SHARE = 0.5
_COLLAR_FREE_RAD = np.radians(10.0)
# A landmark nearer to the model's joint than the first share of the bone's length gives no direction; farther than the second, a full
# one.
_AIM_RANGE = (0.35, 0.7)
_DEPTH_WEIGHT = 0.25
_MULTIPLIER_BOUND = 0.8
# From a thorax's axes: how an arm hangs that is not in the picture.
_HANGING = np.array([[0.25, -1.0, 0.05], [-0.25, -1.0, 0.05]])


def solve_arms(
    world: FloatArray, rest: RestSkeleton, joints: dict[str, FloatArray], points: BodyPoints, palms: Palms
) -> None:
    """Fill in the world rotations of collars, shoulders, elbows and wrists. joints: of the model's trunk, points: in its place."""
    shoulder, elbow, wrist = (points.pair(name) for name in ("shoulder", "elbow", "wrist"))
    rest_upper, rest_fore = rest.directions("shoulder", "elbow"), rest.directions("elbow", "wrist")
    thorax = world[SMPLX["spine3"]]
    hanging = normalise(_HANGING @ thorax.T)
    seen, fore_seen = points.pair_seen("shoulder", "elbow"), points.pair_seen("elbow", "wrist")
    at_collar = np.stack([joints[f"{side}_collar"] for side in SIDES])
    seen_upper = normalise(elbow - shoulder)
    collar = _collars(thorax, rest, at_collar, points, _lean(hanging, seen_upper, seen))
    at_shoulder = at_collar + np.matvec(collar, rest.offset_pair("shoulder"))
    length, fore_length = rest.lengths("elbow"), rest.lengths("wrist")
    upper = _lean(hanging, _aim(at_shoulder, elbow, points, seen_upper, length), seen)
    at_elbow = at_shoulder + length[:, None] * upper
    fore = _aim(at_elbow, wrist, points, normalise(wrist - elbow), fore_length)
    fore = _lean(normalise(hanging + 0.15 * thorax[:, 2]), fore, fore_seen)

    # The collar must not move the measured direction of the arm: the shoulder turns from where the collar has brought it.
    free = collar @ swing_between(rest_upper, np.vecmat(upper, collar))
    rest_hinge = np.array([[0.0, -1.0, 0.0], [0.0, 1.0, 0.0]])
    hinge = cross(upper, fore)
    certain = _hinge_certainty(hinge, upper, fore)
    shoulder_rotation = _with_hinge(free, rest_upper, rest_hinge, upper, hinge, certain)
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
    offset = rest.offset_pair("shoulder")
    towards = (points.pair("shoulder") - at_collar) @ thorax
    shrug = rotmat_to_rotvec(swing_between(offset, towards)) * (_SHRUG_SHARE * points.pair_seen("shoulder"))[:, None]
    in_thorax = upper @ thorax
    rise = rotmat_to_rotvec(swing_between(rest.directions("shoulder", "elbow"), in_thorax))
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
        relative = rotmat_to_quat(np.swapaxes(forearm, -1, -2) @ palms.rotations)
        turn = quat_to_rotvec(swing_twist(relative, rest_fore)[1])
        return forearm, np.vecdot(turn, rest_fore) * palms.known

    forearm, twist = forearm_of(shoulder)
    excess = (twist - np.clip(twist, -_PRONATION_MAX_RAD, _PRONATION_MAX_RAD)) * (1 - hinge_certain)
    if np.any(np.abs(excess) > 1e-3):
        shoulder = shoulder @ rotvec_to_rotmat(excess[:, None] * rest_upper)
        forearm, twist = forearm_of(shoulder)
    return shoulder, forearm, np.clip(twist, -_PRONATION_MAX_RAD, _PRONATION_MAX_RAD)


def solve_legs(world: FloatArray, rest: RestSkeleton, joints: dict[str, FloatArray], points: BodyPoints) -> FloatArray:
    """Fill in the world rotations of hips, knees, ankles and feet; returns how much each leg is seen (2,)."""
    hip, knee, ankle = (points.pair(name) for name in ("hip", "knee", "ankle"))
    rest_thigh, rest_shank = rest.directions("hip", "knee"), rest.directions("knee", "ankle")
    pelvis = world[SMPLX["pelvis"]]
    thigh_seen, shank_seen = points.pair_seen("hip", "knee"), points.pair_seen("knee", "ankle")
    foot_seen = points.pair_seen("ankle", "foot_index", "heel")
    # What is not seen goes to a neutral stance: straight down from the pelvis, or on from the thigh at rest.
    neutral = rest_thigh @ pelvis.T
    at_hip = np.stack([joints[f"{side}_hip"] for side in SIDES])
    length = rest.lengths("knee")
    thigh = _lean(neutral, _aim(at_hip, knee, points, normalise(knee - hip), length), thigh_seen)
    free = pelvis @ swing_between(rest_thigh, thigh @ pelvis)
    shank = _aim(at_hip + length[:, None] * thigh, ankle, points, normalise(ankle - knee), rest.lengths("ankle"))
    shank = _lean(np.matvec(free, rest_shank), shank, shank_seen)

    toes = normalise(points.pair("foot_index") - points.pair("heel"))
    rest_hinge = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    by_toes = cross(-thigh, toes)
    by_toes = normalise(by_toes) * (foot_seen * (np.linalg.norm(by_toes, axis=-1) > 0.3))[:, None]
    hinge = cross(thigh, shank)
    straight = _with_hinge(free, rest_thigh, rest_hinge, thigh, by_toes, np.linalg.norm(by_toes, axis=-1))
    hip_rotation = _with_hinge(straight, rest_thigh, rest_hinge, thigh, hinge, _hinge_certainty(hinge, thigh, shank))
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


def _hinge_certainty(hinge: FloatArray, bone: FloatArray, next_bone: FloatArray) -> FloatArray:
    """(2,) 0..1: how sure the hinge axis bone x next_bone (2,3) is, by how far the joint bends."""
    bend = np.arctan2(np.linalg.norm(hinge, axis=-1), np.vecdot(bone, next_bone))
    return _smoothstep((bend - _HINGE_RANGE_RAD[0]) / (_HINGE_RANGE_RAD[1] - _HINGE_RANGE_RAD[0]))


def _with_hinge(
    rotation: FloatArray, rest_bone: FloatArray, rest_hinge: FloatArray, bone: FloatArray, hinge: FloatArray,
    certain: FloatArray,
) -> FloatArray:  # fmt: skip
    """Turn `rotation` (2,3,3) about its bone so that its hinge axis meets `hinge` (2,3), as far as that is certain (2,)."""
    now = np.matvec(rotation, rest_hinge)
    now = now - np.vecdot(now, bone)[:, None] * bone
    target = hinge - np.vecdot(hinge, bone)[:, None] * bone
    angle = np.arctan2(np.vecdot(cross(now, target), bone), np.vecdot(now, target))
    return rotation @ rotvec_to_rotmat((certain * angle)[:, None] * rest_bone)


def _lean(unseen: FloatArray, seen: FloatArray, weight: FloatArray) -> FloatArray:
    """Unit vectors (2,3) between a default and a measured direction."""
    return normalise((1 - weight)[:, None] * unseen + weight[:, None] * seen)


def _smoothstep(x: FloatArray) -> FloatArray:
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3 - 2 * x)


def _aim(
    joint: FloatArray, target: FloatArray, points: BodyPoints, fallback: FloatArray, length: FloatArray
) -> FloatArray:
    """Unit vectors (2,3) from the model's joints along bones of this length, whose ends come as near to their targets as they can.

    A landmark's pixel is more certain than its depth, so a miss along the viewing ray counts _DEPTH_WEIGHT times as much as one across
    it: minimise |v_across - t_across|^2 + w (v_along - t_along)^2 with |v| = length (a Lagrange multiplier, Newton's method).
    """
    delta = target - joint
    ray = normalise(target - points.eye)
    along = np.vecdot(delta, ray)
    across = delta - along[:, None] * ray
    across_sq, along_sq = np.vecdot(across, across), (_DEPTH_WEIGHT * along) ** 2
    mu = np.zeros(2)
    for _ in range(5):
        a, b = across_sq / (1 + mu) ** 2, along_sq / (_DEPTH_WEIGHT + mu) ** 2
        slope = -2 * (a / (1 + mu) + b / (_DEPTH_WEIGHT + mu))
        # A target in the joint itself has no slope: the multiplier then runs into its bound and the fallback takes over.
        mu = np.clip(mu - (a + b - length**2) / np.minimum(slope, -1e-9), -_MULTIPLIER_BOUND * _DEPTH_WEIGHT, 1e3)
    direction = across / (1 + mu)[:, None] + (_DEPTH_WEIGHT * along / (_DEPTH_WEIGHT + mu))[:, None] * ray
    share = np.sqrt(across_sq + along**2) / length
    certain = np.clip((share - _AIM_RANGE[0]) / (_AIM_RANGE[1] - _AIM_RANGE[0]), 0.0, 1.0)
    return _lean(fallback, normalise(direction), certain)
