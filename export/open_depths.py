"""Writes a trained depth network as `depths.onnx` of the open engine.

`python -m export open-depths NETWORK [-o ENGINE_DIR]`; see docs/open_engine.md. NETWORK: file of `python -m pose2pose_live.training.open_depths train`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import onnx
import torch

from export.checked_graph import Selected
from export.engine_folder import described, differences, replace_graph
from export.int8_weights import BLOCK
from export.rounded_network import rounded
from export.sources import sha256_of
from export.torch_graph import OPSET, to_onnx
from export.trained_head import check_parity, compare, run, stored_small
from pose2pose_live.estimation.depths import sight_of
from pose2pose_live.estimation.observer import PersonObservation
from pose2pose_live.estimation.placement import joint_centres, seen_in_picture
from pose2pose_live.mocap import MotionCapture
from pose2pose_live.network.open_depth_net import POINTS, SIGHT
from pose2pose_live.resources import asset_path
from pose2pose_live.sources import open_source
from pose2pose_live.training.open_depths.loop import load_depth_net

GRAPH_FILE = "depths.onnx"
_OUTPUTS = {
    "fused": "(1, 19, 3) skeleton.DEPTH_LANDMARKS, m from the middle of the hips, upright view axes; z of both networks, each as sure as it is",
    "points": "(1, 19, 3) the same by this network alone",
    "log_variance": "(1, 19) logarithm of the expected squared error, m2, of their z",
}
_PICTURES, _EVERY = 20, 5
_TABLE = """\
[graphs.depths]
file = "{file}"
sha256 = "{sha256}"
input = "sight"
input_shape = [1, {points}, {sight}]
input_format = "float32: of each landmark the slopes x and y of its ray, how much it is seen, and x, y, z by the body network (estimation/depths.py)"
onnx_opset = {opset}
weights = "int8 in blocks of {block} with float16 scales, the small ones float16; float32 when loaded"
licence = "Apache-2.0: trained on poses of our own (docs/open_engine.md)"

[graphs.depths.outputs]
{outputs}

# Largest difference between ONNX Runtime in float32 and PyTorch in float64, the same rounded weights, over {pictures} pictures of a person.
[graphs.depths.parity]
{parity}

# Largest difference that rounding the weights makes.
[graphs.depths.rounding]
{rounding}
"""


def export(network_file: Path, folder: Path) -> float:
    """Write the graph and its table in the folder's engine.toml; returns the largest difference to PyTorch. Raises ModelError or TrainingError."""
    exact = load_depth_net(network_file)
    stored = rounded(exact)
    example = torch.zeros(1, POINTS, SIGHT)
    graph = onnx.load_from_string(
        to_onnx(Selected(stored, tuple(_OUTPUTS)).eval(), {"sight": example}, tuple(_OUTPUTS))
    )
    data = stored_small(graph)
    parity, rounding = compare(data, stored, exact, tuple(_OUTPUTS), islice(_sights(), _PICTURES))
    check_parity(parity)
    table = _TABLE.format(
        file=GRAPH_FILE, sha256=sha256_of(data), points=POINTS, sight=SIGHT, opset=OPSET, block=BLOCK, outputs=described(_OUTPUTS),
        pictures=_PICTURES, parity=differences(parity), rounding=differences(rounding),
    )  # fmt: skip
    replace_graph(folder, "depths", GRAPH_FILE, data, table)
    return max(parity.values())


def main(arguments: Sequence[str]) -> int:
    return run(arguments, "open-depths", __doc__, "open_depths train", GRAPH_FILE, export)


def _sights() -> Iterator[np.ndarray]:
    """Inputs (1,19,6): the person of the bundled clip, as the bundled body network sees them."""
    with open_source(asset_path("demo.mp4")) as clip, MotionCapture.open() as mocap:
        for index, picture in enumerate(clip):
            seen = mocap.observe(picture).observation
            if isinstance(seen, PersonObservation) and index % _EVERY == 0:
                pose = joint_centres(seen.pose)
                sight = sight_of(pose, seen.camera, seen_in_picture(pose, *seen.size_px))
                yield sight.astype(np.float32)[None]
