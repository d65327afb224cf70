"""A network whose weights are what its graph stores."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

from export.int8_weights import LEAST_COUNT, round_to_blocks

N = TypeVar("N", bound=nn.Module)


@torch.no_grad()
def rounded(network: N, may_be_integers: Callable[[str], bool] = lambda name: True) -> N:
    """A copy with large weights rounded to blocks of integers, where their name may be, and all others to float16, but for biases and the like,
    which take no room."""
    result = copy.deepcopy(network)
    for name, parameter in result.named_parameters():
        if parameter.ndim > 1:
            is_integer = may_be_integers(name) and parameter.numel() >= LEAST_COUNT
            parameter.copy_(torch.from_numpy(round_to_blocks(parameter.numpy())) if is_integer else parameter.half())
    return result
