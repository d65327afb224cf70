"""Where people, their hands and faces are in pictures, by `mediapipe` and the bundled detector: the crops that networks are compared on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from pose2pose_live.detection.region import Region, region_from_points
from pose2pose_live.errors import ModelError
from pose2pose_live.frame import FloatArray, Image
from pose2pose_live.skeleton import POSE

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png")
FRAME_STEP = 12
PEOPLE_MAX = 4
VISIBILITY_MIN = 0.5
HAND_SIDE, FACE_SIDE, BODY_SIDE = 2.7, 2.2, 1.3
JITTER = ((0.0, 0.0, 1.0, 0.0), (0.1, -0.05, 1.2, 0.2), (-0.05, 0.1, 0.9, -0.2))
"""Shift right and down (shares of the side), scale, turn (rad): how far off the region of a tracker may be."""


def read_pictures(path: Path) -> list[Image]:
    """Every picture under a folder, or every twelfth of a video file; BGR uint8. Raises ModelError when there is none."""
    if path.is_file():
        found = [frame for i, frame in enumerate(_video_frames(path)) if i % FRAME_STEP == 0]
    else:
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in PICTURE_SUFFIXES)
        found = [picture for picture in map(cv2.imread, map(str, files)) if picture is not None]
    if not found:
        raise ModelError(
            f"{path} is neither a video nor a folder with .jpg or .png pictures; name one that shows people"
        )
    return found


def _video_frames(path: Path) -> Iterator[Image]:
    video = cv2.VideoCapture(str(path))
    while (frame := video.read()[1]) is not None:
        yield frame


def crops_of_people(pictures: Sequence[Image], detector: Path, part: str, size_px: int) -> Iterator[np.ndarray]:
    """Crops (1, 3, size, size) float32 RGB in [0, 1] of every body, hand or face, each in the three versions of JITTER."""
    for picture, landmarks in _people(pictures, detector):
        for region in _regions(part, landmarks):
            for right, down, scale, turn in JITTER:
                side = region.size_px
                moved = Region(
                    region.centre_x_px + right * side,
                    region.centre_y_px + down * side,
                    side * scale,
                    region.rotation_rad + turn,
                )
                crop = cv2.cvtColor(moved.crop(picture, size_px), cv2.COLOR_BGR2RGB)
                yield crop.astype(np.float32).transpose(2, 0, 1)[None] / 255.0


def _people(pictures: Sequence[Image], detector: Path) -> Iterator[tuple[Image, FloatArray]]:
    """Each picture with the landmarks (33, 3) of a person in it: x, y in px, visibility."""
    from mediapipe import Image as MediapipeImage
    from mediapipe import ImageFormat
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(detector)), num_poses=PEOPLE_MAX
    )
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        for picture in pictures:
            rgb = np.ascontiguousarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
            height, width = picture.shape[:2]
            for person in landmarker.detect(MediapipeImage(ImageFormat.SRGB, rgb)).pose_landmarks:
                yield picture, np.array([(p.x * width, p.y * height, p.visibility) for p in person])


def _regions(part: str, landmarks: FloatArray) -> Iterator[Region]:
    points, visibility = landmarks[:, :2], landmarks[:, 2]

    def at(name: str) -> FloatArray:
        return points[POSE[name]]

    if part == "body":
        hips = (at("left_hip") + at("right_hip")) / 2
        reach = np.linalg.norm(points[visibility > VISIBILITY_MIN] - hips, axis=1).max()
        yield Region(hips[0], hips[1], 2 * BODY_SIDE * reach)
    elif part == "face":
        head = points[POSE["nose"] : POSE["mouth_right"] + 1]
        low, high = head.min(axis=0), head.max(axis=0)
        across = at("left_eye") - at("right_eye")
        x, y = (low + high) / 2
        yield Region(x, y, FACE_SIDE * (high - low).max(), float(np.arctan2(across[1], across[0])))
    else:
        for side in ("left", "right"):
            if visibility[POSE[f"{side}_wrist"]] > VISIBILITY_MIN:
                knuckles = (2 * at(f"{side}_index") + at(f"{side}_pinky")) / 3
                from_wrist = region_from_points(at(f"{side}_wrist"), knuckles, HAND_SIDE)
                yield Region(knuckles[0], knuckles[1], from_wrist.size_px, from_wrist.rotation_rad)
