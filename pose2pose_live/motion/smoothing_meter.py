"""`SmoothingMeter`: what the smoothing does at the moment, in numbers: trembling before and after it, and how late it makes the arms."""

from __future__ import annotations

import math
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..frame import FloatArray
from .lag import lag_ms, moving_points, shift_costs

if TYPE_CHECKING:
    from .controls import Moment

_WINDOW_S = 3.0
_PICTURES_MAX, _PICTURES_MIN = 400, 8
_SHIFTS_S = np.arange(-2, 26) / 100
_POINTS = 4  # elbows and wrists


@dataclass(frozen=True)
class SmoothingFigures:
    """jitter_before_mm, jitter_after_mm: noise of elbows and wrists from picture to picture, root mean square over the axes together, as it is in
    the calmer half of the pictures; lag_ms: how much later the arms move for the smoothing. NaN where too little was seen, or where nothing moved."""

    jitter_before_mm: float = math.nan
    jitter_after_mm: float = math.nan
    lag_ms: float = math.nan


class SmoothingMeter:
    """A `Watcher` that remembers three seconds. `figures` is for any thread, and takes a few milliseconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: deque[tuple[float, FloatArray]] = deque(maxlen=_PICTURES_MAX)

    def __call__(self, moment: Moment) -> None:
        time_s = moment.pose.time_s
        with self._lock:
            if not moment.pose.tracked or (self._seen and not 0 < time_s - self._seen[-1][0] < _WINDOW_S):
                self._seen.clear()  # what was before is another motion
            if not moment.pose.tracked:
                return
        both = moving_points(np.stack([moment.body.joints(frame) for frame in (moment.plain, moment.pose)]))
        with self._lock:
            self._seen.append((time_s, both))
            while time_s - self._seen[0][0] > _WINDOW_S:
                self._seen.popleft()

    def figures(self) -> SmoothingFigures:
        with self._lock:
            seen = list(self._seen)
        if len(seen) < _PICTURES_MIN:
            return SmoothingFigures()
        times_s = np.array([time_s for time_s, _ in seen])
        plain, smooth = np.stack([both for _, both in seen], axis=1)
        costs = shift_costs(times_s, plain, smooth, _SHIFTS_S)
        return SmoothingFigures(_jitter_mm(times_s, plain), _jitter_mm(times_s, smooth), lag_ms(costs, _SHIFTS_S))


def _jitter_mm(times_s: FloatArray, points: FloatArray) -> float:
    """Of points (T,12) m: how far each lies off the line through its neighbours. White noise of variance v makes that 1.5 v, evenly timed."""
    share = ((times_s[1:-1] - times_s[:-2]) / (times_s[2:] - times_s[:-2]))[:, None]
    off = points[1:-1] - ((1 - share) * points[:-2] + share * points[2:])
    variances = (off**2).reshape(len(off), _POINTS, 3).sum(axis=2) / 1.5
    # Half of the pictures: in the others an arm may really have been thrown.
    return float(1000 * np.sqrt(np.median(variances.mean(axis=1))))
