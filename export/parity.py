"""How exactly our graphs reproduce the published networks: ours on ONNX Runtime against theirs on LiteRT, on pictures of people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from export.networks import BLENDSHAPE_LANDMARKS, BLENDSHAPES, FACE, RECIPES, Recipe, published_input, published_output
from export.people import crops_of_people
from export.runtimes import LiteRuntime, OnnxRuntime
from pose2pose_live.errors import ModelError
from pose2pose_live.frame import Image

LANDMARK_BAR_PX = 0.01
WORLD_BAR_M = 1e-4
PRESENCE_MIN = 0.5


@dataclass(frozen=True)
class Parity:
    """Largest absolute difference of every output, over `crops` crops in which the network sees its subject."""

    crops: int
    differences: dict[str, float]


def measure(
    graphs: Mapping[str, onnx.ModelProto], networks: Mapping[str, bytes], pictures: Sequence[Image], detector: Path
) -> dict[str, Parity]:
    """Compare every graph with its network on the people in the pictures, found with the task bundle `detector`."""
    report = {}
    for recipe in RECIPES:
        if recipe is BLENDSHAPES:
            inputs = _face_points(graphs[FACE.name], crops_of_people(pictures, detector, FACE.part, FACE.size_px))
        else:
            inputs = crops_of_people(pictures, detector, recipe.part, recipe.size_px)
        report[recipe.name] = compare(recipe, graphs[recipe.name], networks[recipe.name], inputs)
    return report


def compare(recipe: Recipe, graph: onnx.ModelProto, network: bytes, inputs: Iterable[np.ndarray]) -> Parity:
    """Compare one graph. Crops in which the network itself sees no subject do not count: there its numbers mean nothing.

    Of `landmarks` only x, y and z count, in px of the crop.
    """
    ours, theirs = OnnxRuntime(graph), LiteRuntime(network)
    worst = dict.fromkeys(recipe.outputs, 0.0)
    count = 0
    for values in inputs:
        found = ours.run(values)
        if "presence" in found and found["presence"].min() < PRESENCE_MIN:
            continue
        count += 1
        theirs.run(published_input(recipe, values))
        for name, output in recipe.outputs.items():
            expected = published_output(output, theirs.tensor(output.tensor)).reshape(found[name].shape)
            difference = np.abs(found[name] - expected)
            worst[name] = max(
                worst[name], float(difference[..., :3].max() if name == "landmarks" else difference.max())
            )
    return Parity(count, worst)


def check_bars(report: Mapping[str, Parity]) -> None:
    """Raise ModelError when a graph was compared on nothing, or when landmarks or world points are further off than the bars."""
    for graph, parity in report.items():
        if not parity.crops:
            raise ModelError(
                f"{graph}: none of the pictures shows its subject; choose pictures of people with hands and faces"
            )
        for name, bar, unit in (("landmarks", LANDMARK_BAR_PX, "px"), ("world", WORLD_BAR_M, "m")):
            off = parity.differences.get(name, 0.0)
            if off > bar:
                raise ModelError(
                    f"{graph}: {name} is {off:.1e} {unit} off the published network, at most {bar} is allowed"
                )


def _face_points(face: onnx.ModelProto, crops: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Inputs (1, 146, 2) of the blendshape network, from our own face network."""
    runtime = OnnxRuntime(face)
    for crop in crops:
        yield runtime.run(crop)["landmarks"][:, list(BLENDSHAPE_LANDMARKS), :2]
