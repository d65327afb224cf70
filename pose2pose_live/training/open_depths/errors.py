"""What the body network says of drawn crops beside the truth: how sure it is, and what the depth network is measured on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ...detection.region import ray_rotation, view_to_world
from ...errors import TrainingError
from ...estimation.depths import sight_of
from ...estimation.placement import seen_in_picture
from ...frame import FloatArray
from ...network.open_body_net import OpenBodyNet
from ...skeleton import DEPTH_LANDMARKS, OPEN_BODY_POINT, POSE_FROM_OPEN_BODY
from ..open_engine.application import seen_in_row
from ..open_engine.batches import read_batch
from ..open_engine.shards import Crops

_POINT_OF = dict(POSE_FROM_OPEN_BODY)
POINTS = [OPEN_BODY_POINT[_POINT_OF[name]] for name in DEPTH_LANDMARKS]
"""The network's points among `skeleton.OPEN_BODY_POINTS`."""
HIPS = [DEPTH_LANDMARKS.index(f"{side}_hip") for side in ("left", "right")]
_BATCH = 20
_PRESENT = 0.5


@torch.no_grad()
def errors_of(network: OpenBodyNet, crops: Crops, count: int, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Of so many crops, drawn without repetition, those in which the network sees a person: sight (N,19,6) as the application shows it, true (N,19,3)
    m in the same axes from the middle of the hips, inside (N,19): in the picture."""
    chosen = np.random.default_rng(seed).permutation(len(crops))[:count]
    rows = [
        row for start in range(0, len(chosen), _BATCH) for row in _rows(network, crops, chosen[start : start + _BATCH])
    ]
    return {name: np.stack([row[name] for row in rows]).astype(np.float32) for name in rows[0]}


def _rows(network: OpenBodyNet, crops: Crops, indices: NDArray[np.int64]) -> Iterator[dict[str, FloatArray]]:
    batch = read_batch(crops, indices)
    outputs = {name: value.numpy() for name, value in network(batch["image"]).items()}
    for row in np.flatnonzero(outputs["presence"][:, 0] > _PRESENT):
        pose, camera, size_px = seen_in_row(outputs, batch, int(row))
        to_view = ray_rotation(camera, pose.region.centre_px).T @ view_to_world(camera, pose.looked_at)
        true = batch["points"][row, POINTS].numpy().astype(np.float64) @ to_view.T
        yield {
            "sight": sight_of(pose, camera, seen_in_picture(pose, *size_px)),
            "true": true - true[HIPS].mean(axis=0),
            "inside": batch["inside"][row, POINTS].numpy().astype(np.float64),
        }


def save_errors(errors: dict[str, NDArray[np.float32]], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **errors)  # type: ignore[arg-type]


def load_errors(path: Path) -> dict[str, torch.Tensor]:
    """Raises TrainingError."""
    names: Sequence[str] = ("sight", "true", "inside")
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: torch.from_numpy(archive[name]) for name in names}
    except (OSError, ValueError, KeyError) as error:
        raise TrainingError(f"{path}: expected a file of `open_depths errors`, found: {error}") from error
