"""The body network: a region of the picture becomes 33 body landmarks and the next region (BlazePose GHUM)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ..detection.region import Region, blob, region_from_points
from ..frame import FloatArray, Image
from ..inference import GraphSpec, Session
from ..skeleton import POSE_LANDMARKS, POSE_ROI_CENTRE, POSE_ROI_EDGE, other_side
from .left_right import tell_apart

_COUNT = len(POSE_LANDMARKS)
_REGION_SCALE = 1.25  # MediaPipe's pose region: circle through the edge point, plus a quarter
_OTHER_SIDE = other_side(POSE_LANDMARKS)
_WINDOW = 7
_HEATMAP_MIN = 0.5


@dataclass(frozen=True)
class PoseLandmarks:
    """What the body network saw.

    image_px (33,2) px of the source picture. world_m (33,3) metres from the middle of the hips, in axes along the crop's view,
    x right, y down, z away. visibility (33,): chance that the point is in the picture and not hidden. presence: chance that
    there is a person. region: where to look in the next picture.
    """

    image_px: FloatArray
    world_m: FloatArray
    visibility: FloatArray
    presence: float
    region: Region

    def turned_round(self) -> Self:
        """The same picture of somebody who faces the other way: left and right exchanged, depth reversed."""
        return replace(
            self,
            image_px=self.image_px[_OTHER_SIDE],
            world_m=self.world_m[_OTHER_SIDE] * [1.0, 1.0, -1.0],
            visibility=self.visibility[_OTHER_SIDE],
        )


class PoseNet:
    """BlazePose landmark network (full) with MediaPipe's pre- and post-processing."""

    def __init__(self, spec: GraphSpec) -> None:
        self._size_px = spec.input_size_px
        self._session = Session(spec.path, 1, ("landmarks", "presence", "heatmap", "world"))

    def __call__(self, image: Image, region: Region, before_px: FloatArray | None = None) -> PoseLandmarks:
        """before_px (33,2): landmarks of the picture just before, if there is one."""
        out = self._session.run(blob(region.crop(image, self._size_px)))
        return read_told_apart(out, region, self._size_px, before_px)


def landmark_points(out: dict[str, np.ndarray], crop_size_px: int) -> FloatArray:
    """Where the network's outputs for one crop have its points (39,2), px of the crop."""
    return refine_by_heatmap(out["landmarks"][0, :, :2].astype(np.float64), out["heatmap"][0], crop_size_px)


def read_landmarks(
    out: dict[str, np.ndarray], region: Region, crop_size_px: int, points_px: FloatArray | None = None
) -> PoseLandmarks:
    """What the network's outputs for one crop say in px of the picture and metres. points_px: something better than its `landmark_points`."""
    points_px = landmark_points(out, crop_size_px) if points_px is None else points_px
    image_px = region.to_image(points_px, crop_size_px)
    return PoseLandmarks(
        image_px[:_COUNT],
        out["world"][0, :_COUNT].astype(np.float64) @ region.rotation_to_image().T,
        sigmoid(out["landmarks"][0, :_COUNT, 3].astype(np.float64)),
        float(out["presence"].ravel()[0]),
        region_from_points(image_px[POSE_ROI_CENTRE], image_px[POSE_ROI_EDGE], _REGION_SCALE),
    )


def read_told_apart(
    out: dict[str, np.ndarray], region: Region, crop_size_px: int, before_px: FloatArray | None
) -> PoseLandmarks:
    """`read_landmarks`, with the points of two legs on a leg each. before_px: see `PoseNet`."""
    cells = out["heatmap"].shape[-1] / crop_size_px
    before = None if before_px is None else region.to_crop(before_px, crop_size_px) * cells
    points = tell_apart(landmark_points(out, crop_size_px) * cells, out["heatmap"][0], before)
    return read_landmarks(out, region, crop_size_px, points / cells)


def refine_by_heatmap(points_px: FloatArray, heatmap_logits: np.ndarray, crop_size_px: int) -> FloatArray:
    """Move points (K,2) px of the crop to the heat map's centre of mass near them.

    heatmap_logits (K,h,w). MediaPipe's RefineLandmarksFromHeatmap: weights are sigmoids in a 7x7 window about the point; a point
    whose window has no weight of 0.5 stays.
    """
    count, height, width = heatmap_logits.shape
    scale = np.array([width, height]) / crop_size_px
    column, row = np.trunc(points_px * scale).astype(int).T
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    offsets = np.arange(_WINDOW) - _WINDOW // 2
    columns, rows = column[:, None] + offsets, row[:, None] + offsets
    logits = heatmap_logits[
        np.arange(count)[:, None, None],
        np.clip(rows, 0, height - 1)[:, :, None],
        np.clip(columns, 0, width - 1)[:, None, :],
    ]
    valid = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
    weights = np.where(valid, sigmoid(logits.astype(np.float64)), 0.0)
    moves = inside & (weights.max(axis=(1, 2)) >= _HEATMAP_MIN)
    total = np.maximum(weights.sum(axis=(1, 2)), 1e-9)
    refined = np.stack(
        [(weights.sum(axis=1) * columns).sum(axis=1) / total, (weights.sum(axis=2) * rows).sum(axis=1) / total], axis=1
    )
    return np.where(moves[:, None], refined / scale, points_px)


def sigmoid(x: FloatArray) -> FloatArray:
    return 1.0 / (1.0 + np.exp(-np.clip(x, -60.0, 60.0)))
