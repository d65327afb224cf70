"""Real faces from clips of your own: no labels, only what the published networks see there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from ...frame import CameraFrame
from ...mocap import MocapSettings, MotionCapture
from ...progress import Progress
from ...resources import engine_path
from ..open_engine.pictures import frames_of, sources_of
from .face_crops import rows_of
from .shard_rows import Rows


def real_faces(paths: Iterable[Path], every_frames: int) -> Iterator[Rows]:
    """The face in every so manieth frame of the clips at or below the paths, where the engine `landmarks` finds one: points (478,3) px, blendshapes (52,),
    clip: the number of the file, the crop. One person each is expected. Raises TrainingError when there is nothing to read."""
    files = sources_of(paths)
    progress = Progress(len(files), "files")
    with closing(MotionCapture.open(MocapSettings(engine_path("landmarks")))) as mocap:
        for number, file in enumerate(files):
            mocap.reset()
            for index, picture in enumerate(frames_of(file, 1)):
                parts: Any = getattr(mocap.observe(CameraFrame(picture, index / 25, index)).observation, "parts", None)
                if parts is None or parts.face is None or index % every_frames:
                    continue
                yield rows_of(parts.face, picture, parts.face.region) | {"clip": np.array([number], np.int32)}
            progress.show(number + 1)
    progress.end()
