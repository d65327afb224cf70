"""The few kinds of layers that the heads are made of, started as the authors start them (network.md 10)."""

from __future__ import annotations

from torch import nn

_CONV_STD = 0.001
_LINEAR_STD = 0.01


def linear(features_in: int, features_out: int) -> nn.Linear:
    layer = nn.Linear(features_in, features_out)
    nn.init.normal_(layer.weight, std=_LINEAR_STD)
    nn.init.zeros_(layer.bias)
    return layer


def head(features_in: int, features_out: int) -> nn.Sequential:
    """One linear layer, under the key `0`."""
    return nn.Sequential(linear(features_in, features_out))


def pointwise(channels_in: int, channels_out: int) -> nn.Conv2d:
    """1x1 convolution with bias."""
    layer = nn.Conv2d(channels_in, channels_out, 1)
    nn.init.normal_(layer.weight, std=_CONV_STD)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer


def pointwise_block(channels_in: int, channels_out: int) -> nn.Sequential:
    """1x1 convolution, batch norm, ReLU."""
    return nn.Sequential(pointwise(channels_in, channels_out), nn.BatchNorm2d(channels_out), nn.ReLU(inplace=True))


def upsampling_blocks(channels_in: int, channels: int, count: int) -> nn.Sequential:
    """`count` times: transposed 4x4 convolution that doubles the size, batch norm, ReLU."""
    layers: list[nn.Module] = []
    for _ in range(count):
        deconv = nn.ConvTranspose2d(channels_in, channels, 4, stride=2, padding=1, bias=False)
        nn.init.normal_(deconv.weight, std=_CONV_STD)
        layers += [deconv, nn.BatchNorm2d(channels), nn.ReLU(inplace=True)]
        channels_in = channels
    return nn.Sequential(*layers)
