"""`MocapControls`: what a person may change while capturing. It takes effect at the next picture; nothing is loaded anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, get_args

from ..estimation.estimator import Wanted
from ..estimation.shape import KnownShape
from .calibration import Calibration

if TYPE_CHECKING:
    from ..body import BodyModel
    from ..estimation.pose_net import PoseLandmarks
    from ..frame import CameraFrame, SmplxFrame

Seated = Literal["auto", "on", "off"]
SEATED: tuple[Seated, ...] = get_args(Seated)
SMOOTHING_MAX = 5.0


@dataclass(frozen=True)
class Moment:
    """One picture and what became of it. plain: the pose before smoothing and floor; pose: as sinks get it; landmarks: None when nobody was seen;
    took_s: how long it took, of the clock on the wall."""

    picture: CameraFrame
    plain: SmplxFrame
    pose: SmplxFrame
    landmarks: PoseLandmarks | None
    body: BodyModel
    took_s: float = 0.0


class Watcher(Protocol):
    """Is shown every moment, in the thread that estimates, and must be quick."""

    def __call__(self, moment: Moment, /) -> None: ...


@dataclass(frozen=True)
class MocapControls:
    """smoothing: 0 (off) to 5, 1 is the default strength. seated: see `seated.SeatedLegs`. floor: see `floor.FloorContact`. hands, face: whether
    they are looked for. calibration: of person and camera, or None. betas: the shape (10,) chosen by hand for the body in use, None where it is
    calibrated or fitted. watchers: are shown every moment. is_live: see `Wanted`.

    Raises ValueError when a value cannot be.
    """

    smoothing: float = 1.0
    seated: Seated = "auto"
    floor: bool = False
    hands: bool = True
    face: bool = True
    calibration: Calibration | None = None
    betas: tuple[float, ...] | None = None
    watchers: tuple[Watcher, ...] = ()
    is_live: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.smoothing <= SMOOTHING_MAX:
            raise ValueError(f"smoothing: expected 0 to {SMOOTHING_MAX:g}, found {self.smoothing}")
        if self.seated not in SEATED:
            raise ValueError(f"seated: expected one of {', '.join(SEATED)}, found {self.seated!r}")

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.hands, self.face, self.is_live)

    def known_shape(self, body_model: str) -> KnownShape:
        """What is known of the shape of the person on this body."""
        if self.betas is not None:
            return KnownShape(self.betas)
        return KnownShape() if self.calibration is None else self.calibration.known_shape(body_model)
