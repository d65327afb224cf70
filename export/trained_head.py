"""What the exports of the open engine's heads do alike."""

from __future__ import annotations

import argparse
import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import nn

from export.int8_weights import store_exact_blocks_as_int8
from export.surgery import store_exact_weights_as_fp16
from pose2pose_live.errors import ModelError
from pose2pose_live.resources import engine_path

PARITY_BAR = 1e-4


def check_parity(differences: Mapping[str, float]) -> None:
    """Raise ModelError when an output of the graph is further from PyTorch's than `PARITY_BAR`."""
    for name, difference in differences.items():
        if not difference <= PARITY_BAR:
            raise ModelError(
                f"{name} of the exported graph is {difference:.1e} off PyTorch's, at most {PARITY_BAR:.0e} is allowed; please report it"
            )


def stored_small(graph: onnx.ModelProto) -> bytes:
    """The checked graph with weights as integers in blocks, or float16, where they are such numbers (`rounded_network`)."""
    store_exact_blocks_as_int8(graph)
    store_exact_weights_as_fp16(graph)
    onnx.checker.check_model(graph, full_check=True)
    return bytes(graph.SerializeToString(deterministic=True))


@torch.inference_mode()
def compare(
    data: bytes, stored: nn.Module, exact: nn.Module, outputs: Sequence[str], inputs: Iterable[np.ndarray]
) -> tuple[dict[str, float], dict[str, float]]:
    """Largest differences over the inputs of a graph's one input: of the graph to PyTorch in float64; of the rounded network to the exact one."""
    ours = ort.InferenceSession(data, providers=["CPUExecutionProvider"])
    doubled, unrounded = copy.deepcopy(stored).double(), copy.deepcopy(exact).double()
    parity, rounding = dict.fromkeys(outputs, 0.0), dict.fromkeys(outputs, 0.0)
    for values in inputs:
        found = dict(zip(outputs, ours.run(list(outputs), {ours.get_inputs()[0].name: values}), strict=True))
        precise = torch.from_numpy(values).double()
        expected, before = doubled(precise), unrounded(precise)
        for name in outputs:
            parity[name] = max(parity[name], float(np.abs(found[name] - expected[name].numpy()).max()))
            rounding[name] = max(rounding[name], float((expected[name] - before[name]).abs().max()))
    return parity, rounding


def run(
    arguments: Sequence[str], command: str, doc: str | None, heads_from: str, graph_file: str, export: Callable[[Path, Path], float]
) -> int:  # fmt: skip
    """`python -m export COMMAND HEADS [-o ENGINE_DIR]`. heads_from: the command that makes the file; export: see `open_hand.export`."""
    parser = argparse.ArgumentParser(prog=f"python -m export {command}", description=doc.splitlines()[0] if doc else None)  # fmt: skip
    parser.add_argument("heads", type=Path, metavar="HEADS", help=f"file of {heads_from}")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="ENGINE_DIR", default=engine_path("open"), help="default: the bundled one"
    )
    options = parser.parse_args(arguments)
    off = export(options.heads, options.output)
    print(f"{options.output / graph_file}: written; at most {off:.1e} from PyTorch")
    return 0
