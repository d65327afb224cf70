"""Puts a trained hand head on MediaPipe's hand network, in one graph: `hand.onnx` of the open engine.

`python -m export open-hand HEADS [-o ENGINE_DIR]`; see docs/open_engine.md. HEADS: file of `python -m pose2pose_live.training.open_parts compare-hands`.

The published graph stays as it is, byte by byte, so that its landmarks do, and so that Git stores it once.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import compose, version_converter
from torch import Tensor, nn

from export import guided_pooling, trained_head
from export.engine_folder import described, differences, replace_graph
from export.int8_weights import BLOCK, store_exact_blocks_as_int8
from export.rounded_network import rounded
from export.sources import sha256_of
from export.surgery import store_exact_weights_as_fp16
from export.torch_graph import OPSET, to_onnx
from export.trained_head import check_parity, run
from pose2pose_live.detection.region import blob
from pose2pose_live.network.open_hand_net import INPUT_PX, SMALL_OUTPUTS, TAPS, OpenHandHead
from pose2pose_live.resources import asset_path, engine_path
from pose2pose_live.training.open_parts.real_hands import real_hands

GRAPH_FILE = "hand.onnx"
_CROPS, _EVERY_FRAMES = 12, 10
HEAD_OUTPUTS = {
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
weights = "as in engines/landmarks; of the head int8 in blocks of {block} with float16 scales where large, float16 else; float32 when loaded"
licence = "Apache-2.0: MediaPipe's hand network (docs/networks.md), and a head on it that was trained on data of our own (docs/open_engine.md)"

[graphs.hand.outputs]
{outputs}

# Largest difference between ONNX Runtime in float32 and PyTorch in float64, the same rounded weights, over {crops} hands.
[graphs.hand.parity]
{parity}

# Largest difference that rounding the head's weights makes.
[graphs.hand.rounding]
{rounding}
"""
_OUTPUTS = {
    "landmarks": "(1, 21, 3) x, y in px of the crop; z in px / 0.4, 0 at the wrist, smaller is nearer",
    "presence": "(1, 1) probability that a hand is in the crop",
    "handedness": "(1, 1) probability that it is a right hand, for a picture that is not mirrored",
    "world": "(1, 21, 3) x right, y down, z away, metres, origin at the hand's centre, axes of the crop",
    **HEAD_OUTPUTS,
}


class _Head(nn.Module):
    """The head with tensors as inputs, as graphs have them."""

    def __init__(self, head: OpenHandHead) -> None:
        super().__init__()
        self._head = head

    def forward(self, *seen: Tensor) -> tuple[Tensor, ...]:
        answer = self._head(dict(zip((*SMALL_OUTPUTS, *TAPS), seen, strict=True)))
        return tuple(answer[name] for name in HEAD_OUTPUTS)


def export(heads_file: Path, folder: Path) -> float:
    """Write the graph and its table in the folder's engine.toml; returns the largest difference to PyTorch. Raises ModelError or TrainingError."""
    exact = load_head(heads_file)
    stored = rounded(exact)
    published = engine_path("landmarks") / GRAPH_FILE
    data = _joined(onnx.load(published), stored).SerializeToString(deterministic=True)
    parity, rounding = _compare(data, stored, exact)
    check_parity(parity)
    table = _TABLE.format(
        file=GRAPH_FILE, sha256=sha256_of(data), size=INPUT_PX, opset=OPSET, block=BLOCK, outputs=described(_OUTPUTS), crops=_CROPS,
        parity=differences(parity), rounding=differences(rounding),
    )  # fmt: skip
    replace_graph(folder, "hand", GRAPH_FILE, data, table)
    return max(parity.values())


def load_head(heads_file: Path) -> OpenHandHead:
    """The head with guided pooling. Raises TrainingError."""
    return trained_head.load_head(OpenHandHead("guided"), heads_file, "guided", "hands")


def main(arguments: Sequence[str]) -> int:
    return run(arguments, "open-hand", __doc__, "compare-hands", GRAPH_FILE, export)


def _joined(published: onnx.ModelProto, head: OpenHandHead) -> onnx.ModelProto:
    """One graph of both. The published constants are stored as they were."""
    below = version_converter.convert_version(published, OPSET)
    examples = {
        "landmarks": torch.zeros(1, 21, 3),
        "presence": torch.zeros(1, 1),
        "handedness": torch.zeros(1, 1),
        "world": torch.zeros(1, 21, 3),
    }
    examples |= {
        name: torch.zeros(1, channels, INPUT_PX // stride, INPUT_PX // stride)
        for name, (channels, stride) in TAPS.items()
    }
    above = onnx.load_from_string(to_onnx(_Head(head).eval(), examples, tuple(HEAD_OUTPUTS)))
    store_exact_blocks_as_int8(above)
    store_exact_weights_as_fp16(above)
    above = compose.add_prefix(above, "head/", rename_inputs=False, rename_outputs=False, rename_functions=False)
    graph = below.graph
    above_names = {value.name for value in graph.output}
    assert above_names >= set(examples)
    graph.node.extend(above.graph.node)
    graph.initializer.extend(above.graph.initializer)
    graph.output.extend(above.graph.output)
    for value in [value for value in graph.output if value.name in TAPS]:
        graph.output.remove(value)
    for value in [*graph.input, *graph.output]:
        value.type.tensor_type.shape.dim[0].dim_value = 1
    del graph.value_info[:]
    below.ir_version = max(below.ir_version, above.ir_version)
    guided_pooling.define(below)
    onnx.checker.check_model(below, full_check=True)
    return below


def _hands() -> Iterator[np.ndarray]:
    """Inputs (1,3,224,224): hands of the bundled clip."""
    rows = real_hands([asset_path("demo.mp4")], 1, _EVERY_FRAMES, seed=0)
    for row in islice(rows, _CROPS):
        yield blob(np.asarray(cv2.imdecode(row["jpeg"], cv2.IMREAD_COLOR), np.uint8))


@torch.inference_mode()
def _compare(data: bytes, stored: OpenHandHead, exact: OpenHandHead) -> tuple[dict[str, float], dict[str, float]]:
    """Largest differences: of the published graph to what it was and of the head to PyTorch; of the rounded head to the exact one."""
    published = ort.InferenceSession(str(engine_path("landmarks") / GRAPH_FILE), providers=["CPUExecutionProvider"])
    ours = ort.InferenceSession(data, providers=["CPUExecutionProvider"])
    doubled, unrounded = copy.deepcopy(stored).double(), copy.deepcopy(exact).double()
    names = (*SMALL_OUTPUTS, *TAPS)
    parity, rounding = dict.fromkeys(_OUTPUTS, 0.0), dict.fromkeys(HEAD_OUTPUTS, 0.0)
    for picture in _hands():
        seen = dict(zip(names, published.run(list(names), {"image": picture}), strict=True))
        found = dict(zip(_OUTPUTS, ours.run(list(_OUTPUTS), {"image": picture}), strict=True))
        precise = {name: torch.from_numpy(value).double() for name, value in seen.items()}
        expected, before = doubled(precise), unrounded(precise)
        wanted = seen | {name: expected[name].numpy() for name in HEAD_OUTPUTS}
        for name in _OUTPUTS:
            parity[name] = max(parity[name], float(np.abs(found[name] - wanted[name]).max()))
        for name in HEAD_OUTPUTS:
            rounding[name] = max(rounding[name], float((expected[name] - before[name]).abs().max()))
    return parity, rounding
