"""The open engine's face head: jaw and expression from what the published face networks say.

As in Pose2Pose the face has no guided pooling. Of the landmarks only distances are read (`estimation/face_measures.py`): how far lips are apart is the same on
every face, where they lie is not.
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

MEASURES, BLENDSHAPES = 11, 52
EXPRESSION = 10
LIDS = slice(4, 6)
_LARGEST = 1.1
_HIDDEN = 64


class OpenFaceHead(nn.Module):
    """`forward(face (N,11+52))`, the measures of the landmarks and the blendshapes (`face_measures.evidence`), gives jaw (N,3,3) and expression (N,10) of
    the open body. The lids are the blendshapes', times lids_from_blendshapes (2,52): one picture does not tell narrow eyes from half closed ones, and the
    blendshape network has seen many. evidence: what else is looked at, to compare."""

    def __init__(self, evidence: Evidence = "both") -> None:
        super().__init__()
        known = torch.zeros(MEASURES + BLENDSHAPES)
        known[:MEASURES] = evidence != "blendshapes"
        known[MEASURES:] = evidence != "landmarks"
        self.register_buffer("known", known)
        self.register_buffer("mean", torch.zeros_like(known))
        self.register_buffer("spread", torch.ones_like(known))
        self.register_buffer("lids_from_blendshapes", torch.zeros(2, BLENDSHAPES))
        self.enter = nn.Sequential(nn.Linear(len(known), _HIDDEN), nn.GELU())
        self.block = nn.Sequential(nn.Dropout(0.1), nn.Linear(_HIDDEN, _HIDDEN), nn.GELU())
        self.jaw, self.expression = linear(_HIDDEN, ROT6D), linear(_HIDDEN, EXPRESSION)
        with torch.no_grad():
            self.jaw.get_parameter("bias").copy_(torch.tensor(IDENTITY_6D))

    def forward(self, face: Tensor) -> dict[str, Tensor]:
        x = self.enter((face - self.mean) / self.spread * self.known)
        x = x + self.block(x)
        lids = face[:, MEASURES:] @ self.lids_from_blendshapes.T
        read = self.expression(x)
        expression = torch.cat([read[:, : LIDS.start], lids, read[:, LIDS.stop :]], dim=1)
        return {"jaw": rot6d_to_rotmat(self.jaw(x)), "expression": expression.clamp(-_LARGEST, _LARGEST)}
