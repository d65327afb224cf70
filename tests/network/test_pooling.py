from __future__ import annotations

import numpy as np
import pytest
import torch

from pose2pose_live.network import GlobalPooling, GuidedPooling, guided_pooling
from pose2pose_live.network.pooling import joint_features, make_pooling
from tests.network import twins
from tests.network.reference import assert_close, needs_reference, units


def _case(n: int = 2, joints: int = 11, channels: int = 5, height: int = 8, width: int = 6):
    generator = torch.Generator().manual_seed(7)
    features = torch.randn(n, channels, height, width, generator=generator, dtype=torch.float64)
    positions = torch.rand(n, joints, 2, generator=generator, dtype=torch.float64)
    return features, positions * torch.tensor([width + 2.0, height + 2.0]) - 1.5


@needs_reference
def test_it_agrees_with_the_published_sampling():
    ref = units()
    features, positions = (torch.from_numpy(ref[f"sample/{key}"]).double() for key in ("feat", "xy"))
    assert_close(guided_pooling(features, positions), ref["sample/out"])


@pytest.mark.parametrize(
    ("n", "joints", "height", "width"), [(1, 1, 8, 6), (3, 25, 8, 6), (2, 20, 8, 8), (3, 3, 64, 48), (2, 5, 2, 2)]
)
def test_it_agrees_with_its_naive_twin(n: int, joints: int, height: int, width: int):
    features, positions = _case(n, joints, 5, height, width)
    assert_close(guided_pooling(features, positions), twins.pooling(features.numpy(), positions.numpy()), 1e-12)


def test_a_whole_coordinate_is_a_cells_centre():
    features, _ = _case(1)
    pooled = guided_pooling(features, torch.tensor([[[4.0, 7.0], [0.0, 0.0]]], dtype=torch.float64))
    assert_close(pooled[0, 0], features[0, :, 7, 4], 1e-12)
    assert_close(pooled[0, 1], features[0, :, 0, 0], 1e-12)


@pytest.mark.parametrize("where", [float("nan"), float("inf"), -float("inf"), 1e30, -1e30, -1.001, 100.0])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_what_lies_nowhere_or_outside_is_zero_and_spoils_no_gradient(where: float, axis: int, dtype: torch.dtype):
    features = _case(1)[0].to(dtype).requires_grad_()
    positions = torch.full((1, 2, 2), 2.5, dtype=dtype)
    positions[0, 0, axis] = where
    positions.requires_grad_()
    pooled = guided_pooling(features, positions)
    assert (pooled[0, 0] == 0).all()
    assert (pooled[0, 1] != 0).all()
    pooled.square().sum().backward()
    assert features.grad is not None
    assert positions.grad is not None
    assert features.grad.isfinite().all()
    assert positions.grad.isfinite().all()


def test_gradients_are_right():
    features, positions = _case(2, 3, 2, 4, 5)
    inside = positions.clamp(0.1, 3.9)  # between cell centres, where it is smooth
    assert torch.autograd.gradcheck(guided_pooling, (features.requires_grad_(), inside.requires_grad_()))


def test_half_precision_features_are_sampled_at_single_precision_positions():
    """In float16 the x coordinate 4.998 of the map becomes 5.0: the neighbour's weight would be lost."""
    column = torch.arange(8.0).expand(1, 1, 8, 8)
    positions = torch.tensor([[[6.998, 3.0]]])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        under_autocast = guided_pooling(column, positions)
    half = guided_pooling(1000 * (column.half() - 7), positions)
    assert under_autocast.dtype == torch.float32
    assert under_autocast.item() == pytest.approx(6.998, abs=1e-5)
    assert half.dtype == torch.float16
    assert half.item() == pytest.approx(-2.0, abs=5e-3)


def test_positions_get_no_gradient_from_rotations():
    features, positions = _case()
    positions.requires_grad_()
    tokens = joint_features(GuidedPooling(), features.requires_grad_(), torch.cat([positions, positions[..., :1]], -1))
    assert tokens.shape == (2, 11, 8)
    tokens.sum().backward()
    assert positions.grad is None
    assert features.grad is not None


def test_global_pooling_gives_every_joint_the_mean():
    features, positions = _case()
    pooled = GlobalPooling()(features, positions)
    for joint in range(11):
        assert_close(pooled[:, joint], features.numpy().mean((2, 3)), 1e-12)


def test_wrong_input_is_told():
    with pytest.raises(ValueError, match="at least 2 x 2 cells, found 1 x 6"):
        guided_pooling(torch.zeros(1, 3, 1, 6), torch.zeros(1, 2, 2))
    with pytest.raises(ValueError, match="guided, global, found 'mean'"):
        make_pooling("mean")


def test_module_and_function_are_the_same():
    features, positions = _case()
    assert np.array_equal(GuidedPooling()(features, positions), guided_pooling(features, positions))
