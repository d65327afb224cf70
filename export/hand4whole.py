"""Makes an engine for the application out of a checkpoint of the published whole-body network, which the user downloaded.

`python -m export hand4whole CHECKPOINT [--smplx FILE] [-o ENGINE_DIR]`; see docs/hand4whole.md.
"""

from __future__ import annotations

import argparse
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from export.checked_graph import Parity, checked_graph
from export.engine_folder import described, differences, write_folder
from export.sources import sha256_of
from export.torch_graph import OPSET
from pose2pose_live.errors import ModelError
from pose2pose_live.inference import Engine
from pose2pose_live.network import load_checkpoint
from pose2pose_live.network.layout import INPUT_SIZE
from pose2pose_live.resources import user_engines
from pose2pose_live.skeleton import HAND_JOINTS

FAMILY = NAME = "hand4whole"
GRAPH_FILE = "whole.onnx"
OUTPUTS = {
    "joint_positions": "(1, 65, 3) x, y in cells of 64 px of the crop, z in the part's own 8 cells: 25 of the body, 20 of each hand",
    "left_hand_box": "(1, 4) x0, y0, x1, y1 px of the crop",
    "right_hand_box": "(1, 4) x0, y0, x1, y1 px of the crop",
    "face_box": "(1, 4) x0, y0, x1, y1 px of the crop",
    "root_rotation": "(1, 3, 3) rotation matrix in camera axes, x right, y down, z away",
    "body_rotations": "(1, 21, 3, 3) in the order of SMPL-X's body joints",
    "left_hand_rotations": "(1, 15, 3, 3) in the order of SMPL-X's finger joints, relative to its mean hand",
    "right_hand_rotations": "(1, 15, 3, 3) likewise",
    "jaw_rotation": "(1, 3, 3)",
    "betas": "(1, 10) SMPL-X's shape",
    "expression": "(1, 10) SMPL-X's expression",
    "camera_translation": "(1, 3) m before a camera of focal length 5000 px of a picture 192 px wide",
}
_MEANS = {"left_hand_mean": "hands_meanl", "right_hand_mean": "hands_meanr"}

_TEXT = """\
# Written by `python -m export hand4whole`; do not edit. Made for its user alone: the weights are not ours to pass on.
[engine]
name = "{name}"
family = "{family}"
licence = "code MIT; the weights name no licence and were learned from data sets for research only: see docs/hand4whole.md"
description = "Hand4Whole (Moon, Choi & Lee, CVPRW 2022): SMPL-X of the whole body by positional pose-guided pooling"
onnx_opset = {opset}
checkpoint = {checkpoint}
checkpoint_sha256 = "{checkpoint_sha256}"
options = {options}

[graphs.whole]
file = "{file}"
sha256 = "{sha256}"
input = "image"
input_shape = {shape}
input_size = {size}
input_format = "float32 NCHW, RGB, [0, 1]"
joint_set = "SMPL-X"
{means}
[graphs.whole.outputs]
{outputs}

# Largest difference between ONNX Runtime in float32 and PyTorch in float64 over {pictures} pictures of a person.
[graphs.whole.parity]
{parity}
"""
_NO_MEANS = """\
# No SMPL-X file was given: the fingers stay relative to SMPL-X's mean hand, so a flat hand looks half closed in the wrong way. Export again
# with --smplx SMPLX_NEUTRAL.npz.
"""


def export(checkpoint: Path, smplx: Path | None, folder: Path) -> Parity:
    """Write the engine folder. Raises ModelError when a file cannot be used, or when the graph is too far from the network."""
    _check_folder(folder)
    means = {} if smplx is None else read_hand_means(smplx)
    network = load_checkpoint(checkpoint, "hand4whole")
    data, parity = checked_graph(network, INPUT_SIZE, tuple(OUTPUTS))
    text = _TEXT.format(
        name=NAME,
        family=FAMILY,
        opset=OPSET,
        checkpoint=json.dumps(checkpoint.name),
        checkpoint_sha256=sha256_of(checkpoint.read_bytes()),
        options=_inline_table(network.options),
        file=GRAPH_FILE,
        sha256=sha256_of(data),
        shape=[1, 3, *INPUT_SIZE],
        size=list(INPUT_SIZE),
        means="".join(f"{name} = {json.dumps(mean)}\n" for name, mean in means.items()) or _NO_MEANS,
        outputs=described(OUTPUTS),
        pictures=parity.pictures,
        parity=differences(parity.differences),
    )
    write_folder(folder, GRAPH_FILE, data, text)
    return parity


def read_hand_means(path: Path) -> dict[str, list[float]]:
    """SMPL-X's mean hands, axis-angle in rad, 45 numbers each, from the user's own SMPL-X file. Raises ModelError."""
    advice = "give your SMPLX_NEUTRAL.npz (not the .pkl)"
    try:
        archive = np.load(path, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ValueError("it is a single array")
        means = {name: np.asarray(archive[key], np.float64).ravel() for name, key in _MEANS.items()}
    except KeyError as error:
        raise ModelError(f"{path}: {error.args[0]}; expected an SMPL-X file; {advice}") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise ModelError(f"{path}: expected an SMPL-X .npz archive ({reason}); {advice}") from None
    for name, mean in means.items():
        if mean.shape != (3 * len(HAND_JOINTS),) or not np.isfinite(mean).all():
            raise ModelError(
                f"{path}: {_MEANS[name]}: expected {3 * len(HAND_JOINTS)} finite numbers, found {mean.size}; {advice}"
            )
    return {name: mean.tolist() for name, mean in means.items()}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m export hand4whole", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument(
        "checkpoint", type=Path, metavar="CHECKPOINT", help="snapshot_N.pth.tar of the whole-body network"
    )
    parser.add_argument(
        "--smplx",
        type=Path,
        metavar="FILE",
        help="your SMPLX_NEUTRAL.npz, for the mean hand pose that fingers are relative to",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="ENGINE_DIR", help=f"engine folder (default: {user_engines() / NAME})"
    )
    options = parser.parse_args(arguments)
    folder = options.output or user_engines() / NAME
    parity = export(options.checkpoint, options.smplx, folder)
    print(f"{folder}: written; {parity}")
    if options.smplx is None:
        print(
            "without --smplx the fingers are relative to a mean hand that is not known here: they will be bent wrongly"
        )
    chosen = NAME if options.output is None else folder
    print(f"use it with: pose2pose-live --engine {chosen} --body SMPLX_NEUTRAL.npz")
    return 0


def _check_folder(folder: Path) -> None:
    """Raise ModelError rather than write over an engine of another kind."""
    if (folder / "engine.toml").is_file() and Engine.load(folder).family != FAMILY:
        raise ModelError(f"{folder} holds another engine; choose another folder with -o")
    if folder.exists() and not folder.is_dir():
        raise ModelError(f"{folder} is a file; choose a folder with -o")


def _inline_table(values: Mapping[str, object]) -> str:
    return "{ " + ", ".join(f"{key} = {json.dumps(value)}" for key, value in values.items()) + " }"
