"""Makes an ONNX graph out of a checkpoint of a part network: the body, hand or face network that `pose2pose-train` trains by itself.

`python -m export part CHECKPOINT -o FILE.onnx`; see docs/training.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from export.checked_graph import Parity, checked_graph
from pose2pose_live.errors import ModelError
from pose2pose_live.network import checkpoint_variant, load_checkpoint
from pose2pose_live.network.layout import BODY_SIZE, FACE_PART_SIZE, HAND_SIZE

PICTURE_SIZES = {"body": BODY_SIZE, "hand": HAND_SIZE, "face": FACE_PART_SIZE}
"""Part -> (height, width) px of its picture."""


def export(checkpoint: Path, file: Path) -> tuple[str, Parity]:
    """Write the graph, with all outputs that the network's docstring names; returns which part it is of. Raises ModelError when the checkpoint cannot be
    used, or when the graph is too far from the network."""
    part = checkpoint_variant(checkpoint)
    if part not in PICTURE_SIZES:
        raise ModelError(
            f"checkpoint {checkpoint}: expected a body, hand or face network, found the whole-body network; "
            "export it with: python -m export hand4whole"
        )
    graph, parity = checked_graph(load_checkpoint(checkpoint, part), PICTURE_SIZES[part])
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(graph)
    except OSError as error:
        raise ModelError(
            f"{file}: the graph cannot be written ({error.strerror}); choose another file with -o"
        ) from error
    return part, parity


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m export part", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="snapshot_N.pth.tar of a part network")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE.onnx", required=True, help="where to write the graph"
    )
    options = parser.parse_args(arguments)
    part, parity = export(options.checkpoint, options.output)
    print(f"{options.output}: the {part} network, written; {parity}")
    return 0
