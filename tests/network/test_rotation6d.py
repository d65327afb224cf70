from __future__ import annotations

import numpy as np
import pytest
import torch

from pose2pose_live import rotations
from pose2pose_live.network.rotation6d import lean_rotmat, mirror_rotmat, rot6d_to_rotmat
from tests.network import twins
from tests.network.reference import assert_close, needs_reference, units

NAN, INF = float("nan"), float("inf")
STRANGE = {
    "zeros": [0.0] * 6,
    "no first column": [0.0, 1.0, 0.0, 2.0, 0.0, 3.0],
    "no second column": [1.0, 0.0, 2.0, 0.0, 3.0, 0.0],
    "parallel": [1.0, 2.0, 2.0, 4.0, 3.0, 6.0],
    "nearly parallel": [1.0, 1.0, 1.0, 1.0, 1.0, 1.0000001],
    "opposite": [0.3, -0.6, 0.1, -0.2, -0.7, 1.4],
    "tiny": [1e-20, 0.0, 0.0, 1e-20, 0.0, 0.0],
    "huge": [1e30, 0.0, 0.0, 1e30, 1.0, 0.0],
    "one NaN": [1.0, 0.0, NAN, 1.0, 0.0, 0.0],
    "all NaN": [NAN] * 6,
    "infinite": [INF, 0.0, 0.0, -INF, 0.0, 0.0],
}


def _random(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, 6, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


def _assert_proper(rotmat: torch.Tensor, tolerance: float) -> None:
    rotmat = rotmat.detach().double()
    assert_close(rotmat @ rotmat.mT, torch.eye(3).expand(rotmat.shape), tolerance)
    assert_close(torch.linalg.det(rotmat), torch.ones(rotmat.shape[:-2]), tolerance)


@needs_reference
def test_it_agrees_with_the_published_one():
    ref = units()
    rotmat = rot6d_to_rotmat(torch.from_numpy(ref["rot6d/in"]).double())
    assert_close(rotations.rotmat_to_rotvec(rotmat.numpy()), ref["rot6d/axis_angle"])


@needs_reference
def test_a_batch_of_three_is_like_any_other():
    """The published code crosses three rows along the batch; rows 10 to 12 of the longer list are the right answers."""
    ref = units()
    rotmat = rot6d_to_rotmat(torch.from_numpy(ref["rot6d/batch3_in"]).double())
    found = rotations.rotmat_to_rotvec(rotmat.numpy())
    assert_close(found, ref["rot6d/axis_angle"][10:13])
    assert np.abs(found - ref["rot6d/batch3_axis_angle_as_is"]).max() > 1


@pytest.mark.parametrize("shape", [(3,), (1,), (4, 21), (3, 3), (3, 15)])
def test_it_agrees_with_its_naive_twin(shape: tuple[int, ...]):
    rot6d = _random(*shape)
    rotmat = rot6d_to_rotmat(rot6d)
    twin = np.stack([twins.rot6d_to_rotmat(row) for row in rot6d.reshape(-1, 6).numpy()]).reshape(*shape, 3, 3)
    assert_close(rotmat, twin, 1e-12)
    assert_close(rotmat, rotations.rot6d_to_rotmat(rot6d.numpy()), 1e-12)
    _assert_proper(rotmat, 1e-12)


def test_axis_angle_of_the_twin_and_of_the_application_agree():
    rotmats = rot6d_to_rotmat(_random(200)).numpy()
    assert_close(np.stack([twins.rotmat_to_rotvec(m) for m in rotmats]), rotations.rotmat_to_rotvec(rotmats), 1e-9)


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_every_input_gives_a_proper_rotation_and_finite_gradients(name: str, dtype: torch.dtype):
    rot6d = torch.stack([torch.tensor(STRANGE[name], dtype=dtype), _random().to(dtype)]).requires_grad_()
    rotmat = rot6d_to_rotmat(rot6d)
    _assert_proper(rotmat, 1e-5 if dtype == torch.float32 else 1e-9)
    (rotmat * torch.arange(9.0, dtype=dtype).view(3, 3)).sum().backward()
    assert rot6d.grad is not None
    assert rot6d.grad.isfinite().all()
    assert (rot6d.grad[1] != 0).any()


def test_no_numbers_at_all_are_what_the_published_code_makes_of_them():
    assert rot6d_to_rotmat(torch.zeros(6)).tolist() == torch.diag(torch.tensor([-1.0, 1.0, -1.0])).tolist()
    assert rot6d_to_rotmat(torch.full((6,), NAN)).tolist() == torch.eye(3).tolist()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_lean_form_is_the_same_for_what_networks_say(dtype: torch.dtype):
    rot6d = _random(40, 22).to(dtype) * torch.logspace(-3, 3, 40, dtype=dtype)[:, None, None]
    assert_close(lean_rotmat(rot6d), rot6d_to_rotmat(rot6d), 2e-5 if dtype == torch.float32 else 1e-9)
    _assert_proper(lean_rotmat(rot6d), 2e-6 if dtype == torch.float32 else 1e-12)


@pytest.mark.parametrize("name", [name for name in STRANGE if np.abs(STRANGE[name]).max() < 1e15])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_lean_form_is_proper_for_strange_numbers(name: str, dtype: torch.dtype):
    rotmat = lean_rotmat(torch.tensor(STRANGE[name], dtype=dtype))
    _assert_proper(rotmat, 1e-5 if dtype == torch.float32 else 1e-9)
    if any(abs(value) > 1e-9 for value in STRANGE[name][0::2]):
        first = torch.tensor(STRANGE[name][0::2], dtype=dtype)
        assert_close(rotmat[:, 0], first / first.norm(), 1e-6)


@pytest.mark.parametrize("name", [name for name in STRANGE if not np.abs(STRANGE[name]).max() < 1e15])
def test_the_lean_form_makes_no_rotation_of_what_is_none(name: str):
    assert not lean_rotmat(torch.tensor(STRANGE[name])).isfinite().all()


def test_gradients_are_right():
    assert torch.autograd.gradcheck(rot6d_to_rotmat, (_random(3).requires_grad_(),))


def test_half_precision_becomes_single():
    rot6d = _random(5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rotmat = rot6d_to_rotmat(rot6d.bfloat16())
    assert rotmat.dtype == torch.float32
    _assert_proper(rotmat, 1e-6)


def test_the_mirror_image_flips_two_components_of_axis_angle():
    rotvec = np.random.default_rng(5).normal(size=(50, 3))
    mirrored = mirror_rotmat(torch.from_numpy(rotations.rotvec_to_rotmat(rotvec)))
    assert_close(mirrored, rotations.rotvec_to_rotmat(rotvec * [1, -1, -1]), 1e-12)
