"""The terms of the hand head's loss; their weighted sum is minimised.

| term | compares | weight |
| --- | --- | --- |
| local | entries of the fingers' rotation matrices | 2 |
| turned | entries of the rotation matrices of palm and fingers in view axes | 2 |
| posed | points of the posed average hand, m | 20 |
| sureness | negative log likelihood of their squared error, which is detached | 0.05 |
| bones_px | of real hands: bones of the posed hand in the picture with those of the network's landmarks, in bone lengths | 1 |
| bones | of real hands: the same in 3D with its world landmarks | 0.3 |
| landmarks | x, y of the network that is trained along with the teacher's, or the truth where the teacher is wrong, in half crops | 4 |
| depth | z, the same, with the teacher's | 0.3 |
| world | landmarks in space about the wrist with the true hand, m; of real hands with the teacher's, by half | 10 |
| presence, handedness | with the teacher's: cross-entropy | 0.3, 0.1 |
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ...network.hand_landmarker import INPUT_PX
from ...skeleton import HAND_JOINTS, HAND_LANDMARK
from ..open_engine.losses import weighted
from .hand_layer import HandLayer, finger_rotations

WEIGHTS = {
    "local": 2.0, "turned": 2.0, "posed": 20.0, "sureness": 0.05, "bones_px": 1.0, "bones": 0.3,
    "landmarks": 4.0, "depth": 0.3, "world": 10.0, "presence": 0.3, "handedness": 0.1,
}  # fmt: skip
Rows = dict[str, Tensor]
_FINGERS = ("thumb", "index", "middle", "ring", "pinky")
TOLD_BY = [2 + 4 * _FINGERS.index(name[:-1]) + int(name[-1]) - 1 for name in HAND_JOINTS]
"""The point behind each finger joint, by whose being seen one can tell how the joint is turned."""
_UNSEEN = 0.3
_START = [0, 0, 0, 0, 0] + [1 + 4 * f + i for f in range(5) for i in range(3)]
_END = [1 + 4 * f for f in range(5)] + [2 + 4 * f + i for f in range(5) for i in range(3)]
_VIEW_TO_UPRIGHT = (1.0, -1.0, -1.0)
_HALF_CROP_PX, _Z_SCALE = INPUT_PX / 2, 0.4
_TEACHER_TRUST = 0.25  # of the palm's length in the picture
_TEACHER_SHARE_3D = 0.5
_PRESENT = 0.5
_MIDDLE = HAND_LANDMARK["middle_mcp"]


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
        "local": weighted((answer["fingers"] - fingers).abs(), seen),
        "turned": weighted(turned.abs(), weight),
        "posed": error.abs().mean(),
        "sureness": (0.5 * (log_variance + squared * torch.exp(-log_variance))).mean(),
    }


def real_losses(answer: Rows, rows: Rows, layer: HandLayer) -> Rows:
    """How well the posed hand agrees with the landmarks of the published network, which knows real hands well in the picture and less well in depth."""
    posed = layer(answer["palm"], answer["fingers"])
    seen_px = rows["landmarks"][..., :2] * posed.new_tensor([1.0, -1.0])
    world = rows["world"] * posed.new_tensor(_VIEW_TO_UPRIGHT)
    return {"bones_px": _bone_distance(posed[..., :2], seen_px), "bones": _bone_distance(posed, world)}


def perception_losses(seen: Rows, taught: Rows, rows: Rows) -> Rows:
    """Of drawn hands: what the network that is trained along says, with the teacher's answers for the same crops, and the truth.

    rows: `points` (N,21,3) m from the wrist in upright view axes, `points_px` (N,21,2), `seen` (N,21).
    """
    true_px, weight = rows["points_px"], rows["seen"].clamp(min=_UNSEEN)
    palm_px = (true_px[:, _MIDDLE] - true_px[:, 0]).norm(dim=-1)[:, None]
    theirs = taught["landmarks"][..., :2]
    is_right = (theirs - true_px).norm(dim=-1) < _TEACHER_TRUST * palm_px.clamp(min=_HALF_CROP_PX / 3)
    target = torch.where(is_right[..., None], theirs, true_px)
    true_world = rows["points"] * true_px.new_tensor(_VIEW_TO_UPRIGHT)
    about_wrist = seen["world"] - seen["world"][:, :1]
    return {
        "landmarks": weighted((seen["landmarks"][..., :2] - target).abs() / _HALF_CROP_PX, weight),
        "world": weighted((about_wrist - true_world).abs(), weight),
        **_answer_losses(seen, taught),
        "depth": _depth_error(seen, taught).mean(),
    }


def unlabelled_losses(seen: Rows, taught: Rows) -> Rows:
    """Of real pictures, with and without hands: what the network that is trained along says, with the teacher's answers; points only where the teacher sees
    a hand."""
    is_hand = (taught["presence"] > _PRESENT).to(seen["world"].dtype).expand(-1, seen["world"].shape[1])
    return {
        "landmarks": weighted((seen["landmarks"] - taught["landmarks"])[..., :2].abs() / _HALF_CROP_PX, is_hand),
        "world": _TEACHER_SHARE_3D * weighted((seen["world"] - taught["world"]).abs(), is_hand),
        **_answer_losses(seen, taught),
        "depth": weighted(_depth_error(seen, taught), is_hand),
    }


def _answer_losses(seen: Rows, taught: Rows) -> Rows:
    return {name: F.binary_cross_entropy(seen[name], taught[name]) for name in ("presence", "handedness")}


def _depth_error(seen: Rows, taught: Rows) -> Tensor:
    return (seen["landmarks"] - taught["landmarks"])[..., 2:].abs() * (_Z_SCALE / _HALF_CROP_PX)


def total(losses: Rows) -> Tensor:
    return torch.stack([WEIGHTS[name] * value for name, value in losses.items()]).sum()


def _bone_distance(posed: Tensor, seen: Tensor) -> Tensor:
    """Mean distance of bones (N,20,2 or 3) in the length of a bone, the second ones made as long as the first on average."""
    ours, theirs = (points[:, _END] - points[:, _START] for points in (posed, seen))
    size = ours.square().sum(-1).mean(1).sqrt().detach().clamp(min=1e-3)[:, None, None]
    scale = size / theirs.square().sum(-1).mean(1).sqrt().clamp(min=1e-6)[:, None, None]
    return ((ours - theirs * scale).abs() / size).mean()
