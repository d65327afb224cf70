"""What reads answers off the evidence, in the open engine's heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from .layers import linear
from .layout import ROT6D
from .rotation6d import IDENTITY_6D


class ResidualDecoder(nn.Module):
    """Two residual layers on everything that is known of all points, and a linear layer for every answer.

    answers: their lengths, by name, `log_variance` among them. rotations: those that are 6D rotations, which start as the identity.
    log_variance: what is to be expected before anything is learnt. dropout: where data are few.
    """

    def __init__(
        self,
        features: int,
        hidden: int,
        answers: Mapping[str, int],
        rotations: Sequence[str],
        log_variance: float,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.enter = nn.Sequential(nn.Linear(features, hidden), nn.GELU())
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Dropout(dropout), nn.Linear(hidden, hidden), nn.LayerNorm(hidden), nn.GELU())
            for _ in range(2)
        )
        self.answers = nn.ModuleDict({name: linear(hidden, size) for name, size in answers.items()})
        with torch.no_grad():
            for name in rotations:
                bias = self.answers[name].get_parameter("bias")
                bias.copy_(torch.tensor(IDENTITY_6D).repeat(len(bias) // ROT6D))
            self.answers["log_variance"].get_parameter("bias").fill_(log_variance)

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        x = self.enter(features)
        for block in self.blocks:
            x = x + block(x)
        return {name: answer(x) for name, answer in self.answers.items()}
