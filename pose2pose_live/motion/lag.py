"""How late smoothing makes a motion: the shift in time that brings the smoothed motion closest to the unsmoothed one."""

from __future__ import annotations

import numpy as np

from ..frame import FloatArray
from ..skeleton import SMPLX

SHIFTS_S = np.arange(-50, 251) / 1000
_ROWS = [SMPLX[f"{side}_{joint}"] for side in ("left", "right") for joint in ("elbow", "wrist")]
_STILL_M = 0.01


def moving_points(joints: FloatArray) -> FloatArray:
    """SMPL-X joints (T,55,3) m -> coordinates (T,12) of elbows and wrists relative to the pelvis."""
    return (joints[:, _ROWS] - joints[:, :1]).reshape(len(joints), -1)


def shift_costs(
    times_s: FloatArray, plain: FloatArray, smooth: FloatArray, shifts_s: FloatArray = SHIFTS_S
) -> FloatArray:
    """For every shift the sum (m^2) of squared differences between smooth (T,D) at times (T,) and plain (T,D) so much earlier.

    Between pictures plain is interpolated linearly. Only the pictures count whose every shift lies inside the times: all zeros where there are none,
    or where nothing moves farther than 1 cm (standard deviation) from its mean.
    """
    costs = np.zeros(len(shifts_s))
    inside = (times_s - shifts_s[-1] >= times_s[0]) & (times_s - shifts_s[0] <= times_s[-1])
    if not inside.any() or plain[inside].std(axis=0).max() < _STILL_M:
        return costs
    for row, shift_s in enumerate(shifts_s):
        earlier = times_s[inside] - shift_s
        for axis in range(plain.shape[1]):
            difference = smooth[inside, axis] - np.interp(earlier, times_s, plain[:, axis])
            costs[row] += difference @ difference
    return costs


def lag_ms(costs: FloatArray, shifts_s: FloatArray = SHIFTS_S) -> float:
    """The shift of least cost (sums of `shift_costs` over any number of motions), ms; NaN where nothing was measured."""
    return float(1000 * shifts_s[costs.argmin()]) if costs.any() else float("nan")
