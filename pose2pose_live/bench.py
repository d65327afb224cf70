"""How fast the chain is on this machine, beside MediaPipe's own Holistic graph on the same pictures in the same run."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil

from .detection.mediapipe_import import import_mediapipe
from .errors import Pose2PoseError
from .frame import CameraFrame, Image
from .inference import RUNTIMES, Engine
from .mocap import MocapSettings, MotionCapture
from .motion import MocapControls
from .processor import core_count
from .quiet import quiet
from .resources import asset_path
from .sources import VideoSource
from .verify import usable_runtimes, verify

SIZE_PX = (640, 480)
FPS = 30
BLOCK = 60
_PICTURES_MAX = 4 * BLOCK
_WARM_UP = 10
_CLIP = "demo.mp4"


@dataclass(frozen=True)
class BenchFigures:
    """What was measured; names are those of the JSON file.

    fps: pictures a second of our whole chain, median of the rounds; mediapipe_holistic_fps likewise. speedup_...: median of the
    rounds' ratios, with their extremes. tracked, mediapipe_holistic_tracked: share of pictures in which each saw a person.
    first_pose_s: from the start of a fresh process, its imports included. peak_memory_mb: of that process, which holds our chain
    alone and reads the pictures one by one as an ordinary job does. graph_p50_ms: by runtime and graph of the engine, one run on one
    core, of every runtime that works here without building anything first.
    """

    fps: float
    mediapipe_holistic_fps: float
    speedup_over_mediapipe_holistic: float
    speedup_min: float
    speedup_max: float
    tracked: float
    mediapipe_holistic_tracked: float
    first_pose_s: float
    peak_memory_mb: float
    source: str
    pictures: int
    width_px: int
    height_px: int
    rounds: int
    pictures_per_round: int
    cores: int
    graph_p50_ms: dict[str, dict[str, float]] = field(default_factory=dict)


def run_bench(
    source: Path | None,
    rounds: int,
    settings: MocapSettings | None = None,
    controls: MocapControls | None = None,
    on_round: Callable[[int], None] = lambda count: None,
) -> BenchFigures:
    """Measure on a video (None: the bundled clip). Raises SourceError or ModelError.

    Both take turns in blocks of pictures that are already decoded, and so does who begins; the ratio is the median of the rounds'
    ratios, so that a machine whose speed drifts, or other programs, disturb both alike. Ours is the whole chain with the body's
    vertices; MediaPipe's is its Holistic graph with blendshapes on the same networks (pose full, hands full, face mesh) in its
    video mode, without segmentation.
    """
    settings, controls = settings or MocapSettings(), controls or MocapControls()
    path = asset_path(_CLIP) if source is None else source
    pictures = list(islice(_pictures(path), _PICTURES_MAX))
    first_pose_s, peak_memory_mb = _measure_start(path, settings, controls)
    blocks = cycle(pictures)
    with MotionCapture.open(settings, controls) as mocap, _Holistic() as holistic:
        ours, theirs = _Ours(mocap), holistic
        for contender in (ours, theirs):
            contender.run(pictures[:_WARM_UP])
            contender.tracked = 0
        ours_s, theirs_s = [], []
        for i in range(rounds):
            block = list(islice(blocks, BLOCK))
            if i % 2:
                theirs_s.append(theirs.run(block))
            ours_s.append(ours.run(block))
            if not i % 2:
                theirs_s.append(theirs.run(block))
            on_round(i + 1)
    ratios = np.array(theirs_s) / np.array(ours_s)
    return BenchFigures(
        fps=BLOCK / float(np.median(ours_s)),
        mediapipe_holistic_fps=BLOCK / float(np.median(theirs_s)),
        speedup_over_mediapipe_holistic=float(np.median(ratios)),
        speedup_min=float(ratios.min()),
        speedup_max=float(ratios.max()),
        tracked=ours.tracked / (rounds * BLOCK),
        mediapipe_holistic_tracked=theirs.tracked / (rounds * BLOCK),
        first_pose_s=first_pose_s,
        peak_memory_mb=peak_memory_mb,
        source="bundled clip" if source is None else source.name,
        pictures=len(pictures),
        width_px=SIZE_PX[0],
        height_px=SIZE_PX[1],
        rounds=rounds,
        pictures_per_round=BLOCK,
        cores=core_count(),
        graph_p50_ms=_graph_p50_ms(Engine.load(settings.engine)),
    )


def describe(figures: BenchFigures) -> Iterator[str]:
    """The figures as lines for people."""
    f = figures
    yield f"pictures             {f.source}: {f.pictures} of {f.width_px}x{f.height_px}, in {f.rounds} rounds of {f.pictures_per_round}"
    yield f"whole chain          {f.fps:6.1f} pictures/s on {f.cores} cores, a person tracked in {100 * f.tracked:.0f} %"
    yield f"MediaPipe Holistic   {f.mediapipe_holistic_fps:6.1f} pictures/s, a person in {100 * f.mediapipe_holistic_tracked:.0f} %"
    yield (
        f"ratio                {f.speedup_over_mediapipe_holistic:6.2f} "
        f"(median; rounds from {f.speedup_min:.2f} to {f.speedup_max:.2f})"
    )
    yield f"first pose           {f.first_pose_s:6.2f} s after the start of the program"
    yield f"peak memory          {f.peak_memory_mb:6.0f} MB, without MediaPipe's Holistic"
    for runtime, times in f.graph_p50_ms.items():
        yield f"{runtime:<20} {', '.join(f'{name} {p50_ms:.1f}' for name, p50_ms in times.items())} ms, one run on one core"


def _graph_p50_ms(engine: Engine) -> dict[str, dict[str, float]]:
    """Each runtime in a process of its own: their libraries are strangers to one another."""
    ready = [
        name for name in usable_runtimes()[0] if all(RUNTIMES[name].is_ready(g.path) for g in engine.graphs.values())
    ]
    found: dict[str, dict[str, float]] = {}
    for check in verify(engine, ready):
        if not check.trouble:
            found.setdefault(check.runtime, {})[check.graph] = check.p50_ms
    return found


def _pictures(path: Path) -> Iterator[Image]:
    with VideoSource(path) as video:
        for frame in video:
            yield cv2.resize(frame.image, SIZE_PX)


class _Ours:
    """Pictures follow on from each other over all runs, as in one long clip."""

    def __init__(self, mocap: MotionCapture) -> None:
        self.tracked = 0
        self._mocap = mocap
        self._indices = count()

    def run(self, pictures: list[Image]) -> float:
        """Seconds for these pictures."""
        start_s = time.perf_counter()
        for _, pose in self._mocap.stream(self._frames(pictures)):
            self._mocap.body.pose(pose)
            self.tracked += pose.tracked
        return time.perf_counter() - start_s

    def _frames(self, pictures: list[Image]) -> Iterator[CameraFrame]:
        for image in pictures:
            index = next(self._indices)
            yield CameraFrame(image, index / FPS, index)


class _Holistic:
    """MediaPipe's HolisticLandmarker, likewise."""

    def __init__(self) -> None:
        mp = import_mediapipe()
        self.tracked = 0
        self._mp = mp
        self._indices = count()
        with tempfile.TemporaryDirectory() as folder, quiet():
            self._graph = mp.tasks.vision.HolisticLandmarker.create_from_options(
                mp.tasks.vision.HolisticLandmarkerOptions(
                    base_options=mp.tasks.BaseOptions(model_asset_path=str(_holistic_bundle(Path(folder)))),
                    running_mode=mp.tasks.vision.RunningMode.VIDEO,
                    output_face_blendshapes=True,
                )
            )

    def run(self, pictures: list[Image]) -> float:
        """Seconds for these pictures."""
        start_s = time.perf_counter()
        with quiet():
            for image in pictures:
                rgb = self._mp.Image(
                    image_format=self._mp.ImageFormat.SRGB, data=cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
                )
                found = self._graph.detect_for_video(rgb, round(1000 * next(self._indices) / FPS))
                self.tracked += bool(found.pose_landmarks)
        return time.perf_counter() - start_s

    def __enter__(self) -> _Holistic:
        return self

    def __exit__(self, *_: object) -> None:
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


def _measure_start(path: Path, settings: MocapSettings, controls: MocapControls) -> tuple[float, float]:
    """first_pose_s and peak_memory_mb of a fresh process."""
    order = {
        "path": str(path),
        "settings": {
            name: str(value) if isinstance(value, Path) else value for name, value in asdict(settings).items()
        },
        "controls": {name: getattr(controls, name) for name in ("smoothing", "seated", "floor", "hands", "face")},
        "pictures": 2 * BLOCK,
    }
    code = "import sys; from pose2pose_live.bench import report_start; report_start(*sys.argv[1:])"
    # Wall-clock time is the one clock that both processes share on every system.
    command = [sys.executable, "-c", code, json.dumps(order), repr(time.time())]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Pose2PoseError(f"the process that measures the start has failed ({reason}); run `pose2pose-live doctor`")
    first_pose_s, peak_memory_mb = json.loads(result.stdout)
    return first_pose_s, peak_memory_mb


def report_start(order: str, started_s: str) -> None:
    """What the fresh process does: a first pose, then the rest of the pictures; prints the two figures."""
    given: dict[str, Any] = json.loads(order)
    paths = {name: given["settings"][name] and Path(given["settings"][name]) for name in ("engine", "body")}
    settings, controls = MocapSettings(**(given["settings"] | paths)), MocapControls(**given["controls"])
    with MotionCapture.open(settings, controls) as mocap:
        ours = _Ours(mocap)
        pictures = _pictures(Path(given["path"]))
        ours.run([next(pictures)])
        first_pose_s = time.time() - float(started_s)
        for image in islice(pictures, given["pictures"]):
            ours.run([image])
    print(json.dumps([first_pose_s, _peak_memory_mb()]))


def _peak_memory_mb() -> float:
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / 2**20
    if sys.platform == "linux":
        # Not getrusage: its figure is handed down from the process that started this one.
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return float(status.split("VmHWM:")[1].split()[0]) / 2**10
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
