"""Hand heads, networks and the geometric solver against the true pose of drawn hands; and against the landmarks of real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...body import BodyModel
from ...estimation.rest import RestSkeleton
from ...estimation.solve_hand import palm_rotation, solve_fingers
from ...rotations import rotvec_to_rotmat
from ..body_layer import BodyLayer
from .hand_layer import HandLayer, HandMesh
from .hand_losses import TOLD_BY, Rows, real_losses

_BATCH = 128
_RIGHT = 1
_VIEW_TO_UPRIGHT = (1.0, -1.0, -1.0)


Answer = Callable[[Rows], Rows]
"""What reads `palm` and `fingers` from rows of crops."""


class Crops(Protocol):
    """`HandRows` or `HandPictures`."""

    def __len__(self) -> int: ...

    def take(self, indices: NDArray[np.int64], /) -> Rows: ...


def geometric_answer(rows: Rows) -> Rows:
    """What the application's geometry makes of the landmarks."""
    rest = RestSkeleton(BodyModel.load().rest_joints(np.zeros(10)))
    palms, fingers = [], []
    for world in rows["world"].cpu().numpy().astype(np.float64) * np.array(_VIEW_TO_UPRIGHT):
        palms.append(palm_rotation(rest, _RIGHT, world))
        fingers.append(rotvec_to_rotmat(solve_fingers(rest, _RIGHT, world, palms[-1])))
    answer = {"palm": np.stack(palms), "fingers": np.stack(fingers)}
    return {name: torch.from_numpy(value.astype(np.float32)) for name, value in answer.items()}


@torch.no_grad()
def measure_hands(columns: Mapping[str, Answer], crops: Crops, real: Crops | None) -> dict[str, dict[str, float]]:
    """Column -> measure -> value. columns: what answers, by name.

    Degrees are geodesic and of joints behind which the next point is seen; mm of 21 points and of the mesh, both of the average hand; PA: after the best
    similarity; PVE: about the wrist. `landmarks` (px of the crop, where seen) and `world` (about the wrist) are what the answer has, or else what the
    published network says. Of real hands: `bones` as in `hand_losses`, and how far the landmarks have moved from the published network's.
    """
    body = BodyLayer()
    layer, mesh = HandLayer(body), HandMesh(body)
    result = {}
    for name, answer_to in columns.items():
        gathered: dict[str, list[Tensor]] = {}
        for rows in _batches(crops):
            for key, value in _errors(answer_to(rows), rows, layer, mesh).items():
                gathered.setdefault(key, []).append(value)
        result[name] = {key: float(torch.cat(values).mean()) for key, values in gathered.items()}
        if real is not None:
            parts = [_on_real_hands(answer_to(rows), rows, layer) for rows in _batches(real)]
            for key in parts[0]:
                result[name][f"real {key}"] = float(np.mean([part[key] for part in parts]))
    return result


def format_table(result: dict[str, dict[str, float]]) -> str:
    names = list(next(iter(result.values())))
    width = max(map(len, names))
    lines = [" " * width + "".join(f"{column:>12}" for column in result)]
    lines += [f"{name:<{width}}" + "".join(f"{result[c][name]:12.3f}" for c in result) for name in names]
    return "\n".join(lines)


def _batches(crops: Crops) -> Iterator[Rows]:
    for first in range(0, len(crops), _BATCH):
        yield crops.take(np.arange(first, min(first + _BATCH, len(crops))))


def _errors(answer: Rows, rows: Rows, layer: HandLayer, mesh: HandMesh) -> Rows:
    palm, fingers = rows["rotations"][:, 0], rows["rotations"][:, 1:]
    points, true = layer(answer["palm"], answer["fingers"]), layer(palm, fingers)
    bent = angle_deg(answer["fingers"], fingers)
    seen = rows["seen"][:, TOLD_BY] > 0
    vertices = mesh(answer["palm"], answer["fingers"]) - mesh(palm, fingers)
    return {
        "palm, degrees": angle_deg(answer["palm"], palm),
        "fingers, degrees": bent[seen],
        "fingers, unseen": bent[~seen],
        "MPJPE, mm": 1000 * (points - true).norm(dim=-1).mean(1),
        "PA-MPJPE, mm": 1000 * _pa(points, true),
        "PVE, mm": 1000 * vertices.norm(dim=-1).mean(1),
        **_position_errors(rows | answer, rows),
    }


def _position_errors(seen: Rows, rows: Rows) -> Rows:
    off_px = (seen["landmarks"][..., :2] - rows["points_px"]).norm(dim=-1)
    true = rows["points"] * off_px.new_tensor(_VIEW_TO_UPRIGHT)
    world = seen["world"] - seen["world"][:, :1]
    return {
        "landmarks, px": off_px[rows["seen"] > 0],
        "world, MPJPE, mm": 1000 * (world - true).norm(dim=-1).mean(1),
        "world, PA, mm": 1000 * _pa(world, true),
    }


def _on_real_hands(answer: Rows, rows: Rows, layer: HandLayer) -> dict[str, float]:
    losses = real_losses(answer, rows, layer)
    moved = (answer.get("landmarks", rows["landmarks"]) - rows["landmarks"])[..., :2].norm(dim=-1)
    return {name: float(losses[name]) for name in ("bones_px", "bones")} | {"landmarks moved, px": float(moved.mean())}


def angle_deg(a: Tensor, b: Tensor) -> Tensor:
    """Between rotations (...,3,3)."""
    # The chord between two rotations, which is exact for small angles as for large ones.
    chord = (a - b).flatten(-2).norm(dim=-1) / (2 * 2**0.5)
    return torch.rad2deg(2 * torch.asin(chord.clamp(max=1.0)))


def _pa(points: Tensor, true: Tensor) -> Tensor:
    a, b = points - points.mean(1, keepdim=True), true - true.mean(1, keepdim=True)
    u, s, vt = torch.linalg.svd(a.transpose(1, 2) @ b)
    sign = torch.sign(torch.linalg.det(u @ vt))
    flip = torch.ones_like(s)
    flip[:, 2] = sign
    turn = (u * flip[:, None]) @ vt
    scale = (s * flip).sum(1) / a.square().sum((1, 2))
    return (scale[:, None, None] * (a @ turn) - b).norm(dim=-1).mean(1)
