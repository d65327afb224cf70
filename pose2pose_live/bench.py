"""How fast the chain is on this machine, beside MediaPipe's own Holistic graph on the same pictures in the same run."""

from __future__ import annotations

import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil

from .sources import VideoSource
from .frame import CameraFrame, Image
from .mocap import MocapSettings, MotionCapture
from .resources import asset_path

_SIZE_PX = (640, 480)
_BLOCK = 60
_WARM_UP = 10


def run_bench(source: Path | None, rounds: int, settings: MocapSettings | None = None) -> dict[str, Any]:
    """Figures by name.

    Both take turns, in blocks of pictures of 640x480 that are already decoded; the ratio is the median of the rounds' ratios, so that a machine whose
    speed drifts, or other programs, disturb both alike. Ours is the whole chain with the body's vertices; MediaPipe's is its
    Holistic graph with blendshapes on the same networks (pose full, hands full, face mesh) in its video mode, without
    segmentation. peak_memory_mb is that of our chain, before MediaPipe's graph is loaded.
    """
    pictures = _pictures(asset_path("demo.mp4") if source is None else source)
    started_s = time.perf_counter()
    with MotionCapture.open(settings) as mocap:
        _ours(mocap, pictures[:1], 0)
        first_pose_s = time.perf_counter() - started_s
        _ours(mocap, pictures[:_WARM_UP], 0)
        peak_memory_mb = _peak_memory_mb()
        with tempfile.TemporaryDirectory() as folder:
            holistic = _Holistic(_holistic_bundle(Path(folder)))
            holistic(pictures[:_WARM_UP])
            ours_s, theirs_s = [], []
            for i in range(rounds):
                block = _block(pictures, i)
                ours_s.append(_ours(mocap, block, i + 1))
                theirs_s.append(holistic(block))
            holistic.close()
    ratios = np.array(theirs_s) / np.array(ours_s)
    return {
        "fps": _BLOCK / float(np.median(ours_s)),
        "mediapipe_holistic_fps": _BLOCK / float(np.median(theirs_s)),
        "speedup_over_mediapipe_holistic": float(np.median(ratios)),
        "speedup_min": float(ratios.min()),
        "speedup_max": float(ratios.max()),
        "first_pose_s": first_pose_s,
        "peak_memory_mb": peak_memory_mb,
        "rounds": rounds,
        "pictures_per_round": _BLOCK,
        "source": "bundled clip" if source is None else source.name,
        "cores": psutil.cpu_count() or 1,
    }


def _pictures(path: Path) -> list[Image]:
    with VideoSource(path) as video:
        return [cv2.resize(frame.image, _SIZE_PX) for frame, _ in zip(video, range(_BLOCK * 4), strict=False)]


def _block(pictures: list[Image], i: int) -> list[Image]:
    return [pictures[(i * _BLOCK + k) % len(pictures)] for k in range(_BLOCK)]


def _ours(mocap: MotionCapture, pictures: list[Image], block: int) -> float:
    """Seconds for these pictures; they follow on from the block before, as in one long clip at 30 pictures a second."""
    start_s = time.perf_counter()
    for k, image in enumerate(pictures):
        index = block * _BLOCK + k
        mocap.body.pose(mocap(CameraFrame(image, index / 30, index)))
    return time.perf_counter() - start_s


class _Holistic:
    def __init__(self, bundle: Path) -> None:
        import mediapipe as mp

        self._mp = mp
        self._time_ms = 0
        self._graph = mp.tasks.vision.HolisticLandmarker.create_from_options(
            mp.tasks.vision.HolisticLandmarkerOptions(
                base_options=mp.tasks.BaseOptions(model_asset_path=str(bundle)),
                running_mode=mp.tasks.vision.RunningMode.VIDEO,
                output_face_blendshapes=True,
            )
        )

    def __call__(self, pictures: list[Image]) -> float:
        start_s = time.perf_counter()
        for image in pictures:
            rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
            self._time_ms += 33
            self._graph.detect_for_video(
                self._mp.Image(image_format=self._mp.ImageFormat.SRGB, data=rgb), self._time_ms
            )
        return time.perf_counter() - start_s

    def close(self) -> None:
        self._graph.close()


def _holistic_bundle(folder: Path) -> Path:
    """MediaPipe wants all networks of the graph in one file; two of them are in the person detector's bundle already."""
    bundle = folder / "holistic_landmarker.task"
    with zipfile.ZipFile(bundle, "w") as target:
        for part in ("pose_landmarker.task", "holistic_face_and_hands.task"):
            with zipfile.ZipFile(asset_path(f"detector/{part}")) as source:
                for name in source.namelist():
                    target.writestr(name, source.read(name))
    return bundle


def _peak_memory_mb() -> float:
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / 2**20
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def describe(figures: dict[str, Any], write: Callable[[str], object] = print) -> None:
    """The figures as lines for people."""
    write(f"whole chain          {figures['fps']:6.1f} pictures/s  (640x480, {figures['cores']} cores)")
    write(f"MediaPipe Holistic   {figures['mediapipe_holistic_fps']:6.1f} pictures/s")
    write(
        f"ratio                {figures['speedup_over_mediapipe_holistic']:6.2f}  "
        f"(rounds: {figures['speedup_min']:.2f} to {figures['speedup_max']:.2f})"
    )
    write(f"first pose after     {figures['first_pose_s']:6.2f} s")
    write(f"peak memory          {figures['peak_memory_mb']:6.0f} MB")
