from __future__ import annotations

import pytest
import torch

from pose2pose_live.network.resnet import ResNet
from tests.network.reference import assert_close
from tests.network.restatement import lively, resnet


@pytest.mark.parametrize(("name", "channels", "keys"), [("resnet50", 2048, 318), ("resnet18", 512, 120)])
def test_it_agrees_with_a_plain_restatement(name: str, channels: int, keys: int):
    network = lively(ResNet(name))
    image = torch.rand(2, 3, 96, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        features = network(image)
    state = network.state_dict()
    assert features.shape == (2, channels, 3, 2)
    assert network.channels == channels
    assert len(state) == keys
    assert_close(features, resnet(state, "", image), 1e-9)
    assert (features > 0).any()


def test_another_backbone_is_told():
    with pytest.raises(ValueError, match="resnet18, resnet50, found 'vgg'"):
        ResNet("vgg")
