from __future__ import annotations

import numpy as np
import pytest

from pose2pose_live.viewport import PRESETS, OrbitCamera

TARGET = np.array([0.3, 1.0, -2.0])


@pytest.mark.parametrize(("name", "direction"), [("front", (0, 0, 1)), ("side", (1, 0, 0)), ("top", (0, 1, 0))])
def test_presets_look_from_where_their_names_say(name: str, direction: tuple[int, int, int]) -> None:
    orbit = OrbitCamera()
    orbit.look_from(*np.radians(PRESETS[name]))
    towards = orbit.camera_to_world(TARGET)[:3, 3] - TARGET
    np.testing.assert_allclose(towards / orbit.distance_m, direction, atol=0.08)


def test_a_camera_pose_is_a_rotation_and_looks_at_the_target() -> None:
    orbit = OrbitCamera()
    orbit.turn(0.7, 0.4)
    pose = orbit.camera_to_world(TARGET)
    np.testing.assert_allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(pose[:3, :3]) == pytest.approx(1)
    np.testing.assert_allclose(pose[:3, 3] - orbit.distance_m * pose[:3, 2], TARGET, atol=1e-12)


def test_panning_carries_the_scene_with_the_mouse() -> None:
    orbit = OrbitCamera()
    orbit.turn(0.7, 0.4)
    orbit.closeness = 0.5
    orbit.pan(40, 25, 480)
    camera = orbit.camera_to_world(TARGET)
    seen = np.linalg.inv(camera) @ [*TARGET, 1.0]
    focal = OrbitCamera.intrinsics(640, 480).fx
    u, v = focal * seen[0] / -seen[2], -focal * seen[1] / -seen[2]
    assert (u, v) == pytest.approx((40, 25), abs=0.5)


def test_pan_and_zoom_stay_within_bounds_and_reset_brings_all_home() -> None:
    orbit, home = OrbitCamera(), OrbitCamera()
    orbit.is_fresh = False
    for _ in range(100):
        orbit.pan(1000, 1000, 100)
        orbit.zoom(-5)
        orbit.turn(0.1, 0.5)
    assert np.abs(orbit.offset_m).max() <= 10
    assert orbit.distance_m <= 12
    assert orbit.pitch_rad < np.pi / 2
    orbit.reset()
    assert orbit == home
