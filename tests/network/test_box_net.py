from __future__ import annotations

import numpy as np
import pytest
import torch

from pose2pose_live.network.box_net import BoxNet, restore_boxes
from tests.network import twins
from tests.network.reference import assert_close, needs_reference, units


@needs_reference
def test_boxes_agree_with_the_published_ones():
    ref = units()
    centers, sizes = (torch.from_numpy(ref[f"restore_bbox/{key}"]).double() for key in ("center", "size"))
    assert_close(restore_boxes(centers, sizes, 2.0), ref["restore_bbox/hand_xyxy"])
    assert_close(restore_boxes(centers, sizes, 1.5), ref["restore_bbox/face_xyxy"])


@pytest.mark.parametrize("extension", [2.0, 1.5])
def test_boxes_agree_with_their_naive_twin(extension: float):
    rng = np.random.default_rng(2)
    centers, sizes = rng.uniform(0, 8, (40, 2)), rng.normal(size=(40, 2))  # many of the sizes are negative
    boxes = restore_boxes(torch.from_numpy(centers), torch.from_numpy(sizes), extension)
    assert_close(
        boxes, np.stack([twins.restore_box(c, s, extension) for c, s in zip(centers, sizes, strict=True)]), 1e-12
    )


def test_a_size_below_zero_gives_an_inverted_box():
    box = restore_boxes(torch.tensor([3.0, 4.0]), torch.tensor([-1.0, -0.5]), 2.0)
    assert box.tolist() == [96 + 16, 128 + 16, 96 - 16, 128 - 16]


def test_the_volume_is_detached_and_so_is_the_centre_at_which_sizes_are_read():
    net = BoxNet(16, 2)
    torch.nn.init.normal_(net.bbox_center[0].weight)
    features = torch.randn(2, 16, 8, 6, requires_grad=True)
    volume = torch.rand(2, 2, 8, 8, 6, requires_grad=True)
    centers, sizes = net(features, volume)
    assert centers.shape == sizes.shape == (2, 3, 2)
    sizes.sum().backward(retain_graph=True)
    assert net.bbox_center[0].weight.grad is None
    assert features.grad is not None
    centers.sum().backward()
    assert net.bbox_center[0].weight.grad is not None
    assert volume.grad is None
