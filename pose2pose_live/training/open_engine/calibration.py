"""Whether the network knows how sure it may be: its expected error against the true one."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from ...network.open_body_net import OpenBodyNet
from ...skeleton import OPEN_BODY_PARTS
from ..body_layer import BodyLayer
from .evaluate import batches_of
from .losses import squared_error_by_part
from .shards import Crops

_QUARTERS = 4


@torch.no_grad()
def calibration(network: OpenBodyNet, crops: Crops, layer: BodyLayer) -> dict[str, NDArray[np.float64]]:
    """Part -> (4,2) mm, root mean square: expected and true error of the quarter of the crops that it is surest of, the next, and so on.

    layer: `BodyLayer.for_joints()`.
    """
    network.eval()
    expected, true = [], []
    for batch in batches_of(crops):
        answer = network(batch["image"])
        expected.append(answer["log_variance"].exp())
        true.append(squared_error_by_part(answer, batch, layer))
    variance, squared = torch.cat(expected).numpy(), torch.cat(true).numpy()
    result = {}
    for column, name in enumerate(OPEN_BODY_PARTS):
        quarters = np.array_split(np.argsort(variance[:, column]), _QUARTERS)
        result[name] = 1000 * np.sqrt(
            [[variance[rows, column].mean(), squared[rows, column].mean()] for rows in quarters]
        )
    return result


def format_calibration(found: dict[str, NDArray[np.float64]]) -> str:
    width = max(map(len, found))
    lines = [f"{'expected / true error, mm':<{width}}"]
    lines += [
        f"{name:<{width}}" + "".join(f"{expected:9.0f} /{true:4.0f}" for expected, true in rows)
        for name, rows in found.items()
    ]
    return "\n".join(lines)
