"""`Engine`: what `engine.toml` says about a folder of graphs."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..resources import find_engine, user_engines


@dataclass(frozen=True)
class GraphSpec:
    """One ONNX graph of an engine: where it is, its square input size in px, and the rest of its table in engine.toml."""

    path: Path
    input_size_px: int
    sha256: str
    table: dict[str, Any]

    def verify(self) -> None:
        """Raise ModelError when the file is not the one that engine.toml names."""
        found = hashlib.sha256(self.path.read_bytes()).hexdigest()
        if found != self.sha256:
            raise ModelError(
                f"{self.path} is damaged or was changed: expected sha256 {self.sha256[:12]}..., found {found[:12]}...; "
                "reinstall pose2pose-live, or check the file out again"
            )


@dataclass(frozen=True)
class Engine:
    """An engine folder: its name, the family of estimator that runs it, its graphs by name, with those of the engine that it extends, and what it
    says of itself."""

    name: str
    family: str
    graphs: dict[str, GraphSpec]
    description: str = ""

    @classmethod
    def load(cls, folder: Path | None = None) -> Engine:
        """Read `engine.toml` of a folder, or of an engine by its name; None is the bundled engine `open`. Raises ModelError."""
        return cls._load(find_engine(folder), may_extend=True)

    @classmethod
    def _load(cls, folder: Path, *, may_extend: bool) -> Engine:
        manifest = folder / "engine.toml"
        try:
            data = tomllib.loads(manifest.read_text(encoding="utf-8"))
            graphs = {
                name: GraphSpec(folder / table["file"], int(table.get("input_size", [0])[0]), table["sha256"], table)
                for name, table in data["graphs"].items()
            }
            head = data["engine"]
            if "extends" in head:
                if not may_extend:
                    raise ValueError("an engine that others extend cannot extend another")
                # What another engine has already is not stored twice.
                graphs = cls._load((folder / head["extends"]).resolve(), may_extend=False).graphs | graphs
            engine = cls(head["name"], head["family"], graphs, str(head.get("description", "")))
        except (FileNotFoundError, NotADirectoryError):
            raise ModelError(
                f"{folder} is no engine folder: it has no engine.toml; choose a folder that has one, or the name of one in {user_engines()}"
            ) from None
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, IndexError) as error:
            raise ModelError(f"{manifest} cannot be used ({type(error).__name__}: {error}); restore the file") from None
        for graph in engine.graphs.values():
            if not graph.path.is_file():
                raise ModelError(f"engine {engine.name} lacks {graph.path}; reinstall it, or check the file out again")
        return engine

    def graph(self, name: str) -> GraphSpec:
        try:
            return self.graphs[name]
        except KeyError:
            raise ModelError(
                f"engine {self.name} has no graph {name!r} (it has {', '.join(self.graphs)}); "
                f"it does not fit the estimator of family {self.family!r}"
            ) from None
