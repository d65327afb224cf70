"""The terms of the hand head's loss; their weighted sum is minimised.

| term | compares | weight |
| --- | --- | --- |
| local | entries of the fingers' rotation matrices | 2 |
| turned | entries of the rotation matrices of palm and fingers in view axes | 2 |
| posed | points of the posed average hand, m | 20 |
| sureness | negative log likelihood of their squared error, which is detached | 0.05 |
| bones_px | of real hands: bones of the posed hand in the picture with those of the network's landmarks, in bone lengths | 1 |
| bones | of real hands: the same in 3D with its world landmarks | 0.3 |
"""

from __future__ import annotations

import torch
from torch import Tensor

from ...skeleton import HAND_JOINTS
from .hand_layer import HandLayer, finger_rotations

WEIGHTS = {"local": 2.0, "turned": 2.0, "posed": 20.0, "sureness": 0.05, "bones_px": 1.0, "bones": 0.3}
Rows = dict[str, Tensor]
_FINGERS = ("thumb", "index", "middle", "ring", "pinky")
TOLD_BY = [2 + 4 * _FINGERS.index(name[:-1]) + int(name[-1]) - 1 for name in HAND_JOINTS]
"""The point behind each finger joint, by whose being seen one can tell how the joint is turned."""
_UNSEEN = 0.3
_START = [0, 0, 0, 0, 0] + [1 + 4 * f + i for f in range(5) for i in range(3)]
_END = [1 + 4 * f for f in range(5)] + [2 + 4 * f + i for f in range(5) for i in range(3)]
_VIEW_TO_UPRIGHT = (1.0, -1.0, -1.0)


def drawn_losses(answer: Rows, rows: Rows, layer: HandLayer) -> Rows:
    """rows: `rotations` as matrices (N,16,3,3), `seen`."""
    palm, fingers = rows["rotations"][:, 0], rows["rotations"][:, 1:]
    seen = rows["seen"][:, TOLD_BY].clamp(min=_UNSEEN)
    turned = finger_rotations(answer["palm"], answer["fingers"]) - finger_rotations(palm, fingers)
    weight = torch.cat([torch.ones_like(seen[:, :1]), seen], dim=1)
    error = layer(answer["palm"], answer["fingers"]) - layer(palm, fingers)
    log_variance = answer["log_variance"].clamp(-14.0, 0.0)
    squared = error.detach().square().sum(-1).mean(1, keepdim=True)
    return {
        "local": _weighted((answer["fingers"] - fingers).abs(), seen),
        "turned": _weighted(turned.abs(), weight),
        "posed": error.abs().mean(),
        "sureness": (0.5 * (log_variance + squared * torch.exp(-log_variance))).mean(),
    }


def real_losses(answer: Rows, rows: Rows, layer: HandLayer) -> Rows:
    """How well the posed hand agrees with the landmarks of the published network, which knows real hands well in the picture and less well in depth."""
    posed = layer(answer["palm"], answer["fingers"])
    seen_px = rows["landmarks"][..., :2] * posed.new_tensor([1.0, -1.0])
    world = rows["world"] * posed.new_tensor(_VIEW_TO_UPRIGHT)
    return {"bones_px": _bone_distance(posed[..., :2], seen_px), "bones": _bone_distance(posed, world)}


def total(losses: Rows) -> Tensor:
    return torch.stack([WEIGHTS[name] * value for name, value in losses.items()]).sum()


def _bone_distance(posed: Tensor, seen: Tensor) -> Tensor:
    """Mean distance of bones (N,20,2 or 3) in the length of a bone, the second ones made as long as the first on average."""
    ours, theirs = (points[:, _END] - points[:, _START] for points in (posed, seen))
    size = ours.square().sum(-1).mean(1).sqrt().detach().clamp(min=1e-3)[:, None, None]
    scale = size / theirs.square().sum(-1).mean(1).sqrt().clamp(min=1e-6)[:, None, None]
    return ((ours - theirs * scale).abs() / size).mean()


def _weighted(error: Tensor, weight: Tensor) -> Tensor:
    return (error.flatten(2).mean(-1) * weight).sum() / weight.sum()
