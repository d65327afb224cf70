from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from pose2pose_live import bench
from pose2pose_live.bench import BLOCK, BenchFigures, describe, run_bench
from pose2pose_live.errors import Pose2PoseError, SourceError
from pose2pose_live.inference import Engine
from pose2pose_live.mocap import MocapSettings
from pose2pose_live.motion import MocapControls

FIGURES = BenchFigures(
    fps=50.0, mediapipe_holistic_fps=25.0, speedup_over_mediapipe_holistic=2.0, speedup_min=1.5, speedup_max=2.5,
    tracked=1.0, mediapipe_holistic_tracked=0.5, first_pose_s=1.25, peak_memory_mb=321.0, source="clip.mp4", pictures=240,
    width_px=640, height_px=480, rounds=7, pictures_per_round=60, cores=4,
)  # fmt: skip


@pytest.fixture
def short(monkeypatch):
    """Blocks of a few pictures."""
    monkeypatch.setattr(bench, "BLOCK", 4)
    monkeypatch.setattr(bench, "_PICTURES_MAX", 6)
    monkeypatch.setattr(bench, "_WARM_UP", 2)
    monkeypatch.setattr(bench, "usable_runtimes", lambda: (["cpu"], {}))


def test_it_measures_both_on_the_same_pictures(short, shared_mocap, capfd):
    rounds: list[int] = []
    figures = run_bench(None, 2, on_round=rounds.append)
    assert rounds == [1, 2]
    assert (figures.source, figures.pictures, figures.rounds, figures.pictures_per_round) == ("bundled clip", 6, 2, 4)
    assert figures.tracked == figures.mediapipe_holistic_tracked == 1.0
    assert 0 < figures.fps < 1000
    assert 1 < figures.mediapipe_holistic_fps < 1000
    assert figures.speedup_min <= figures.speedup_over_mediapipe_holistic <= figures.speedup_max
    assert 0.3 < figures.first_pose_s < 60
    assert 100 < figures.peak_memory_mb < 700
    assert set(figures.graph_p50_ms["cpu"]) == set(Engine.load().graphs)
    assert all(0 < p50_ms < 1000 for times in figures.graph_p50_ms.values() for p50_ms in times.values())
    assert capfd.readouterr() == ("", "")  # nor does MediaPipe's native library say anything


def test_the_turns_alternate(short, monkeypatch, shared_mocap):
    turns: list[object] = []

    class Contender:
        tracked = 0

        def __init__(self, name):
            self.name = name

        def run(self, pictures):
            turns.append((self.name, len(pictures)))
            return {"ours": 1.0, "theirs": 3.0}[self.name]

        def __enter__(self):
            return self

        def __exit__(self, *_):
            turns.append("closed")

    monkeypatch.setattr(bench, "_Ours", lambda mocap: Contender("ours"))
    monkeypatch.setattr(bench, "_Holistic", lambda: Contender("theirs"))
    monkeypatch.setattr(bench, "_measure_start", lambda path, settings, controls: (1.0, 300.0))
    figures = run_bench(None, 3)
    ours, theirs = ("ours", 4), ("theirs", 4)
    assert turns == [("ours", 2), ("theirs", 2), ours, theirs, theirs, ours, ours, theirs, "closed"]
    assert (figures.fps, figures.speedup_over_mediapipe_holistic) == (4.0, 3.0)


def test_peak_memory_leaves_out_the_process_that_started_it():
    code = (
        "import subprocess, sys; ballast = bytearray(500 * 2**20)\n"
        "child = 'from pose2pose_live.bench import _peak_memory_mb; print(_peak_memory_mb())'\n"
        "print(subprocess.run([sys.executable, '-c', child], capture_output=True, text=True, check=True).stdout)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 20 < float(result.stdout) < 400


def test_a_start_that_fails_is_told(monkeypatch):
    failed = subprocess.CompletedProcess([], 1, "", "Traceback\nModelError: the body is missing\n")
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **options: failed)
    with pytest.raises(Pose2PoseError, match=r"ModelError: the body is missing.*doctor"):
        bench._measure_start(Path("clip.mp4"), MocapSettings(body=Path("body.npz")), MocapControls())


def test_a_source_that_is_no_video_is_refused(tmp_path):
    with pytest.raises(SourceError, match="no such file"):
        run_bench(tmp_path / "missing.mp4", 1)


def test_the_figures_are_told_with_what_they_were_measured_on():
    lines = list(describe(FIGURES))
    assert "clip.mp4: 240 of 640x480, in 7 rounds of 60" in lines[0]
    assert "50.0 pictures/s on 4 cores, a person tracked in 100 %" in lines[1]
    assert "25.0 pictures/s, a person in 50 %" in lines[2]
    assert "2.00 (median; rounds from 1.50 to 2.50)" in lines[3]
    assert "1.25 s" in lines[4]
    assert "321 MB" in lines[5]
    timed = replace(FIGURES, graph_p50_ms={"openvino": {"pose": 12.34, "face": 5.0}})
    assert list(describe(timed))[-1] == "openvino             pose 12.3, face 5.0 ms, one run on one core"
    assert {"fps", "speedup_over_mediapipe_holistic"} < set(asdict(FIGURES))
    assert FIGURES.pictures_per_round == BLOCK
