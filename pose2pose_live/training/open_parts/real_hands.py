"""Crops of real hands from pictures and clips of your own: no labels, only what the published network sees there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from ...estimation.hand_net import HandLandmarks
from ...estimation.rest import SIDES
from ...frame import CameraFrame
from ...mocap import MocapSettings, MotionCapture
from ...progress import Progress
from ...resources import engine_path
from ..open_engine.pictures import frames_of, sources_of
from .hand_crops import HandEyes, real_crop
from .shard_rows import Rows


def real_hands(paths: Iterable[Path], per_hand: int, every_frames: int, seed: int) -> Iterator[Rows]:
    """per_hand crops of every hand that the engine `landmarks` finds in the pictures, and in every so manieth frame of the clips, at or below the paths;
    the region of each is jittered as in training. Raises TrainingError when there is nothing to read."""
    files = sources_of(paths)
    rng, eyes, progress = np.random.default_rng(seed), HandEyes(), Progress(len(files), "files")
    with closing(MotionCapture.open(MocapSettings(engine_path("landmarks")))) as mocap:
        for number, file in enumerate(files):
            mocap.reset()
            for index, picture in enumerate(frames_of(file, 1)):
                sighting = mocap.observe(CameraFrame(picture, index / 25, index))
                parts: Any = getattr(sighting.observation, "parts", None)
                if parts is None or index % every_frames:
                    continue
                for side, hand in zip(SIDES, parts.hands, strict=True):
                    yield from _crops(picture, hand, side, eyes, per_hand, rng)
            progress.show(number + 1)
    progress.end()


def _crops(
    picture: Any, hand: HandLandmarks | None, side: str, eyes: HandEyes, count: int, rng: np.random.Generator
) -> Iterator[Rows]:
    for _ in range(0 if hand is None else count):
        assert hand is not None
        made = real_crop(picture, hand.region, side, eyes, rng)
        if made is not None:
            yield made
