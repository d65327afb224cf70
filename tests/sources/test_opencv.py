from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import distributions


def test_exactly_one_opencv_is_installed():
    """Two of them overwrite each other's files, silently, and removing either breaks the other."""
    installed = {d.metadata["Name"] for d in distributions() if (d.metadata["Name"] or "").lower().startswith("opencv")}
    assert installed == {"opencv-contrib-python"}


def run(code: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPENCV_", "QT_QPA_"))}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)


def test_qt_is_not_pointed_to_the_plugins_of_opencv():
    result = run("import os, cv2, pose2pose_live.sources; print([n for n in os.environ if n.startswith('QT_QPA_')])")
    assert "PLUGIN_PATH" not in result.stdout
    assert "FONTDIR" not in result.stdout


def test_opencv_and_ffmpeg_keep_their_reports_to_themselves(tmp_path):
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"\0\0\0\x18ftypisom" + bytes(1000))
    opening = f"cv2.VideoCapture({str(bad)!r}); cv2.VideoCapture(99)"
    assert run(f"import cv2; {opening}").stderr != ""
    for imports in ("import pose2pose_live.sources, cv2", "import cv2, pose2pose_live.sources"):
        assert run(f"{imports}; {opening}").stderr == ""
