"""Bodies in any number: drawn poses whose arms and legs are exchanged, mirrored and shaken, as points in space."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ...body import BodyModel
from ...frame import FloatArray
from ...rotations import rotmat_to_rotvec
from ...skeleton import MIRROR_JOINT, OPEN_BODY_POINTS, SMPLX, SUPERVISION
from ..body_layer import BodyLayer
from ..open_engine.losses import pose_body
from ..synthetic.motion import MotionBank, Split
from ..synthetic.poses import PoseSampler
from ..torch_rotations import rotvec_to_rotmat
from .errors import HIPS, POINTS

_ARMS, _LEGS = (
    [[SMPLX[f"{side}_{joint}"] for joint in joints] for side in ("left", "right")]
    for joints in (("collar", "shoulder", "elbow", "wrist"), ("hip", "knee", "ankle", "foot"))
)
_JOINTS = [SUPERVISION[OPEN_BODY_POINTS[point]] for point in POINTS]
_MIRROR_22 = list(MIRROR_JOINT[:22])
_MIRROR = torch.outer(torch.tensor([-1.0, 1.0, 1.0]), torch.tensor([-1.0, 1.0, 1.0]))
_RECORDED = 0.45
_ARM_EXCHANGED, _LEGS_EXCHANGED, _SHAKEN_RAD, _SIZE_SPREAD, _BETA_MAX = 0.2, 0.12, 0.16, 0.03, 2.5


def pool_of_poses(path: Path, count: int, motion: Path | None, split: Split, seed: int) -> Tensor:
    """Rotations (count,22,3) axis-angle: of `PoseSampler`, and, where there is motion, a share as it was recorded, with limbs as far out as people get them.
    Kept in the file: drawing one takes some ms."""
    if not path.is_file():
        bank = None if motion is None else MotionBank.load(motion, split)
        sampler, rng = PoseSampler(BodyModel.load(), None, bank), np.random.default_rng((seed, split == "test"))
        poses = np.stack([_pose(sampler, bank, rng) for _ in range(count)]).astype(np.float32)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, poses)
    return torch.from_numpy(np.load(path, allow_pickle=False))


def _pose(sampler: PoseSampler, bank: MotionBank | None, rng: np.random.Generator) -> FloatArray:
    if bank is not None and rng.random() < _RECORDED:
        return rotmat_to_rotvec(bank.sample(rng)[1])
    return sampler.sample(rng).frame.full_pose[:22]


class Bodies:
    """Call it for bodies (N,19,3) m, `skeleton.DEPTH_LANDMARKS` from the middle of the hips, Y up. The same for the same generator."""

    def __init__(self, poses: Tensor) -> None:
        self._poses = poses
        self._layer = BodyLayer().for_joints()

    @torch.no_grad()
    def __call__(self, count: int, generator: torch.Generator) -> Tensor:
        def chance(share: float) -> Tensor:
            return torch.rand(count, generator=generator) < share

        rows = torch.randint(len(self._poses), (count,), generator=generator)
        rotations = rotvec_to_rotmat(self._poses[rows])
        for joints, share in (
            (_ARMS[0], _ARM_EXCHANGED),
            (_ARMS[1], _ARM_EXCHANGED),
            (_LEGS[0] + _LEGS[1], _LEGS_EXCHANGED),
        ):
            others, exchanged = rotations[torch.randperm(count, generator=generator)], chance(share)
            rotations[:, joints] = torch.where(exchanged[:, None, None, None], others[:, joints], rotations[:, joints])
        strength = _SHAKEN_RAD * torch.rand(count, 1, 1, generator=generator)
        rotations = rotations @ rotvec_to_rotmat(strength * torch.randn(count, 22, 3, generator=generator))
        mirrored = chance(0.5)
        rotations[mirrored] = rotations[mirrored][:, _MIRROR_22] * _MIRROR
        betas = torch.randn(count, 10, generator=generator).clamp(-_BETA_MAX, _BETA_MAX)
        points = pose_body(self._layer, rotations[:, 0], rotations[:, 1:], betas).everything.joints[:, _JOINTS]
        size = 1 + _SIZE_SPREAD * torch.randn(count, 1, 1, generator=generator)
        return size * (points - points[:, HIPS].mean(1, keepdim=True))
