"""`PersonDetector`: where are people in this picture, by MediaPipe's pose detector."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from ..errors import ModelError
from ..frame import Image
from ..resources import asset_path
from ..skeleton import POSE
from .region import Region

_MAX_PEOPLE = 4
_CONFIDENCE_MIN = 0.5
# The detector's region is a circle about the middle of the hips that holds the whole body with arms up. The trunk is the part that
# is seen in nearly every picture; the circle's radius is about 2.3 trunk lengths (shoulders to hips), a quarter of margin included.
_RADIUS_PER_TRUNK = 2.3
_RADIUS_PER_SHOULDERS = 2.6
_SAME_PERSON_OVERLAP = 0.5


class PersonDetector:
    """MediaPipe PoseLandmarker on single pictures; it opens no connection in the versions that pyproject.toml allows.

    Raises ModelError when the bundle is missing or MediaPipe cannot start.
    """

    def __init__(self, bundle: Path | None = None) -> None:
        import mediapipe as mp  # here, because it takes a third of a second

        bundle = asset_path("detector/pose_landmarker.task") if bundle is None else bundle
        self._mp = mp
        try:
            options = mp.tasks.vision.PoseLandmarkerOptions(
                base_options=mp.tasks.BaseOptions(model_asset_path=str(bundle)),
                running_mode=mp.tasks.vision.RunningMode.IMAGE,
                num_poses=_MAX_PEOPLE,
                min_pose_detection_confidence=_CONFIDENCE_MIN,
            )
            self._landmarker = mp.tasks.vision.PoseLandmarker.create_from_options(options)
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(
                f"MediaPipe's person detector cannot start ({str(error).splitlines()[0][:160]}); on Debian or Ubuntu install "
                "libegl1 and libgles2, elsewhere reinstall pose2pose-live"
            ) from None

    def __call__(self, image: Image) -> list[Region]:
        """Regions of the people in a BGR picture, the one to take first in front: large and central before small and aside."""
        height, width = image.shape[:2]
        picture = self._mp.Image(image_format=self._mp.ImageFormat.SRGB, data=cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        people: list[Region] = []
        for landmarks in self._landmarker.detect(picture).pose_landmarks:
            points_px = np.array([[p.x * width, p.y * height] for p in landmarks])
            region = _body_region(points_px)
            # Overlapping detections of one person come back as several poses.
            if all(region.overlap(other) < _SAME_PERSON_OVERLAP for other in people):
                people.append(region)
        return sorted(people, key=lambda region: -_prominence(region, width, height))

    def close(self) -> None:
        self._landmarker.close()


def _body_region(points_px: np.ndarray) -> Region:
    def pair(name: str) -> np.ndarray:
        return points_px[[POSE[f"left_{name}"], POSE[f"right_{name}"]]]

    hips, shoulders = pair("hip").mean(axis=0), pair("shoulder").mean(axis=0)
    trunk = shoulders - hips
    # Seen from the side the shoulders are narrow, seen from above the trunk is short: the larger of the two says how near the person is.
    across = np.linalg.norm(pair("shoulder")[0] - pair("shoulder")[1])
    radius = max(_RADIUS_PER_TRUNK * float(np.linalg.norm(trunk)), _RADIUS_PER_SHOULDERS * float(across))
    return Region(float(hips[0]), float(hips[1]), 2 * radius, float(np.arctan2(trunk[0], -trunk[1])))


def _prominence(region: Region, width_px: int, height_px: int) -> float:
    """Area, weighed down by the distance of the body's middle line from the picture's."""
    aside = abs(region.centre_x_px - width_px / 2) / (width_px / 2)
    return region.size_px**2 * (1 - 0.5 * min(aside, 1.0))
