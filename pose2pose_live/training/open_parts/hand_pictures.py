"""Crops of hands as batches of pictures, turned, scaled and coloured at random; the labels turn with them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ...network.hand_landmarker import INPUT_PX
from ...rotations import rotvec_to_rotmat
from ..open_engine.schedule import shuffled
from .hand_crops import LABELS
from .hand_losses import Rows
from .shard_rows import read_rows

_TURN_DEG, _LARGEST_TURN_DEG, _SCALE_SPREAD = 12.0, 40.0, 0.07
_GREY_SHARE, _NOISE = 0.08, 0.02
_WINDOW = (0.2, 0.7)  # of a crop of a person
_CENTRE = (INPUT_PX - 1) / 2
Rng = np.random.Generator


class HandPictures:
    """Crops of folders, all of one size S, as they were compressed, and the labels that were asked for. Raises TrainingError."""

    def __init__(self, folders: Sequence[Path], device: torch.device, labels: Sequence[str] = LABELS) -> None:
        parts = [read_rows(folder, only=labels) for folder in folders]
        self._jpegs = [jpeg for part in parts for jpeg in part["jpeg"]]
        self._pool, self._device = ThreadPoolExecutor(), device
        rows = {name: np.concatenate([part[name] for part in parts]) for name in labels}
        if "rotations" in rows:
            rows["rotations"] = rotvec_to_rotmat(rows["rotations"].astype(np.float64)).astype(np.float32)
        self.rows = {name: torch.from_numpy(values).to(device) for name, values in rows.items()}

    def __len__(self) -> int:
        return len(self._jpegs)

    def order(self, size: int, seed: int, step: int) -> NDArray[np.int64]:
        """Indices of a step's crops."""
        return shuffled(len(self), size, (seed,), step)

    def take(self, indices: NDArray[np.int64]) -> Rows:
        """As they are: `image` (N,3,S,S) in [0,1], and the labels."""
        pictures = np.stack(list(self._pool.map(_decoded, [self._jpegs[index] for index in indices])))
        rows = torch.from_numpy(indices).to(self._device)
        image = torch.from_numpy(pictures).to(self._device).permute(0, 3, 1, 2).float() / 255
        return {"image": image} | {name: values[rows] for name, values in self.rows.items()}

    def batch(self, size: int, seed: int, step: int) -> Rows:
        """Hands, changed at random: turned and scaled about the crop's middle, and coloured."""
        rows, rng = self.take(self.order(size, seed, step)), np.random.default_rng((seed, step, 1))
        count = len(rows["image"])
        angle = np.radians(np.clip(rng.normal(0, _TURN_DEG, count), -_LARGEST_TURN_DEG, _LARGEST_TURN_DEG))
        return coloured(turned(rows, angle, np.exp(rng.normal(0, _SCALE_SPREAD, count))), rng)

    def windows(self, size: int, seed: int, step: int) -> Rows:
        """Parts of crops of people, turned at will, which may show a hand, and mostly do not: `image` alone."""
        rows, rng = self.take(self.order(size, seed, step)), np.random.default_rng((seed, step, 1))
        share = rng.uniform(*_WINDOW, len(rows["image"]))
        middle = rng.uniform(-1, 1, (len(share), 2)) * (1 - share)[:, None]
        angle = rng.uniform(-np.pi, np.pi, len(share))
        return coloured({"image": _sampled(rows["image"], angle, share, middle)}, rng)


def turned(rows: Rows, angle_rad: NDArray[np.float64], scale: NDArray[np.float64]) -> Rows:
    """The crops turned counterclockwise as one looks at them, and made larger, about their middle; labels follow where there are any."""
    result = rows | {"image": _sampled(rows["image"], angle_rad, 1 / scale, np.zeros((len(scale), 2)))}
    if "rotations" not in rows:
        return result
    turn = torch.from_numpy(rotvec_to_rotmat(np.outer(angle_rad, [0.0, 0.0, 1.0])).astype(np.float32))
    turn = turn.to(rows["points"].device)
    result["points"] = rows["points"] @ turn.transpose(1, 2)
    result["rotations"] = torch.cat([turn[:, None] @ rows["rotations"][:, :1], rows["rotations"][:, 1:]], dim=1)
    flip = turn.new_tensor([1.0, -1.0])  # y is up in the one and down in the other
    larger = torch.from_numpy(scale.astype(np.float32)).to(turn.device)[:, None, None]
    in_picture = turn[:, :2, :2] * flip * flip[:, None]
    result["points_px"] = (rows["points_px"] - _CENTRE) @ in_picture.transpose(1, 2) * larger + _CENTRE
    return result


def coloured(rows: Rows, rng: Rng) -> Rows:
    """Brightness, contrast and colour changed as cameras differ, some pictures grey, a little noise."""
    image = rows["image"]
    count = len(image)

    def drawn(values: NDArray[np.float64]) -> Tensor:
        return torch.from_numpy(values.astype(np.float32)).to(image.device).reshape(count, -1, 1, 1)

    gain = drawn(np.exp(rng.normal(0, 0.15, (count, 1)) + rng.normal(0, 0.06, (count, 3))))
    gamma, lift = drawn(np.exp(rng.normal(0, 0.2, count))), drawn(rng.normal(0, 8 / 255, count))
    image = image.clamp(min=1e-4) ** gamma * gain + lift
    is_grey = drawn((rng.random(count) < _GREY_SHARE).astype(np.float64))
    image = torch.lerp(image, image.mean(1, keepdim=True).expand_as(image), is_grey)
    image = image + torch.randn_like(image) * drawn(rng.uniform(0, _NOISE, count))
    return rows | {"image": image.clamp(0, 1)}


def _sampled(image: Tensor, angle_rad: NDArray[np.float64], share: NDArray[np.float64], middle: NDArray[np.float64]) -> Tensor:  # fmt: skip
    """(N,3,224,224): the square of `share` of the picture's side about `middle` (N,2), in half sides from the picture's middle, the picture turned
    counterclockwise; beyond its edge it goes on as it ends."""
    cos, sin = share * np.cos(angle_rad), share * np.sin(angle_rad)
    # Where each pixel comes from, y down: the content turns one way when the places it is taken from turn the other.
    rows = [np.stack([cos, -sin, middle[:, 0]], axis=1), np.stack([sin, cos, middle[:, 1]], axis=1)]
    theta = torch.from_numpy(np.stack(rows, axis=1).astype(np.float32)).to(image.device)
    grid = F.affine_grid(theta, [len(image), 3, INPUT_PX, INPUT_PX], align_corners=False)
    return F.grid_sample(image, grid, mode="bilinear", padding_mode="border", align_corners=False)


def _decoded(jpeg: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB), np.uint8)
