"""The camera that a Pose2Pose network imagines before a person's box, and the real one (network.md 5.6, the authors' issue 50).

The network places the body before a camera with a focal length of 5000 px of its own 192 px wide picture, whatever camera took the
picture: nearly without perspective, tens of metres away. What it means by that holds in the picture: where each joint appears, and how large.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..detection.region import VIEW_TO_UPRIGHT, ray_rotation
from ..frame import Camera, FloatArray

_FOCAL = 5000.0
_WIDTH = 192.0
_NEAR_M = 1e-4
_DEPTH_MIN_M = 0.1


@dataclass(frozen=True)
class VirtualView:
    """The network's view of one box. box_xywh (4,): the processed box, px of the source picture, in the network's aspect."""

    box_xywh: FloatArray

    @property
    def camera(self) -> Camera:
        """The imagined camera in px of the source picture."""
        x, y, width, height = (float(value) for value in self.box_xywh)
        focal = _FOCAL / _WIDTH * width
        return Camera(focal, focal, x + width / 2, y + height / 2)

    def axes(self, camera: Camera) -> FloatArray:
        """Rotation (3,3) from the imagined camera's upright axes (Y up, Z towards it) to those of the real one, which sees the box from aside."""
        imagined = self.camera
        return ray_rotation(camera, np.array([imagined.cx, imagined.cy]))

    def project(self, joints: FloatArray, pelvis_at_rest: FloatArray, translation: FloatArray) -> FloatArray:
        """Where the network means joints (J,3), m in upright view axes relative to the pelvis, to appear: px of the source picture (J,2).

        pelvis_at_rest (3,) m: where SMPL-X's template has its pelvis; the network's translation (3,), x right, y down, z away, is added to that.
        """
        points = joints * VIEW_TO_UPRIGHT + pelvis_at_rest + translation
        depth = np.maximum(points[:, 2:] + _NEAR_M, _DEPTH_MIN_M)
        camera = self.camera
        return points[:, :2] / depth * camera.fx + [camera.cx, camera.cy]
