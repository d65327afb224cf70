"""Crops of real people from pictures and clips of your own: no labels, only what the published network says of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ...detection.person_detector import PersonDetector
from ...detection.region import Region
from ...errors import TrainingError
from ...estimation.pose_net import PoseNet
from ...inference import Engine, Session
from ...progress import Progress
from ...resources import engine_path
from .checkpoints import published_graph
from .crops import Crop, Teacher, unlabelled_crop
from .regions import jittered

_PICTURES, _CLIPS = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}, {".mp4", ".mkv", ".mov", ".avi", ".webm"}
_SETTLE = 2  # times that the network says where to look better
_PRESENCE_MIN = 0.8
Picture = NDArray[np.uint8]


def real_crops(paths: Iterable[Path], per_person: int, every_frames: int, seed: int) -> Iterator[Crop]:
    """per_person crops of everybody that the detector finds in the pictures, and in every so manieth frame of the clips, at or below the
    paths; the region of each is jittered as in training. Raises TrainingError when there is nothing to read."""
    files = sources_of(paths)
    rng = np.random.default_rng(seed)
    network = PoseNet(Engine.load(engine_path("landmarks")).graph("pose"))
    teacher = Teacher(Session(published_graph(), 1, ("landmarks", "world", "presence")))
    progress, detector = Progress(len(files), "files"), PersonDetector()
    try:
        for number, file in enumerate(files):
            for picture in frames_of(file, every_frames):
                for region in _people(picture, detector, network):
                    for _ in range(per_person):
                        yield unlabelled_crop(picture, jittered(region, rng), teacher, str(file.name))
            progress.show(number + 1)
    finally:
        detector.close()
        progress.end()


def _people(picture: Picture, detector: PersonDetector, network: PoseNet) -> Iterator[Region]:
    for region in detector(picture):
        presence = 0.0
        for _ in range(_SETTLE):
            pose = network(picture, region)
            region, presence = pose.region, pose.presence
        if presence > _PRESENCE_MIN:
            yield region


def sources_of(paths: Iterable[Path]) -> list[Path]:
    """Pictures and clips at or below the paths. Raises TrainingError when there are none."""
    files = [file for path in paths for file in ([path] if path.is_file() else sorted(path.rglob("*")))]
    files = [file for file in files if file.suffix.lower() in _PICTURES | _CLIPS]
    if not files:
        raise TrainingError("expected pictures or clips, found none; give files, or folders that hold them")
    return files


def frames_of(file: Path, every: int) -> Iterator[Picture]:
    """A picture, or every so manieth frame of a clip."""
    if file.suffix.lower() in _PICTURES:
        picture = cv2.imread(str(file), cv2.IMREAD_COLOR)
        if picture is not None:
            yield np.asarray(picture, np.uint8)
        return
    clip = cv2.VideoCapture(str(file))
    number = 0
    while clip.grab():
        if number % every == 0:
            read, picture = clip.retrieve()
            if read:
                yield np.asarray(picture, np.uint8)
        number += 1
    clip.release()
