"""The videos that `process` writes, as ffprobe sees them."""

from __future__ import annotations

import json
import shutil
import subprocess

import numpy as np
import pytest

from pose2pose_live.sinks import OverlayWriter
from tests.sinks.takes import picture, random_pose

COUNT, FPS = 45, 30


def test_ffprobe_finds_every_frame_at_its_time(tmp_path):
    ffprobe = shutil.which("ffprobe")
    if ffprobe is None:
        pytest.skip("ffprobe is not installed: apt-get install ffmpeg")
    writer = OverlayWriter(tmp_path / "a.mp4", lambda shown, _: np.ascontiguousarray(shown.image), fps=FPS)
    for i in range(COUNT):
        writer.write(random_pose(0), picture(i, size_px=(160, 120)))
    writer.close()
    command = [
        ffprobe,
        "-v",
        "error",
        "-count_frames",
        "-select_streams",
        "v:0",
        "-show_streams",
        "-show_format",
        "-of",
        "json",
        str(writer.path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    (video,) = report["streams"]
    assert (video["width"], video["height"]) == (160, 120)
    assert int(video["nb_read_frames"]) == COUNT
    assert video["avg_frame_rate"] == f"{FPS}/1"
    assert float(report["format"]["duration"]) == pytest.approx(COUNT / FPS, abs=0.01)
    assert video["codec_name"] in ("h264", "mpeg4")
