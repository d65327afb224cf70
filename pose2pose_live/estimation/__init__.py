"""From a picture and the person's region to an `SmplxFrame`; one file per engine family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..body import BodyModel
from ..errors import ModelError
from ..inference import Engine
from .estimator import Estimator, Observation, Wanted
from .hand4whole import Hand4WholeEstimator
from .landmarks import LandmarkEstimator
from .pose2pose import Pose2PoseEstimator
from .shape import KnownShape

__all__ = [
    "Estimator",
    "Hand4WholeEstimator",
    "KnownShape",
    "LandmarkEstimator",
    "Observation",
    "Pose2PoseEstimator",
    "Wanted",
    "open_estimator",
]


_FAMILIES: dict[str, Callable[[Engine, BodyModel], Estimator[Any]]] = {
    "landmarks": LandmarkEstimator,
    "pose2pose": Pose2PoseEstimator,
    "hand4whole": Hand4WholeEstimator,
}


def open_estimator(engine: Engine, body: BodyModel) -> Estimator[Any]:
    """The estimator of an engine's family. Raises ModelError for a family that this version does not know."""
    if engine.family not in _FAMILIES:
        raise ModelError(
            f"engine {engine.name} is of family {engine.family!r}, which this version cannot run (it knows "
            f"{', '.join(map(repr, _FAMILIES))}); choose another engine, or update pose2pose-live"
        )
    return _FAMILIES[engine.family](engine, body)
