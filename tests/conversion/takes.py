"""A take of the bundled body that moves as formulas say, so that any moment of it is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from pose2pose_live.body import BodyModel
from pose2pose_live.frame import SHAPES, Camera, CameraFrame, PartConfidence, SmplxFrame
from pose2pose_live.recording import Recording, load_recording
from pose2pose_live.sinks import Recorder

CAMERA = Camera(500.0, 500.0, 320.0, 240.0)
_RNG = np.random.default_rng(7)
_AXES = {name: _RNG.normal(0, 0.4, shape) for name, shape in SHAPES.items()}
_PICTURE = np.zeros((4, 4, 3), np.uint8)


def frame_at(time_s: float, index: int = 0) -> SmplxFrame:
    """Every joint swings about an axis of its own, the root turns round and round."""
    swing = np.sin(2 * time_s)
    frame = SmplxFrame(time_s, CAMERA, confidence=PartConfidence(1, 1, 1, 1, 1), tracked=True, index=index)
    arrays = {name: axis * swing for name, axis in _AXES.items() if name.endswith("pose")}
    return replace(
        frame,
        **arrays,
        global_orient=np.array([0.0, 2.0 * time_s % (2 * np.pi), 0.0]),
        transl=np.array([0.3 * swing, -0.2, -3.0 + 0.2 * time_s]),
        expression=_AXES["expression"] * swing,
        blendshapes=np.full(52, 0.5 + 0.4 * swing),
        betas=_AXES["betas"],
    )


def take(folder: Path, body: BodyModel, times_s: Iterable[float], fps: float = 30.0) -> Path:
    recorder = Recorder(folder / "take.npz", body, fps=fps)
    for i, time_s in enumerate(times_s):
        recorder.write(frame_at(time_s, i), CameraFrame(_PICTURE, time_s, i))
    recorder.close()
    return recorder.path


def loaded(folder: Path, body: BodyModel, times_s: Iterable[float], fps: float = 30.0) -> Recording:
    return load_recording(take(folder, body, times_s, fps))
