"""6D rotations (Zhou et al. 2019, "On the Continuity of Rotation Representations") and the mirror image of a rotation."""

from __future__ import annotations

import torch
from torch import Tensor

from .precision import at_least_float32

_EPS = 1e-12
# Beyond this a squared length overflows float32; with NaN and infinity it counts as "no rotation said".
_LIMIT = 1e15
IDENTITY_6D = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_HALF_TURN_ABOUT_Y = (-1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
# Too faint to show beside what a network says; where it says nothing, these columns are left.
_FAINT = ((-1e-15, 0.0, 0.0), (0.0, 0.8e-15, 0.6e-15))
_MIRROR_X = ((1.0, -1.0, -1.0), (-1.0, 1.0, 1.0), (-1.0, 1.0, 1.0))


def rot6d_to_rotmat(rot6d: Tensor) -> Tensor:
    """(...,6) -> rotation matrices (...,3,3) by Gram-Schmidt; float32 or better, also under autocast.

    The six numbers are a 3x2 matrix row by row: the first two columns of R before they are made orthonormal (network.md 5.3).
    The result is a proper rotation for every input, and gradients are finite: numbers that are not finite (or beyond 1e15) give the
    identity, a first column of zeros the half-turn about y, as the published code has both; a second column along the first
    gives one of the rotations with that first column. Such inputs get no gradient where they were replaced. Exported graphs have `lean_rotmat`.
    """
    rot6d = at_least_float32(rot6d)
    if torch.compiler.is_exporting():
        return lean_rotmat(rot6d)
    usable = (rot6d.abs() < _LIMIT).all(-1, keepdim=True)
    rot6d = torch.where(usable, rot6d, rot6d.new_tensor(IDENTITY_6D))
    a1 = rot6d[..., 0::2]
    has_first = _length(a1) > _EPS
    rot6d = torch.where(has_first, rot6d, rot6d.new_tensor(_HALF_TURN_ABOUT_Y))
    a1, a2 = rot6d[..., 0::2], rot6d[..., 1::2]
    b1 = a1 / _length(a1)
    rest = _without(a2, b1)
    has_second = _length(rest) > _EPS
    # The axis that lies least along b1 makes a safe stand-in; which one it is does not matter.
    stand_in = torch.nn.functional.one_hot(b1.detach().abs().argmin(-1), 3).to(b1.dtype)
    rest = torch.where(has_second, rest, _without(stand_in, b1))
    # The second pass mends what rounding leaves along b1 when the two columns nearly coincide.
    b2 = _without(rest / _length(rest), b1)
    b2 = b2 / _length(b2)
    return torch.stack([b1, b2, _cross(b1, b2)], dim=-1)


def lean_rotmat(rot6d: Tensor) -> Tensor:
    """`rot6d_to_rotmat` in a quarter of the operators: on ONNX Runtime each costs more than what it calculates.

    The same for all that a trained network says. A proper rotation for finite numbers below 1e15, too: a first column of zeros is taken for -x, a second
    column that is zeros or lies along the first gives one of the rotations with that first column. What has none gives numbers that are not finite, and
    those the application refuses: NaN, infinity, numbers whose squares overflow, both columns along (0, 0.8, 0.6) itself.
    """
    first, second = rot6d.new_tensor(_FAINT)
    b1 = _unit(rot6d[..., 0::2] + first)
    b2 = _unit(_without(rot6d[..., 1::2], b1) + second)
    b2 = _unit(_without(b2, b1))
    ahead = torch.tensor([1, 2, 0], device=rot6d.device)
    turned = b1 * b2.index_select(-1, ahead) - b1.index_select(-1, ahead) * b2  # z, x, y of the cross product
    return torch.stack([b1, b2, turned.index_select(-1, ahead)], dim=-1)


def mirror_rotmat(rotmat: Tensor) -> Tensor:
    """The rotation (...,3,3) seen in a mirror that swaps left and right (x -> -x): axis-angle (a,b,c) becomes (a,-b,-c)."""
    return rotmat * rotmat.new_tensor(_MIRROR_X)


def _length(v: Tensor) -> Tensor:
    """(...,3) -> (...,1). Where it is zero the gradient is zero, not NaN."""
    square = (v * v).sum(-1, keepdim=True)
    positive = square > 0
    return torch.where(positive, torch.where(positive, square, 1.0).sqrt(), 0.0)


def _unit(v: Tensor) -> Tensor:
    return v / torch.linalg.vector_norm(v, dim=-1, keepdim=True)


def _without(v: Tensor, unit: Tensor) -> Tensor:
    """The part of v that is normal to `unit`."""
    return v - (unit * v).sum(-1, keepdim=True) * unit


def _cross(a: Tensor, b: Tensor) -> Tensor:
    # Along the last axis, written out: torch.cross without `dim` takes the first axis of length 3, which may be the batch.
    ax, ay, az = a.unbind(-1)
    bx, by, bz = b.unbind(-1)
    return torch.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], dim=-1)
