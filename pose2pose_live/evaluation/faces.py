"""Whether the posed face does what the real one does: distances on the posed mesh against the same ones among the face network's own landmarks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..body import BodyModel
from ..body.files import FACE_POINTS
from ..estimation.face_measures import FROM_MEDIAPIPE, measures
from ..estimation.face_net import FaceLandmarks
from ..frame import FloatArray, SmplxFrame
from ..mocap import Sighting

MEASURES: Mapping[str, tuple[str, ...]] = {
    "mouth opening": ("gap right", "gap middle", "gap left"),
    "mouth width": ("mouth width",),
    "eye opening": ("eye right", "eye left"),
    "brow height": ("brow right", "brow left"),
}
"""What is reported -> the distances that it is the mean of."""
_LEAST_MOTION = 0.005
"""Of a face's size: what moves less than this (one standard deviation) is the landmarks' noise."""
_LEAST_PICTURES = 10


def face_values(body: BodyModel, pose: SmplxFrame, sighting: Sighting) -> FloatArray:
    """(2,4): `MEASURES` of the posed face, less those of the face at rest, and of the landmarks, in shares of the face's size. NaN where no face was seen,
    with an engine without a face network, and with a body without landmarks."""
    parts = getattr(sighting.observation, "parts", None)
    face: FaceLandmarks | None = None if parts is None else parts.face
    posed = None if face is None else body.face_points(body.pose(pose).vertices)
    resting = None if posed is None else body.face_points(body.rest_vertices(pose.betas))
    if face is None or posed is None or resting is None:
        return np.full((2, len(MEASURES)), np.nan)
    return np.stack([_values(posed) - _values(resting), _values(face.points_px[list(FROM_MEDIAPIPE)])])


def correlations(values: FloatArray) -> FloatArray:
    """(4,): over the pictures of a clip (N,2,4), how the posed measures go along with the seen ones. NaN where the real face keeps still."""
    posed, seen = np.moveaxis(_seen(values), 1, 0)
    return np.array([_correlation(posed[:, k], seen[:, k]) for k in range(len(MEASURES))])


def differences(values: FloatArray) -> FloatArray:
    """(4,): mean absolute difference over a clip (N,2,4), both less what they mostly are there: faces differ in width, eyes and brows. Of the mouth's
    opening nothing is taken off, for closed lips are closed on every face."""
    posed, seen = np.moveaxis(_seen(values), 1, 0)
    if not len(posed):
        return np.full(len(MEASURES), np.nan)
    usual = np.median(posed - seen, axis=0)
    usual[list(MEASURES).index("mouth opening")] = 0.0
    return np.abs(posed - seen - usual).mean(axis=0)


def _seen(values: FloatArray) -> FloatArray:
    return values[np.isfinite(values).all(axis=(1, 2))]


def _values(points: FloatArray) -> FloatArray:
    assert points.shape == (FACE_POINTS, 3)
    found = measures(points)
    return np.array([np.mean([found[name] for name in names]) for names in MEASURES.values()])


def _correlation(posed: FloatArray, seen: FloatArray) -> float:
    if len(seen) < _LEAST_PICTURES or seen.std() < _LEAST_MOTION:
        return float("nan")
    return float(np.corrcoef(posed, seen)[0, 1]) if posed.std() > 1e-9 else 0.0
