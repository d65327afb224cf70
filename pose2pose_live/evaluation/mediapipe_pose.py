"""MediaPipe's own PoseLandmarker on the same pictures: what a person could have had without this project."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from ..detection.mediapipe_import import import_mediapipe
from ..frame import CameraFrame, FloatArray, Image
from ..quiet import quiet
from ..resources import asset_path
from ..skeleton import POSE_LANDMARKS

_PEOPLE_MAX = 4


@dataclass(frozen=True)
class WorldTrack:
    """World landmarks (T,33,3) m of a clip at times (T,), NaN where nobody was found. raw: of each picture by itself, without any filter, of the largest
    person; video: as MediaPipe's video mode gives them, tracked and filtered."""

    times_s: FloatArray
    raw: FloatArray
    video: FloatArray


class MediaPipePose:
    """Close it; left to the interpreter's end, MediaPipe's own clean-up prints a traceback."""

    def __init__(self) -> None:
        mp = import_mediapipe()
        self._mp = mp
        self._by_itself = self._open(mp.tasks.vision.RunningMode.IMAGE, _PEOPLE_MAX)

    def poses_px(self, image: Image) -> list[FloatArray]:
        """Landmarks (33,2) px of everybody in a BGR picture."""
        size = np.array(image.shape[1::-1])
        return [_points(pose)[:, :2] * size for pose in self._detect(image).pose_landmarks]

    def track(self, pictures: Iterable[CameraFrame]) -> WorldTrack:
        """World landmarks of a clip."""
        times: list[float] = []
        raw: list[FloatArray] = []
        video: list[FloatArray] = []
        # Only with one person does MediaPipe filter.
        following = self._open(self._mp.tasks.vision.RunningMode.VIDEO, 1)
        at_ms = -1
        try:
            for picture in pictures:
                found = self._detect(picture.image)
                sizes = [np.ptp(_points(pose)[:, :2], axis=0).max() for pose in found.pose_landmarks]
                raw.append(_points(found.pose_world_landmarks[int(np.argmax(sizes))]) if sizes else _nobody())
                with quiet():
                    at_ms = max(round(1000 * picture.time_s), at_ms + 1)  # two pictures of the same ms are refused
                    tracked = following.detect_for_video(self._picture(picture.image), at_ms).pose_world_landmarks
                video.append(_points(tracked[0]) if tracked else _nobody())
                times.append(picture.time_s)
        finally:
            following.close()
        return WorldTrack(np.array(times), np.array(raw), np.array(video))

    def close(self) -> None:
        self._by_itself.close()

    def _open(self, mode: Any, people: int) -> Any:
        vision = self._mp.tasks.vision
        bundle = self._mp.tasks.BaseOptions(model_asset_path=str(asset_path("detector/pose_landmarker.task")))
        with quiet():
            return vision.PoseLandmarker.create_from_options(
                vision.PoseLandmarkerOptions(base_options=bundle, running_mode=mode, num_poses=people)
            )

    def _detect(self, image: Image) -> Any:
        with quiet():
            return self._by_itself.detect(self._picture(image))

    def _picture(self, image: Image) -> Any:
        return self._mp.Image(image_format=self._mp.ImageFormat.SRGB, data=cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


def _points(pose: Any) -> FloatArray:
    return np.array([[point.x, point.y, point.z] for point in pose])


def _nobody() -> FloatArray:
    return np.full((len(POSE_LANDMARKS), 3), np.nan)
