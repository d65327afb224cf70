from __future__ import annotations

import pytest
import torch

from pose2pose_live.network.open_depth_net import POINTS, SIGHT, OpenDepthNet
from pose2pose_live.skeleton import DEPTH_LANDMARKS


@pytest.fixture(scope="module")
def network() -> OpenDepthNet:
    torch.manual_seed(0)
    made = OpenDepthNet().eval()
    for parameter in made.parameters():  # the last layer starts near zero
        torch.nn.init.normal_(parameter, std=0.05)
    return made.requires_grad_(False)


@pytest.fixture
def sight() -> torch.Tensor:
    return torch.rand(3, POINTS, SIGHT, generator=torch.Generator().manual_seed(1))


def test_both_depths_count_as_they_are_sure(network: OpenDepthNet, sight: torch.Tensor):
    network.world_variance.fill_(0.01)
    answer = network(sight)
    low = torch.minimum(answer["points"][..., 2], sight[..., 5]) - 1e-6
    high = torch.maximum(answer["points"][..., 2], sight[..., 5]) + 1e-6
    assert ((answer["fused"][..., 2] >= low) & (answer["fused"][..., 2] <= high)).all()
    torch.testing.assert_close(answer["fused"][..., :2], answer["points"][..., :2])
    network.world_variance.fill_(1e-9)
    torch.testing.assert_close(network(sight)["fused"][..., 2], sight[..., 5], atol=1e-4, rtol=0)
    network.world_variance.fill_(1e9)
    torch.testing.assert_close(network(sight)["fused"][..., 2], answer["points"][..., 2], atol=1e-4, rtol=0)


def test_where_an_unseen_limb_is_in_the_picture_does_not_matter(network: OpenDepthNet, sight: torch.Tensor):
    ankle, shoulder = DEPTH_LANDMARKS.index("left_ankle"), DEPTH_LANDMARKS.index("left_shoulder")
    sight[:, [ankle, shoulder], 2] = 0
    elsewhere = sight.clone()
    elsewhere[:, ankle, :2] += 5
    torch.testing.assert_close(network(elsewhere)["points"], network(sight)["points"])
    elsewhere[:, shoulder, :2] += 5  # the trunk is the figure's measure
    assert (network(elsewhere)["points"] - network(sight)["points"]).abs().max() > 1e-3


def test_a_figure_of_any_size_is_read(network: OpenDepthNet, sight: torch.Tensor):
    for scale in (0.0, 1e-6, 1e6):
        tiny = sight.clone()
        tiny[..., :2] *= scale
        assert network(tiny)["fused"].isfinite().all()
