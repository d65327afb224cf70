"""The open engine's face head: jaw and expression from the face network's landmarks and blendshapes.

As in Pose2Pose the face has no guided pooling; what the published networks say of it is all that is read.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from .layers import linear
from .layout import ROT6D
from .rotation6d import IDENTITY_6D, rot6d_to_rotmat

Evidence = Literal["both", "landmarks", "blendshapes"]
EVIDENCE: tuple[Evidence, ...] = ("both", "landmarks", "blendshapes")

LANDMARKS, BLENDSHAPES = 146, 52
EXPRESSION = 10
_HIDDEN = 192


class OpenFaceHead(nn.Module):
    """`forward(face (N,146*3+52))`, the landmarks that the blendshape network reads in the head's axes, cm (`solve_face.in_head_axes`), and the 52
    blendshapes, gives jaw (N,3,3) and expression (N,10) of SMPL-X. evidence: what is looked at, to compare."""

    def __init__(self, evidence: Evidence = "both") -> None:
        super().__init__()
        known = torch.zeros(3 * LANDMARKS + BLENDSHAPES)
        known[: 3 * LANDMARKS] = evidence != "blendshapes"
        known[3 * LANDMARKS :] = evidence != "landmarks"
        self.register_buffer("known", known)
        self.register_buffer("mean", torch.zeros_like(known))
        self.register_buffer("spread", torch.ones_like(known))
        self.enter = nn.Sequential(nn.Linear(len(known), _HIDDEN), nn.GELU())
        self.block = nn.Sequential(nn.Dropout(0.1), nn.Linear(_HIDDEN, _HIDDEN), nn.LayerNorm(_HIDDEN), nn.GELU())
        self.jaw, self.expression = linear(_HIDDEN, ROT6D), linear(_HIDDEN, EXPRESSION)
        with torch.no_grad():
            self.jaw.get_parameter("bias").copy_(torch.tensor(IDENTITY_6D))

    def forward(self, face: Tensor) -> dict[str, Tensor]:
        x = self.enter((face - self.mean) / self.spread * self.known)
        x = x + self.block(x)
        return {"jaw": rot6d_to_rotmat(self.jaw(x)), "expression": self.expression(x)}
