"""RoIAlign (He et al. 2017, "Mask R-CNN") in the variant of the published network: `aligned=False`, adaptive sampling (network.md 5.5)."""

from __future__ import annotations

import torch
from torch import Tensor

from .precision import at_least_float32

# A bin this many px wide covers the whole picture: more samples in it would cost memory and change nothing.
_SAMPLES_MAX = 1024


def roi_align(image: Tensor, boxes: Tensor, image_index: Tensor, size: tuple[int, int]) -> Tensor:
    """Cut boxes (R,4), x0, y0, x1, y1 in px, out of pictures (N,C,H,W), each resized to `size` = (height, width): (R,C,height,width).

    image_index (R,) int64: the picture that each box is cut from. Every output cell is the mean of g x g bilinear samples, g = ceil(side /
    cells) along each axis; samples more than a pixel outside count as zero. A side shorter than a pixel, or an inverted one, counts as
    one pixel from its x0 or y0 on; a box that is not finite gives zeros. float32 or better inside; differentiable in picture and boxes.
    """
    if torch.compiler.is_exporting():
        # How many samples there are depends on the boxes, which a tracer cannot follow: an exporter sees one operator instead.
        return torch.ops.pose2pose.roi_align(image, boxes, image_index, list(size))
    return _roi_align(image, boxes, image_index, size)


def _roi_align(image: Tensor, boxes: Tensor, image_index: Tensor, size: tuple[int, int]) -> Tensor:
    # Sampling is bilinear on a grid along the axes, so that both axes separate: a crop is (rows) x (picture) x (columns).
    with torch.autocast(image.device.type, enabled=False):
        picture = at_least_float32(image)
        rows = _sampling_matrix(boxes[:, 1], boxes[:, 3], picture.shape[2], size[0]).to(picture.dtype)
        columns = _sampling_matrix(boxes[:, 0], boxes[:, 2], picture.shape[3], size[1]).to(picture.dtype)
        crops = rows.unsqueeze(1) @ picture[image_index] @ columns.transpose(1, 2).unsqueeze(1)
        return crops.to(image.dtype)


def _sampling_matrix(start: Tensor, end: Tensor, pixels: int, cells: int) -> Tensor:
    """(R,cells,pixels): how much of each pixel along one axis is in each cell, for R intervals."""
    start = at_least_float32(start)
    side = at_least_float32(end) - start
    finite = side.isfinite()
    start = torch.where(finite, start, -2.0 * pixels)  # wholly outside
    side = torch.where(finite, side, 1.0).clamp(min=1.0)
    samples = (side / cells).ceil().clamp(max=_SAMPLES_MAX)[:, None, None]
    k = torch.arange(int(samples.max()), device=start.device, dtype=start.dtype)
    cell = torch.arange(cells, device=start.device, dtype=start.dtype)[:, None]
    at = start[:, None, None] + (cell + (k + 0.5) / samples) * (side / cells)[:, None, None]
    counts = (k < samples) & (at >= -1) & (at <= pixels)
    at = at.clamp(0, pixels - 1)
    low = at.detach().floor()
    fraction = at - low
    share = counts.to(at.dtype) / samples
    below = low.long()
    above = (below + 1).clamp(max=pixels - 1)
    matrix = torch.zeros(len(start), cells, pixels, device=at.device, dtype=at.dtype)
    return matrix.scatter_add(2, below, share * (1 - fraction)).scatter_add(2, above, share * fraction)


@torch.library.custom_op(
    "pose2pose::roi_align",
    mutates_args=(),
    schema="(Tensor image, Tensor boxes, Tensor image_index, int[] size) -> Tensor",
)
def _operator(image: Tensor, boxes: Tensor, image_index: Tensor, size: list[int]) -> Tensor:
    return _roi_align(image, boxes, image_index, (size[0], size[1]))


@_operator.register_fake
def _(image: Tensor, boxes: Tensor, image_index: Tensor, size: list[int]) -> Tensor:
    return image.new_empty(boxes.shape[0], image.shape[1], size[0], size[1])


OPERATOR = torch.ops.pose2pose.roi_align.default
"""What an exporter finds in the traced network."""
