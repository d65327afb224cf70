"""What the network shall say, in its own terms, from the labels of a batch."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ...network.open_body_net import DEPTH_RANGE_M
from ...skeleton import (
    OPEN_BODY_PARTS,
    POSE,
    POSE_FROM_OPEN_BODY,
    POSITION_BODY_JOINTS,
    SMPLX,
    SMPLX_JOINTS,
    SMPLX_PARENTS,
)
from ...skeleton import OPEN_BODY_POINT as POINT
from .batches import Batch

_SIDES = ("left", "right")
LANDMARK_NAMES = tuple(landmark for landmark, _ in POSE_FROM_OPEN_BODY)
LANDMARKS = [POSE[name] for name in LANDMARK_NAMES]
"""Rows of BlazePose's 33 that have a place on the true body."""
_LANDMARK_POINTS = [POINT[point] for _, point in POSE_FROM_OPEN_BODY]
_HIPS = [LANDMARK_NAMES.index(f"{side}_hip") for side in _SIDES]
# BlazePose marks the outside of the pelvis, SMPL-X the balls of the thigh bones (estimation/placement.py): what the network means by a hip
# shall stay what it was.
_HIP_SHARE = 0.77
POSITION_POINTS = [POINT[name] for name in POSITION_BODY_JOINTS]
_TRUNK = [POINT[name] for name in OPEN_BODY_PARTS["trunk"]]
_TEACHER_TRUST_PX = 12.0
_PRESENT = 0.5
_OUTSIDE = 0.25  # how much a point outside the picture counts, which can only be guessed
_CROP_END_PX = 240.0  # the positional heat map's last cell

# By which point's being in the picture one can tell how a joint is turned.
_TOLD_BY = {"hip": "knee", "knee": "ankle", "ankle": "big_toe", "foot": "big_toe", "collar": "shoulder", "shoulder": "elbow",
            "elbow": "wrist", "wrist": "middle1"}  # fmt: skip
_UNTOLD, _NEUTRAL = 0.2, 0.3
_LEGS = [[SMPLX[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle", "foot")] for side in _SIDES]
_KNEES = [POINT[f"{side}_knee"] for side in _SIDES]


def _told_by(joint: str) -> str:
    side, _, name = joint.partition("_")
    return f"{side}_{_TOLD_BY[name]}" if name in _TOLD_BY else "head" if joint in ("neck", "head") else joint


_TELLING = [POINT[_told_by(name)] for name in SMPLX_JOINTS[:22]]


class LandmarkTargets(NamedTuple):
    """Of the `LANDMARKS` rows: world (N,K,3) m from the middle of the hips, BlazePose's axes (x right, y down, z away); z_px (N,K); weight (N,K).
    Of the first 35 outputs: xy_px (N,35,2) with its weight (N,35)."""

    world: Tensor
    z_px: Tensor
    weight: Tensor
    xy_px: Tensor
    xy_weight: Tensor


def landmark_targets(batch: Batch) -> LandmarkTargets:
    """3D is the true body's. In the picture the teacher is right unless it is far from the truth, or sees nobody."""
    inside = batch["inside"][:, _LANDMARK_POINTS]
    weight = inside + _OUTSIDE * (1 - inside)
    points = batch["points"] * batch["points"].new_tensor([1.0, -1.0, -1.0])
    world, xy = _wide_hips(points[:, _LANDMARK_POINTS]), _wide_hips(batch["points_px"][:, _LANDMARK_POINTS])
    world = world - world[:, _HIPS].mean(1, keepdim=True)
    z_px = world[..., 2] * pixels_per_metre(batch)[:, None]

    teacher = batch["teacher"][:, :35, :2]
    present = (batch["teacher_presence"] > _PRESENT).float()
    xy_px, xy_weight = teacher.clone(), present.expand(-1, 35).clone()
    apart = (teacher[:, LANDMARKS] - xy).norm(dim=-1)
    # A point outside the picture is a guess of both; the teacher's is the one that the application was built on.
    wrong = (inside > 0) & ((apart > _TEACHER_TRUST_PX) | (present == 0))
    xy_px[:, LANDMARKS] = torch.where(wrong[..., None], xy, teacher[:, LANDMARKS])
    xy_weight[:, LANDMARKS] = torch.where(inside > 0, torch.ones_like(inside), _OUTSIDE * present)
    return LandmarkTargets(world, z_px, weight, xy_px, xy_weight)


def pixels_per_metre(batch: Batch) -> Tensor:
    """(N,): scale of the body in the crop, by least squares over the trunk: knees may be much nearer to the camera."""
    offsets = batch["points_px"][:, _TRUNK] - batch["points_px"][:, :1]
    flat = batch["points"][:, _TRUNK, :2] * batch["points"].new_tensor([1.0, -1.0])
    return (offsets * flat).sum((1, 2)) / (flat * flat).sum((1, 2)).clamp(min=1e-6)


def point_weights(batch: Batch) -> Tensor:
    """(N,39)."""
    return batch["inside"] + _OUTSIDE * (1 - batch["inside"])


def position_targets(batch: Batch) -> tuple[Tensor, Tensor]:
    """The positional pose (N,25,3): x, y px, z m behind the pelvis; and which joints lie inside crop and picture (N,25)."""
    xy = batch["points_px"][:, POSITION_POINTS]
    z = -batch["points"][:, POSITION_POINTS, 2:]
    valid = (xy >= 0).all(-1) & (xy <= _CROP_END_PX).all(-1) & (z[..., 0].abs() < DEPTH_RANGE_M)
    return torch.cat([xy, z], dim=-1), valid.float() * batch["inside"][:, POSITION_POINTS]


def told_by_picture(batch: Batch) -> Tensor:
    """Which joints' rotations can be told (N,22): the next point of the limb lies in the picture. The root always counts."""
    told = batch["inside"][:, _TELLING].clone()
    told[:, 0] = 1.0
    return told


def rotation_targets(batch: Batch) -> tuple[Tensor, Tensor]:
    """Local rotations (N,22,3,3) and weights (N,22). A leg whose knee is out of the picture shall stand at ease: nobody can see what it
    does, and a mean of all that legs do, half seated, looks wrong on everyone."""
    rotations = batch["rotations"].clone()
    told = told_by_picture(batch)
    weight = told + _UNTOLD * (1 - told)
    for leg, knee in zip(_LEGS, _KNEES, strict=True):
        hidden = batch["inside"][:, knee] == 0
        for joint in leg:
            rotations[hidden, joint] = torch.eye(3, device=rotations.device)
            weight[hidden, joint] = _NEUTRAL
    return rotations, weight


def world_rotations(local: Tensor) -> Tensor:
    """Local rotations (N,22,3,3) -> in upright view axes (N,22,3,3)."""
    turned = [local[:, 0]]
    for joint in range(1, 22):
        turned.append(turned[SMPLX_PARENTS[joint]] @ local[:, joint])
    return torch.stack(turned, dim=1)


def _wide_hips(points: Tensor) -> Tensor:
    """`LANDMARK_NAMES` points (N,K,C) with the hips as far apart as BlazePose has them."""
    points = points.clone()
    hips = points[:, _HIPS]
    middle = hips.mean(1, keepdim=True)
    points[:, _HIPS] = middle + (hips - middle) / _HIP_SHARE
    return points
