"""BlazePose GHUM "full" (Bazarevsky et al. 2020; Google, Apache-2.0) as a PyTorch module that can be trained further.

The embedded landmark network of the open engine, layer by layer: a MobileNetV2-like encoder, a small feature pyramid that draws heat maps,
and a regression tail. Its batch norms were folded into the convolutions when it was published, so there are none. `blazepose_weights.py` reads the
weights from the engine's graph.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .inverted_residual import Stages, add_stages, depthwise, relu6
from .picture import check_picture

INPUT_SIZE = (256, 256)
LANDMARKS = 39
"""33 body points (`skeleton.POSE_LANDMARKS`) and six auxiliary ones, of which 33 and 34 tell the next region."""
TAP_CHANNELS = {"fpn_s4": 48, "fpn_s8": 48, "fpn_s16": 48, "enc_s4": 24, "enc_s8": 32, "enc_s16": 88, "enc_s32": 144, "bottleneck": 288}  # fmt: skip
"""The feature maps that come out beside the answers, and their channels; sN is the stride. Cell i of a map of stride s looks at pixel s * i."""
TAP_STRIDES = {name: int(name.partition("_s")[2] or 128) for name in TAP_CHANNELS}

# A stage ends in the tap of its stride.
_STAGES: Stages = {
    "s4": ((64, 24, 3, 2), (144, 24, 3, 1)),
    "s8": ((144, 32, 5, 2), (192, 32, 5, 1)),
    "s16": ((192, 64, 3, 2), (384, 64, 3, 1), (384, 64, 3, 1), (384, 88, 5, 1), (528, 88, 5, 1), (528, 88, 5, 1)),
    "s32": ((528, 144, 5, 2), (864, 144, 5, 1), (864, 144, 5, 1), (864, 144, 5, 1)),
}
_WIDE, _TAIL, _PYRAMID = 864, 288, 48


class SeparableBlock(nn.Module):
    """Depthwise 3x3, ReLU6, pointwise, ReLU6: a lateral connection of the pyramid, or a head's first layer."""

    def __init__(self, channels_in: int, channels: int) -> None:
        super().__init__()
        self.depthwise = depthwise(channels_in, 3)
        self.pointwise = nn.Conv2d(channels_in, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return relu6(self.pointwise(relu6(self.depthwise(x))))


class TailBlock(nn.Module):
    """Depthwise 3x3, ReLU6, pointwise, added to the input, ReLU6. With `halve` the map shrinks: the stride falls on its last row and
    column's side (padding below and to the right only, as TensorFlow pads), and the input is max-pooled."""

    def __init__(self, channels: int, *, halve: bool = False) -> None:
        super().__init__()
        self.halve = halve
        self.depthwise = nn.Conv2d(channels, channels, 3, 2 if halve else 1, padding=0 if halve else 1, groups=channels)
        self.pointwise = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        filtered = self.depthwise(F.pad(x, (0, 1, 0, 1)) if self.halve else x)
        shortcut = F.max_pool2d(x, 2) if self.halve else x
        return relu6(shortcut + self.pointwise(relu6(filtered)))


class BlazePose(nn.Module):
    """`forward(image (N,3,256,256) RGB in [0,1])` gives, under the names of the engine's graph,

    landmarks (N,39,5): x, y, z in px of the crop (z 0 at the mid-hip, smaller is nearer), visibility and presence as logits;
    presence (N,1): probability that a person is in the crop; heatmap (N,39,64,64): logits, stride 4; world (N,39,3): x right, y down,
    z away, metres from the mid-hip, axes of the crop; and the feature maps of `TAP_CHANNELS`. Weights are random until they are loaded.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 24, 3, 2, padding=1)
        self.stem_depthwise = depthwise(24, 3)
        self.stem_project = nn.Conv2d(24, 16, 1)
        channels = add_stages(self, 16, _STAGES)
        self.top_expand = nn.Conv2d(channels, _WIDE, 1)
        self.top_depthwise = depthwise(_WIDE, 3)

        self.pyramid_top = SeparableBlock(_WIDE, _PYRAMID)
        self.lateral_s16, self.lateral_s8, self.lateral_s4 = (
            SeparableBlock(TAP_CHANNELS[f"enc_{stride}"], _PYRAMID) for stride in ("s16", "s8", "s4")
        )
        self.heatmap = nn.Conv2d(_PYRAMID, LANDMARKS, 1)

        self.tail_top = SeparableBlock(_WIDE, _TAIL)
        self.tail_s64 = nn.Sequential(TailBlock(_TAIL, halve=True), *(TailBlock(_TAIL) for _ in range(4)))
        self.tail_s128 = nn.Sequential(TailBlock(_TAIL, halve=True), *(TailBlock(_TAIL) for _ in range(5)))
        self.world = nn.Conv2d(_TAIL, 3 * LANDMARKS, 2)
        self.landmarks = nn.Conv2d(_TAIL, 5 * LANDMARKS, 2)
        self.presence = nn.Conv2d(_TAIL, 1, 2)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        check_picture(image, INPUT_SIZE)
        x = self.stem_project(relu6(self.stem_depthwise(relu6(self.stem(image)))))
        taps = {}
        for stride in _STAGES:
            x = taps[f"enc_{stride}"] = self.get_submodule(stride)(x)
        top = relu6(self.top_depthwise(relu6(self.top_expand(x))))

        pyramid = self.pyramid_top(top)
        for stride, lateral in (("s16", self.lateral_s16), ("s8", self.lateral_s8), ("s4", self.lateral_s4)):
            larger = F.interpolate(pyramid, scale_factor=2.0, mode="bilinear", align_corners=False)
            pyramid = taps[f"fpn_{stride}"] = larger + lateral(taps[f"enc_{stride}"])

        bottleneck = taps["bottleneck"] = self.tail_s128(self.tail_s64(self.tail_top(top)))
        return {
            "landmarks": self.landmarks(bottleneck).reshape(-1, LANDMARKS, 5),
            "presence": torch.sigmoid(self.presence(bottleneck)).reshape(-1, 1),
            "heatmap": self.heatmap(pyramid),
            "world": self.world(bottleneck).reshape(-1, LANDMARKS, 3),
            **taps,
        }
