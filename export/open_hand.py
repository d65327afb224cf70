"""Writes a trained hand network as `hand.onnx` of the open engine: backbone, guided pooling and head in one graph.

`python -m export open-hand NETWORK [-o ENGINE_DIR]`; see docs/open_engine.md. NETWORK: `network.pt` of `python -m pose2pose_live.training.open_parts train-hands`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import onnx
import torch

from export.checked_graph import INPUT, Selected
from export.engine_folder import described, differences, replace_graph
from export.int8_weights import BLOCK
from export.rounded_network import rounded
from export.sources import sha256_of
from export.surgery import fold_spatial_pads
from export.torch_graph import OPSET, to_onnx
from export.trained_head import check_parity, compare, run, stored_small
from pose2pose_live.detection.region import blob
from pose2pose_live.network.hand_landmarker import INPUT_PX
from pose2pose_live.resources import asset_path
from pose2pose_live.training.open_engine.checkpoints import load_hand_network
from pose2pose_live.training.open_parts.real_hands import real_hands

GRAPH_FILE = "hand.onnx"
_CROPS, _EVERY_FRAMES = 12, 10
_OUTPUTS = {
    "landmarks": "(1, 21, 3) x, y in px of the crop; z in px / 0.4, 0 at the wrist, smaller is nearer",
    "presence": "(1, 1) probability that a hand is in the crop",
    "handedness": "(1, 1) probability that it is a right hand, for a picture that is not mirrored",
    "world": "(1, 21, 3) x right, y down, z away, metres, origin at the hand's centre, axes of the crop",
    "palm": "(1, 3, 3) rotation of SMPL-X's right wrist in upright view axes, for a right hand or a left one in a mirror",
    "fingers": "(1, 15, 3, 3) rotations of the right hand's joints in SMPL-X's order, relative to their parents; identity is the flat hand",
}
_TABLE = """\
[graphs.hand]
file = "{file}"
sha256 = "{sha256}"
input = "image"
input_shape = [1, 3, {size}, {size}]
input_size = [{size}, {size}]
input_format = "float32 NCHW, RGB, [0, 1], of a right hand, or a left one in a mirror"
onnx_opset = {opset}
weights = "backbone float16, the head's large ones int8 in blocks of {block} with float16 scales; float32 when loaded"
licence = "Apache-2.0: trained from MediaPipe's hand network (docs/networks.md) on data of our own (docs/open_engine.md)"

[graphs.hand.outputs]
{outputs}

# Largest difference between ONNX Runtime in float32 and PyTorch in float64, the same rounded weights, over {crops} hands; landmarks as shares of the crop.
[graphs.hand.parity]
{parity}

# Largest difference that rounding the weights makes; landmarks as shares of the crop.
[graphs.hand.rounding]
{rounding}
"""


def export(network_file: Path, folder: Path) -> float:
    """Write the graph and its table in the folder's engine.toml; returns the largest difference to PyTorch. Raises ModelError or TrainingError."""
    exact = load_hand_network(network_file)
    # As integers the backbone's weights lose too much, as the body network's do.
    stored = rounded(exact, may_be_integers=lambda name: not name.startswith("backbone."))
    example = torch.zeros(1, 3, INPUT_PX, INPUT_PX)
    graph = onnx.load_from_string(to_onnx(Selected(stored, tuple(_OUTPUTS)).eval(), {INPUT: example}, tuple(_OUTPUTS)))
    fold_spatial_pads(graph)
    data = stored_small(graph)
    parity, rounding = compare(data, stored, exact, tuple(_OUTPUTS), islice(_hands(), _CROPS))
    for worst in (parity, rounding):
        worst["landmarks"] /= INPUT_PX
    check_parity(parity)
    table = _TABLE.format(
        file=GRAPH_FILE, sha256=sha256_of(data), size=INPUT_PX, opset=OPSET, block=BLOCK, outputs=described(_OUTPUTS), crops=_CROPS,
        parity=differences(parity), rounding=differences(rounding),
    )  # fmt: skip
    replace_graph(folder, "hand", GRAPH_FILE, data, table)
    return max(parity.values())


def main(arguments: Sequence[str]) -> int:
    return run(arguments, "open-hand", __doc__, "open_parts train-hands", GRAPH_FILE, export)


def _hands() -> Iterator[np.ndarray]:
    """Inputs (1,3,224,224): hands of the bundled clip."""
    for row in real_hands([asset_path("demo.mp4")], 1, _EVERY_FRAMES, seed=0):
        yield blob(np.asarray(cv2.imdecode(row["jpeg"], cv2.IMREAD_COLOR), np.uint8))
