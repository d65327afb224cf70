"""`import pose2pose_live as p2p`: what a program of one's own uses."""

from __future__ import annotations

import ast
import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import pose2pose_live as p2p
from pose2pose_live import mocap as mocap_module
from pose2pose_live.resources import asset_path
from pose2pose_live.sources.opencv import cv2

DEMO = asset_path("demo.mp4")


def test_capture_yields_a_pose_for_each_picture_of_a_video(shared_mocap):
    with p2p.open_source(DEMO) as source:
        assert source.fps == 30
    frames = list(islice(p2p.capture(DEMO), 4))
    assert all(isinstance(frame, p2p.SmplxFrame) for frame in frames)
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert [frame.time_s for frame in frames] == pytest.approx([0, 1 / 30, 2 / 30, 3 / 30], abs=1e-3)
    assert all(frame.tracked and frame.body_pose.shape == (21, 3) for frame in frames)
    assert all(-10 < frame.transl[2] < -1 for frame in frames)


def test_capture_takes_the_pictures_of_a_folder_each_by_itself(shared_mocap, tmp_path):
    with p2p.open_source(DEMO) as source:
        images = [frame.image for frame in islice(source, 10)]
    for name, image in (("a", images[0]), ("b", images[9])):
        cv2.imwrite(str(tmp_path / f"{name}.png"), image)
    both = list(p2p.capture(tmp_path))
    (tmp_path / "a.png").unlink()
    (alone,) = p2p.capture(str(tmp_path))
    np.testing.assert_array_equal(both[1].full_pose, alone.full_pose)
    np.testing.assert_array_equal(both[1].transl, alone.transl)


def test_leaving_the_loop_early_lets_go_of_everything(shared_mocap, monkeypatch):
    closed: list[str] = []
    opened = p2p.open_source(DEMO)
    monkeypatch.setattr(opened, "close", lambda: closed.append("source"))
    monkeypatch.setattr(shared_mocap, "close", lambda: closed.append("mocap"))
    monkeypatch.setattr(mocap_module, "open_source", lambda spec: opened)
    poses = p2p.capture(DEMO)
    next(poses)
    assert closed == []
    poses.close()  # as the end of a `for` loop does once nobody holds the generator
    assert sorted(closed) == ["mocap", "source"]


def test_capture_says_what_is_wrong():
    with pytest.raises(p2p.Pose2PoseError, match="no such file"):
        next(p2p.capture("missing.mp4"))
    with pytest.raises(ValueError, match="expected 20 to 150 degrees, found 500"):
        p2p.MocapSettings(fov_deg=500)


def test_every_public_name_is_there():
    for name in p2p.__all__:
        assert getattr(p2p, name) is not None, name
    assert set(p2p.__all__) <= set(dir(p2p))
    with pytest.raises(AttributeError, match="nonsense"):
        _ = p2p.nonsense


def test_importing_the_package_is_light():
    code = (
        "import sys, pose2pose_live\n"
        "heavy = ('numpy', 'scipy', 'cv2', 'onnxruntime', 'mediapipe', 'torch', 'PyQt6', 'pyrender')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_application_needs_no_torch():
    """Only the network's and the training's rooms may import it."""
    root = Path(p2p.__file__).parent
    for path in root.rglob("*.py"):
        if path.relative_to(root).parts[0] in ("network", "training"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            assert not {name.split(".")[0] for name in names} & {"torch", "smplx", "lightning"}, path


def test_jobs_without_a_window_need_no_pyqt():
    """PyQt6 is GPL: whoever passes the program on may leave it out."""
    code = "import sys; sys.modules['PyQt6'] = None; import pose2pose_live.take, pose2pose_live.bench, pose2pose_live.doctor"
    subprocess.run([sys.executable, "-c", code], check=True)
