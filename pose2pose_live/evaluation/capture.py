"""An engine on pictures as it runs live, with what it was before the live smoothing kept beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..frame import CameraFrame, FloatArray, SmplxFrame
from ..mocap import MotionCapture
from ..motion import PoseSmoother
from .faces import face_values
from .palms import palm_errors


@dataclass(frozen=True)
class Shot:
    """What an engine made of one picture. pose, joints (55,3) m: before the smoothing; smooth, smooth_joints: after it, as the window shows them.
    begins: a new person. palm_errors (2,2): see `palms`, NaN where no hand was found. face_values (2,4): see `faces`, NaN where no face was."""

    time_s: float
    pose: SmplxFrame
    joints: FloatArray
    smooth: SmplxFrame
    smooth_joints: FloatArray
    begins: bool
    palm_errors: FloatArray
    face_values: FloatArray


def shots(
    mocap: MotionCapture, pictures: Iterable[CameraFrame], smoothing: float
) -> Iterator[tuple[CameraFrame, Shot]]:
    """Each picture and what was made of it, from an empty memory on; a picture with a name is taken by itself.

    mocap: a chain whose own smoothing is off. smoothing: the live one's strength, applied here: it is the chain's last step, so that one
    run gives both.
    """
    smoother = PoseSmoother(smoothing)
    mocap.reset()
    for picture in pictures:
        if picture.name:
            mocap.reset()
            smoother.reset()
        sighting = mocap.observe(picture)
        begins = sighting.observation is not None and sighting.is_new
        if begins:
            smoother.reset()
        pose = mocap.solve(sighting)
        smooth = smoother(pose)
        joints = mocap.body.joints(pose)
        yield (
            picture,
            Shot(
                picture.time_s,
                pose,
                joints,
                smooth,
                mocap.body.joints(smooth),
                begins,
                palm_errors(joints, sighting),
                face_values(mocap.body, pose, sighting),
            ),
        )


def stretches(seen: Sequence[bool], begins: Sequence[bool]) -> list[slice]:
    """Runs of pictures, three at least, through which the same person was seen."""
    found, start = [], 0
    for index in range(len(seen) + 1):
        ends = index == len(seen) or not seen[index]
        if ends or begins[index]:
            if index - start >= 3:
                found.append(slice(start, index))
            start = index + 1 if ends else index
    return found
