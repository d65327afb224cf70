"""Axis-angle and rotation matrices in PyTorch, with gradients that stay finite everywhere (numpy twins: `rotations.py`)."""

from __future__ import annotations

import torch
from torch import Tensor

from ..rotations import _PRODUCTS, _PRODUCTS_CONSTANT, _SKEW

_TINY = 1e-32


def _length(v: Tensor) -> Tensor:
    # Never quite zero, so neither x / |x| nor the gradient of the root is 0 / 0.
    return (v.square().sum(-1, keepdim=True) + _TINY).sqrt()


def rotvec_to_rotmat(rotvec: Tensor) -> Tensor:
    """Axis-angle (...,3) rad -> rotation matrix (...,3,3), by Rodrigues' formula."""
    angle = _length(rotvec)[..., None]
    k = (rotvec @ torch.as_tensor(_SKEW, dtype=rotvec.dtype, device=rotvec.device)).unflatten(-1, (3, 3))
    identity = torch.eye(3, dtype=rotvec.dtype, device=rotvec.device)
    return identity + (angle.sin() / angle) * k + 2 * ((angle / 2).sin() / angle) ** 2 * (k @ k)


def rotmat_to_quat(rotmat: Tensor) -> Tensor:
    """Rotation matrix (...,3,3) -> unit quaternion (...,4) in x, y, z, w order, w >= 0.

    The row of 4 q q^T with the largest diagonal entry (Shepperd's method): that entry is at least 1, so no rotation, a half turn
    included, divides by a small number.
    """
    products = torch.as_tensor(_PRODUCTS, dtype=rotmat.dtype, device=rotmat.device)
    constant = torch.as_tensor(_PRODUCTS_CONSTANT, dtype=rotmat.dtype, device=rotmat.device)
    rows = (rotmat.flatten(-2) @ products + constant).unflatten(-1, (4, 4))
    choice = rows.diagonal(dim1=-2, dim2=-1).argmax(-1)
    quat = rows.gather(-2, choice[..., None, None].expand(*choice.shape, 1, 4)).squeeze(-2)
    quat = torch.where(quat[..., 3:] < 0, -quat, quat)
    return quat / _length(quat)


def rotmat_to_rotvec(rotmat: Tensor) -> Tensor:
    """Rotation matrix (...,3,3) -> shortest axis-angle (...,3) rad."""
    quat = rotmat_to_quat(rotmat)
    sin_half = _length(quat[..., :3])
    return 2 * torch.atan2(sin_half, quat[..., 3:]) / sin_half * quat[..., :3]


def geodesic_angle(a: Tensor, b: Tensor) -> Tensor:
    """Angle (...) in rad, 0..pi, of the rotation from matrix a to matrix b."""
    quat = rotmat_to_quat(a.transpose(-1, -2) @ b)
    return 2 * torch.atan2(_length(quat[..., :3]), quat[..., 3:])[..., 0]
