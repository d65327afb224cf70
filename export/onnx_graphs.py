"""Writes an engine's graphs as ONNX files for other programs: as they are, in mixed precision, or with the pooling spelt out.

`python -m export onnx [ENGINE] -o DIR [--precision fp16] [--inline]`; see docs/runtimes.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx

from pose2pose_live.errors import ModelError
from pose2pose_live.inference import Engine, GraphSpec
from pose2pose_live.inference.graphs import inlined, read_graph
from pose2pose_live.inference.half_precision import in_half_precision
from pose2pose_live.inference.onnx_runtime import OnnxBackend
from pose2pose_live.inference.plain_weights import unpack_weights
from pose2pose_live.inference.tensorrt_plans import PRECISIONS
from pose2pose_live.verify import HALF_PRECISION_BAR, example_inputs

_FP32_BAR = 1e-5


def write(spec: GraphSpec, file: Path, *, precision: str, inline: bool) -> float:
    """Write one graph, checked by ONNX, and return how far it is from the engine's on ONNX Runtime, in units of each output's largest value.

    Raises ModelError when it cannot be written, or is too far off: then it is not left there.
    """
    model = read_graph(spec.path)
    unpack_weights(model)  # other programs may want TensorRT, too
    if inline:
        model = inlined(model)
    if precision == "fp16":
        model = in_half_precision(model)
    onnx.checker.check_model(model, full_check=True)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(model.SerializeToString(deterministic=True))
    except OSError as error:
        raise ModelError(
            f"{file}: the graph cannot be written ({error.strerror}); choose another folder with -o"
        ) from error
    ours, theirs = OnnxBackend(file, 1, None), OnnxBackend(spec.path, 1, None)
    off = 0.0
    for data in example_inputs(spec.path):
        for found, expected in zip(ours.run(data), theirs.run(data), strict=True):
            off = max(off, float(np.abs(found - expected).max()) / max(1.0, float(np.abs(expected).max())))
    bar = HALF_PRECISION_BAR if precision == "fp16" else _FP32_BAR
    if not off <= bar:
        file.unlink()
        raise ModelError(
            f"{file.name} is {off:.1e} off the engine's graph, at most {bar:.0e} is allowed; please report it"
        )
    return off


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m export onnx", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument(
        "engine", type=Path, metavar="ENGINE", nargs="?", help="name or folder (default: the bundled one)"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", required=True, help="folder of the files")
    parser.add_argument(
        "--precision", choices=PRECISIONS[::-1], default="fp32", help="fp16: of the maps (default: fp32)"
    )
    parser.add_argument(
        "--inline", action="store_true", help="standard operators alone, in the place of the pooling's node"
    )
    options = parser.parse_args(arguments)
    engine = Engine.load(options.engine)
    if options.output.resolve() in {spec.path.parent.resolve() for spec in engine.graphs.values()}:
        raise ModelError(f"{options.output} is the engine's own folder; choose another with -o")
    for name, spec in engine.graphs.items():
        file = options.output / f"{name}.onnx"
        off = write(spec, file, precision=options.precision, inline=options.inline)
        print(f"{file}: {file.stat().st_size / 2**20:.1f} MB, {off:.1e} off on ONNX Runtime")
    return 0
