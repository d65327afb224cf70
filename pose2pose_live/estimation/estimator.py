"""What every estimator does: a picture and a region of it become an `SmplxFrame`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..detection.region import Region
from ..frame import Camera, CameraFrame, SmplxFrame


@dataclass(frozen=True)
class Estimate:
    """A captured pose, and where the estimator wants to look for the same person in the next picture."""

    pose: SmplxFrame
    region: Region


class Estimator(Protocol):
    """Estimates one person; keeps what it needs from picture to picture (hand regions, shape) until `reset`."""

    def locate(self, picture: CameraFrame, region: Region) -> Region | None:
        """A detector's rough region made exact, or None when nobody is there."""
        ...

    def estimate(self, picture: CameraFrame, region: Region, camera: Camera) -> Estimate | None:
        """The person in the region, or None when nobody is there."""
        ...

    def reset(self, *, same_person: bool = False) -> None:
        """Forget the track; with same_person the shape stays."""
        ...

    def close(self) -> None:
        """Stop what runs in the background."""
        ...
