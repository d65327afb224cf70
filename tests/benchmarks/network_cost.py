"""What the whole-body network costs on this CPU: `python -m tests.benchmarks.network_cost [--threads N]`.

Forward at batch 1: the whole beside the sum of its parts, each run alone on the input that it gets inside the whole; both in turns, so that
they see the same machine. Then the largest memory that the process ever had, after two training steps of two pictures with Adam.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from statistics import median
from typing import Any

import torch
from torch import nn

from pose2pose_live.network import Hand4Whole

ROUNDS = 15


def forward_cost() -> tuple[float, dict[str, float]]:
    """Median seconds of the whole, and of each part."""
    network = Hand4Whole().eval()
    inputs: dict[str, tuple[Any, ...]] = {}

    def remember(name: str) -> Any:
        return lambda _, arguments: inputs.update({name: arguments})

    parts = dict(network.named_children())
    hooks = [module.register_forward_pre_hook(remember(name)) for name, module in parts.items()]
    image = torch.rand(1, 3, 512, 384)
    with torch.inference_mode():
        network(image)
        for hook in hooks:
            hook.remove()
        whole: list[float] = []
        single: dict[str, list[float]] = {name: [] for name in parts}
        for _ in range(ROUNDS):
            whole.append(_seconds(network, image))
            for name, module in parts.items():
                single[name].append(_seconds(module, *inputs[name]))
    return median(whole), {name: median(times) for name, times in single.items()}


def training_memory_gib() -> float:
    """Peak resident memory after two steps of batch 2, float32, with Adam (whose state comes into being in the first)."""
    network = Hand4Whole().train()
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-4)
    for _ in range(2):
        out = network(torch.rand(2, 3, 512, 384))
        loss = sum(value.abs().mean() for value in out.values() if value.requires_grad)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**30 if sys.platform == "darwin" else 2**20)


def _seconds(module: nn.Module, *arguments: Any) -> float:
    start = time.perf_counter()
    module(*arguments)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    torch.set_num_threads(parser.parse_args().threads)
    whole, parts = forward_cost()
    total = sum(parts.values())
    for name, seconds in parts.items():
        print(f"{name:<20}{1000 * seconds:8.1f} ms")
    print(f"{'sum of the parts':<20}{1000 * total:8.1f} ms")
    print(f"{'whole':<20}{1000 * whole:8.1f} ms   {whole / total:.3f} times the sum (bar 1.1)")
    print(f"training step, batch 2: {training_memory_gib():.2f} GiB at most (bar 8 GB = 7.45 GiB)")


if __name__ == "__main__":
    main()
