"""The task bundles: `mediapipe` opens them, finds people, and finds none where there are none."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

DETECTOR = Path(__file__).resolve().parents[2] / "assets" / "detector"
POSE, REST = DETECTOR / "pose_landmarker.task", DETECTOR / "holistic_face_and_hands.task"
HOLISTIC_MEMBERS = {
    "face_detector.tflite",
    "face_landmarks_detector.tflite",
    "face_blendshapes.tflite",
    "hand_landmarks_detector.tflite",
    "hand_roi_refinement.tflite",
    "pose_detector.tflite",
    "pose_landmarks_detector.tflite",
}


def test_bundles_are_uncompressed_and_together_hold_what_holistic_needs() -> None:
    members: list[str] = []
    for path in (POSE, REST):
        with zipfile.ZipFile(path) as bundle:
            assert bundle.testzip() is None
            assert all(item.compress_type == zipfile.ZIP_STORED for item in bundle.infolist())
            members += bundle.namelist()
    assert sorted(members) == sorted(HOLISTIC_MEMBERS), "every network once"


def test_person_detector_opens_and_finds_nobody_in_noise() -> None:
    import mediapipe
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.PoseLandmarkerOptions(base_options=BaseOptions(model_asset_path=str(POSE)))
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        assert not landmarker.detect(mediapipe.Image(mediapipe.ImageFormat.SRGB, noise)).pose_landmarks
