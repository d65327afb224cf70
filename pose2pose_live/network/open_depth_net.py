"""The open engine's depth network: how far the points of a body lie behind one another, read off the whole figure.

It sees no picture, only where landmarks are in it, and knows from millions of poses which bodies look like that. What is learnt from poses alone is the same for
drawn and for real people, and errs in other ways than the body network, which looks at each point's surroundings: both together are surer than either.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..skeleton import DEPTH_LANDMARKS
from .residual_decoder import ResidualDecoder

POINTS = len(DEPTH_LANDMARKS)
SIGHT = 6
"""What is known of a point: slopes x, y of its ray; how much it is seen, 0..1; x, y, z by the body network, m from the middle of the hips."""
_TRUNK = [DEPTH_LANDMARKS.index(f"{side}_{joint}") for side in ("left", "right") for joint in ("shoulder", "hip")]
_HIDDEN = 448
# Slopes count in sizes of the trunk, which is about so large; a point that is hardly seen is where its neighbours say.
_USUAL_SIZE, _SIZES_MAX, _SEEN_MIN, _TRUNK_SEEN = 0.15, 8.0, 0.15, 0.3
_PLACE_SCALE = 3.0
_LEAST_SIZE = 1e-4


class OpenDepthNet(nn.Module):
    """`forward(sight (N,19,6))` gives the `skeleton.DEPTH_LANDMARKS` of a body.

    points (N,19,3) m from the middle of the hips, and log_variance (N,19): logarithm of the expected squared error, m2, of their z. fused (N,19,3):
    points with the z of both, this network's and the body network's, each as sure as it is. All axes are those of the view along the ray
    through the middle of the body's region, upright: x right, y up, z towards the camera; slopes are x and y per unit of depth in these axes.
    world_variance (19,): how sure the body network is, m2.
    """

    world_variance: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("world_variance", torch.ones(POINTS))
        features = POINTS * (2 + 1) + 3
        answers = {"points": 3 * POINTS, "log_variance": POINTS}
        # Poses are drawn without end: nothing can be learnt by heart.
        self.decoder = ResidualDecoder(features, _HIDDEN, answers, (), log_variance=-3.5, dropout=0.0)

    def forward(self, sight: Tensor) -> dict[str, Tensor]:
        slopes, seen, theirs = sight[..., :2], sight[..., 2:3], sight[..., 5]
        middle = slopes[:, _TRUNK].mean(1, keepdim=True)
        about = slopes - middle
        size = about[:, _TRUNK].square().sum(-1, keepdim=True).mean(1, keepdim=True).sqrt().clamp(min=_LEAST_SIZE)
        floor = seen.new_tensor([_TRUNK_SEEN if row in _TRUNK else 0.0 for row in range(POINTS)])[:, None]
        figure = (about / size).clamp(-_SIZES_MAX, _SIZES_MAX) * (torch.maximum(seen, floor) > _SEEN_MIN)
        known = [figure, seen, torch.log(size / _USUAL_SIZE), _PLACE_SCALE * middle]
        answer = self.decoder(torch.cat([token.flatten(1) for token in known], dim=1))
        points, log_variance = answer["points"].unflatten(1, (POINTS, 3)), answer["log_variance"].clamp(-9.0, 2.0)
        sure, theirs_sure = torch.exp(-log_variance), 1 / self.world_variance
        depth = (points[..., 2] * sure + theirs * theirs_sure) / (sure + theirs_sure)
        return {
            "points": points,
            "log_variance": log_variance,
            "fused": torch.cat([points[..., :2], depth[..., None]], dim=-1),
        }
