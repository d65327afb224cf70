"""`PersonDetector`: where are people in this picture, by MediaPipe's pose detector."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..errors import ModelError
from ..frame import Image
from ..quiet import quiet
from ..resources import asset_path
from ..skeleton import POSE
from .mediapipe_import import import_mediapipe
from .region import Region

_MAX_PEOPLE = 4
_CONFIDENCE_MIN = 0.5
# The detector's region is a circle about the middle of the hips that holds the whole body with arms up. The trunk is the part that
# is seen in nearly every picture; the circle's radius is about 2.3 trunk lengths (shoulders to hips), a quarter of margin included.
_RADIUS_PER_TRUNK = 2.3
_RADIUS_PER_SHOULDERS = 2.6
_SAME_PERSON_DISTANCE = 0.15  # mean, in radii
_UPPER = [
    POSE["nose"],
    *(POSE[f"{side}_{name}"] for side in ("left", "right") for name in ("eye", "ear", "shoulder", "elbow")),
]


class PersonDetector:
    """MediaPipe PoseLandmarker on single pictures; it opens no connection in the versions that pyproject.toml allows.

    Close it: left to the interpreter's end, MediaPipe's own clean-up prints a traceback. Raises ModelError when the bundle is missing
    or MediaPipe cannot start.
    """

    def __init__(self, bundle: Path | None = None) -> None:
        mp = import_mediapipe()  # here, because it takes a while

        self._detected = False
        bundle = asset_path("detector/pose_landmarker.task") if bundle is None else bundle
        self._mp = mp
        try:
            options = mp.tasks.vision.PoseLandmarkerOptions(
                base_options=mp.tasks.BaseOptions(model_asset_path=str(bundle)),
                running_mode=mp.tasks.vision.RunningMode.IMAGE,
                num_poses=_MAX_PEOPLE,
                min_pose_detection_confidence=_CONFIDENCE_MIN,
            )
            with quiet():
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
        found = [
            _Person(np.array([[p.x * width, p.y * height] for p in pose]), np.array([p.visibility for p in pose]))
            for pose in self._detect(picture).pose_landmarks
        ]
        found.sort(key=lambda person: -person.prominence(width, height))
        people: list[_Person] = []
        for person in found:  # one person can come back as several poses
            if not any(person.same_as(other) for other in people):
                people.append(person)
        return [person.region for person in people]

    def _detect(self, picture: Any) -> Any:
        if self._detected:
            return self._landmarker.detect(picture)
        self._detected = True
        with quiet():  # the graph's first run logs once more
            return self._landmarker.detect(picture)

    def close(self) -> None:
        self._landmarker.close()


class _Person:
    """One detected pose: landmarks (33,2) px of the picture and their visibility (33,)."""

    def __init__(self, points_px: np.ndarray, visibility: np.ndarray) -> None:
        self._points_px = points_px
        self._visibility = visibility
        shoulders, hips = self._pair("shoulder"), self._pair("hip")
        self._shoulders_px = shoulders.mean(axis=0)
        trunk = self._shoulders_px - hips.mean(axis=0)
        # Seen from the side the shoulders are narrow, seen from above the trunk is short: the larger one says how near the person is.
        self._radius_px = max(
            _RADIUS_PER_TRUNK * float(np.linalg.norm(trunk)),
            _RADIUS_PER_SHOULDERS * float(np.linalg.norm(shoulders[0] - shoulders[1])),
        )
        centre = hips.mean(axis=0)
        self.region = Region(
            float(centre[0]), float(centre[1]), 2 * self._radius_px, float(np.arctan2(trunk[0], -trunk[1]))
        )

    def prominence(self, width_px: int, height_px: int) -> float:
        """Size of the body, weighed down by its distance from the picture's middle and by what of it is hidden."""
        aside = abs(self._shoulders_px[0] - width_px / 2) / (width_px / 2)
        return self._radius_px**2 * (1 - 0.6 * min(aside, 1.0)) * float(self._visibility[_UPPER].mean())

    def same_as(self, other: _Person) -> bool:
        distance = np.linalg.norm(self._points_px[_UPPER] - other._points_px[_UPPER], axis=1).mean()
        return bool(distance < _SAME_PERSON_DISTANCE * min(self._radius_px, other._radius_px))

    def _pair(self, name: str) -> np.ndarray:
        return self._points_px[[POSE[f"left_{name}"], POSE[f"right_{name}"]]]
