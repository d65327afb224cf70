"""The open engine's hand network: Pose2Pose on MediaPipe's, whose maps are trained along.

MediaPipe's network gives the positional pose, 21 landmarks, and feature maps. A head pools the maps at the landmarks and reads there, and from where the
landmarks are, how the palm and the fingers are turned.

Everything is of a right hand: a left one is shown in a mirror. Rotations of the palm are in upright view axes (network/trunk_frame.py).
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..skeleton import HAND_JOINTS, HAND_LANDMARK, HAND_LANDMARKS
from .hand_landmarker import ANSWERS, INPUT_PX, TAPS, HandLandmarker
from .layout import ROT6D
from .pooling import guided_pooling
from .residual_decoder import ResidualDecoder
from .rotation6d import rot6d_to_rotmat

Pooling = Literal["guided", "global", "none", "vector"]
POOLINGS: tuple[Pooling, ...] = ("guided", "global", "none", "vector")

CHANNELS = sum(channels for channels, _ in TAPS.values())
_POOLED, _VECTOR, _VECTOR_ALONE = 24, 64, 256
_HIDDEN = 320
_KNOWN = len(HAND_LANDMARKS) * 6 + 6 + 2
_VIEW_TO_UPRIGHT = (1.0, -1.0, -1.0)
_Z_SCALE = 0.4  # of the network's z to px
_DECIMETRES = 10.0
_WRIST, _INDEX, _MIDDLE, _PINKY = (HAND_LANDMARK[name] for name in ("wrist", "index_mcp", "middle_mcp", "pinky_mcp"))
_READ = {"palm": ROT6D, "fingers": len(HAND_JOINTS) * ROT6D, "log_variance": 1}


class OpenHandNet(nn.Module):
    """`forward(image (N,3,224,224) RGB in [0,1])` gives the answers of `HandLandmarker`, its `TAPS`, and those of `OpenHandHead`.

    backbone: with what it has learnt; one with random weights when left out.
    """

    def __init__(self, pooling: Pooling = "guided", backbone: HandLandmarker | None = None) -> None:
        super().__init__()
        self.options: dict[str, object] = {"pooling": pooling}
        self.backbone = HandLandmarker() if backbone is None else backbone
        self.head = OpenHandHead(pooling)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        seen = self.backbone(image)
        # Rotations must not move the points they are read from (network.md 4).
        return seen | self.head({name: value.detach() if name in ANSWERS else value for name, value in seen.items()})


class OpenHandHead(nn.Module):
    """`forward(seen)` reads the hand network's outputs for crops of 224 px, `ANSWERS` and `TAPS`, and gives

    palm (N,3,3): rotation of SMPL-X's wrist in upright view axes; fingers (N,15,3,3): `skeleton.HAND_JOINTS` relative to their parents (identity is the
    flat hand); log_variance (N,1): logarithm of the expected mean squared error, m2, of the posed hand's 21 points about the wrist.

    pooling: "guided"; or, to compare with it, "global" (no pooling at the landmarks: they and the average over the maps), "none" (landmarks alone) and
    "vector" (that average alone, of which the published network reads its landmarks).
    """

    def __init__(self, pooling: Pooling = "guided") -> None:
        super().__init__()
        self.options: dict[str, object] = {"pooling": pooling}
        self.pooling = pooling
        knows_landmarks, knows_average, pools = pooling != "vector", pooling != "none", pooling == "guided"
        width = _VECTOR if knows_landmarks else _VECTOR_ALONE
        self.average = _Evidence(1, width) if knows_average else None
        self.evidence = _Evidence(len(HAND_LANDMARKS), _POOLED) if pools else None
        self.knows_landmarks = knows_landmarks
        features = _KNOWN * knows_landmarks + width * knows_average + _POOLED * len(HAND_LANDMARKS) * pools
        # Before anything is learnt, two centimetres are to be expected.
        self.decoder = ResidualDecoder(features, _HIDDEN, _READ, ("palm", "fingers"), log_variance=-8.0)

    def forward(self, seen: dict[str, Tensor]) -> dict[str, Tensor]:
        return self.read(seen, pooled_features(seen), mean_features(seen)[:, None])

    def read(self, seen: dict[str, Tensor], pooled: Tensor, mean: Tensor) -> dict[str, Tensor]:
        """seen: `ANSWERS` suffice. pooled: `pooled_features`; mean (N,1,C): `mean_features`."""
        known = _known(seen) if self.knows_landmarks else []
        if self.average is not None:
            known.append(self.average(mean))
        if self.evidence is not None:
            known.append(self.evidence(pooled))
        answer = self.decoder(torch.cat([token.flatten(1) for token in known], dim=1))
        rotations = rot6d_to_rotmat(torch.cat([answer["palm"], answer["fingers"]], dim=1).unflatten(1, (-1, ROT6D)))
        return {
            "palm": rotations[:, 0],
            "fingers": rotations[:, 1:],
            "log_variance": answer["log_variance"],
        }


def _known(seen: dict[str, Tensor]) -> list[Tensor]:
    """What the network says: the landmarks in the crop and in the palm's axes, how the palm is turned by them, and whether it is a right hand."""
    landmarks, world = seen["landmarks"], seen["world"] * seen["world"].new_tensor(_VIEW_TO_UPRIGHT)
    frame = palm_frame(world)
    placed = (world - world[:, _WRIST : _WRIST + 1]) @ frame * _DECIMETRES
    middle = INPUT_PX / 2
    xy, z = landmarks[..., :2] / middle - 1, landmarks[..., 2:] * (_Z_SCALE / middle)
    return [torch.cat([xy, z, placed], dim=-1), frame[..., :2], seen["presence"], seen["handedness"]]


def pooled_features(seen: dict[str, Tensor]) -> Tensor:
    """All maps at the landmarks: (N,21,C)."""
    xy = seen["landmarks"][..., :2]
    return torch.cat(
        [guided_pooling(seen[name], (xy + 0.5) / stride - 0.5) for name, (_, stride) in TAPS.items()], dim=-1
    )


def mean_features(seen: dict[str, Tensor]) -> Tensor:
    """The average over every map: (N,C)."""
    return torch.cat([seen[name].mean((2, 3)) for name in TAPS], dim=-1)


def palm_frame(points: Tensor) -> Tensor:
    """Hand landmarks (N,21,3) in upright view axes -> rotation (N,3,3): first column from the wrist to the middle knuckle, second in the palm from pinky to index."""
    along, across = points[:, _MIDDLE] - points[:, _WRIST], points[:, _INDEX] - points[:, _PINKY]
    return rot6d_to_rotmat(torch.stack([along, across], dim=-1).flatten(1))


class _Evidence(nn.Module):
    """What features (N,K or 1,C) mean at K points: (N,K,width). mean and spread (C,): of the features in training, which the maps do not change."""

    def __init__(self, points: int, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(CHANNELS))
        self.register_buffer("spread", torch.ones(CHANNELS))
        self.mix = nn.Linear(CHANNELS, width)
        self.point = nn.Parameter(torch.zeros(points, width))

    @torch.no_grad()
    def measured(self, features: Tensor) -> None:
        """Take mean and spread from features (M,C)."""
        self.get_buffer("mean").copy_(features.mean(0))
        self.get_buffer("spread").copy_(features.std(0).clamp(min=1e-3))

    def forward(self, features: Tensor) -> Tensor:
        return F.gelu(self.mix((features - self.mean) / self.spread) + self.point)
