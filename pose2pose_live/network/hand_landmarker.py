"""MediaPipe's hand landmark network "full" (Zhang et al. 2020; Google, Apache-2.0) as a PyTorch module that can be trained further.

The embedded hand network of the open engine, layer by layer: an encoder of inverted residuals, and four linear readings of the average over its last map.
Its batch norms were folded into the convolutions when it was published. `hand_landmarker_weights.py` reads the weights from the engine's graph.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..skeleton import HAND_LANDMARKS
from .inverted_residual import Stages, UnevenConv2d, add_stages, depthwise, relu6
from .picture import check_picture

INPUT_PX = 224
ANSWERS = ("landmarks", "presence", "handedness", "world")
TAPS = {"enc_s8": (40, 8), "enc_s16": (112, 16), "enc_s32": (192, 32), "last_s32": (1152, 32)}
"""The feature maps that come out beside the answers: channels, and stride in px."""

# A stage ends in the tap of its stride.
_STAGES: Stages = {
    "s4": ((64, 24, 3, 2), (144, 24, 3, 1)),
    "s8": ((144, 40, 5, 2), (240, 40, 5, 1)),
    "s16": ((240, 80, 3, 2), (480, 80, 3, 1), (480, 80, 3, 1), (480, 112, 5, 1), (672, 112, 5, 1), (672, 112, 5, 1)),
    "s32": ((672, 192, 5, 2), (1152, 192, 5, 1), (1152, 192, 5, 1), (1152, 192, 5, 1)),
}
_WIDE = 1152
_POINTS = len(HAND_LANDMARKS)


class HandLandmarker(nn.Module):
    """`forward(image (N,3,224,224) RGB in [0,1])` gives, under the names of the engine's graph,

    landmarks (N,21,3): x, y in px of the crop; z in px / 0.4, 0 at the wrist, smaller is nearer; presence (N,1): probability that a hand is in the crop;
    handedness (N,1): that it is a right one; world (N,21,3): x right, y down, z away, metres, origin at the hand's middle, axes of the crop; and the feature
    maps of `TAPS`. Weights are random until they are loaded.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = UnevenConv2d(3, 24, 3)
        self.stem_depthwise = depthwise(24, 3)
        self.stem_project = nn.Conv2d(24, 16, 1)
        channels = add_stages(self, 16, _STAGES, uneven=True)
        self.top_expand = nn.Conv2d(channels, _WIDE, 1)
        self.top_depthwise = depthwise(_WIDE, 3)
        self.handedness, self.presence = nn.Linear(_WIDE, 1), nn.Linear(_WIDE, 1)
        self.landmarks, self.world = nn.Linear(_WIDE, 3 * _POINTS), nn.Linear(_WIDE, 3 * _POINTS)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        check_picture(image, (INPUT_PX, INPUT_PX))
        x = self.stem_project(relu6(self.stem_depthwise(relu6(self.stem(image)))))
        taps = {}
        for stride in _STAGES:
            x = taps[f"enc_{stride}"] = self.get_submodule(stride)(x)
        del taps["enc_s4"]  # the heads do not read it
        last = taps["last_s32"] = relu6(self.top_depthwise(relu6(self.top_expand(x))))
        mean = last.mean((2, 3))
        return {
            "landmarks": self.landmarks(mean).unflatten(1, (_POINTS, 3)),
            "presence": torch.sigmoid(self.presence(mean)),
            "handedness": torch.sigmoid(self.handedness(mean)),
            "world": self.world(mean).unflatten(1, (_POINTS, 3)),
            **taps,
        }
