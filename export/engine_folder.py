"""Graphs and their engine.toml, written as an engine folder."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from pose2pose_live.errors import ModelError


def write_folder(folder: Path, graph_file: str, graph: bytes, manifest: str) -> None:
    """Raises ModelError when the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / graph_file).write_bytes(graph)
        (folder / "engine.toml").write_text(manifest, encoding="utf-8")
    except OSError as error:
        raise ModelError(
            f"{folder}: the engine cannot be written ({error.strerror}); choose another folder with -o"
        ) from error


def replace_graph(folder: Path, name: str, graph_file: str, graph: bytes, table: str) -> None:
    """Write one more graph of a folder that has an engine.toml, or one anew. table: all its tables in engine.toml. Raises ModelError."""
    try:
        manifest = (folder / "engine.toml").read_text(encoding="utf-8")
    except OSError as error:
        raise ModelError(f"{folder}: expected an engine folder, found no engine.toml ({error.strerror})") from error
    head, tables = graph_tables(manifest)
    write_folder(folder, graph_file, graph, "\n".join([head, *(tables | {name: table}).values()]))


def with_other_graphs(folder: Path, manifest: str) -> str:
    """The manifest, and the tables of further graphs that the folder has already."""
    path = folder / "engine.toml"
    if not path.is_file():
        return manifest
    head, tables = graph_tables(manifest)
    others = graph_tables(path.read_text(encoding="utf-8"))[1]
    return "\n".join([head, *(others | tables).values()])


def graph_tables(manifest: str) -> tuple[str, dict[str, str]]:
    """What stands in an engine.toml before its graphs, and the tables of each graph."""
    head, *rest = re.split(r"^(?=\[graphs\.\w+\]$)", manifest, flags=re.MULTILINE)
    tables = {}
    for text in rest:
        tables[text[len("[graphs.") : text.index("]")]] = text.rstrip("\n") + "\n"
    return head.rstrip("\n") + "\n", tables


def described(outputs: Mapping[str, str]) -> str:
    """TOML lines that say what each output means."""
    return "\n".join(f"{name} = {json.dumps(meaning)}" for name, meaning in outputs.items())


def differences(worst: Mapping[str, float]) -> str:
    """TOML lines of the largest difference of each output."""
    return "\n".join(f"{name} = {difference:.1e}" for name, difference in worst.items())
