"""The depth network: landmarks in the picture, and what the body network thinks of their depths, become a figure in space (network/open_depth_net.py)."""

from __future__ import annotations

import numpy as np

from ..detection.region import VIEW_TO_UPRIGHT, ray_rotation
from ..frame import Camera, FloatArray
from ..inference import GraphSpec, Session
from ..skeleton import DEPTH_LANDMARKS, POSE
from .pose_net import PoseLandmarks

ROWS = [POSE[name] for name in DEPTH_LANDMARKS]
"""Its points among the 33."""
_SIDEWAYS_MAX = 0.1  # of a ray's length: what lies aside of the view has no slope


class DepthNet:
    """Call it with landmarks whose hips are joint centres (`placement.joint_centres`)."""

    def __init__(self, spec: GraphSpec) -> None:
        self._session = Session(spec.path, 1, ("fused",))

    def __call__(self, pose: PoseLandmarks, camera: Camera, seen: FloatArray) -> FloatArray:
        """The points (19,3) m, `skeleton.DEPTH_LANDMARKS`, from the middle of the hips in axes of the camera-aligned world.

        seen (33,) 0..1: see `placement.seen_in_picture`.
        """
        sight = sight_of(pose, camera, seen).astype(np.float32)
        fused = self._session.run(sight[None])["fused"][0].astype(np.float64)
        return fused @ ray_rotation(camera, pose.region.centre_px).T


def sight_of(pose: PoseLandmarks, camera: Camera, seen: FloatArray) -> FloatArray:
    """What the network is shown (19,6): see `OpenDepthNet`."""
    slopes = camera.slopes(pose.image_px[ROWS])
    rays = np.column_stack([slopes, np.full(len(slopes), -1.0)]) @ ray_rotation(camera, pose.region.centre_px)
    ahead = np.maximum(-rays[:, 2:], _SIDEWAYS_MAX)
    return np.column_stack([rays[:, :2] / ahead, seen[ROWS], pose.world_m[ROWS] * VIEW_TO_UPRIGHT])
