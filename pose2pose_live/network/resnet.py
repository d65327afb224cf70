"""ResNet feature extractors (He et al. 2016), with torchvision's state-dict keys and no torchvision.

Version 1.5 as torchvision has it: a bottleneck's stride is on its 3x3 convolution. Without pooling and classifier.
"""

from __future__ import annotations

from torch import Tensor, nn

_STAGE_CHANNELS = (64, 128, 256, 512)


class _BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = _conv(channels_in, channels, 3, stride)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = _conv(channels, channels, 3)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _downsample(channels_in, channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(x)) + shortcut)


class _Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        channels_out = self.expansion * channels
        self.conv1 = _conv(channels_in, channels, 1)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = _conv(channels, channels, 3, stride)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = _conv(channels, channels_out, 1)
        self.bn3 = nn.BatchNorm2d(channels_out)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _downsample(channels_in, channels_out, stride)

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        return self.relu(self.bn3(self.conv3(x)) + shortcut)


_CONFIGURATIONS: dict[str, tuple[type[_BasicBlock] | type[_Bottleneck], tuple[int, ...]]] = {
    "resnet18": (_BasicBlock, (2, 2, 2, 2)),
    "resnet50": (_Bottleneck, (3, 4, 6, 3)),
}
BACKBONES = tuple(_CONFIGURATIONS)
"""The values of the networks' option `backbone`."""


class ResNet(nn.Module):
    """Picture (N,3,H,W) -> feature map (N,channels,H/32,W/32), after ReLU.

    name: one of `BACKBONES`. channels: 512 (resnet18) or 2048 (resnet50). Weights start as torchvision's without pre-training do
    (Kaiming normal). Raises ValueError for another name.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        if name not in _CONFIGURATIONS:
            raise ValueError(f"backbone: expected one of {', '.join(BACKBONES)}, found {name!r}")
        block, depths = _CONFIGURATIONS[name]
        self.conv1 = _conv(3, 64, 7, 2)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels_in = 64
        for stage, (channels, depth) in enumerate(zip(_STAGE_CHANNELS, depths, strict=True), start=1):
            blocks: list[nn.Module] = []
            for i in range(depth):
                blocks.append(block(channels_in, channels, 2 if stage > 1 and i == 0 else 1))
                channels_in = block.expansion * channels
            self.add_module(f"layer{stage}", nn.Sequential(*blocks))
        self.channels = channels_in
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, image: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(image))))
        for stage in range(1, 5):
            x = self.get_submodule(f"layer{stage}")(x)
        return x


def _conv(channels_in: int, channels: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(channels_in, channels, kernel, stride, padding=kernel // 2, bias=False)


def _downsample(channels_in: int, channels: int, stride: int) -> nn.Sequential | None:
    if stride == 1 and channels_in == channels:
        return None
    return nn.Sequential(nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))
