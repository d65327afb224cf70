"""The face head, trained on drawn faces, beside what looks at landmarks or blendshapes alone; and their figures."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...body import BodyModel
from ...estimation.solve_face import arkit_from_network, in_head_axes, jaw_pose
from ...inference import Engine
from ...network.layout import BETAS
from ...network.open_face_net import EVIDENCE, OpenFaceHead
from ...resources import engine_path
from ...rotations import rotvec_to_rotmat
from ...skeleton import SUPERVISION_FACE_SLICE
from ..body_layer import BodyLayer
from ..open_engine.checkpoints import save
from .hand_evaluate import angle_deg
from .shard_rows import read_rows

_LEARNING_RATE, _WEIGHT_DECAY, _BATCH = 1e-3, 5e-2, 64
_NOISE = 0.1  # of a standard deviation: landmarks of one face are that unsure
_MOVES_M = 1e-4


class FaceRows:
    """Crops of a folder in memory: face (N,490), jaw (N,3,3), expression (N,10), points (N,478,3). Raises TrainingError."""

    def __init__(self, folder: Path) -> None:
        arrays = read_rows(folder)
        subset = np.array(Engine.load(engine_path("landmarks")).graph("blendshapes").table["input_indices"])
        placed = np.stack([in_head_axes(points.astype(float))[subset] for points in arrays["points"]])
        face = np.concatenate([placed.reshape(len(placed), -1), arrays["blendshapes"]], axis=1)
        self.points = arrays["points"]
        self.blendshapes = arrays["blendshapes"].astype(np.float64)
        self.face = torch.from_numpy(face.astype(np.float32))
        self.jaw = torch.from_numpy(rotvec_to_rotmat(arrays["jaw"].astype(np.float64)).astype(np.float32))
        self.expression = torch.from_numpy(arrays["expression"])

    def __len__(self) -> int:
        return len(self.face)


class FacePoints:
    """The 70 points of the average face for jaw (N,3,3) and expression (N,10): (N,70,3) m from the head joint."""

    def __init__(self, layer: BodyLayer) -> None:
        self._layer = layer

    def __call__(self, jaw: Tensor, expression: Tensor) -> Tensor:
        return self.posed(jaw, expression)[0]

    def posed(self, jaw: Tensor, expression: Tensor) -> tuple[Tensor, Tensor]:
        """Points, and all vertices of the layer."""
        count, one = len(jaw), torch.eye(3)
        fingers = one.expand(count, 15, 3, 3)
        posed = self._layer(
            one.expand(count, 3, 3), one.expand(count, 21, 3, 3), fingers, fingers, jaw, torch.zeros(count, BETAS), expression, torch.zeros(count, 3)
        )  # fmt: skip
        return posed.joints[:, SUPERVISION_FACE_SLICE], posed.vertices


def train_faces(faces: FaceRows, steps: int, seed: int, path: Path) -> dict[str, OpenFaceHead]:
    """A head for each kind of evidence."""
    points = FacePoints(BodyLayer().for_joints())
    heads: dict[str, OpenFaceHead] = {}
    for evidence in EVIDENCE:
        torch.manual_seed(seed)
        head = OpenFaceHead(evidence)
        head.mean.copy_(faces.face.mean(0))
        head.spread.copy_(faces.face.std(0).clamp(min=1e-3))
        optimizer = torch.optim.AdamW(head.parameters(), _LEARNING_RATE, weight_decay=_WEIGHT_DECAY)
        rng = np.random.default_rng(seed)
        for step in range(steps):
            optimizer.param_groups[0]["lr"] = _LEARNING_RATE * (0.02 + 0.49 * (1 + math.cos(math.pi * step / steps)))
            rows = torch.from_numpy(rng.integers(0, len(faces), _BATCH))
            face = faces.face[rows]
            answer = head(face + _NOISE * head.spread * torch.randn(face.shape))
            jaw, expression = faces.jaw[rows], faces.expression[rows]
            error = points(answer["jaw"], answer["expression"]) - points(jaw, expression)
            loss = (
                5 * (answer["jaw"] - jaw).abs().mean()
                + 0.3 * (answer["expression"] - expression).abs().mean()
                + 200 * error.abs().mean()
            )
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        heads[evidence] = head.eval()
    save({"heads": {name: head.state_dict() for name, head in heads.items()}}, path)
    return heads


@torch.no_grad()
def measure_faces(heads: dict[str, OpenFaceHead], faces: FaceRows) -> dict[str, dict[str, float]]:
    """Column -> measure -> value. Vertices are those of the average face that jaw or expression move."""
    layer = BodyLayer()
    moved = torch.from_numpy(_moving(layer))
    points = FacePoints(layer)
    columns: dict[str, OpenFaceHead | None] = {"geometric": None, **heads}
    result = {}
    for name, head in columns.items():
        errors: dict[str, list[Tensor]] = {}
        for rows in np.array_split(np.arange(len(faces)), max(1, len(faces) // 50)):
            answer = geometric_face(faces.blendshapes[rows]) if head is None else head(faces.face[rows])
            jaw, expression = faces.jaw[rows], faces.expression[rows]
            ours, true = (
                points.posed(j, e)[1][:, moved] for j, e in ((answer["jaw"], answer["expression"]), (jaw, expression))
            )
            for key, value in {
                "jaw, degrees": angle_deg(answer["jaw"], jaw),
                "expression, coefficients": (answer["expression"] - expression).abs().mean(1),
                "vertices, mm": 1000 * (ours - true).norm(dim=-1).mean(1),
            }.items():
                errors.setdefault(key, []).append(value)
        result[name] = {key: float(torch.cat(values).mean()) for key, values in errors.items()}
    return result


def geometric_face(blendshapes: NDArray[np.float64]) -> dict[str, Tensor]:
    """What the application makes of blendshapes (N,52) without a head."""
    to_expression = BodyModel.load().expression_from_arkit
    assert to_expression is not None
    arkit = np.stack([arkit_from_network(row) for row in blendshapes])
    jaw = rotvec_to_rotmat(np.stack([jaw_pose(row) for row in arkit]))
    expression = np.clip(arkit @ to_expression.T, -1.1, 1.1)
    return {
        "jaw": torch.from_numpy(jaw.astype(np.float32)),
        "expression": torch.from_numpy(expression.astype(np.float32)),
    }


def _moving(layer: BodyLayer) -> NDArray[np.int64]:
    """Vertices that an open jaw or any expression moves."""
    points = FacePoints(layer)
    one = torch.eye(3)
    open_jaw = torch.from_numpy(rotvec_to_rotmat(np.array([[0.3, 0.0, 0.0]])).astype(np.float32))
    rest = points.posed(one[None], torch.zeros(1, 10))[1]
    moved = [
        points.posed(open_jaw, torch.zeros(1, 10))[1],
        *(points.posed(one[None], row[None])[1] for row in torch.eye(10)),
    ]
    return np.flatnonzero(((torch.cat(moved) - rest).norm(dim=-1) > _MOVES_M).any(0).numpy())
