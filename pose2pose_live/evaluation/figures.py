"""What was measured of one engine, and what its parts come to together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..frame import FloatArray
from ..motion import lag
from . import acceleration, faces, positions
from .capture import Shot, stretches
from .fingers import FINGERS
from .mediapipe_pose import WorldTrack
from .pck import Errors


@dataclass(frozen=True)
class ClipFigures:
    """One clip. Shares are of all pictures, 0..1; accelerations m/s^2 of the arms: plain and smooth as `Shot` says,
    raw and video as `WorldTrack`. palm_errors (N,2): angle and place of every hand that was found, see `palms`. face_correlations,
    face_differences (4,): of `faces.MEASURES`. position_errors_m (4,2): of plain, smooth, raw and video, see `positions`, NaN without a reference."""

    pictures: int
    tracked: float
    left_hand: float
    right_hand: float
    face: float
    plain: float
    smooth: float
    mediapipe_raw: float
    mediapipe_video: float
    lag_costs: FloatArray
    palm_errors: FloatArray
    face_correlations: FloatArray
    face_differences: FloatArray
    position_errors_m: FloatArray

    @property
    def lag_ms(self) -> float:
        return lag.lag_ms(self.lag_costs)


@dataclass(frozen=True)
class Sign:
    """A picture of a sign. found: what the posed hand shows of each finger, None when no hand was found."""

    file: str
    expected: dict[str, bool]
    found: dict[str, bool] | None

    def right(self) -> dict[str, bool]:
        """Finger -> whether it is shown as it is; all wrong when no hand was found."""
        return {
            finger: self.found is not None and self.found[finger] == state for finger, state in self.expected.items()
        }


@dataclass
class EngineFigures:
    """One engine. errors: of the photographs' persons, mediapipe_errors: MediaPipe's of the same persons; palm_errors: of single pictures, as `Shot` has them."""

    name: str
    errors: list[Errors] = field(default_factory=list)
    mediapipe_errors: list[Errors] = field(default_factory=list)
    photographs_tracked: int = 0
    clips: dict[str, ClipFigures] = field(default_factory=dict)
    signs: list[Sign] = field(default_factory=list)
    palm_errors: list[FloatArray] = field(default_factory=list)

    def typical(self, figure: str) -> float:
        """Median over the clips in which both this engine and MediaPipe found somebody: one in which a body was made up does not decide."""
        clips = [clip for clip in self.clips.values() if np.isfinite(clip.plain + clip.mediapipe_raw)]
        values = np.array([getattr(clip, figure) for clip in clips])
        measured = values[np.isfinite(values)]
        return float(np.median(measured)) if len(measured) else float("nan")

    @property
    def all_palm_errors(self) -> FloatArray:
        """(N,2): angle and place of every hand that was found in pictures and clips."""
        return np.concatenate([_of_found(self.palm_errors), *(clip.palm_errors for clip in self.clips.values())])

    def typical_face(self, figure: str, measure: int) -> float:
        """Median over the clips of `face_correlations` or `face_differences`."""
        values = np.array([getattr(clip, figure)[measure] for clip in self.clips.values()])
        measured = values[np.isfinite(values)]
        return float(np.median(measured)) if len(measured) else float("nan")

    def mean_position_errors_m(self, row: int) -> FloatArray:
        """(2,): mean over the clips with a reference of this row of `ClipFigures.position_errors_m`."""
        errors = [clip.position_errors_m[row] for clip in self.clips.values()]
        measured = [error for error in errors if np.isfinite(error).all()]
        return np.mean(measured, axis=0) if measured else positions.NOT_MEASURED

    def fingers_right(self, finger: str | None = None) -> float:
        """Share of the signs with this finger right; None: with all five right."""
        return mean(all(right.values()) if finger is None else right[finger] for right in map(Sign.right, self.signs))

    @property
    def mean_finger_right(self) -> float:
        return mean(self.fingers_right(finger) for finger in FINGERS)


def clip_figures(shots: Sequence[Shot], reference: WorldTrack, true: FloatArray | None = None) -> ClipFigures:
    """From what an engine and MediaPipe made of the same clip. true (T,12,3): where the joints really were, if that is known."""
    tracked = [shot.pose.tracked for shot in shots]
    times = np.array([shot.time_s for shot in shots])
    plain, smooth = np.array([shot.joints for shot in shots]), np.array([shot.smooth_joints for shot in shots])
    parts = np.array([shot.pose.confidence.to_array() > 0 for shot in shots])
    _, _, left, right, face = parts.mean(axis=0)
    runs = stretches(tracked, [shot.begins for shot in shots])
    points = [(lag.moving_points(plain[run]), lag.moving_points(smooth[run])) for run in runs]
    costs = [lag.shift_costs(times[run], *both) for run, both in zip(runs, points, strict=True)]
    face_values = np.array([shot.face_values for shot in shots])
    return ClipFigures(
        len(shots), float(np.mean(tracked)), left, right, face,
        _acceleration(acceleration.smplx_arms(plain), times, runs),
        _acceleration(acceleration.smplx_arms(smooth), times, runs),
        _of_mediapipe(reference.raw, reference.times_s),
        _of_mediapipe(reference.video, reference.times_s),
        np.sum(costs, axis=0) if costs else np.zeros(len(lag.SHIFTS_S)),
        _of_found([shot.palm_errors for shot in shots]),
        faces.correlations(face_values),
        faces.differences(face_values),
        _positions(np.where(np.array(tracked)[:, None, None], [plain, smooth], np.nan), reference, true),
    )  # fmt: skip


def mean(values: Iterable[float]) -> float:
    """NaN, not zero, of nothing."""
    values = list(values)
    return float(np.mean(values)) if values else float("nan")


def _of_found(palm_errors: Sequence[FloatArray]) -> FloatArray:
    """(N,2) of the hands that were found."""
    rows = np.reshape(palm_errors, (-1, 2))
    return rows[np.isfinite(rows).all(axis=1)]


def _positions(joints: FloatArray, reference: WorldTrack, true: FloatArray | None) -> FloatArray:
    """joints (2,T,55,3): plain and smooth, NaN where nobody was tracked."""
    if true is None:
        return np.tile(positions.NOT_MEASURED, (4, 1))
    theirs = positions.blazepose_positions(np.stack([reference.raw, reference.video]))
    found = [*positions.smplx_positions(joints), *theirs]
    return np.array([positions.position_errors_m(one, true) for one in found])


def _acceleration(points: FloatArray, times_s: FloatArray, runs: Sequence[slice]) -> float:
    """Mean over joints and pictures of all runs."""
    values = [acceleration.accelerations_m_s2(points[run], times_s[run]).ravel() for run in runs]
    return mean(np.concatenate(values)) if values else float("nan")


def _of_mediapipe(landmarks: FloatArray, times_s: FloatArray) -> float:
    seen = [bool(np.isfinite(points).all()) for points in landmarks]
    return _acceleration(acceleration.blazepose_arms(landmarks), times_s, stretches(seen, [False] * len(seen)))
