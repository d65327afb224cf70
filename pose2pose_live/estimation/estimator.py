"""What every estimator does: a picture and a region of it become an `SmplxFrame`, in two steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

from ..detection.region import Region
from ..frame import Camera, CameraFrame, SmplxFrame
from .pose_net import PoseLandmarks
from .shape import KnownShape


@dataclass(frozen=True)
class Wanted:
    """Parts to look for. What is not wanted costs no time, is at rest in the pose, and its confidence is 0. is_live: no pose waits for parts that have to be
    looked for; they come some pictures later, how many is up to the machine."""

    hands: bool = True
    face: bool = True
    is_live: bool = False


ALL_PARTS = Wanted()


class Observation(Protocol):
    """What an estimator's networks say of one picture."""

    @property
    def region(self) -> Region:
        """Where to look for the same person in the next picture."""
        ...

    @property
    def pose(self) -> PoseLandmarks:
        """The body's landmarks in the picture."""
        ...


O = TypeVar("O", bound=Observation)  # noqa: E741


class Estimator(Protocol[O]):
    """Estimates one person.

    `observe` runs the networks and follows the person from picture to picture; `solve` makes the pose of what was observed. They share
    no state, so that one picture can be observed while the one before it is solved. Each is called in order of the pictures.
    """

    def locate(self, picture: CameraFrame, region: Region) -> Region | None:
        """A detector's rough region made exact, or None when nobody is there."""
        ...

    def observe(self, picture: CameraFrame, region: Region, camera: Camera, wanted: Wanted) -> O | None:
        """The person in the region, or None when nobody is there."""
        ...

    def solve(self, observation: O, known: KnownShape) -> SmplxFrame:
        """The pose of what was observed, on a body of a shape that may be known."""
        ...

    def forget_track(self) -> None:
        """The next picture to be observed has nothing to do with the last one."""
        ...

    def forget_person(self) -> None:
        """The next observation to be solved is of somebody else."""
        ...

    def close(self) -> None:
        """Stop what runs in the background."""
        ...
