"""`SpeedMeter`: how many pictures a second the present engine could take here, whatever the camera gives."""

from __future__ import annotations

import math
from collections import deque
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .controls import Moment

_PICTURES = 90
_ENOUGH = 30


class SpeedMeter:
    """A `Watcher`; `pictures_per_s` may be read by any thread. Pictures that show nobody are left out: they cost less."""

    def __init__(self) -> None:
        self._took_s: deque[float] = deque(maxlen=_PICTURES)

    def __call__(self, moment: Moment) -> None:
        if moment.pose.tracked:
            self._took_s.append(moment.took_s)

    def forget(self) -> None:
        """What comes next is of another engine."""
        self._took_s.clear()

    @property
    def pictures_per_s(self) -> float:
        """By the median of the last 90 pictures; NaN before there are 30."""
        took_s = list(self._took_s)
        return 1 / median(took_s) if len(took_s) >= _ENOUGH and median(took_s) > 0 else math.nan
