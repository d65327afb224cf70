"""Cameras about a person: calibration, places in space, a camera that was moved, the folder's truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from export.cameras import View, read_qualisys, registered, residuals_px, triangulate
from export.four_views import (
    JOINTS,
    VIEWS,
    Sightings,
    person_region,
    put_back,
    read_heavy,
    reference,
    same_person,
    smoothed,
)
from pose2pose_live.errors import ModelError
from pose2pose_live.frame import FloatArray
from pose2pose_live.skeleton import POSE

RNG = np.random.default_rng(3)
MATRIX = np.array([[1600.0, 0, 540], [0, 1600, 960], [0, 0, 1]])
DISTORTION = np.array([-0.05, 0.13, 0.001, -0.001])


def view_from(degrees: float) -> View:
    """A camera 4 m from the middle of the room and 1 m up, which looks there."""
    angle = np.radians(degrees)
    at = np.array([4 * np.cos(angle), 4 * np.sin(angle), 1.0])
    away = -at / np.linalg.norm(at)
    right = np.cross(away, [0, 0, 1.0])
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(away, right), away])
    return View(MATRIX, rotation, -rotation @ at, DISTORTION)


VIEWS_ABOUT = [view_from(degrees) for degrees in (0, 80, 170, 260)]


def seen(points: FloatArray) -> FloatArray:
    return np.stack([view.project(points) for view in VIEWS_ABOUT])


def test_points_come_back_and_a_view_that_is_wrong_does_little_harm():
    points = RNG.normal(0, 0.4, (20, 3))
    pixels = seen(points)
    weights = np.ones(pixels.shape[:2])
    np.testing.assert_allclose(triangulate(VIEWS_ABOUT, pixels, weights), points, atol=1e-6)
    pixels[2, :5] += 80
    assert np.linalg.norm(triangulate(VIEWS_ABOUT, pixels, weights) - points, axis=1).max() < 0.01
    off = residuals_px(VIEWS_ABOUT, points, pixels)
    assert off[2, 0] == pytest.approx(80 * 2**0.5)
    assert off[0].max() < 1e-6


def test_a_moved_camera_is_brought_back():
    points = RNG.normal(0, 0.4, (60, 3))
    true = VIEWS_ABOUT[2]
    turn = cv2.Rodrigues(np.array([0.01, -0.02, 0.015]))[0]
    moved = replace(true, rotation=turn @ true.rotation, translation=true.translation + np.array([0.02, 0.0, 0.03]))
    found = registered(moved, points, true.project(points))
    np.testing.assert_allclose(found.project(points), true.project(points), atol=1e-3)
    sightings = [Sightings(seen(RNG.normal(0, 0.4, (33, 3))), np.ones((4, 33))) for _ in range(6)]
    back = put_back([*VIEWS_ABOUT[:2], moved, VIEWS_ABOUT[3]], 2, sightings)
    np.testing.assert_allclose(back[2].in_camera(points), true.in_camera(points), atol=1e-3)


def test_a_calibration_by_qualisys_is_read(tmp_path: Path):
    view = VIEWS_ABOUT[1]
    # The format tells where the camera is and, column by column, its axes x right, y up, z back, in mm and 64ths of a pixel.
    axes, at = (np.diag([1.0, -1, -1]) @ view.rotation).T, -1000 * view.rotation.T @ view.translation
    turn = " ".join(f'r{r + 1}{c + 1}="{axes.T[r, c]}"' for r in range(3) for c in range(3))
    file = tmp_path / "calibration.qca.txt"
    file.write_text(
        f"""<calibration><cameras><camera serial="1"><transform x="{at[0]}" y="{at[1]}" z="{at[2]}" {turn}/>
        <intrinsic focalLengthU="{64 * 1600}" focalLengthV="{64 * 1600}" centerPointU="{64 * 540}" centerPointV="{64 * 960}"
        radialDistortion1="-0.05" radialDistortion2="0.13" tangentalDistortion1="0.001" tangentalDistortion2="-0.001"/>
        </camera></cameras></calibration>"""
    )
    (found,) = read_qualisys(file)
    points = RNG.normal(0, 0.4, (9, 3))
    np.testing.assert_allclose(found.project(points), view.project(points), atol=1e-6)
    file.write_text("<calibration><cameras><camera/></cameras></calibration>")
    with pytest.raises(ModelError, match="expected a calibration by Qualisys"):
        read_qualisys(file)


def test_the_person_is_the_one_who_is_the_same_in_all_views():
    him, others = (
        RNG.normal(0, 0.4, (33, 3)),
        [RNG.normal(0, 0.4, (33, 3)) + np.array([1.0, y, 0.0]) for y in (1.0, -1.0, 0.0, 2.0)],
    )
    people = [[view.project(other), view.project(him)] for view, other in zip(VIEWS_ABOUT, others, strict=True)]
    np.testing.assert_allclose(same_person(VIEWS_ABOUT, people), seen(him))
    with pytest.raises(ModelError, match="nobody was found"):
        same_person(VIEWS_ABOUT, [*people[:3], []])


def test_a_persons_region_is_upright_and_holds_all_of_them():
    points = RNG.uniform(-100, 100, (33, 2)) + np.array([500, 400])
    for side, x in (("left", 520.0), ("right", 480.0)):
        points[POSE[f"{side}_hip"]], points[POSE[f"{side}_shoulder"]] = (x, 400), (x, 300)
    region = person_region(points)
    np.testing.assert_allclose(region.centre_px, [500, 400])
    assert region.rotation_rad == pytest.approx(0)
    assert (np.abs(points - region.centre_px).max(axis=0) < region.size_px / 2).all()


def test_the_truth_is_in_each_cameras_axes():
    joints = RNG.normal(0, 0.4, (7, 12, 3))
    told = reference(VIEWS_ABOUT, joints)
    assert told["joint_names"] == list(JOINTS)
    for name, view, clip in zip(VIEWS, VIEWS_ABOUT, told["clips"], strict=True):
        assert clip["file"] == f"clips/{name}.mp4"
        found = np.array(clip["joints"])
        assert (found[..., 2] > 0).all(), "before the camera"
        straight = found[3, :, :2] / found[3, :, 2:] @ MATRIX[:2, :2].T + MATRIX[:2, 2]
        assert np.abs(straight - view.project(joints[3])).max() < 10, "but for the lens"


def test_smoothing_takes_trembling_and_adds_no_delay():
    times = np.arange(120) / 60
    true = np.sin(2 * np.pi * times)[:, None, None] * np.ones((1, 2, 3))
    found = smoothed(true + RNG.normal(0, 0.01, true.shape), 60)
    assert np.abs(found - true)[10:-10].max() < 0.02
    assert np.std(np.diff(found - true, 2, axis=0)) < 0.002


def test_a_network_that_cannot_be_had_is_told(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # no npm
    with pytest.raises(ModelError, match="npm could not fetch @mediapipe/pose"):
        read_heavy(tmp_path)
    (tmp_path / "mediapipe-pose-0.5.1675469404.tgz").write_text("no archive")
    with pytest.raises(ModelError, match="by hand"):
        read_heavy(tmp_path)
