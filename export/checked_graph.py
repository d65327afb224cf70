"""A network in PyTorch as an ONNX graph, compared with it on pictures of a person before anybody gets it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import onnxruntime as ort
import torch
from torch import Tensor, nn

from export.torch_graph import to_onnx
from pose2pose_live.errors import ModelError
from pose2pose_live.estimation.person_crop import crop_person, processed_box
from pose2pose_live.resources import asset_path
from pose2pose_live.sources import open_source

INPUT = "image"
PARITY_BAR = 5e-3
"""Largest difference to PyTorch in float64, times the largest value of the output where that is above 1 (boxes: px). Rounding to float32
alone, through a hundred layers and peaked heat maps, comes to a tenth of this, in PyTorch as in ONNX Runtime."""
_PICTURES = 6


@dataclass(frozen=True)
class Parity:
    """Largest absolute difference of every output, over so many pictures, and the largest value it had."""

    pictures: int
    differences: dict[str, float]
    largest: dict[str, float]

    def __str__(self) -> str:
        worst = max(self.differences, key=lambda name: self.differences[name] / max(1.0, self.largest[name]))
        return f"{self.pictures} pictures, furthest from PyTorch: {worst}, {self.differences[worst]:.1e}"


class Selected(nn.Module):
    """The network with some of its outputs, in this order."""

    def __init__(self, network: nn.Module, outputs: Sequence[str]) -> None:
        super().__init__()
        self._network, self._outputs = network, tuple(outputs)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        out = self._network(image)
        return tuple(out[name] for name in self._outputs)


def checked_graph(
    network: nn.Module, picture_size: tuple[int, int], outputs: Sequence[str] | None = None
) -> tuple[bytes, Parity]:
    """A network of `network/`, float32 and in evaluation mode, as a serialised graph; it is in float64 afterwards.

    The graph's input is `image` (1,3,*picture_size), float32 RGB in [0,1]. outputs: which, by their names; None takes all. Raises ModelError when the graph
    is further from the network than `PARITY_BAR`.
    """
    example = torch.zeros(1, 3, *picture_size)
    if outputs is None:
        with torch.inference_mode():
            outputs = tuple(network(example))
    selected = Selected(network, outputs).eval()
    graph = to_onnx(selected, {INPUT: example}, tuple(outputs))
    parity = _compare(selected.double(), graph, outputs, people(picture_size))
    for name, difference in parity.differences.items():
        bar = PARITY_BAR * max(1.0, parity.largest[name])
        if not difference <= bar:
            raise ModelError(
                f"{name} of the exported graph is {difference:.1e} off PyTorch's, at most {bar:.1e} is allowed; "
                "please report it, with the versions of torch, onnxscript and onnxruntime"
            )
    return graph, parity


def _compare(network: nn.Module, graph: bytes, outputs: Sequence[str], pictures: Iterable[np.ndarray]) -> Parity:
    """The graph on ONNX Runtime against the network, in float64, on PyTorch."""
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    worst, largest = dict.fromkeys(outputs, 0.0), dict.fromkeys(outputs, 0.0)
    count = 0
    for picture in pictures:
        count += 1
        with torch.inference_mode():
            expected = network(torch.from_numpy(picture).double())
        for name, ours, theirs in zip(outputs, session.run(list(outputs), {INPUT: picture}), expected, strict=True):
            worst[name] = max(worst[name], float(np.abs(ours - theirs.numpy()).max()))
            largest[name] = max(largest[name], float(theirs.abs().max()))
    return Parity(count, worst, largest)


def people(picture_size: tuple[int, int]) -> Iterable[np.ndarray]:
    """Inputs (1,3,*picture_size) from the bundled clip: the middle of the picture as if it were the person's box."""
    with open_source(asset_path("demo.mp4")) as clip:
        for index, picture in enumerate(clip):
            if index % 20:
                continue
            if index >= 20 * _PICTURES:
                return
            height, width = picture.image.shape[:2]
            box = processed_box(np.array([0.2 * width, 0.0, 0.6 * width, float(height)]), picture_size)
            yield crop_person(picture.image, box, picture_size)
