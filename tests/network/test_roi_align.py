from __future__ import annotations

import numpy as np
import pytest
import torch

from pose2pose_live.network.roi_align import roi_align
from tests.network import twins
from tests.network.reference import assert_close, needs_reference, units

BOXES = {
    "inside": (3.2, 4.7, 19.9, 21.4),
    "one to one": (0.0, 0.0, 12.0, 16.0),
    "enlarged": (7.0, 9.5, 11.0, 14.5),
    "much reduced": (-20.0, -15.0, 100.0, 100.0),
    "thin": (5.0, 2.0, 5.2, 38.0),
    "less than a pixel": (10.0, 10.0, 10.3, 10.2),
    "inverted": (20.0, 30.0, 12.0, 18.0),
    "over the corner": (25.0, 35.0, 45.0, 60.0),
    "over the edge by a pixel": (-1.5, -1.5, 10.5, 14.5),
    "outside": (100.0, 100.0, 140.0, 140.0),
    "outside, inverted": (-50.0, -50.0, -80.0, -80.0),
    "bin a whole number wide": (0.0, 0.0, 24.0, 32.0),
}


def _image(n: int = 2) -> torch.Tensor:
    return torch.randn(n, 3, 40, 30, generator=torch.Generator().manual_seed(4), dtype=torch.float64)


@needs_reference
def test_it_agrees_with_the_published_one():
    ref = units()
    rois = torch.from_numpy(ref["roi_align/rois"]).double()
    crops = roi_align(torch.from_numpy(ref["roi_align/img"]).double(), rois[:, 1:], rois[:, 0].long(), (16, 12))
    assert_close(crops, ref["roi_align/out_16x12_aligned_False"])


def test_it_agrees_with_its_naive_twin():
    image = _image()
    boxes = torch.tensor(list(BOXES.values()), dtype=torch.float64)
    index = torch.arange(len(boxes)) % 2
    crops = roi_align(image, boxes, index, (16, 12))
    for i, name in enumerate(BOXES):
        twin = twins.roi_align(image[index[i]].numpy(), boxes[i].numpy(), 16, 12)
        assert np.abs(crops[i].numpy() - twin).max() < 1e-10, name


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_a_box_that_is_not_finite_gives_zeros_and_spoils_no_other(bad: float):
    image = _image().requires_grad_()
    boxes = torch.tensor([BOXES["inside"], (bad, 0.0, 5.0, 5.0), (0.0, 0.0, 5.0, bad)], dtype=torch.float64)
    boxes.requires_grad_()
    crops = roi_align(image, boxes, torch.tensor([0, 0, 1]), (4, 4))
    assert (crops[1:] == 0).all()
    assert (crops[0] != 0).all()
    crops.square().sum().backward()
    assert image.grad is not None
    assert boxes.grad is not None
    assert image.grad.isfinite().all()
    assert boxes.grad.isfinite().all()


def test_a_gigantic_box_costs_no_gigantic_memory():
    crops = roi_align(_image().float(), torch.tensor([[-1e12, -1e12, 1e12, 1e12]]), torch.tensor([0]), (64, 64))
    assert crops.isfinite().all()
    assert crops.abs().max() < 1


def test_gradients_are_right():
    image = torch.randn(1, 2, 6, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(6))
    boxes = torch.tensor([[0.3, 0.2, 5.1, 4.9], [1.15, 1.35, 2.9, 2.6]], dtype=torch.float64)

    def crop(image: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
        return roi_align(image, boxes, torch.tensor([0, 0]), (3, 2))

    assert torch.autograd.gradcheck(crop, (image.requires_grad_(), boxes.requires_grad_()))


def test_autocast_does_not_blur_it():
    image, boxes = _image().float(), torch.tensor([BOXES["much reduced"], BOXES["inside"]])
    index = torch.tensor([0, 1])
    exact = roi_align(image.double(), boxes.double(), index, (16, 12))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        crops = roi_align(image, boxes, index, (16, 12))
    assert crops.dtype == torch.float32
    assert_close(crops, exact, 1e-5)
    assert roi_align(image.half(), boxes, index, (16, 12)).dtype == torch.float16
