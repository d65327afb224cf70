"""How good a pose is on a set of crops: the measures of the field, for networks, heads and the geometric estimator alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from ... import metrics
from ...network.open_body_net import OpenBodyNet, PoseHead
from ...skeleton import BODY_JOINTS, POSITION_BODY_JOINTS, SMPLX, SUPERVISION
from ...skeleton import OPEN_BODY_POINT as POINT
from ..body_layer import BodyLayer
from ..device import device_of, on_device
from .batches import Batch, read_batch
from .losses import pose_body
from .shards import Crops
from .targets import told_by_picture

_BATCH = 25
# Pelvis, hips, knees, ankles, neck, shoulders, elbows, wrists: the 14 that body benchmarks compare.
_BODY_14 = POSITION_BODY_JOINTS[: POSITION_BODY_JOINTS.index("right_wrist") + 1]
_POINTS_14, _JOINTS_14 = [POINT[name] for name in _BODY_14], [SUPERVISION[name] for name in _BODY_14]
_LIMBS = ("spine", "neck", "collar", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
_GROUPS = {limb: [SMPLX[name] for name in BODY_JOINTS if limb in name] for limb in _LIMBS}
_GROUPS["neck"].append(SMPLX["head"])
Measures = dict[str, float]


class Evaluation:
    """Collects poses and averages over persons (joints over those that the picture tells).

    layer: `BodyLayer` for PVE as well, its `for_joints()` without.
    """

    def __init__(self, layer: BodyLayer, *, with_vertices: bool = False) -> None:
        self._layer, self._with_vertices = layer, with_vertices
        self._values: dict[str, list[NDArray[np.float64]]] = defaultdict(list)

    @torch.no_grad()
    def update(self, answer: dict[str, torch.Tensor], batch: Batch) -> None:
        """answer: root_rotation in upright view axes, body_rotations, betas, and maybe joints of `OpenBodyNet`."""
        true_local = batch["rotations"]
        found = pose_body(self._layer, answer["root_rotation"], answer["body_rotations"], answer["betas"]).everything
        true = pose_body(self._layer, true_local[:, 0], true_local[:, 1:], batch["betas"]).everything
        predicted, goal = (_numpy(posed.joints[:, _JOINTS_14]) for posed in (found, true))
        predicted, goal = predicted - predicted[:, :1], goal - goal[:, :1]
        inside = _numpy(batch["inside"][:, _POINTS_14]) > 0
        self._distances("", predicted, goal, inside)
        if "joints" in answer:
            self._distances("own ", _numpy(answer["joints"][:, _POINTS_14]), goal, inside)
        if self._with_vertices:
            shift = (found.joints - true.joints)[:, SUPERVISION["pelvis"]]
            self._add("PVE mm", 1000 * (found.vertices - shift[:, None] - true.vertices).norm(dim=-1).mean(1))
        local = torch.cat([answer["root_rotation"][:, None], answer["body_rotations"]], dim=1)
        error, told = metrics.rotation_error_deg(_numpy(local), _numpy(true_local)), _numpy(told_by_picture(batch)) > 0
        self._values["root deg"].append(error[:, 0])
        self._values["joints deg"].append(_row_mean(error[:, 1:], told[:, 1:]))
        self._values["joints deg, all"].append(error[:, 1:].mean(1))
        for name, rows in _GROUPS.items():
            self._values[f"{name} deg"].append(_row_mean(error[:, rows], told[:, rows]))

    def _distances(
        self, prefix: str, predicted: NDArray[np.float64], goal: NDArray[np.float64], inside: NDArray[np.bool_]
    ) -> None:
        distance = 1000 * np.linalg.norm(predicted - goal, axis=-1)
        self._values[f"{prefix}MPJPE mm"].append(distance.mean(1))
        self._values[f"{prefix}MPJPE mm, in the picture"].append(_row_mean(distance, inside))
        aligned = metrics.procrustes(predicted, goal)
        self._values[f"{prefix}PA-MPJPE mm"].append(1000 * np.linalg.norm(aligned - goal, axis=-1).mean(1))
        aligned = metrics.procrustes(predicted, goal, inside)
        distance = 1000 * np.linalg.norm(aligned - goal, axis=-1)
        self._values[f"{prefix}PA-MPJPE mm, in the picture"].append(
            _row_mean(distance, inside & (inside.sum(1) > 5)[:, None])
        )

    def _add(self, name: str, values: torch.Tensor) -> None:
        self._values[name].append(_numpy(values))

    def result(self) -> Measures:
        return {name: round(float(np.nanmean(np.concatenate(values))), 2) for name, values in self._values.items()}


def batches_of(crops: Crops) -> Iterator[Batch]:
    """All crops in order, neither mirrored nor coloured."""
    for first in range(0, len(crops), _BATCH):
        yield read_batch(crops, np.arange(first, min(first + _BATCH, len(crops))))


@torch.no_grad()
def measure_network(network: OpenBodyNet, crops: Crops, layer: BodyLayer) -> Measures:
    network.eval()
    evaluation = Evaluation(layer)
    for batch in batches_of(crops):
        batch = on_device(batch, device_of(network))
        evaluation.update(network(batch["image"]), batch)
    return evaluation.result()


@torch.no_grad()
def measure_heads(
    network: OpenBodyNet, heads: dict[str, PoseHead], crops: Crops, layer: BodyLayer
) -> dict[str, Measures]:
    """Several heads on one perception. layer: `BodyLayer`, with vertices."""
    network.eval()
    evaluations = {name: Evaluation(layer, with_vertices=True) for name in heads}
    for batch in batches_of(crops):
        perception = network.perceive(batch["image"])
        for name, head in heads.items():
            evaluations[name].update(head.eval()(perception), batch)
    return {name: evaluation.result() for name, evaluation in evaluations.items()}


@torch.no_grad()
def drift_px(network: OpenBodyNet, real: Crops, limit: int = 200) -> float:
    """How far the landmarks of real pictures have moved from where the teacher has them: median over visible ones, px of the crop."""
    network.eval()
    apart = []
    for first in range(0, min(limit, len(real)), _BATCH):
        batch = read_batch(real, np.arange(first, min(first + _BATCH, limit, len(real))))
        batch = on_device(batch, device_of(network))
        found = network.backbone(batch["image"])["landmarks"][:, :33, :2]
        visible = (batch["teacher"][:, :33, 3].sigmoid() > 0.5) & (batch["teacher_presence"] > 0.5)
        apart.append((found - batch["teacher"][:, :33, :2]).norm(dim=-1)[visible])
    return round(float(torch.cat(apart).median()), 2)


def format_table(measures: dict[str, Measures]) -> str:
    """One column for each of the compared."""
    names = list(dict.fromkeys(name for result in measures.values() for name in result))
    width = max(map(len, names))
    lines = [" " * width + "".join(f"{column:>12}" for column in measures)]
    lines += [
        f"{name:<{width}}" + "".join(f"{result.get(name, float('nan')):12.1f}" for result in measures.values())
        for name in names
    ]
    return "\n".join(lines)


def _row_mean(values: NDArray[np.float64], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean of the masked values of each row; NaN where there is none."""
    count = mask.sum(1)
    return np.where(count > 0, np.where(mask, values, 0.0).sum(1) / np.maximum(count, 1), np.nan)


def _numpy(tensor: torch.Tensor) -> NDArray[np.float64]:
    return tensor.detach().cpu().numpy().astype(np.float64)
