"""From the rotations that the network's heads read to those of the pose that is shown: laid on the picture, hands and head by their own networks.

The heads say well how trunk and limbs are turned, the landmarks where limbs end in the picture: each limb keeps the heads' turn about its own
bone, and its bones swing to where the landmarks are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..frame import Camera, FloatArray
from ..motion.hold import neutral_body_pose
from ..rotations import (
    blend,
    cross,
    rotvec_to_rotmat,
    swing_between,
)
from ..skeleton import POSE, SMPLX, SMPLX_PARENTS, both_sides
from .aim import aim, lean, reach
from .hinge import ELBOW_HINGES, KNEE_HINGES, hinge_certainty, with_hinge
from .placement import ANCHOR_JOINTS, ANCHOR_POINTS, ANCHOR_WEIGHT, ANCHORS, fit_translation, on_rays
from .points import BodyPoints, Palms
from .rest import RestSkeleton, torso_basis
from .solve_body import BODY_COUNT
from .solve_limbs import PRONATION_MAX_RAD, palm_twist
from .solve_trunk import bend_neck

# Limbs will be laid on their landmarks once the body stands; as the heads turn them they hardly place it.
_LIMB_WEIGHT = 0.2
_PLACING_WEIGHT = ANCHOR_WEIGHT * [
    _LIMB_WEIGHT if landmark.split("_")[-1] in ("elbow", "wrist", "knee", "ankle") else 1.0 for _, landmark in ANCHORS
]
_NEAREST_M = 0.25
_UP = np.array([0.0, 1.0, 0.0])
_UPRIGHT_SHARE = 0.3
# How far a trunk that is seen turns from how the heads read it to how its corners lie in space.
_TRUNK_SHARE = 0.5
# The limbs: left and right arm, left and right leg. Where they start, bend and end, as joints of the model and as landmarks.
_ARMS, _LEGS = slice(0, 2), slice(2, 4)
_LIMBS = (("shoulder", "hip"), ("elbow", "knee"), ("wrist", "ankle"))
_STARTS, _MIDDLES, _ENDS = (both_sides(SMPLX, *names) for names in _LIMBS)
_START_POINTS, _MIDDLE_POINTS, _END_POINTS = (both_sides(POSE, *names) for names in _LIMBS)
_FEET, _HIPS, _HIP_POINTS = both_sides(SMPLX, "foot"), both_sides(SMPLX, "hip"), both_sides(POSE, "hip")
_HINGES = np.concatenate([ELBOW_HINGES, KNEE_HINGES])
# How far the first bone of a limb swings from where the heads turn it to where the landmark is. On drawn people joints are as near with any share
# from 0.5 on, and rotations best with less, most of all those of legs. The second bone swings all the way: hands and feet have to be where
# they are in the picture.
_FIRST_SHARES = np.array([0.85, 0.85, 0.7, 0.7])
_AT_EASE = rotvec_to_rotmat(np.concatenate([np.zeros((1, 3)), neutral_body_pose()]))
_RELAXING = np.array([*_STARTS, *_MIDDLES, *_ENDS, *_FEET])
_WITH_EYES = 25
_PARENTS = np.array([0, *SMPLX_PARENTS[1:_WITH_EYES]])


def _generations() -> list[NDArray[np.intp]]:
    """The pelvis' children among the body joints, their children, and so on."""
    below, found = np.array([SMPLX["pelvis"]]), []
    while len(below := 1 + np.flatnonzero(np.isin(_PARENTS[1:BODY_COUNT], below))):
        found.append(below)
    return found


def _ways() -> FloatArray:
    """(25,25): 1 where the bone of the column is on the way from the pelvis to the joint of the row."""
    ways = np.zeros((_WITH_EYES, _WITH_EYES))
    for joint in range(1, _WITH_EYES):
        ways[joint] = ways[_PARENTS[joint]]
        ways[joint, joint] = 1.0
    return ways


_GENERATIONS, _WAYS = _generations(), _ways()


@dataclass(frozen=True)
class Evidence:
    """Where BlazePose's landmarks are. image_px (33,2) px of the picture; seen (33,) 0..1; relative_m (33,3) m from the middle of the
    hips, in world axes: the depths of limbs, and how the trunk is turned; camera."""

    image_px: FloatArray
    seen: FloatArray
    relative_m: FloatArray
    camera: Camera


@dataclass(frozen=True)
class PosedBody:
    """world (22,3,3): rotations of the body joints in world axes; pelvis_m (3,): where the pelvis is in the world; points_m (33,3): the landmarks
    in the world, at the body's scale; legs_seen (2,) 0..1."""

    world: FloatArray
    pelvis_m: FloatArray
    points_m: FloatArray
    legs_seen: FloatArray


def solve_posed(
    rest: RestSkeleton, local: FloatArray, evidence: Evidence, palms: Palms, head: FloatArray | None
) -> PosedBody:
    """local (22,3,3): the heads' rotations, the pelvis in world axes. palms: world rotations of the hands by the hand network. head: world rotation (3,3)
    of the head by the face network, or None."""
    local = local.copy()
    legs_seen = _relax(local, evidence.seen)
    _sit_upright(local, evidence.seen)
    world = world_rotations(local)
    _turn_trunk(world, rest, evidence)
    if head is not None:
        bend_neck(world, world[SMPLX["spine3"]], head)
    joints = joint_positions(world, rest)
    pelvis_m = _pelvis(joints, evidence)
    from_hips = evidence.relative_m[:, 2] + joints[_HIPS, 2].mean()
    depth_m = np.maximum(-(from_hips + pelvis_m[2]), _NEAREST_M)
    points = BodyPoints(on_rays(evidence.image_px, depth_m, evidence.camera), evidence.seen)
    _lay_limbs(world, rest, joints[_STARTS] + pelvis_m, points, palms)
    return PosedBody(world, pelvis_m, points.positions, legs_seen)


def _pelvis(joints: FloatArray, evidence: Evidence) -> FloatArray:
    """Where the body stands: its joints on their pixels, by and large."""
    weights = _PLACING_WEIGHT * evidence.seen[ANCHOR_POINTS]
    return fit_translation(joints[ANCHOR_JOINTS], evidence.image_px[ANCHOR_POINTS], weights, evidence.camera)


def world_rotations(local: FloatArray) -> FloatArray:
    """Rotations relative to the parent (22,3,3), the pelvis in world axes -> all in world axes."""
    world = local.copy()
    for joints in _GENERATIONS:
        world[joints] = world[_PARENTS[joints]] @ local[joints]
    return world


def joint_positions(world: FloatArray, rest: RestSkeleton) -> FloatArray:
    """(25,3) m: body joints, jaw and eyes, the pelvis at the origin."""
    return _WAYS @ np.matvec(world[_PARENTS], rest.offsets[:_WITH_EYES])


def _relax(local: FloatArray, seen: FloatArray) -> FloatArray:
    """Limbs that nobody sees are at ease, whatever the heads make up for them: arms hang down, legs stand. Returns how much legs are seen (2,)."""
    upper, lower = np.minimum(seen[_START_POINTS], seen[_MIDDLE_POINTS]), seen[_END_POINTS]
    # Whose hand is seen, its elbow is where the hand's reach puts it. An ankle says nothing of a leg whose knee is not seen.
    upper[_ARMS] = np.maximum(upper[_ARMS], lower[_ARMS])
    lower[_LEGS] = np.minimum(lower[_LEGS], seen[_MIDDLE_POINTS][_LEGS])
    weights = np.concatenate([upper, lower, lower, lower[_LEGS]])
    joints, weights = _RELAXING[weights < 1], weights[weights < 1]
    if len(joints):
        local[joints] = blend(_AT_EASE[joints], local[joints], weights)
    return np.minimum(upper, lower)[_LEGS]


def _sit_upright(local: FloatArray, seen: FloatArray) -> None:
    """How a trunk leans whose hips are not in the picture is a guess; whoever sits before a webcam sits upright."""
    unseen = 1 - float(seen[_HIP_POINTS].min())
    if unseen > 0:
        raised = swing_between(local[0] @ _UP, _UP)
        local[0] = blend(np.eye(3), raised, _UPRIGHT_SHARE * unseen) @ local[0]


def _turn_trunk(world: FloatArray, rest: RestSkeleton, evidence: Evidence) -> None:
    """Turn the whole body so that its shoulders and hips come nearer to where they are in space."""
    seen = float(evidence.seen[_START_POINTS].min())
    if seen > 0:
        corners, joints = evidence.relative_m[_START_POINTS], joint_positions(world, rest)[_STARTS]
        turn = blend(np.eye(3), _trunk_basis(corners) @ _trunk_basis(joints).T, _TRUNK_SHARE * seen)
        world[:] = turn @ world


def _trunk_basis(corners: FloatArray) -> FloatArray:
    """Basis (3,3) of a trunk; corners (4,3) m: left and right shoulder, left and right hip."""
    shoulders, hips = corners[_ARMS], corners[_LEGS]
    return torso_basis(shoulders + hips, hips, shoulders)


def _lay_limbs(world: FloatArray, rest: RestSkeleton, starts: FloatArray, points: BodyPoints, palms: Palms) -> None:
    """Bring the rotations of shoulders to wrists and of hips to feet to where the landmarks are. starts (4,3) m: the limbs' first joints."""
    upper, lower = _laid(world[_STARTS], world[_MIDDLES], rest, starts, points)
    moved = lower @ np.swapaxes(world[_MIDDLES], -1, -2)
    ends, world[_FEET] = moved @ world[_ENDS], moved[_LEGS] @ world[_FEET]
    ends[_ARMS] = np.where(palms.known[:, None, None] > 0, palms.rotations, ends[_ARMS])
    # The palm turns the forearm, half of it at the elbow: radius and ulna cross along the whole forearm. Beyond what they can, nothing.
    rest_fore = rest.directions[_ENDS][_ARMS]
    twist = np.clip(palm_twist(lower[_ARMS], rest_fore, palms), -PRONATION_MAX_RAD, PRONATION_MAX_RAD)
    lower[_ARMS] = lower[_ARMS] @ rotvec_to_rotmat(0.5 * twist[:, None] * rest_fore)
    world[_STARTS], world[_MIDDLES], world[_ENDS] = upper, lower, ends


def _laid(
    upper: FloatArray, lower: FloatArray, rest: RestSkeleton, starts: FloatArray, points: BodyPoints
) -> tuple[FloatArray, FloatArray]:
    """World rotations (4,3,3) of the limbs' two bones, swung to the landmarks, the first their share of the way, as far as those are seen.

    upper, lower (4,3,3): as the heads turn them; starts (4,3) m: the model's first joints.
    """
    rest_bones, lengths = rest.directions[_MIDDLES], (rest.lengths[_MIDDLES], rest.lengths[_ENDS])
    first, second = np.matvec(upper, rest_bones), np.matvec(lower, rest.directions[_ENDS])
    middle_points, end_points = points.positions[_MIDDLE_POINTS], points.positions[_END_POINTS]
    middle_seen = np.minimum(points.seen[_START_POINTS], points.seen[_MIDDLE_POINTS])
    end_seen = points.seen[_END_POINTS]
    bone = lean(first, aim(starts, middle_points, points, first, lengths[0]), _FIRST_SHARES * middle_seen)
    bone = lean(bone, reach(starts, end_points, lengths, first), end_seen * (1 - middle_seen))
    middles = starts + lengths[0][:, None] * bone
    next_bone = lean(second, aim(middles, end_points, points, second, lengths[1]), end_seen)
    turned = swing_between(first, bone) @ upper
    hinge = cross(bone, next_bone)
    turned = with_hinge(turned, rest_bones, _HINGES, bone, hinge, hinge_certainty(hinge, bone, next_bone))
    return turned, swing_between(second, next_bone) @ lower
