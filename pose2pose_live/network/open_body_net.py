"""The open engine's body network: Pose2Pose on BlazePose, trained end to end.

BlazePose gives its landmarks and its feature maps, which are trained along. On them stand, as in the paper, a network of our own for the
positional pose (a heat map with depth for every joint), guided pooling of the maps at all these positions, and a head that reads from
what is seen at the joints, and from where they are, how they are turned.

Everything rotational is in upright *view axes* (see trunk_frame.py): x right in the crop, y up, z towards the camera along the ray through the
crop's middle. The camera's own axes follow from the crop's region and the camera, not from the picture.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..skeleton import BODY_JOINTS, OPEN_BODY_PARTS, OPEN_BODY_POINTS, POSE_LANDMARKS, POSITION_BODY_JOINTS
from .blazepose import INPUT_SIZE, LANDMARKS, TAP_CHANNELS, TAP_STRIDES, BlazePose
from .body_points import points_near_landmarks
from .layout import BETAS, ROT6D
from .pooling import make_pooling
from .position_net import PositionNet
from .residual_decoder import ResidualDecoder
from .rotation6d import rot6d_to_rotmat
from .trunk_frame import into_frame, trunk_frame

Pooling = Literal["guided", "global", "none", "vector"]

DEPTH_BINS, DEPTH_RANGE_M = 16, 1.2
"""The positional heat map's depth: this many cells from -1.2 m (nearer than the pelvis) to 1.2 m."""
_STRIDE = 16
_MIDDLE_PX = INPUT_SIZE[0] / 2
_FUSED = 128
_POOLED, _VECTOR = 32, 512
_POOLED_TAPS = ("enc_s4", "enc_s8")
_HIDDEN = 768
_PER_LANDMARK, _PER_POSITION, _GLOBAL = 9, 3, 7
_VIEW_TO_UPRIGHT = (1.0, -1.0, -1.0)
_ANSWERS = {
    "root": ROT6D, "body": len(BODY_JOINTS) * ROT6D, "betas": BETAS, "joints": len(OPEN_BODY_POINTS) * 3,
    "log_variance": len(OPEN_BODY_PARTS),
}  # fmt: skip


class Perception(NamedTuple):
    """What the picture holds before anybody reads rotations off it: BlazePose's outputs, the fused map (N,128,16,16) of stride 16, and our own
    positions (N,25,3), see `OpenBodyNet`."""

    seen: dict[str, Tensor]
    fused: Tensor
    positions: Tensor


class OpenBodyNet(nn.Module):
    """`forward(image (N,3,256,256) RGB in [0,1])` gives `landmarks`, `presence`, `heatmap` and `world` of `BlazePose` and

    positions (N,25,3): `skeleton.POSITION_BODY_JOINTS`, x and y in px of the crop, z in metres behind the pelvis; joints (N,39,3): `OPEN_BODY_POINTS`,
    metres from the pelvis in upright view axes; root_rotation (N,3,3) in upright view axes, body_rotations (N,21,3,3) relative to
    the parent, betas (N,10) of SMPL-X; log_variance (N,6): logarithm of the expected mean squared error, m2, of the joints of `OPEN_BODY_PARTS`.

    pooling: "guided"; or, to compare with it, "global" (positions, and every joint gets the average over the maps), "none" (positions alone) and "vector"
    (that average alone: nothing is known of where anything is, as in networks without a positional pose).
    Weights start at random but for what `backbone` holds. Raises ValueError for another pooling.
    """

    def __init__(self, *, pooling: Pooling = "guided", backbone: BlazePose | None = None) -> None:
        super().__init__()
        self.options: dict[str, object] = {"pooling": pooling}
        self.backbone = BlazePose() if backbone is None else backbone
        self.fusion = _Fusion()
        self.position_net = PositionNet(_FUSED, len(POSITION_BODY_JOINTS), DEPTH_BINS)
        self.pose_head = PoseHead(pooling)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        perception = self.perceive(image)
        seen, answer = perception.seen, self.pose_head(perception)
        return {
            **{name: seen[name] for name in ("landmarks", "presence", "heatmap", "world")},
            "positions": perception.positions,
            **answer,
        }

    def perceive(self, image: Tensor) -> Perception:
        """The part that is trained along: maps and positions. Any number of `PoseHead` may read from it."""
        seen = self.backbone(image)
        fused = self.fusion(seen)
        cells, _ = self.position_net(fused)
        depth_m = (cells[..., 2:] / (DEPTH_BINS - 1) * 2 - 1) * DEPTH_RANGE_M
        return Perception(seen, fused, torch.cat([cells[..., :2] * _STRIDE, depth_m], dim=-1))


class PoseHead(nn.Module):
    """From a perception to `joints`, `root_rotation`, `body_rotations`, `betas` and `log_variance` of `OpenBodyNet`.

    Positions are evidence here, and detached as in the paper: rotations must not move the joints they are read from.
    """

    def __init__(self, pooling: Pooling) -> None:
        super().__init__()
        landmarks, positions = len(POSE_LANDMARKS), len(POSITION_BODY_JOINTS)
        self.knows_positions = pooling != "vector"
        if self.knows_positions:
            self.evidence = None if pooling == "none" else _Evidence(pooling, landmarks + positions, _POOLED)
            pooled = 0 if self.evidence is None else _POOLED
            features = landmarks * (_PER_LANDMARK + pooled) + positions * (_PER_POSITION + pooled) + _GLOBAL
        else:
            self.evidence, features = _Evidence("global", 1, _VECTOR), _VECTOR
        # Before anything is learnt, some decimetres are to be expected.
        self.decoder = ResidualDecoder(features, _HIDDEN, _ANSWERS, ("root", "body"), log_variance=-4.0)
        self.register_buffer("_near", points_near_landmarks(), persistent=False)

    def forward(self, perception: Perception) -> dict[str, Tensor]:
        return self._by_position(perception) if self.knows_positions else self._by_vector(perception)

    def _by_vector(self, perception: Perception) -> dict[str, Tensor]:
        assert self.evidence is not None
        anywhere = perception.positions.new_zeros(len(perception.positions), 1, 2)
        answer = self.decoder(self.evidence(perception.seen, perception.fused, anywhere).flatten(1))
        nothing = anywhere.new_zeros(len(anywhere), len(POSE_LANDMARKS), 3)
        return self._answers(
            answer, torch.eye(3, dtype=nothing.dtype, device=nothing.device).expand(len(nothing), 3, 3), nothing
        )

    def _by_position(self, perception: Perception) -> dict[str, Tensor]:
        seen, positions, count = perception.seen, perception.positions.detach(), len(POSE_LANDMARKS)
        landmarks, world = seen["landmarks"][:, :count].detach(), seen["world"][:, :count].detach()
        world = world * world.new_tensor(_VIEW_TO_UPRIGHT)
        frame, origin = trunk_frame(world)
        placed = into_frame(world, frame, origin)
        peak = seen["heatmap"][:, :count].detach().amax((2, 3)).sigmoid()
        xy, z, sure = (
            landmarks[..., :2] / _MIDDLE_PX - 1,
            landmarks[..., 2:3] / _MIDDLE_PX,
            landmarks[..., 3:].sigmoid(),
        )
        known = [
            torch.cat([xy, z, sure, peak[..., None], placed], dim=-1),
            torch.cat([positions[..., :2] / _MIDDLE_PX - 1, positions[..., 2:]], dim=-1),
            frame[..., :2],
            seen["presence"].detach(),
        ]
        if self.evidence is not None:
            points_px = torch.cat([landmarks[..., :2], positions[..., :2]], dim=1)
            known.append(self.evidence(seen, perception.fused, points_px))
        return self._answers(self.decoder(torch.cat([token.flatten(1) for token in known], dim=1)), frame, placed)

    def _answers(self, answer: dict[str, Tensor], frame: Tensor, placed: Tensor) -> dict[str, Tensor]:
        """What was read in the axes of the trunk, in upright view axes."""
        offsets = self._near @ placed + answer["joints"].unflatten(1, (-1, 3))
        rotations = rot6d_to_rotmat(torch.cat([answer["root"], answer["body"]], dim=1).unflatten(1, (-1, ROT6D)))
        return {
            "joints": (offsets - offsets[:, :1]) @ frame.transpose(1, 2),
            "root_rotation": frame @ rotations[:, 0],
            "body_rotations": rotations[:, 1:],
            "betas": answer["betas"],
            "log_variance": answer["log_variance"],
        }


class _Fusion(nn.Module):
    """One map of stride 16, (N,128,16,16), from the encoder's and the pyramid's maps and the heat maps."""

    def __init__(self) -> None:
        super().__init__()
        channels = sum(TAP_CHANNELS[name] for name in ("fpn_s16", "enc_s16", "enc_s32")) + LANDMARKS
        # The encoder's maps reach +-750 and the pyramid's 6: normalised, they count alike.
        self.normalise_in = nn.BatchNorm2d(channels)
        self.mix = nn.Conv2d(channels, _FUSED, 1, bias=False)
        self.normalise_out = nn.BatchNorm2d(_FUSED)

    def forward(self, seen: dict[str, Tensor]) -> Tensor:
        larger = F.interpolate(seen["enc_s32"], scale_factor=2.0, mode="bilinear", align_corners=False)
        heat = F.avg_pool2d(seen["heatmap"].sigmoid(), 4)
        maps = torch.cat([seen["fpn_s16"], seen["enc_s16"], larger, heat], dim=1)
        return F.relu(self.normalise_out(self.mix(self.normalise_in(maps))))


class _Evidence(nn.Module):
    """What the maps show at points (N,K,2) px of the crop: (N,K,width).

    Pooling and a 1x1 convolution may change places, and K points are far fewer than a map's cells: the convolution comes last.
    """

    def __init__(self, pooling: str, points: int, width: int) -> None:
        super().__init__()
        self.pooling = make_pooling(pooling)
        channels = _FUSED + sum(TAP_CHANNELS[name] for name in _POOLED_TAPS)
        self.normalise = nn.BatchNorm1d(channels)
        self.mix = nn.Linear(channels, width)
        self.joint = nn.Parameter(torch.zeros(points, width))

    def forward(self, seen: dict[str, Tensor], fused: Tensor, points_px: Tensor) -> Tensor:
        maps = [(fused, _STRIDE), *((seen[name], TAP_STRIDES[name]) for name in _POOLED_TAPS)]
        pooled = torch.cat([self.pooling(features, points_px / stride) for features, stride in maps], dim=-1)
        normal = self.normalise(pooled.transpose(1, 2)).transpose(1, 2)
        return F.gelu(self.mix(normal.clamp(-6.0, 6.0)) + self.joint)
