"""The camera of the 3D view: it circles a target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..frame import Camera, FloatArray

FIELD_OF_VIEW_DEG = 32.0
_HOME_DISTANCE_M = 3.9
_DISTANCE_RANGE_M = (0.5, 12.0)
_PITCH_RANGE_RAD = (-1.2, 1.5)
_RAD_PER_PX = 0.008
_ZOOM_PER_STEP = 0.9
_PAN_RANGE_M = 10.0


# Yaw and pitch, degrees.
PRESETS = {"front": (0.0, 0.0), "side": (90.0, 0.0), "top": (0.0, 86.0)}


@dataclass
class OrbitCamera:
    """Looks at a target from `distance_m` away; yaw 0 and pitch 0 = along -Z, from where the real camera is.

    offset_m: how far its target was moved by hand. is_fresh: the view is to be centred on the body anew, which clears it. closeness: factor on
    the distance that the view sets to frame what is seen. The window changes it while the render thread reads it: each field is replaced
    as a whole, so no lock is needed.
    """

    yaw_rad: float = 0.0
    pitch_rad: float = 0.12
    distance_m: float = _HOME_DISTANCE_M
    offset_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    closeness: float = 1.0
    is_fresh: bool = True

    def reset(self) -> None:
        home = OrbitCamera()
        self.yaw_rad, self.pitch_rad, self.distance_m = home.yaw_rad, home.pitch_rad, home.distance_m
        self.offset_m, self.is_fresh = home.offset_m, True

    def drag(self, dx_px: float, dy_px: float) -> None:
        """Turn as if the mouse held the scene: dx to the right, dy downwards."""
        self.turn(-dx_px * _RAD_PER_PX, dy_px * _RAD_PER_PX)

    def turn(self, yaw_rad: float, pitch_rad: float) -> None:
        """Go round by so much, to the right and upwards."""
        self.look_from(self.yaw_rad + yaw_rad, self.pitch_rad + pitch_rad)

    def look_from(self, yaw_rad: float, pitch_rad: float) -> None:
        self.yaw_rad, self.pitch_rad = yaw_rad, float(np.clip(pitch_rad, *_PITCH_RANGE_RAD))

    def pan(self, dx_px: float, dy_px: float, height_px: int) -> None:
        """Move the scene with the mouse, in a picture of that height."""
        span_m = 2 * np.tan(np.radians(FIELD_OF_VIEW_DEG) / 2) * self.closeness * self.distance_m
        right, up, _ = self._axes()
        moved = self.offset_m + (dy_px * up - dx_px * right) * span_m / height_px
        x, y, z = np.clip(moved, -_PAN_RANGE_M, _PAN_RANGE_M).tolist()
        self.offset_m = x, y, z

    def zoom(self, steps: float) -> None:
        """Positive steps of the mouse wheel come closer."""
        self.distance_m = float(np.clip(self.distance_m * _ZOOM_PER_STEP**steps, *_DISTANCE_RANGE_M))

    def camera_to_world(self, target: FloatArray) -> FloatArray:
        """(4,4) pose of the camera that looks at target (3,) m, OpenGL axes (looks along its own -Z, Y up)."""
        right, up, backward = self._axes()
        camera_to_world = np.eye(4)
        camera_to_world[:3, :3] = np.stack([right, up, backward], axis=1)
        camera_to_world[:3, 3] = target + self.offset_m + self.closeness * self.distance_m * backward
        return camera_to_world

    def _axes(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Right, up and backward in the world."""
        sin_yaw, cos_yaw, sin_pitch, cos_pitch = *_sin_cos(self.yaw_rad), *_sin_cos(self.pitch_rad)
        backward = np.array([sin_yaw * cos_pitch, sin_pitch, cos_yaw * cos_pitch])
        right = np.array([cos_yaw, 0.0, -sin_yaw])
        return right, np.cross(backward, right), backward

    @staticmethod
    def intrinsics(width_px: int, height_px: int) -> Camera:
        """Pinhole camera of a picture of this size, with the field of view over its height."""
        focal = 0.5 * height_px / np.tan(np.radians(FIELD_OF_VIEW_DEG) / 2)
        return Camera(focal, focal, width_px / 2, height_px / 2)


def _sin_cos(angle_rad: float) -> tuple[float, float]:
    return float(np.sin(angle_rad)), float(np.cos(angle_rad))
