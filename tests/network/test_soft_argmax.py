from __future__ import annotations

import pytest
import torch

from pose2pose_live.network.soft_argmax import soft_argmax_2d, soft_argmax_3d
from tests.network import twins
from tests.network.reference import assert_close, needs_reference, units


@needs_reference
def test_they_agree_with_the_published_ones():
    ref = units()
    volume = torch.from_numpy(ref["soft_argmax_3d/in"]).double()
    assert_close(soft_argmax_3d(volume)[0], ref["soft_argmax_3d/out_xyz"])
    assert_close(soft_argmax_2d(torch.from_numpy(ref["soft_argmax_2d/in"]).double()), ref["soft_argmax_2d/out_xy"])


def test_they_agree_with_their_naive_twin():
    volume = 3 * torch.randn(3, 2, 4, 5, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    positions, softmax = soft_argmax_3d(volume)
    assert_close(positions, twins.soft_argmax(volume.numpy()), 1e-12)
    assert_close(soft_argmax_2d(volume[:, 0]), twins.soft_argmax(volume[:, 0].numpy()), 1e-12)
    assert_close(softmax.sum((2, 3, 4)), torch.ones(3, 2), 1e-12)
    assert_close(softmax.argmax(), volume.sub(volume.logsumexp((2, 3, 4), keepdim=True)).argmax())


def test_a_sharp_peak_is_found_in_x_y_z_order():
    volume = torch.zeros(1, 1, 8, 8, 6)
    volume[0, 0, 7, 2, 5] = 100.0
    assert soft_argmax_3d(volume)[0].tolist() == [[[5.0, 2.0, 7.0]]]
    assert soft_argmax_2d(volume[:, :, 7])[0].tolist() == [[5.0, 2.0]]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_logits_are_averaged_in_single_precision(dtype: torch.dtype):
    logits = torch.randn(2, 3, 8, 8, 6, generator=torch.Generator().manual_seed(2)).to(dtype)
    exact, _ = soft_argmax_3d(logits.double())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        positions, volume = soft_argmax_3d(logits)
        flat = soft_argmax_2d(logits[:, 0])
    assert positions.dtype == volume.dtype == flat.dtype == torch.float32
    assert_close(positions, exact, 1e-6)
    assert_close(flat, soft_argmax_2d(logits[:, 0].double()), 1e-6)
