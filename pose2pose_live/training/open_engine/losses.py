"""The terms of the loss; their weighted sum is minimised.

| term | compares | weight |
| --- | --- | --- |
| world | the network's world landmarks with the true body, m | 10 |
| bones | directions of the limbs between them | 1 |
| depth | the landmarks' z with the true one, in half crops | 0.3 |
| landmarks | x, y with the teacher's, or the truth where the teacher is wrong, in half crops | 4 |
| visibility | visibility and presence, probabilities, with the teacher's | 0.3 |
| presence | that a person is there, on unlabelled pictures: cross-entropy with the teacher's | 0.3 |
| heatmap | heat maps as probabilities with the teacher's on the same picture, cells squared | 0.5 |
| positions | positional pose: x, y in half crops, z in m twice | 1 |
| joints | the network's own points in 3D, m | 10 |
| posed | points of the posed body, m | 5 |
| local, world_rotation | entries of rotation matrices | 1, 1 |
| betas | coefficients | 0.05 |
| sureness | negative log likelihood of the posed body's squared errors by part, which are detached | 0.1 |
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from ...network.open_body_net import Perception
from ...skeleton import HAND_JOINTS, OPEN_BODY_PARTS, SUPERVISION
from ...skeleton import OPEN_BODY_POINT as POINT
from ..body_layer import BodyLayer, PosedBodies
from .batches import Batch
from .targets import (
    LANDMARK_NAMES,
    LANDMARKS,
    landmark_targets,
    point_weights,
    position_targets,
    rotation_targets,
    world_rotations,
)

WEIGHTS = {
    "world": 10.0, "bones": 1.0, "depth": 0.3, "landmarks": 4.0, "visibility": 0.3, "presence": 0.3, "heatmap": 0.5, "positions": 1.0, "joints": 10.0,
    "posed": 5.0, "local": 1.0, "world_rotation": 1.0, "betas": 0.05, "sureness": 0.1,
}  # fmt: skip
_HALF_CROP_PX = 128.0
_CERTAIN = 1e-6
_DISTILLED = 35  # the rest are auxiliary points that nothing reads
_POSED = [name for name in POINT if name in SUPERVISION]
_POSED_POINTS, _POSED_JOINTS = [POINT[name] for name in _POSED], [SUPERVISION[name] for name in _POSED]
_PELVIS = SUPERVISION["pelvis"]
_PARTS = [[_POSED.index(name) for name in names if name in _POSED] for names in OPEN_BODY_PARTS.values()]
_CHAINS = (("shoulder", "elbow", "wrist", "index"), ("hip", "knee", "ankle", "foot_index"))
_BONES = [
    (LANDMARK_NAMES.index(f"{side}_{a}"), LANDMARK_NAMES.index(f"{side}_{b}"))
    for side in ("left", "right")
    for chain in _CHAINS
    for a, b in pairwise(chain)
]
_BONE_START, _BONE_END = map(list, zip(*_BONES, strict=True))


class PosedPoints(NamedTuple):
    """points (N,P,3) m from the pelvis, of `_POSED`; everything: the layer's own result."""

    points: Tensor
    everything: PosedBodies


def weighted(error: Tensor, weight: Tensor) -> Tensor:
    """Mean of error (N,K,...) over its last axes, weighted by (N,K)."""
    return (error.flatten(2).mean(-1) * weight).sum() / weight.sum().clamp(min=1.0)


def pose_body(layer: BodyLayer, root: Tensor, body: Tensor, betas: Tensor) -> PosedPoints:
    """The body with flat hands and a neutral face. root (N,3,3), body (N,21,3,3), betas (N,10)."""
    count, rest = len(root), torch.eye(3, device=root.device)
    flat = rest.expand(count, len(HAND_JOINTS), 3, 3)
    neutral, nowhere = betas.new_zeros(count, 10), betas.new_zeros(count, 3)
    posed = layer(root, body, flat, flat, rest.expand(count, 3, 3), betas, neutral, nowhere)
    return PosedPoints(posed.joints[:, _POSED_JOINTS] - posed.joints[:, _PELVIS : _PELVIS + 1], posed)


def perception_losses(perception: Perception, batch: Batch) -> dict[str, Tensor]:
    """Terms of what is trained along, on labelled crops."""
    seen, target = perception.seen, landmark_targets(batch)
    world = seen["world"][:, LANDMARKS]
    limbs, true_limbs = (p[:, _BONE_END] - p[:, _BONE_START] for p in (world, target.world))
    directions = torch.nn.functional.normalize(limbs, dim=-1) - torch.nn.functional.normalize(true_limbs, dim=-1)
    bone_weight = torch.minimum(target.weight[:, _BONE_START], target.weight[:, _BONE_END])
    positions, valid = position_targets(batch)
    scale = positions.new_tensor([1 / _HALF_CROP_PX, 1 / _HALF_CROP_PX, 2.0])
    return {
        "world": weighted((world - target.world).abs(), target.weight),
        "bones": weighted(directions.abs(), bone_weight),
        "depth": weighted((seen["landmarks"][:, LANDMARKS, 2:3] - target.z_px[..., None]).abs() / _HALF_CROP_PX, target.weight),
        "landmarks": weighted((seen["landmarks"][:, :_DISTILLED, :2] - target.xy_px).abs() / _HALF_CROP_PX, target.xy_weight),
        "visibility": _visibility(seen, batch),
        "positions": weighted((perception.positions - positions).abs() * scale, valid),
    }  # fmt: skip


def unlabelled_losses(seen: dict[str, Tensor], batch: Batch) -> dict[str, Tensor]:
    """Terms on pictures of which only the teacher's opinion is known."""
    present = (batch["teacher_presence"] > 0.5).float().expand(-1, _DISTILLED)
    apart = (seen["landmarks"][:, :_DISTILLED, :3] - batch["teacher"][:, :_DISTILLED, :3]).abs() / _HALF_CROP_PX
    return {
        "landmarks": weighted(apart[..., :2], present),
        "visibility": _visibility(seen, batch),
        "presence": torch.nn.functional.binary_cross_entropy(
            seen["presence"].clamp(_CERTAIN, 1 - _CERTAIN), batch["teacher_presence"].clamp(0.0, 1.0)
        ),
    }


def heatmap_loss(seen: dict[str, Tensor], teacher: dict[str, Tensor]) -> Tensor:
    """teacher: the frozen network's outputs on the same pictures."""
    return (seen["heatmap"].sigmoid() - teacher["heatmap"].sigmoid()).square().sum((2, 3)).mean()


def head_losses(answer: dict[str, Tensor], batch: Batch, layer: BodyLayer) -> dict[str, Tensor]:
    """Terms of one `PoseHead`. layer: `BodyLayer.for_joints()`."""
    weight = point_weights(batch)
    target, rotation_weight = rotation_targets(batch)
    local = torch.cat([answer["root_rotation"][:, None], answer["body_rotations"]], dim=1)
    posed = pose_body(layer, local[:, 0], local[:, 1:], answer["betas"]).points
    error = posed - batch["points"][:, _POSED_POINTS]
    by_part = _by_part(error.detach())
    log_variance = answer["log_variance"].clamp(-12.0, 2.0)
    return {
        "joints": weighted((answer["joints"] - batch["points"]).abs(), weight),
        "posed": weighted(error.abs(), weight[:, _POSED_POINTS]),
        "local": weighted((local - target).abs(), rotation_weight),
        "world_rotation": weighted((world_rotations(local) - world_rotations(target)).abs(), rotation_weight),
        "betas": (answer["betas"] - batch["betas"]).abs().mean(),
        "sureness": (0.5 * (log_variance + by_part * torch.exp(-log_variance))).mean(),
    }


def squared_error_by_part(answer: dict[str, Tensor], batch: Batch, layer: BodyLayer) -> Tensor:
    """(N,6) m2: what `log_variance` foretells."""
    posed = pose_body(layer, answer["root_rotation"], answer["body_rotations"], answer["betas"]).points
    return _by_part(posed - batch["points"][:, _POSED_POINTS])


def total(losses: dict[str, Tensor]) -> Tensor:
    return torch.stack([WEIGHTS[name] * value for name, value in losses.items()]).sum()


def _by_part(error: Tensor) -> Tensor:
    squared = error.square().sum(-1)
    return torch.stack([squared[:, rows].mean(1) for rows in _PARTS], dim=1)


def _visibility(seen: dict[str, Tensor], batch: Batch) -> Tensor:
    points = (seen["landmarks"][:, :_DISTILLED, 3:].sigmoid() - batch["teacher"][:, :_DISTILLED, 3:].sigmoid()).abs()
    return points.mean() + (seen["presence"] - batch["teacher_presence"]).abs().mean()
