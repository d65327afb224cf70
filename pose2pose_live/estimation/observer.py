"""`PersonObserver`: the first step of an estimator that looks at body, hands and face with a network each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..detection.region import Region, ray_rotation
from ..frame import Camera, CameraFrame, FloatArray, Image
from ..inference import Engine
from . import solve_face
from .estimator import ALL_PARTS, Wanted
from .facing import FacingGuard
from .parts import Parts, PartTracker
from .pose_net import PoseLandmarks

_PRESENCE_MIN = 0.5
_JUST_BEFORE_S = 0.2
P = TypeVar("P", bound=PoseLandmarks)


@dataclass(frozen=True)
class PersonObservation(Generic[P]):
    """What the networks saw of body, hands and face in one picture. head: world rotation (3,3) by the face, or None. region: the next one."""

    picture_time_s: float
    picture_index: int
    size_px: tuple[int, int]
    camera: Camera
    pose: P
    parts: Parts
    head: FloatArray | None

    @property
    def region(self) -> Region:
        return self.pose.region


class PersonObserver(Generic[P]):
    """`locate`, `observe`, `forget_track` and `close` of `estimation.estimator.Estimator`.

    body_net: a picture, a region, and where landmarks were in the picture just before, if there is one -> landmarks.
    """

    def __init__(self, body_net: Callable[[Image, Region, FloatArray | None], P], engine: Engine) -> None:
        self._body_net = body_net
        self._parts = PartTracker(engine)
        self._guard = FacingGuard()
        self._face_forward: FloatArray | None = None
        self._before: tuple[float, FloatArray] | None = None

    def close(self) -> None:
        self._parts.close()

    def forget_track(self) -> None:
        self._parts.reset()
        self._guard.reset()
        self._face_forward = self._before = None

    def locate(self, picture: CameraFrame, region: Region) -> Region | None:
        pose = self._body_net(picture.image, region, None)
        return pose.region if pose.presence >= _PRESENCE_MIN else None

    def observe(
        self, picture: CameraFrame, region: Region, camera: Camera, wanted: Wanted = ALL_PARTS
    ) -> PersonObservation[P] | None:
        pending = self._parts.start(picture.image, wanted)
        pose = self._body_net(picture.image, region, self._landmarks_before(picture.time_s))
        if pose.presence < _PRESENCE_MIN:
            self._parts.abandon(pending)
            return None
        pose = self._guard(pose, picture.time_s, self._face_forward)
        self._before = picture.time_s, pose.image_px
        parts = self._parts.finish(pending, pose, picture.time_s)
        head = None
        if parts.face is not None:
            head = solve_face.head_rotation(parts.face.points_px, ray_rotation(camera, parts.face.region.centre_px))
        self._face_forward = None if head is None else head[:, 2]
        height, width = picture.image.shape[:2]
        return PersonObservation(picture.time_s, picture.index, (width, height), camera, pose, parts, head)

    def _landmarks_before(self, time_s: float) -> FloatArray | None:
        return None if self._before is None or time_s - self._before[0] > _JUST_BEFORE_S else self._before[1]
