"""Real people: the sample clips and pictures that lie beside the checkout during development; skipped where they don't."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from pose2pose_live.frame import CameraFrame, SmplxFrame
from pose2pose_live.mocap import MotionCapture
from pose2pose_live.resources import asset_path
from pose2pose_live.skeleton import POSE, SMPLX
from pose2pose_live.sources import open_source

DATA = Path(__file__).parents[2] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the sample set does not lie beside the checkout")
SIGNS = ("thanks", "please", "milk", "bird", "want", "hungry")
PCK = 0.1


@pytest.fixture(scope="module")
def mocap():
    with MotionCapture.open() as chain:
        yield chain


@pytest.mark.parametrize("sign", SIGNS)
def test_signing_people_are_tracked_throughout(mocap: MotionCapture, sign: str):
    mocap.reset()
    poses = [mocap(picture) for picture in open_source(DATA / "clips" / f"asl_{sign}.mkv")]
    assert all(pose.tracked for pose in poses)
    assert all(pose.confidence.face > 0 for pose in poses)
    raised = [pose for pose in poses if _is_a_hand_raised(mocap, pose)]
    assert len(raised) > 10
    found = [max(pose.confidence.left_hand, pose.confidence.right_hand) > 0 for pose in raised]
    # In some pictures of `want` both hands are smears of motion blur, in three of which the network sees none.
    assert sum(found) >= len(found) - (3 if sign == "want" else 0)


def _is_a_hand_raised(mocap: MotionCapture, pose: SmplxFrame) -> bool:
    """A wrist higher than its elbow."""
    height_m = mocap.body.joints(pose)[:, 1]
    return any(height_m[SMPLX[f"{side}_wrist"]] > height_m[SMPLX[f"{side}_elbow"]] for side in ("left", "right"))


def test_a_bystander_does_not_take_the_track(mocap: MotionCapture):
    """In this clip a second person sits at the right edge."""
    mocap.reset()
    pelvis_px = [
        pose.camera.project(mocap.body.joints(pose))[0]
        for pose in map(mocap, open_source(DATA / "clips" / "asl_bird.mkv"))
    ]
    assert np.ptp(np.array(pelvis_px)[:, 0]) < 60


def test_projected_joints_hit_as_often_as_mediapipes_landmarks(mocap: MotionCapture):
    import mediapipe as mp

    data = json.loads((DATA / "gt" / "body2d.json").read_text())
    options = mp.tasks.vision.PoseLandmarkerOptions(
        base_options=mp.tasks.BaseOptions(model_asset_path=str(asset_path("detector/pose_landmarker.task"))),
        num_poses=4,
    )
    ours: list[bool] = []
    theirs: list[bool] = []
    with mp.tasks.vision.PoseLandmarker.create_from_options(options) as landmarker:
        for file in sorted({person["file"] for person in data["persons"]}):
            image = cv2.imread(str(DATA / file))
            assert image is not None
            mocap.reset()
            pose = mocap(CameraFrame(image, 0.0, 0, file))
            if not pose.tracked:
                continue
            joints_px = pose.camera.project(mocap.body.joints(pose))
            points = {name: joints_px[SMPLX[name if name in SMPLX else f"{name}_smplhf"]] for name in _shared(data)}
            people = [person for person in data["persons"] if person["file"] == file]
            person = max(people, key=lambda p: np.mean(_hits(data, points, p) or [False]))
            ours += _hits(data, points, person)
            found = landmarker.detect(
                mp.Image(image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
            )
            size = np.array(image.shape[1::-1])
            poses = [
                {n: np.array([p[POSE[n]].x, p[POSE[n]].y]) * size for n in _shared(data)} for p in found.pose_landmarks
            ]
            theirs += max((_hits(data, p, person) for p in poses), key=lambda hits: sum(hits))
    assert len(ours) > 40
    assert np.mean(ours) >= np.mean(theirs) - 0.05


def _shared(data: dict) -> list[str]:
    return [name for name in data["joint_names"] if name in SMPLX or name.endswith("eye")]


def _hits(data: dict, points: dict[str, np.ndarray], person: dict) -> list[bool]:
    """PCK@0.1 of the longer box side, for every annotated joint that SMPL-X has."""
    annotated = np.array(person["joints" if "joints" in person else "keypoints"], float).reshape(-1, 3)
    limit = PCK * max(person["bbox"][2:])
    rows = {name: annotated[data["joint_names"].index(name)] for name in points}
    return [bool(np.hypot(*(points[n] - row[:2])) <= limit) for n, row in rows.items() if row[2] > 0]
