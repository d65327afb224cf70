"""Poses for the tests of sinks, and a stand-in for the body."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from pose2pose_live.frame import SHAPES, Camera, CameraFrame, FloatArray, PartConfidence, SmplxFrame


class StickBody:
    """A body whose joints stand in a row, as far apart as its first beta says, and do not care for rotations."""

    tag = "stick"

    def joints(self, frame: SmplxFrame) -> FloatArray:
        offsets = np.linspace(0.1, 1.0, 55)[:, None] * [0.3, 1.0, 0.0]
        return offsets * (1 + 0.1 * frame.betas[0]) + frame.transl


CAMERA = Camera(500.0, 510.0, 320.0, 240.0)


def random_pose(seed: int, **changes) -> SmplxFrame:
    """A tracked pose of random numbers, in front of the camera."""
    rng = np.random.default_rng(seed)
    arrays: dict[str, Any] = {name: rng.normal(0, 0.3, shape) for name, shape in SHAPES.items()}
    arrays |= {"transl": np.array([0.1, -0.5, -2.5]) + 0.1 * rng.normal(size=3), "betas": np.linspace(-1, 1, 10)}
    arrays["blendshapes"] = rng.random(52)
    confidence = PartConfidence(*rng.random(5))
    pose = SmplxFrame(seed / 30, CAMERA, confidence=confidence, tracked=True, index=seed)
    return replace(pose, **(arrays | changes))


def picture(
    seed: int = 0, name: str = "", time_s: float | None = None, size_px: tuple[int, int] = (64, 48)
) -> CameraFrame:
    image = np.full((size_px[1], size_px[0], 3), 8 * seed % 256, np.uint8)
    return CameraFrame(image, seed / 30 if time_s is None else time_s, seed, name)
