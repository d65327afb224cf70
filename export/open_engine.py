"""Makes the engine `open`: the trained body network as one graph, backbone, guided pooling and heads, beside the published networks of hands and face.

`python -m export open-engine NETWORK [-o ENGINE_DIR]`; NETWORK is the `network.pt` that training wrote (docs/open_engine.md).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch

from export.checked_graph import Parity, checked_graph, people
from export.engine_folder import described, differences, with_other_graphs, write_folder
from export.int8_weights import BLOCK
from export.rounded_network import rounded
from export.sources import sha256_of
from export.torch_graph import OPSET
from export.trained_head import stored_small
from pose2pose_live.network.blazepose import INPUT_SIZE
from pose2pose_live.network.open_body_net import OpenBodyNet
from pose2pose_live.resources import engine_path
from pose2pose_live.training.open_engine.checkpoints import load_network

GRAPH_FILE = "body.onnx"
_PRESENT = 0.5
OUTPUTS = {
    "landmarks": "(1, 39, 5) x, y, z in px of the crop (z 0 at the mid-hip, smaller is nearer), visibility logit, presence logit",
    "presence": "(1, 1) probability that a person is in the crop",
    "heatmap": "(1, 39, 64, 64) logits, one map per landmark, stride 4",
    "world": "(1, 39, 3) x right, y down, z away, metres, origin mid-hip, axes of the crop",
    "positions": "(1, 25, 3) positional pose: x, y in px of the crop, z in metres behind the pelvis",
    "joints": "(1, 39, 3) metres from the pelvis, in upright view axes: x right in the crop, y up, z towards the camera",
    "root_rotation": "(1, 3, 3) rotation matrix of SMPL-X's pelvis in upright view axes",
    "body_rotations": "(1, 21, 3, 3) in the order of SMPL-X's body joints, relative to the parent",
    "betas": "(1, 10) shape of the open body",
    "log_variance": "(1, 6) logarithm of the expected mean squared error, m2, of trunk, head, left arm, right arm, left leg, right leg",
}
_TEXT = """\
# Written by `python -m export open-engine`; do not edit.
[engine]
name = "open"
family = "pose2pose"
extends = "../landmarks"
licence = "Apache-2.0"
description = "Pose2Pose on BlazePose, and on MediaPipe's hand network, trained end to end on drawn people; the face by a trained head"

[graphs.body]
file = "{file}"
sha256 = "{sha256}"
input = "image"
input_shape = {shape}
input_size = {size}
input_format = "float32 NCHW, RGB, [0, 1]"
onnx_opset = {opset}
weights = "backbone float16, heads int8 in blocks of {block} with float16 scales; float32 when loaded"
licence = "Apache-2.0: trained from MediaPipe's pose network (docs/networks.md) on data of our own (docs/open_engine.md)"

[graphs.body.outputs]
{outputs}

# Largest difference between ONNX Runtime in float32 and PyTorch in float64, the same rounded weights, over {pictures} pictures of a person.
[graphs.body.parity]
{parity}

# Largest difference that rounding the weights makes, over those in which the network sees a person.
[graphs.body.rounding]
{rounding}
"""


def export(network_file: Path, folder: Path) -> Parity:
    """Write the engine folder. Raises ModelError when the graph is too far from the network, TrainingError when the file is no network."""
    exact = load_network(network_file).eval().requires_grad_(False)
    # The backbone's lose too much as integers: landmarks move by up to 7 px instead of 0.8.
    network = rounded(exact, may_be_integers=lambda name: not name.startswith("backbone."))
    graph, parity = checked_graph(network, INPUT_SIZE, tuple(OUTPUTS))
    model = onnx.load_from_string(graph)
    data = stored_small(model)
    rounding = _rounding_cost(exact.double(), network.double())
    text = _TEXT.format(
        file=GRAPH_FILE,
        sha256=sha256_of(data),
        shape=[1, 3, *INPUT_SIZE],
        size=list(INPUT_SIZE),
        opset=OPSET,
        block=BLOCK,
        outputs=described(OUTPUTS),
        pictures=parity.pictures,
        parity=differences(parity.differences),
        rounding=differences(rounding),
    )
    write_folder(folder, GRAPH_FILE, data, with_other_graphs(folder, text))
    return parity


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m export open-engine", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("network", type=Path, metavar="NETWORK", help="network.pt of a training run")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="ENGINE_DIR", default=engine_path("open"), help="default: the bundled one"
    )
    options = parser.parse_args(arguments)
    parity = export(options.network, options.output)
    print(f"{options.output}: written; {parity}")
    return 0


@torch.inference_mode()
def _rounding_cost(exact: OpenBodyNet, stored: OpenBodyNet) -> dict[str, float]:
    worst = dict.fromkeys(OUTPUTS, 0.0)
    for picture in people(INPUT_SIZE):
        image = torch.from_numpy(picture).double()
        before, after = exact(image), stored(image)
        if before["presence"] < _PRESENT:  # where nobody is, the numbers mean nothing
            continue
        for name in OUTPUTS:
            worst[name] = max(worst[name], float((before[name] - after[name]).abs().max()))
    return worst
