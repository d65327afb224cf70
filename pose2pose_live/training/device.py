"""What trains: the processor, or a GPU that PyTorch can use."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..errors import TrainingError

AUTO = "auto"


def choose_device(name: str = AUTO) -> torch.device:
    """As PyTorch names devices, or "auto": the first GPU where there is one. Raises TrainingError for one that PyTorch does not have here."""
    if name == AUTO:
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        return torch.zeros(1, device=name).device
    except (RuntimeError, AssertionError) as error:  # PyTorch without CUDA asserts
        raise TrainingError(
            f'device "{name}": {str(error).splitlines()[0]}; expected "auto", "cpu" or a GPU of this machine'
        ) from None


def device_of(network: nn.Module) -> torch.device:
    return next(network.parameters()).device


def on_device(batch: dict[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    return {name: values.to(device, non_blocking=True) for name, values in batch.items()}
