"""Left or right: a person from the side has two legs, and which is which can be hard to see.

The heat maps of both sides then have a peak at each leg, and the landmarks that the network regresses lie between the legs, on neither. Here each side gets
a peak of its own: one for which its heat map says more, which is near to where it was a picture ago, and from which the bones go straight, for
crossed ones are longer.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from ..frame import FloatArray
from ..skeleton import POSE, POSE_LANDMARKS, both_sides, other_side

_LEVELS = both_sides(POSE, "knee"), both_sides(POSE, "ankle")
_GOES_ALONG = {POSE[f"{side}_ankle"]: [POSE[f"{side}_heel"], POSE[f"{side}_foot_index"]] for side in ("left", "right")}
_PEAK_MIN = -2.0  # logit: a chance of 0.12
_TRUNK, _OTHER_SIDE = both_sides(POSE, "shoulder", "hip"), other_side(POSE_LANDMARKS)
# In cells of the heat maps.
_APART_MIN, _WINDOW, _AT_PEAK, _MOVED_MAX = 5, 2, 2.5, 6.0
# What speaks against a choice, in units of the evidence, log-odds: each cell that a point has moved, each cell of the shanks' lengths.
_PER_MOVED, _PER_BONE = 0.5, 0.7


def tell_apart(points: FloatArray, logits: NDArray[np.floating], before: FloatArray | None) -> FloatArray:
    """The landmarks, with knees and ankles (feet along with them) that lie between two legs moved to a leg each.

    points (K,2): x, y of BlazePose's landmarks in cells of their heat maps, logits (K,h,w). before (K,2): where they were a picture ago, or None.
    """
    peaks = {level: found for level, pair in enumerate(_LEVELS) if (found := _two_peaks(logits[pair])) is not None}
    if not peaks:
        return points
    if before is not None:
        before = _on_the_same_sides(before, points)
    choices = []
    for order in product((slice(None), slice(None, None, -1)), repeat=len(peaks)):
        placed = points[np.array(_LEVELS)]
        for level, side in zip(peaks, order, strict=True):
            placed[level] = peaks[level][side]
        choices.append(placed)
    placed = max(choices, key=lambda placed: _merit(placed, list(peaks), logits, before))
    result = points.copy()
    for level in peaks:
        for point, place in zip(_LEVELS[level], placed[level], strict=True):
            move = place - points[point]
            if np.hypot(*move) > _AT_PEAK:
                result[[point, *_GOES_ALONG.get(point, [])]] += move
    return result


def _on_the_same_sides(before: FloatArray, points: FloatArray) -> FloatArray:
    """Who takes a front for a back exchanges all that is left and right, not the legs alone; whether it is one is not for here to say."""
    exchanged = before[_OTHER_SIDE]
    here = points[_TRUNK]
    return min((before, exchanged), key=lambda there: float(np.linalg.norm(there[_TRUNK] - here, axis=-1).sum()))


def _two_peaks(logits: NDArray[np.floating]) -> FloatArray | None:
    """x, y (2,2) of the two places at which the heat maps of both sides (2,h,w) have a peak, or None where there are not two for each."""
    either = logits.max(axis=0)
    height, width = either.shape
    rest, peaks = either.copy(), []
    for _ in range(2):
        row, column = divmod(int(rest.argmax()), width)
        rows, columns = (slice(max(at - _WINDOW, 0), at + _WINDOW + 1) for at in (row, column))
        around = either[rows, columns]
        if logits[:, row, column].min() < _PEAK_MIN or either[row, column] < around.max():
            return None
        y, x = np.mgrid[rows.start : rows.start + around.shape[0], columns.start : columns.start + around.shape[1]]
        weight = 1.0 / (1.0 + np.exp(-around.astype(np.float64)))
        peaks.append([(weight * x).sum() / weight.sum(), (weight * y).sum() / weight.sum()])
        y, x = np.ogrid[:height, :width]
        rest[np.hypot(y - row, x - column) < _APART_MIN] = -np.inf
    return np.array(peaks)


def _merit(placed: FloatArray, levels: list[int], logits: NDArray[np.floating], before: FloatArray | None) -> float:
    """Of one choice: placed (2,2,2), knees and ankles, left and right, x and y."""
    merit = -_PER_BONE * float(np.linalg.norm(placed[1] - placed[0], axis=-1).sum())
    for level in levels:
        pair = _LEVELS[level]
        column, row = np.rint(placed[level]).astype(int).T
        merit += float(logits[pair, row, column].sum())
        if before is not None:
            moved = np.linalg.norm(placed[level] - before[pair], axis=-1)
            merit -= _PER_MOVED * float(np.minimum(moved, _MOVED_MAX).sum())
    return merit
