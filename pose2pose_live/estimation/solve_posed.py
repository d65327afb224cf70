"""From the rotations that the network's heads read to those of the pose that is shown: laid on the picture, hands and head by their own networks.

The heads say well how trunk and limbs are turned, the landmarks where limbs end in the picture: each limb keeps the heads' turn about its own
bone, and its bones swing to where the landmarks are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..frame import Camera, FloatArray
from ..motion.hold import neutral_body_pose
from ..rotations import (
    blend,
    cross,
    rotvec_to_rotmat,
    swing_between,
)
from ..skeleton import POSE, SMPLX, SMPLX_JOINTS, SMPLX_PARENTS
from .aim import aim, lean, reach
from .hinge import ELBOW_HINGES, KNEE_HINGES, hinge_certainty, with_hinge
from .placement import ANCHOR_WEIGHT, ANCHORS, fit_translation
from .points import BodyPoints, Palms
from .rest import SIDES, RestSkeleton
from .solve_body import BODY_COUNT
from .solve_limbs import PRONATION_MAX_RAD, palm_twist
from .solve_trunk import bend_neck

_ANCHOR_POINTS = [POSE[landmark] for _, landmark in ANCHORS]
# Limbs will be laid on their landmarks once the body stands; as the heads turn them they hardly place it.
_LIMB_WEIGHT = 0.2
_PLACING_WEIGHT = ANCHOR_WEIGHT * [
    _LIMB_WEIGHT if landmark.split("_")[-1] in ("elbow", "wrist", "knee", "ankle") else 1.0 for _, landmark in ANCHORS
]
_NEAREST_M = 0.25
_UP = np.array([0.0, 1.0, 0.0])
_UPRIGHT_SHARE = 0.3
# How far the two bones of a limb swing from where the heads turn them to where the landmarks are. On drawn people joints are as near with any
# of these from 0.5 on, and rotations best with less, most of all those of legs; a hand has to be where it is in the picture.
_ARM_SHARES, _LEG_SHARES = (0.85, 1.0), (0.7, 0.7)
_AT_EASE = rotvec_to_rotmat(np.concatenate([np.zeros((1, 3)), neutral_body_pose()]))
_LEGS = [[SMPLX[f"{side}_{joint}"] for side in SIDES] for joint in ("hip", "knee", "ankle", "foot")]
_ARMS = [[SMPLX[f"{side}_{joint}"] for side in SIDES] for joint in ("shoulder", "elbow", "wrist")]


@dataclass(frozen=True)
class Evidence:
    """Where BlazePose's landmarks are. image_px (33,2) px of the picture; seen (33,) 0..1; relative_m (33,3) m from the pelvis, in world axes, of which
    only the depths count; camera."""

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
    legs_seen = _stand_at_ease(local, evidence)
    _hang_at_ease(local, evidence)
    _sit_upright(local, evidence)
    world = world_rotations(local)
    if head is not None:
        bend_neck(world, world[SMPLX["spine3"]], head)
    joints = joint_positions(world, rest)
    pelvis_m = _pelvis(joints, evidence)
    joints = {name: position + pelvis_m for name, position in joints.items()}
    points = BodyPoints(_on_rays(evidence, pelvis_m), evidence.seen)
    _lay_arms(world, rest, joints, points, palms)
    _lay_legs(world, rest, joints, points)
    return PosedBody(world, pelvis_m, points.positions, legs_seen)


def _pelvis(joints: dict[str, FloatArray], evidence: Evidence) -> FloatArray:
    """Where the body stands: its joints on their pixels, by and large."""
    positions = np.stack([joints[name] for name, _ in ANCHORS])
    weights = _PLACING_WEIGHT * evidence.seen[_ANCHOR_POINTS]
    return fit_translation(positions, evidence.image_px[_ANCHOR_POINTS], weights, evidence.camera)


def _on_rays(evidence: Evidence, pelvis_m: FloatArray) -> FloatArray:
    """Landmarks (33,3) m in the world: on the rays through their pixels, at the depths that they have in the body."""
    camera, depth = evidence.camera, np.maximum(-(evidence.relative_m[:, 2] + pelvis_m[2]), _NEAREST_M)
    across, down = (evidence.image_px - [camera.cx, camera.cy]).T / [[camera.fx], [camera.fy]]
    return np.stack([across * depth, -down * depth, -depth], axis=1)


def world_rotations(local: FloatArray) -> FloatArray:
    """Rotations relative to the parent (22,3,3), the pelvis in world axes -> all in world axes."""
    world = local.copy()
    for joint in range(1, BODY_COUNT):
        world[joint] = world[SMPLX_PARENTS[joint]] @ local[joint]
    return world


def joint_positions(world: FloatArray, rest: RestSkeleton) -> dict[str, FloatArray]:
    """Body joints and eyes (3,) m by name, the pelvis at the origin."""
    positions = {"pelvis": np.zeros(3)}
    for name in (*SMPLX_JOINTS[1:BODY_COUNT], *(f"{side}_eye_smplhf" for side in SIDES)):
        parent = SMPLX_PARENTS[SMPLX[name]]
        positions[name] = positions[SMPLX_JOINTS[parent]] + world[parent] @ rest.offsets[SMPLX[name]]
    return positions


def _stand_at_ease(local: FloatArray, evidence: Evidence) -> FloatArray:
    """A leg that nobody sees goes to a neutral stance, whatever the heads make up for it. Returns how much each is seen (2,)."""
    thigh, shank = _pair_seen(evidence, "hip", "knee"), _pair_seen(evidence, "knee", "ankle")
    for rows, seen in zip(_LEGS, (thigh, shank, shank, shank), strict=True):
        _relax(local, rows, seen)
    return np.minimum(thigh, shank)


def _hang_at_ease(local: FloatArray, evidence: Evidence) -> None:
    """An arm that nobody sees hangs down; whose hand is seen, its elbow is where the hand's reach puts it."""
    fore = _pair_seen(evidence, "wrist")
    upper = np.maximum(_pair_seen(evidence, "shoulder", "elbow"), fore)
    for rows, seen in zip(_ARMS, (upper, fore, fore), strict=True):
        _relax(local, rows, seen)


def _relax(local: FloatArray, rows: list[int], seen: FloatArray) -> None:
    for row, weight in zip(rows, seen, strict=True):
        if weight < 1:
            local[row] = blend(_AT_EASE[row], local[row], float(weight))


def _sit_upright(local: FloatArray, evidence: Evidence) -> None:
    """How a trunk leans whose hips are not in the picture is a guess; whoever sits before a webcam sits upright."""
    unseen = 1 - float(_pair_seen(evidence, "hip").min())
    if unseen > 0:
        raised = swing_between(local[0] @ _UP, _UP)
        local[0] = blend(np.eye(3), raised, _UPRIGHT_SHARE * unseen) @ local[0]


def _lay_arms(
    world: FloatArray, rest: RestSkeleton, joints: dict[str, FloatArray], points: BodyPoints, palms: Palms
) -> None:
    shoulders, elbows, wrists = _ARMS
    rest_upper, rest_fore = rest.directions("shoulder", "elbow"), rest.directions("elbow", "wrist")
    upper, lower = _laid(
        (world[shoulders], world[elbows]),
        (rest_upper, rest_fore),
        (rest.lengths("elbow"), rest.lengths("wrist")),
        _pair(joints, "shoulder"),
        points,
        ("shoulder", "elbow", "wrist"),
        ELBOW_HINGES,
        _ARM_SHARES,
    )
    # The palm turns the forearm, half of it at the elbow: radius and ulna cross along the whole forearm. Beyond what they can, nothing.
    twist = np.clip(palm_twist(lower, rest_fore, palms), -PRONATION_MAX_RAD, PRONATION_MAX_RAD)
    hand = np.where(
        palms.known[:, None, None] > 0, palms.rotations, lower @ np.swapaxes(world[elbows], -1, -2) @ world[wrists]
    )
    world[wrists] = hand
    world[shoulders], world[elbows] = upper, lower @ rotvec_to_rotmat(0.5 * twist[:, None] * rest_fore)


def _lay_legs(world: FloatArray, rest: RestSkeleton, joints: dict[str, FloatArray], points: BodyPoints) -> None:
    hips, knees, ankles, feet = _LEGS
    before = world[knees]
    world[hips], world[knees] = _laid(
        (world[hips], world[knees]),
        (rest.directions("hip", "knee"), rest.directions("knee", "ankle")),
        (rest.lengths("knee"), rest.lengths("ankle")),
        _pair(joints, "hip"),
        points,
        ("hip", "knee", "ankle"),
        KNEE_HINGES,
        _LEG_SHARES,
    )
    moved = world[knees] @ np.swapaxes(before, -1, -2)
    world[ankles], world[feet] = moved @ world[ankles], moved @ world[feet]


def _laid(
    turns: tuple[FloatArray, FloatArray], rest_bones: tuple[FloatArray, FloatArray], lengths: tuple[FloatArray, FloatArray],
    start: FloatArray, points: BodyPoints, names: tuple[str, str, str], hinges: FloatArray,
    shares: tuple[float, float],
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """World rotations (2,3,3) of a limb's two bones, left and right, swung their shares of the way to the landmarks, as far as those are seen.

    Each bone is given by its world rotation, its direction (2,3) in the rest pose and its length (2,) m; start (2,3): the model's first joint.
    """
    first, second = (np.matvec(turn, bone) for turn, bone in zip(turns, rest_bones, strict=True))
    a, b, c = names
    middle_seen, end_seen = points.pair_seen(a, b), points.pair_seen(c)
    bone = lean(first, aim(start, points.pair(b), points, first, lengths[0]), shares[0] * middle_seen)
    bone = lean(bone, reach(start, points.pair(c), lengths, first), end_seen * (1 - middle_seen))
    middle = start + lengths[0][:, None] * bone
    next_bone = lean(second, aim(middle, points.pair(c), points, second, lengths[1]), shares[1] * end_seen)
    upper = swing_between(first, bone) @ turns[0]
    hinge = cross(bone, next_bone)
    upper = with_hinge(upper, rest_bones[0], hinges, bone, hinge, hinge_certainty(hinge, bone, next_bone))
    return upper, swing_between(second, next_bone) @ turns[1]


def _pair(joints: dict[str, FloatArray], name: str) -> FloatArray:
    return np.stack([joints[f"{side}_{name}"] for side in SIDES])


def _pair_seen(evidence: Evidence, *names: str) -> FloatArray:
    return BodyPoints(evidence.relative_m, evidence.seen).pair_seen(*names)
