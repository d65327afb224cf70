"""Batches of crops as tensors: shuffled, mirrored, coloured; the same for the same seed and step, so that a run can be resumed anywhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...rotations import rotvec_to_rotmat
from ...skeleton import MIRROR_JOINT, OPEN_BODY_POINTS, POSE_LANDMARKS, other_side
from .regions import CROP_PX
from .schedule import shuffled
from .shards import Crops

Batch = dict[str, Tensor]


MIRROR_POINTS = other_side(OPEN_BODY_POINTS)
MIRROR_LANDMARKS = [*other_side(POSE_LANDMARKS), *range(33, 39)]
_MIRROR_22 = list(MIRROR_JOINT[:22])
_MIRROR_ROTMAT = np.outer([-1.0, 1.0, 1.0], [-1.0, 1.0, 1.0])
_MIRRORED_SHARE, _GREY_SHARE = 0.5, 0.06


def read_batch(crops: Crops, indices: NDArray[np.int64], rng: np.random.Generator | None = None) -> Batch:
    """The crops of these indices; rng: also mirrored and coloured at random.

    image (N,3,256,256) RGB in [0,1], channels last; rotations (N,22,3,3): pelvis in upright view axes, body relative to the parent;
    the other labels as in `crops.FIELDS`.
    """
    mirrored = np.zeros(len(indices), bool) if rng is None else rng.random(len(indices)) < _MIRRORED_SHARE
    pictures = np.empty((len(indices), CROP_PX, CROP_PX, 3), np.uint8)
    for row, index in enumerate(indices):
        picture = crops.picture(int(index))
        if rng is not None:
            picture = _coloured(picture, rng)
        pictures[row] = (picture[:, ::-1] if mirrored[row] else picture)[:, :, ::-1]
    labels = {name: values[indices].copy() for name, values in crops.labels.items()}
    labels["rotations"] = rotvec_to_rotmat(labels["rotations"].astype(np.float64)).astype(np.float32)
    _mirror(labels, mirrored)
    batch = {name: torch.from_numpy(values) for name, values in labels.items()}
    # Rows of pixels with the colours last are what the convolutions are fastest with: nothing is moved.
    batch["image"] = torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(255)
    return batch


class Batches:
    """Endless training batches by number. `batches.from_step(k)` yields batch k, k + 1 ..., read ahead, one by each reader's thread."""

    def __init__(self, crops: Crops, size: int, seed: int) -> None:
        self._crops, self._size, self._seed = crops, size, seed

    def read(self, step: int) -> Batch:
        indices = shuffled(len(self._crops), self._size, (self._seed, 0), step)
        return read_batch(self._crops, indices, np.random.default_rng((self._seed, 1, step)))

    def from_step(self, step: int, readers: int = 1) -> Iterator[Batch]:
        with ThreadPoolExecutor(readers) as pool:
            waiting = deque(pool.submit(self.read, step + ahead) for ahead in range(readers))
            while True:
                batch = waiting.popleft().result()
                waiting.append(pool.submit(self.read, step + readers))
                step += 1
                yield batch


def _mirror(labels: dict[str, NDArray[np.float32]], rows: NDArray[np.bool_]) -> None:
    """Labels of these rows become those of the crop seen in a mirror: column x becomes 255 - x, left becomes right."""
    labels["rotations"][rows] = labels["rotations"][rows][:, _MIRROR_22] * _MIRROR_ROTMAT
    for name in ("points", "points_px", "seen", "inside"):
        labels[name][rows] = labels[name][rows][:, MIRROR_POINTS]
    for name in ("teacher", "teacher_world"):
        labels[name][rows] = labels[name][rows][:, MIRROR_LANDMARKS]
    for name in ("points", "teacher_world"):
        labels[name][rows, :, 0] *= -1
    for name in ("points_px", "teacher"):
        labels[name][rows, :, 0] = CROP_PX - 1 - labels[name][rows, :, 0]


def _coloured(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    levels = np.arange(256.0)[:, None]
    gain = np.exp(rng.normal(0, 0.15) + rng.normal(0, 0.06, 3))
    table = np.clip(255 * (levels / 255) ** np.exp(rng.normal(0, 0.2)) * gain + rng.normal(0, 8), 0, 255)
    picture = np.asarray(cv2.LUT(picture, table.astype(np.uint8)[:, None, :]), np.uint8)
    if rng.random() < _GREY_SHARE:
        picture = np.repeat(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2)
    return picture
