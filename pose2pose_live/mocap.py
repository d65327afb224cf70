"""`MotionCapture`: the whole chain on one picture after the other: person, pose, hold, smoothing. No threads, windows or files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .body import BodyModel
from .sources import open_source
from .detection.person_detector import PersonDetector
from .detection.tracker import PersonTracker
from .estimation import open_estimator
from .estimation.estimator import Estimate, Estimator
from .frame import Camera, CameraFrame, SmplxFrame
from .inference import Engine
from .motion import LossHolder, PoseSmoother


@dataclass(frozen=True)
class MocapSettings:
    """What a user may choose. engine: an engine folder; body: an SMPL-X npz; None takes the bundled ones. fov_deg: how much the camera's longer
    picture side spans. smoothing: 0 (off) to 2, 1 is the default strength. threads: cores one network may use."""

    engine: Path | None = None
    body: Path | None = None
    fov_deg: float = 60.0
    smoothing: float = 1.0
    threads: int = 2

    def __post_init__(self) -> None:
        if not 20 <= self.fov_deg <= 150:
            raise ValueError(f"field of view: expected 20 to 150 degrees, found {self.fov_deg}")
        if not 0 <= self.smoothing <= 5:
            raise ValueError(f"smoothing: expected 0 to 5, found {self.smoothing}")


class MotionCapture:
    """Call it with each picture of one source in order; it always answers with a frame.

    A frame that shows nobody is marked `tracked` False and holds, then relaxes, the last pose. Raises ModelError from `open`.
    """

    def __init__(
        self, settings: MocapSettings, body: BodyModel, estimator: Estimator, detector: PersonDetector
    ) -> None:
        self.settings = settings
        self.body = body
        self._estimator = estimator
        self._detector = detector
        self._tracker = PersonTracker(detector)
        self._holder = LossHolder()
        self._smoother = PoseSmoother(settings.smoothing)

    @classmethod
    def open(cls, settings: MocapSettings | None = None) -> MotionCapture:
        """Load engine, body and detector. Takes about a second."""
        settings = settings or MocapSettings()
        engine = Engine.load(settings.engine)
        body = BodyModel.load(settings.body)
        return cls(settings, body, open_estimator(engine, body, settings.threads), PersonDetector())

    def __call__(self, picture: CameraFrame) -> SmplxFrame:
        height, width = picture.image.shape[:2]
        camera = Camera.from_field_of_view(width, height, self.settings.fov_deg)
        estimate = self._estimate(picture, camera)
        if estimate is None:
            return self._smoother(self._holder.lost(picture, camera))
        return self._smoother(self._holder(estimate.pose))

    def reset(self) -> None:
        """Forget the person, as between two pictures that have nothing to do with each other."""
        self._tracker.reset()
        self._estimator.reset()
        self._holder.reset()
        self._smoother.reset()

    def close(self) -> None:
        self._estimator.close()
        self._detector.close()

    def __enter__(self) -> MotionCapture:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _estimate(self, picture: CameraFrame, camera: Camera) -> Estimate | None:
        region, rough = self._tracker.propose(picture)
        if region is not None and rough:
            same_person = self._tracker.same_person(picture)
            self._estimator.reset(same_person=same_person)
            if not same_person:
                self._holder.reset()
                self._smoother.reset()
            region = self._estimator.locate(picture, region)
        if region is None:
            return None
        estimate = self._estimator.estimate(picture, region, camera)
        if estimate is None:
            self._tracker.lose()
            return None
        return estimate if self._tracker.follow(picture, estimate.region) else None


def capture(source: str | Path | int | None = None, settings: MocapSettings | None = None) -> Iterator[SmplxFrame]:
    """Poses of a camera, video file or picture folder, one for each picture; the pictures of a folder are taken each by itself.

    source: as `sources.open_source` takes it; None is the first camera. Raises SourceError or ModelError.
    """
    with open_source(source) as pictures, MotionCapture.open(settings) as mocap:
        for picture in pictures:
            if picture.name:
                mocap.reset()
            yield mocap(picture)
