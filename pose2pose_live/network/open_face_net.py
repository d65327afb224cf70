"""The open engine's face head: jaw and expression from what the published face networks say.

As in Pose2Pose the face has no guided pooling. Of the landmarks only distances are read (`estimation/face_measures.py`): how far lips are apart is the same on
every face, where they lie is not.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from ..skeleton import EXPRESSION_MAX
from .layers import linear
from .layout import ROT6D
from .rotation6d import IDENTITY_6D, rot6d_to_rotmat

Evidence = Literal["both", "landmarks", "blendshapes"]
EVIDENCE: tuple[Evidence, ...] = ("both", "landmarks", "blendshapes")

MEASURES, BLENDSHAPES = 11, 52
EXPRESSION = 10
BY_BLENDSHAPES = (0, 1, 4, 5)
"""Smile, frown and the lids: how a face looks at rest decides them, and one picture does not tell narrow eyes from half closed ones, nor a wide mouth from a
smiling one. The blendshape network has seen many people."""
_HIDDEN = 64


class OpenFaceHead(nn.Module):
    """`forward(face (N,11+52))`, the measures of the landmarks and the blendshapes (`face_measures.evidence`), gives jaw (N,3,3) and expression (N,10) of
    the open body. The coefficients `BY_BLENDSHAPES` are the blendshapes times from_blendshapes (4,52); the head reads the rest to fit them. evidence: what else
    is looked at, to compare."""

    def __init__(self, evidence: Evidence = "both") -> None:
        super().__init__()
        known = torch.zeros(MEASURES + BLENDSHAPES)
        known[:MEASURES] = evidence != "blendshapes"
        known[MEASURES:] = evidence != "landmarks"
        self.register_buffer("known", known)
        self.register_buffer("mean", torch.zeros_like(known))
        self.register_buffer("spread", torch.ones_like(known))
        self.register_buffer("from_blendshapes", torch.zeros(len(BY_BLENDSHAPES), BLENDSHAPES))
        self.enter = nn.Sequential(nn.Linear(len(known), _HIDDEN), nn.GELU())
        self.block = nn.Sequential(nn.Dropout(0.1), nn.Linear(_HIDDEN, _HIDDEN), nn.GELU())
        self.jaw, self.expression = linear(_HIDDEN, ROT6D), linear(_HIDDEN, EXPRESSION)
        with torch.no_grad():
            self.jaw.get_parameter("bias").copy_(torch.tensor(IDENTITY_6D))

    def forward(self, face: Tensor) -> dict[str, Tensor]:
        x = self.enter((face - self.mean) / self.spread * self.known)
        x = x + self.block(x)
        known = face[:, MEASURES:] @ self.from_blendshapes.T
        read = self.expression(x).unbind(1)
        columns = [known[:, BY_BLENDSHAPES.index(i)] if i in BY_BLENDSHAPES else read[i] for i in range(EXPRESSION)]
        expression = torch.stack(columns, dim=1)
        return {"jaw": rot6d_to_rotmat(self.jaw(x)), "expression": expression.clamp(-EXPRESSION_MAX, EXPRESSION_MAX)}
