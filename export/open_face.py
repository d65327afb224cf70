"""Writes a trained face head as `face_head.onnx` of the open engine.

`python -m export open-face HEADS [-o ENGINE_DIR]`; see docs/open_engine.md. HEADS: file of `python -m pose2pose_live.training.open_parts compare-faces`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch

from export.checked_graph import Selected
from export.engine_folder import described, differences, replace_graph
from export.rounded_network import rounded
from export.sources import sha256_of
from export.surgery import store_exact_weights_as_fp16
from export.torch_graph import OPSET, to_onnx
from export.trained_head import check_parity, compare, run
from pose2pose_live.errors import TrainingError
from pose2pose_live.estimation.face_measures import evidence
from pose2pose_live.network.open_face_net import BLENDSHAPES, MEASURES, OpenFaceHead
from pose2pose_live.resources import asset_path
from pose2pose_live.training.open_engine.checkpoints import load
from pose2pose_live.training.open_parts.real_faces import real_faces

GRAPH_FILE = "face_head.onnx"
_INPUTS = MEASURES + BLENDSHAPES
_OUTPUTS = {
    "jaw": "(1, 3, 3) rotation of SMPL-X's jaw relative to the head",
    "expression": "(1, 10) expression of the open body, -1.1 to 1.1",
}
_TABLE = """\
[graphs.face_head]
file = "{file}"
sha256 = "{sha256}"
input = "face"
input_shape = [1, {inputs}]
input_format = "float32: {measures} distances on the face as shares of its size (estimation/face_measures.py), then the blendshapes"
onnx_opset = {opset}
weights = "float16; float32 when loaded"
licence = "Apache-2.0: trained on data of our own and on real faces without labels (docs/open_engine.md)"

[graphs.face_head.outputs]
{outputs}

# Largest difference between ONNX Runtime in float32 and PyTorch in float64, the same rounded weights, over {faces} faces.
[graphs.face_head.parity]
{parity}

# Largest difference that rounding the weights makes.
[graphs.face_head.rounding]
{rounding}
"""


def export(heads_file: Path, folder: Path) -> float:
    """Write the graph and its table in the folder's engine.toml; returns the largest difference to PyTorch. Raises ModelError or TrainingError."""
    exact = load_head(heads_file)
    stored = rounded(exact)
    graph = onnx.load_from_string(
        to_onnx(Selected(stored, tuple(_OUTPUTS)).eval(), {"face": torch.zeros(1, _INPUTS)}, tuple(_OUTPUTS))
    )
    store_exact_weights_as_fp16(graph)
    onnx.checker.check_model(graph, full_check=True)
    data = graph.SerializeToString(deterministic=True)
    faces = _faces()
    parity, rounding = compare(data, stored, exact, tuple(_OUTPUTS), faces)
    check_parity(parity)
    table = _TABLE.format(
        file=GRAPH_FILE, sha256=sha256_of(data), inputs=_INPUTS, measures=MEASURES, opset=OPSET, outputs=described(_OUTPUTS), faces=len(faces),
        parity=differences(parity), rounding=differences(rounding),
    )  # fmt: skip
    replace_graph(folder, "face_head", GRAPH_FILE, data, table)
    return max(parity.values())


def load_head(heads_file: Path) -> OpenFaceHead:
    """The head that reads landmarks and blendshapes. Raises TrainingError."""
    head = OpenFaceHead("both")
    try:
        head.load_state_dict(load(heads_file)["heads"]["both"])
    except (KeyError, TypeError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise TrainingError(f"{heads_file}: expected heads of faces, found: {reason}") from error
    return head.eval().requires_grad_(False)


def main(arguments: Sequence[str]) -> int:
    return run(arguments, "open-face", __doc__, "compare-faces", GRAPH_FILE, export)


def _faces() -> list[np.ndarray]:
    """Inputs (1,63): the face of the bundled clip."""
    rows = real_faces([asset_path("demo.mp4")], 1)
    return [evidence(row["points"].astype(np.float64), row["blendshapes"]).astype(np.float32)[None] for row in rows]
