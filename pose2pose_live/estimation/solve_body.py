"""From body landmarks to the rotations of SMPL-X's 22 body joints, by geometry alone.

Bone directions give the swing of each limb; what turns about a bone is taken from the plane in which the next joint bends, and from
the palm. All rotations are solved in world axes and made relative to their parents at the end.
"""

from __future__ import annotations

import numpy as np

from ..frame import FloatArray
from ..skeleton import POSE, SMPLX, SMPLX_JOINTS, SMPLX_PARENTS
from .points import BodyPoints, Palms
from .rest import SIDES, RestSkeleton
from .solve_limbs import solve_arms, solve_legs
from .solve_trunk import solve_trunk

BODY_COUNT = 22
_TRUNK_CHAIN = (
    "spine1",
    "spine2",
    "spine3",
    "neck",
    "head",
    *(f"{side}_{j}" for side in SIDES for j in ("hip", "collar")),
)
# What the model's trunk is laid on: (SMPL-X joint, its landmark, weight).
_ANCHORS = (
    *((f"{side}_{joint}", f"{side}_{joint}", 1.0) for side in SIDES for joint in ("shoulder", "hip")),
    *((f"{side}_eye_smplhf", f"{side}_eye", 0.5) for side in SIDES),
)
_ANCHOR_POINTS = [POSE[point] for _, point, _ in _ANCHORS]
_ANCHOR_WEIGHT = np.array([weight for _, _, weight in _ANCHORS])
_SCALE_RANGE = (0.6, 1.7)


def solve_body(
    rest: RestSkeleton, points: BodyPoints, palms: Palms, head: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    """World rotations (22,3,3) of the body joints, and how much the legs are seen (2,).

    head: world rotation (3,3) of the head by the face network, or None.
    """
    world = np.broadcast_to(np.eye(3), (BODY_COUNT, 3, 3)).copy()
    solve_trunk(world, rest, points, head)
    joints = _trunk_joints(world, rest)
    targets = in_model(points, joints)
    solve_arms(world, rest, joints, targets, palms)
    return world, solve_legs(world, rest, joints, targets)


def local_rotations(world: FloatArray) -> FloatArray:
    """World rotations (22,3,3) -> relative to the parent, (22,3,3)."""
    local = world.copy()
    local[1:] = np.swapaxes(world[list(SMPLX_PARENTS[1:BODY_COUNT])], -1, -2) @ world[1:]
    return local


def _trunk_joints(world: FloatArray, rest: RestSkeleton) -> dict[str, FloatArray]:
    """Joints of the model's trunk (3,) m, the pelvis at the origin; the shoulders as with collars at rest."""
    joints = {"pelvis": np.zeros(3)}

    def add(name: str, parent: str, rotation: FloatArray) -> None:
        joints[name] = joints[parent] + rotation @ rest.offsets[SMPLX[name]]

    for name in _TRUNK_CHAIN:
        parent = SMPLX_JOINTS[SMPLX_PARENTS[SMPLX[name]]]
        add(name, parent, world[SMPLX[parent]])
    for side in SIDES:
        add(f"{side}_shoulder", f"{side}_collar", world[SMPLX["spine3"]])
        add(f"{side}_eye_smplhf", "head", world[SMPLX["head"]])
    return joints


def in_model(points: BodyPoints, joints: dict[str, FloatArray]) -> BodyPoints:
    """The landmarks scaled about the camera, which leaves them on their pixels, and moved so that the trunk meets the model's.

    The network's person and the model are not equally large: without this, limbs would aim past their pixels.
    """
    model = np.stack([joints[name] for name, _, _ in _ANCHORS])
    seen = points.positions[_ANCHOR_POINTS]
    weight = _ANCHOR_WEIGHT * np.maximum(points.seen[_ANCHOR_POINTS], 1e-3)
    weight = weight / weight.sum()
    model_middle, seen_middle = weight @ model, weight @ seen
    from_middle = seen - seen_middle
    scale = float((weight @ (from_middle * (model - model_middle))).sum() / max((weight @ from_middle**2).sum(), 1e-9))
    scale = float(np.clip(scale, *_SCALE_RANGE))
    return BodyPoints(
        scale * (points.positions - seen_middle) + model_middle,
        points.seen,
        scale * (points.eye - seen_middle) + model_middle,
    )
