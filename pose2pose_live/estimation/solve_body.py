"""From body landmarks to the rotations of SMPL-X's 22 body joints, by geometry alone.

Bone directions give the swing of each limb; what turns about a bone is taken from the plane in which the next joint bends, and from
the palm. All rotations are solved in world axes and made relative to their parents at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..frame import FloatArray
from ..rotations import (
    basis_from,
    cross,
    normalise,
    quat_to_rotvec,
    rotmat_to_quat,
    rotmat_to_rotvec,
    rotvec_to_rotmat,
    swing_between,
    swing_twist,
)
from ..skeleton import POSE, SMPLX, SMPLX_PARENTS
from .rest import SIDES, RestSkeleton, torso_basis

BODY_COUNT = 22
_UP = np.array([0.0, 1.0, 0.0])
# Elbows and knees that bend less than the first angle say nothing about their hinge; more than the second, all.
_HINGE_RANGE_RAD = np.radians([12.0, 35.0])
_PRONATION_MAX_RAD = np.radians(85.0)
# Of an arm raised past the horizontal the shoulder blade takes about a third (scapulohumeral rhythm, Inman 1944); the collar
# joint of SMPL-X stands for it.
_COLLAR_SHARE = 0.3
_COLLAR_FREE_RAD = np.radians(10.0)
_NECK_SHARE = 0.45


@dataclass(frozen=True)
class BodyPoints:
    """Body landmarks placed in the camera-aligned world: positions (33,3) m, seen (33,) 0..1."""

    positions: FloatArray
    seen: FloatArray

    def pair(self, name: str) -> FloatArray:
        """Left and right landmark (2,3)."""
        return self.positions[[POSE[f"{side}_{name}"] for side in SIDES]]

    def pair_seen(self, *names: str) -> FloatArray:
        """(2,): how much all these landmarks of a side are seen."""
        return np.min([self.seen[[POSE[f"{side}_{name}"] for side in SIDES]] for name in names], axis=0)


@dataclass(frozen=True)
class Palms:
    """World rotations (2,3,3) of the left and right hand, and whether each is known (2,)."""

    rotations: FloatArray
    known: FloatArray


def solve_body(
    rest: RestSkeleton, points: BodyPoints, palms: Palms, head: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    """World rotations (22,3,3) of the body joints, and how much the legs are seen (2,).

    head: world rotation (3,3) of the head by the face network, or None.
    """
    world = np.broadcast_to(np.eye(3), (BODY_COUNT, 3, 3)).copy()
    thorax = _solve_torso(world, rest, points)
    _solve_head(world, thorax, points, head)
    _solve_arms(world, rest, points, palms)
    legs_seen = _solve_legs(world, rest, points)
    return world, legs_seen


def local_rotations(world: FloatArray) -> FloatArray:
    """World rotations (22,3,3) -> relative to the parent, (22,3,3)."""
    local = world.copy()
    local[1:] = np.swapaxes(world[list(SMPLX_PARENTS[1:BODY_COUNT])], -1, -2) @ world[1:]
    return local


def _solve_torso(world: FloatArray, rest: RestSkeleton, points: BodyPoints) -> FloatArray:
    shoulders, hips = points.pair("shoulder"), points.pair("hip")
    hips_seen = float(points.pair_seen("hip").min())
    # Hips outside the picture are a guess of the network; a person at a desk sits upright.
    trunk = normalise(shoulders.mean(axis=0) - hips.mean(axis=0))
    trunk = normalise(hips_seen * trunk + (1 - hips_seen) * (0.5 * trunk + 0.5 * _UP))
    across = normalise(shoulders[0] - shoulders[1])
    thorax = basis_from(across, trunk) @ rest.thorax_basis.T
    pelvis = torso_basis(hips, hips, shoulders) @ rest.pelvis_basis.T
    level = np.array([thorax[0, 0], 0.0, thorax[2, 0]])
    neutral = basis_from(trunk, level)[:, [1, 0, 2]] * np.array([1.0, 1.0, -1.0])
    pelvis = _blend(neutral, pelvis, hips_seen)
    step = rotmat_to_rotvec(pelvis.T @ thorax) / 3
    world[SMPLX["pelvis"]] = pelvis
    for i, name in enumerate(("spine1", "spine2", "spine3"), start=1):
        world[SMPLX[name]] = pelvis @ rotvec_to_rotmat(i * step)
    return thorax


def _solve_head(world: FloatArray, thorax: FloatArray, points: BodyPoints, head: FloatArray | None) -> None:
    if head is None:
        ears, nose = points.pair("ear"), points.positions[POSE["nose"]]
        across = normalise(ears[0] - ears[1])
        forward = normalise(nose - ears.mean(axis=0))
        # The nose sits a little below the ears' axis: the gaze is higher than the line from ears to nose.
        head = basis_from(across, cross(forward, across)) @ rotvec_to_rotmat(np.array([-np.radians(15.0), 0, 0]))
    bend = rotmat_to_rotvec(thorax.T @ head)
    world[SMPLX["neck"]] = thorax @ rotvec_to_rotmat(_NECK_SHARE * bend)
    world[SMPLX["head"]] = head


def _solve_arms(world: FloatArray, rest: RestSkeleton, points: BodyPoints, palms: Palms) -> None:
    shoulder, elbow, wrist = (points.pair(name) for name in ("shoulder", "elbow", "wrist"))
    upper, fore = normalise(elbow - shoulder), normalise(wrist - elbow)
    rest_upper, rest_fore = rest.directions("shoulder", "elbow"), rest.directions("elbow", "wrist")
    arm_seen = points.pair_seen("shoulder", "elbow")
    thorax = world[SMPLX["spine3"]]
    # An arm that is not in the picture hangs down beside the trunk.
    hanging = normalise(thorax @ np.array([[0.25, -1.0, 0.05], [-0.25, -1.0, 0.05]])[..., None])[..., 0]
    upper = _lean(hanging, upper, arm_seen)
    fore = _lean(normalise(hanging + 0.15 * thorax[:, 2]), fore, points.pair_seen("elbow", "wrist"))

    swing = swing_between(rest_upper, np.einsum("ij,si->sj", thorax, upper))
    rise = rotmat_to_rotvec(swing)
    raised = np.linalg.norm(rise, axis=-1, keepdims=True)
    upwards = np.clip(np.einsum("ij,si->sj", thorax, upper)[:, 1:2], 0.0, 1.0)
    collar = thorax @ rotvec_to_rotmat(
        _COLLAR_SHARE * upwards * rise * np.clip(1 - _COLLAR_FREE_RAD / np.maximum(raised, 1e-6), 0, 1)
    )
    # The collar must not move the measured direction of the arm: the shoulder turns from where the collar has brought it.
    free = collar @ swing_between(rest_upper, np.einsum("sij,si->sj", collar, upper))
    rest_hinge = np.array([[0.0, -1.0, 0.0], [0.0, 1.0, 0.0]])
    shoulder_rotation, certain = _with_hinge(free, rest_upper, rest_hinge, upper, fore, cross(upper, fore))
    shoulder_rotation, forearm, twist = _twist_of_palm(shoulder_rotation, certain, rest_upper, rest_fore, fore, palms)
    hand = np.where(palms.known[:, None, None] > 0, palms.rotations, forearm)
    forearm = forearm @ rotvec_to_rotmat(0.5 * twist[:, None] * rest_fore)
    hand = np.where(palms.known[:, None, None] > 0, hand, forearm)
    for s, side in enumerate(SIDES):
        world[SMPLX[f"{side}_collar"]] = collar[s]
        world[SMPLX[f"{side}_shoulder"]] = shoulder_rotation[s]
        world[SMPLX[f"{side}_elbow"]] = forearm[s]
        world[SMPLX[f"{side}_wrist"]] = hand[s]


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
        forearm = shoulder @ swing_between(rest_fore, np.einsum("sij,si->sj", shoulder, fore))
        relative = rotmat_to_quat(np.swapaxes(forearm, -1, -2) @ palms.rotations)
        turn = quat_to_rotvec(swing_twist(relative, rest_fore)[1])
        return forearm, np.einsum("si,si->s", turn, rest_fore) * palms.known

    forearm, twist = forearm_of(shoulder)
    excess = (twist - np.clip(twist, -_PRONATION_MAX_RAD, _PRONATION_MAX_RAD)) * (1 - hinge_certain)
    if np.any(np.abs(excess) > 1e-3):
        shoulder = shoulder @ rotvec_to_rotmat(excess[:, None] * rest_upper)
        forearm, twist = forearm_of(shoulder)
    return shoulder, forearm, np.clip(twist, -_PRONATION_MAX_RAD, _PRONATION_MAX_RAD)


def _solve_legs(world: FloatArray, rest: RestSkeleton, points: BodyPoints) -> FloatArray:
    hip, knee, ankle = (points.pair(name) for name in ("hip", "knee", "ankle"))
    thigh, shank = normalise(knee - hip), normalise(ankle - knee)
    rest_thigh, rest_shank = rest.directions("hip", "knee"), rest.directions("knee", "ankle")
    pelvis = world[SMPLX["pelvis"]]
    thigh_seen, shank_seen = points.pair_seen("hip", "knee"), points.pair_seen("knee", "ankle")
    foot_seen = points.pair_seen("ankle", "foot_index", "heel")
    # What is not seen goes to a neutral stance: straight down from the pelvis, or on from the thigh at rest.
    neutral = np.einsum("ij,sj->si", pelvis, rest_thigh)
    thigh = _lean(neutral, thigh, thigh_seen)
    free = pelvis @ swing_between(rest_thigh, np.einsum("ij,si->sj", pelvis, thigh))
    shank = _lean(np.einsum("sij,sj->si", free, rest_shank), shank, shank_seen)

    toes = normalise(points.pair("foot_index") - points.pair("heel"))
    rest_hinge = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    by_toes = cross(-thigh, toes)
    by_toes = normalise(by_toes) * (foot_seen * (np.linalg.norm(by_toes, axis=-1) > 0.3))[:, None]
    hinge = cross(thigh, shank)
    straight, _ = _with_hinge(free, rest_thigh, rest_hinge, thigh, shank, by_toes, always=True)
    hip_rotation, _ = _with_hinge(straight, rest_thigh, rest_hinge, thigh, shank, hinge)
    knee_rotation = hip_rotation @ swing_between(rest_shank, np.einsum("sij,si->sj", hip_rotation, shank))
    rest_foot = basis_from(np.array([0.0, 0.0, 1.0]), _UP)
    foot = basis_from(toes, -shank) @ rest_foot.T
    for s, side in enumerate(SIDES):
        world[SMPLX[f"{side}_hip"]] = hip_rotation[s]
        world[SMPLX[f"{side}_knee"]] = knee_rotation[s]
        ankle_rotation = _blend(knee_rotation[s], foot[s], float(foot_seen[s]))
        world[SMPLX[f"{side}_ankle"]] = ankle_rotation
        world[SMPLX[f"{side}_foot"]] = ankle_rotation
    return np.minimum(thigh_seen, shank_seen)


def _with_hinge(
    rotation: FloatArray, rest_bone: FloatArray, rest_hinge: FloatArray, bone: FloatArray, next_bone: FloatArray,
    hinge: FloatArray, always: bool = False,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Turn `rotation` (2,3,3) about its bone so that its hinge axis meets `hinge` (2,3), as far as the hinge is certain.

    The certainty (2,) grows with the bend between bone and next_bone, or is the hinge's length when `always`.
    """
    if always:
        certain = np.linalg.norm(hinge, axis=-1)
    else:
        bend = np.arctan2(np.linalg.norm(hinge, axis=-1), np.einsum("si,si->s", bone, next_bone))
        certain = _smoothstep((bend - _HINGE_RANGE_RAD[0]) / (_HINGE_RANGE_RAD[1] - _HINGE_RANGE_RAD[0]))
    now = np.einsum("sij,sj->si", rotation, rest_hinge)
    now = now - np.einsum("si,si->s", now, bone)[:, None] * bone
    target = hinge - np.einsum("si,si->s", hinge, bone)[:, None] * bone
    angle = np.arctan2(np.einsum("si,si->s", cross(now, target), bone), np.einsum("si,si->s", now, target))
    return rotation @ rotvec_to_rotmat((certain * angle)[:, None] * rest_bone), certain


def _blend(a: FloatArray, b: FloatArray, weight: float) -> FloatArray:
    """Rotation on the way from a (weight 0) to b (weight 1)."""
    return a @ rotvec_to_rotmat(weight * rotmat_to_rotvec(a.T @ b))


def _lean(unseen: FloatArray, seen: FloatArray, weight: FloatArray) -> FloatArray:
    """Unit vectors (2,3) between a default and a measured direction."""
    return normalise((1 - weight)[:, None] * unseen + weight[:, None] * seen)


def _smoothstep(x: FloatArray) -> FloatArray:
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3 - 2 * x)


def rotvecs_of(world: FloatArray) -> FloatArray:
    """World rotations (22,3,3) -> the first 22 rows of a full pose (22,3) axis-angle."""
    return quat_to_rotvec(rotmat_to_quat(local_rotations(world)))
