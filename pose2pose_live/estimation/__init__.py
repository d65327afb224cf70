"""From a picture and the person's region to an `SmplxFrame`; one file per engine family."""

from __future__ import annotations

from typing import Any

from ..body import BodyModel
from ..errors import ModelError
from ..inference import Engine
from .estimator import Estimator, Observation
from .landmarks import LandmarkEstimator

__all__ = ["Estimator", "LandmarkEstimator", "Observation", "open_estimator"]


def open_estimator(engine: Engine, body: BodyModel) -> Estimator[Any]:
    """The estimator of an engine's family. Raises ModelError for a family that this version does not know."""
    if engine.family != "landmarks":
        raise ModelError(
            f"engine {engine.name} is of family {engine.family!r}, which this version cannot run (it knows 'landmarks'); "
            "choose another engine, or update pose2pose-live"
        )
    return LandmarkEstimator(engine, body)
