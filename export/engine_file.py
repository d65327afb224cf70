"""Writes `engines/landmarks/engine.toml`: what each graph is, where it comes from and how exactly it reproduces the published network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import onnx

from export.networks import BLENDSHAPE_LANDMARKS, BLENDSHAPE_NAMES, RECIPES, Recipe
from export.parity import Parity
from export.sources import sha256_of

_HEADER = """\
# Written by `python -m export networks`; do not edit.
[engine]
name = "landmarks"
family = "landmarks"
licence = "Apache-2.0"
description = "MediaPipe's pose, hand and face networks as ONNX graphs: positional pose and image features"
onnx_opset = {opset}
weights = "as published (float16, of hand_recrop float32), cast to float32 when loaded: nothing is lost"
"""


def graph_file(recipe: Recipe) -> str:
    return f"{recipe.name}.onnx"


def engine_toml(graphs: Mapping[str, onnx.ModelProto], parity: Mapping[str, Parity]) -> str:
    """Text of engine.toml."""
    parts = [_HEADER.format(opset=next(iter(graphs.values())).opset_import[0].version)]
    parts += [_section(recipe, graphs[recipe.name], parity[recipe.name]) for recipe in RECIPES]
    return "\n".join(parts)


def _section(recipe: Recipe, model: onnx.ModelProto, parity: Parity) -> str:
    lines = [f"[graphs.{recipe.name}]"]
    lines += _pairs(
        {
            "file": graph_file(recipe),
            "sha256": sha256_of(model.SerializeToString(deterministic=True)),
            "input": recipe.input_name,
            "input_shape": list(recipe.input_shape),
        }
    )
    if recipe.is_image:
        lines += _pairs({"input_size": [int(d) for d in recipe.input_shape[2:]]})
        lines += _pairs({"input_format": "float32 NCHW, RGB, [0, 1]"})
    wheel = recipe.source.wheel
    lines += _pairs(
        {
            "licence": wheel.licence,
            "source_package": wheel.requirement,
            "source_file": recipe.source.location,
            "source_sha256": recipe.source.sha256,
        }
    )
    if recipe.name == "blendshapes":
        lines += _pairs({"input_indices": list(BLENDSHAPE_LANDMARKS), "output_names": list(BLENDSHAPE_NAMES)})
    lines += ["", f"[graphs.{recipe.name}.outputs]"]
    for name, output in recipe.outputs.items():
        shape = ", ".join(str(d) for d in output.shape)
        lines += _pairs({name: f"({shape}) {output.meaning}"})
    note = f"# Largest difference to the published network on LiteRT, over {parity.crops} crops; landmarks in px, world in m."
    lines += ["", note, f"[graphs.{recipe.name}.parity]"]
    lines += [f"{name} = {value:.1e}" for name, value in parity.differences.items()]
    return "\n".join([*lines, ""])


def _pairs(values: Mapping[str, object]) -> list[str]:
    """TOML key = value lines; strings, integers and lists of them look the same in JSON."""
    return [f"{key} = {_value(value)}" for key, value in values.items()]


def _value(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, list) or len(text) <= 100:
        return text
    lines, line = [], "   "
    for item in value:
        piece = f" {json.dumps(item)},"
        if len(line) + len(piece) > 110:
            lines.append(line)
            line = "   "
        line += piece
    return "\n".join(["[", *lines, line, "]"])


def write_engine(folder: Path, graphs: Mapping[str, onnx.ModelProto], parity: Mapping[str, Parity]) -> None:
    """Write the graphs and engine.toml into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for recipe in RECIPES:
        data = graphs[recipe.name].SerializeToString(deterministic=True)
        (folder / graph_file(recipe)).write_bytes(data)
    (folder / "engine.toml").write_text(engine_toml(graphs, parity), encoding="utf-8")
