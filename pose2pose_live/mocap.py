"""`MotionCapture`: the whole chain on one picture after the other: person, pose, hold, legs at rest, smoothing, floor. It knows nothing of windows and
files."""

from __future__ import annotations

import logging
import sys
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2

from .body import BodyModel
from .detection.person_detector import PersonDetector
from .detection.tracker import PersonTracker
from .estimation import Estimator, Observation, open_estimator
from .frame import Camera, CameraFrame, NotFinite, SmplxFrame
from .inference import AUTO, Engine, use_runtime
from .motion import FloorContact, LossHolder, MocapControls, Moment, PoseSmoother, SeatedLegs
from .motion.legs_seen import NO_LEGS, LegsSeen
from .sources import open_source

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MocapSettings:
    """What is chosen before capturing. engine: an engine folder; body: an SMPL-X npz; None takes the bundled ones. fov_deg: how much the camera's
    longer picture side spans. runtime: a name of `inference.RUNTIMES`, or "auto"."""

    engine: Path | None = None
    body: Path | None = None
    fov_deg: float = 60.0
    runtime: str = AUTO

    def __post_init__(self) -> None:
        if not 20 <= self.fov_deg <= 150:
            raise ValueError(f"field of view: expected 20 to 150 degrees, found {self.fov_deg}")


@dataclass(frozen=True)
class Sighting:
    """A picture after the networks have seen it. observation: None when nobody is there; is_new: of another person than before; controls: those
    that hold for this picture; started_s: when that was begun, on `perf_counter`."""

    picture: CameraFrame
    camera: Camera
    observation: Observation | None
    is_new: bool
    controls: MocapControls
    started_s: float


class MotionCapture:
    """Call it with each picture of one source in order; it always answers with a frame.

    A frame that shows nobody is marked `tracked` False and holds, then relaxes, the last pose. controls: may be set from any thread; they hold
    from the next picture on, and nothing jumps. Raises ModelError from `open`.
    """

    def __init__(
        self,
        settings: MocapSettings,
        body: BodyModel,
        estimator: Estimator[Any],
        detector: PersonDetector,
        controls: MocapControls,
    ) -> None:
        self.settings = settings
        self.controls = controls
        self.body = body
        self._estimator = estimator
        self._detector = detector
        self._tracker = PersonTracker(detector)
        self._holder = LossHolder()
        self._legs = SeatedLegs(body)
        self._smoother = PoseSmoother(controls.smoothing)
        self._floor = FloorContact(body)
        self._size_px = (0, 0)

    @classmethod
    def open(cls, settings: MocapSettings | None = None, controls: MocapControls | None = None) -> MotionCapture:
        """Load engine, body and detector. Takes about a second."""
        settings = settings or MocapSettings()
        # Crops are small and cut in several threads at once: OpenCV's own threads would only wait for one another.
        cv2.setNumThreads(1)
        # A thread that comes back from a network waits for the interpreter until whoever has it is made to let go, 5 ms by default:
        # a quarter of a picture's time.
        sys.setswitchinterval(0.0005)
        engine = Engine.load(settings.engine)
        with ThreadPoolExecutor(1) as beside:
            # Unpacking the body needs no interpreter, importing MediaPipe little else: together they take half the time.
            body_loading = beside.submit(BodyModel.load, settings.body)
            detector = PersonDetector()
            try:
                body = body_loading.result()
                with use_runtime(settings.runtime):
                    return cls(settings, body, open_estimator(engine, body), detector, controls or MocapControls())
            except BaseException:
                detector.close()
                raise

    def __call__(self, picture: CameraFrame) -> SmplxFrame:
        return self.solve(self.observe(picture))

    def stream(self, pictures: Iterable[CameraFrame]) -> Iterator[tuple[CameraFrame, SmplxFrame]]:
        """Each picture with its pose, as calling it for one after the other would give, but faster: while one picture is solved, the
        networks already look at the next.

        Pictures with a name are of a folder and have nothing to do with one another. What `pictures` raises is raised after the
        poses of all pictures before.
        """
        with ThreadPoolExecutor(1, thread_name_prefix="observe") as ahead:
            waiting: Future[Sighting] | None = None
            source = iter(pictures)
            while True:
                picture, failure = None, None
                try:
                    picture = next(source, None)
                except Exception as error:  # kept until the picture before it is through
                    failure = error
                sighting = None if waiting is None else waiting.result()
                if picture is None:
                    waiting = None
                elif picture.name:
                    # Its observation starts from nothing, which must wait until the one before is solved.
                    if sighting is not None:
                        yield sighting.picture, self.solve(sighting)
                    self.reset()
                    sighting, waiting = self.observe(picture), None
                else:
                    waiting = ahead.submit(self.observe, picture)
                if sighting is not None:
                    yield sighting.picture, self.solve(sighting)
                if failure is not None:
                    raise failure
                if picture is None:
                    return

    def search(self, picture: CameraFrame) -> bool:
        """Look for a person if nobody is tracked. True if that took its time, in which a live source has a newer picture: the one to observe."""
        return self._tracker.search(picture)

    def observe(self, picture: CameraFrame) -> Sighting:
        """First step of a call: the networks. May run while the picture before is solved."""
        controls, started_s = self.controls, perf_counter()
        height, width = picture.image.shape[:2]
        camera = Camera.from_field_of_view(width, height, self.settings.fov_deg)
        if (width, height) != self._size_px:  # all that was tracked was tracked in other pixels
            self._size_px = (width, height)
            self._tracker.reset()
        region, rough = self._tracker.propose(picture)
        is_new = False
        if region is not None and rough:
            is_new = not self._tracker.same_person(picture)
            self._estimator.forget_track()
            region = self._estimator.locate(picture, region)
        wanted = controls.wanted
        if picture.is_still:
            wanted = replace(wanted, is_live=False)
        observation = None if region is None else self._estimator.observe(picture, region, camera, wanted)
        if observation is None:
            self._tracker.lose()
        elif not self._tracker.follow(picture, observation.region):
            observation = None
        return Sighting(picture, camera, observation, is_new, controls, started_s)

    def solve(self, sighting: Sighting) -> SmplxFrame:
        """Second step: from what the networks saw to a smooth pose."""
        controls, picture, observation = sighting.controls, sighting.picture, sighting.observation
        if observation is not None and sighting.is_new:
            self._forget_person()
        found = self._solved(sighting)
        landmarks = None if observation is None or not found.tracked else observation.pose
        seen = None if landmarks is None else LegsSeen.of(landmarks, picture.image)
        plain = self._legs(found, seen, controls.seated)
        self._smoother.strength = controls.smoothing
        feet_seen = NO_LEGS if seen is None or self._legs.has_made_up_feet else seen
        pose = self._floor(self._smoother(plain), feet_seen, is_on=controls.floor)
        for watcher in controls.watchers:
            watcher(Moment(picture, plain, pose, landmarks, self.body, perf_counter() - sighting.started_s))
        return pose

    def _solved(self, sighting: Sighting) -> SmplxFrame:
        calibration = sighting.controls.calibration
        ground = None if calibration is None else calibration.ground
        if sighting.observation is not None:
            known = sighting.controls.known_shape(self.body.tag)
            try:
                return self._holder(replace(self._estimator.solve(sighting.observation, known), ground=ground))
            except (
                NotFinite
            ) as error:  # a network or a fit went astray: nothing of it may live on, and the person is looked for anew
                log.warning("a pose was left out: %s", error)
                self._estimator.forget_person()
        return replace(self._holder.lost(sighting.picture, sighting.camera), ground=ground)

    def reset(self) -> None:
        """Forget the person, as between two pictures that have nothing to do with each other."""
        self._tracker.reset()
        self._estimator.forget_track()
        self._forget_person()

    def close(self) -> None:
        self._estimator.close()
        self._tracker.close()
        self._detector.close()

    def __enter__(self) -> MotionCapture:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _forget_person(self) -> None:
        self._estimator.forget_person()
        self._holder.reset()
        self._legs.reset()
        self._smoother.reset()
        self._floor.reset()


def capture(
    source: str | Path | int | None = None,
    settings: MocapSettings | None = None,
    controls: MocapControls | None = None,
) -> Generator[SmplxFrame, None, None]:
    """Poses of a camera, video file or picture folder, one for each picture; the pictures of a folder are taken each by itself.

    source: as `sources.open_source` takes it; None is the first camera. Raises SourceError or ModelError.
    """
    with open_source(source) as pictures, MotionCapture.open(settings, controls) as mocap:
        for _, pose in mocap.stream(pictures):
            yield pose
