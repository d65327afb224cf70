"""The right hand of the average body as a differentiable chain of bones: 21 points, and a mesh where one is wanted."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from ...network.layout import BETAS
from ...skeleton import HAND, HAND_JOINTS, SMPLX, SUPERVISION, SUPERVISION_RIGHT_HAND_SLICE
from ..body_layer import BodyLayer

_FINGERS = ("thumb", "index", "middle", "ring", "pinky")
_ROWS = [[HAND[f"{finger}{i}"] for i in (1, 2, 3)] for finger in _FINGERS]
_POINTS = [SUPERVISION["right_wrist"], *range(SUPERVISION_RIGHT_HAND_SLICE.start, SUPERVISION_RIGHT_HAND_SLICE.stop)]
_JOINT_POINTS = [0, *(1 + 4 * _FINGERS.index(name[:-1]) + int(name[-1]) - 1 for name in HAND_JOINTS)]
_HAND_SHARE = 0.5


class HandLayer(nn.Module):
    """`forward(palm (N,3,3), fingers (N,15,3,3))` gives the 21 points (N,21,3) m in the order of `HAND_LANDMARKS`, from the wrist, in the palm's axes turned
    by `palm`. The tips move with their last bones as stiff ends."""

    def __init__(self, layer: BodyLayer) -> None:
        super().__init__()
        self.register_buffer("rest", _posed(layer, torch.eye(3).expand(1, 15, 3, 3))[1][0], persistent=False)

    def forward(self, palm: Tensor, fingers: Tensor) -> Tensor:
        return _chain(self.rest, palm, fingers)[0]


class HandMesh:
    """Vertices of the average right hand, moved by linear skinning (the fingers of the open body have no correctives)."""

    def __init__(self, layer: BodyLayer) -> None:
        joints = [SMPLX["right_wrist"], *(SMPLX[f"right_{name}"] for name in HAND_JOINTS)]
        weights = layer.weights[:, joints]
        kept = np.flatnonzero(weights.sum(axis=1) > _HAND_SHARE)
        self._weights = torch.from_numpy(weights[kept] / weights[kept].sum(axis=1, keepdims=True)).float()
        vertices, points = _posed(layer, torch.eye(3).expand(1, 15, 3, 3))
        self._points = points[0]
        self._vertices = vertices[0, kept]

    def __call__(self, palm: Tensor, fingers: Tensor) -> Tensor:
        """(N,3,3), (N,15,3,3) -> (N,V,3) m from the wrist."""
        places, turns = _chain(self._points, palm, fingers)
        rest, here = self._points[_JOINT_POINTS], places[:, _JOINT_POINTS]
        # Skinning with blended transforms: sum over joints of weight * (turn @ (vertex - joint at rest) + joint).
        shifts = here - (turns @ rest[None, :, :, None])[..., 0]
        blended = torch.einsum("vk,nkab->nvab", self._weights, turns)
        return (blended @ self._vertices[None, :, :, None])[..., 0] + torch.einsum("vk,nka->nva", self._weights, shifts)


def finger_rotations(palm: Tensor, fingers: Tensor) -> Tensor:
    """Rotations (N,16,3,3) in the axes of `palm`: of the palm, and of every finger joint in the order of `HAND_JOINTS`."""
    turns = [palm] * 16
    for rows in _ROWS:
        turn = palm
        for row in rows:
            turn = turn @ fingers[:, row]
            turns[1 + row] = turn
    return torch.stack(turns, dim=1)


def _chain(rest: Tensor, palm: Tensor, fingers: Tensor) -> tuple[Tensor, Tensor]:
    turns = finger_rotations(palm, fingers)
    points = [torch.zeros_like(palm[:, 0])]
    for finger, rows in enumerate(_ROWS):
        place, turn, before = points[0], palm, rest[0]
        for bone, row in enumerate((*rows, None)):
            here = rest[1 + 4 * finger + bone]
            place = place + turn @ (here - before)
            points.append(place)
            before = here
            turn = turn if row is None else turns[:, 1 + row]
    return torch.stack(points, dim=1), turns


def _posed(layer: BodyLayer, fingers: Tensor) -> tuple[Tensor, Tensor]:
    """Vertices (N,V,3) and the 21 points (N,21,3) of a body in its T-pose with these fingers."""
    count = len(fingers)
    one = torch.eye(3).expand(count, 3, 3)
    flat = torch.eye(3).expand(count, 15, 3, 3)
    nothing = torch.zeros(count, BETAS)
    posed = layer(
        one, torch.eye(3).expand(count, 21, 3, 3), flat, fingers, one, nothing, nothing, torch.zeros(count, 3)
    )
    return posed.vertices, posed.joints[:, _POINTS]
