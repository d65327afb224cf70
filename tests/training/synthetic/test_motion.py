"""Recorded motion: files, rigs, and a split that no clip crosses."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from pose2pose_live.errors import TrainingError
from pose2pose_live.rotations import rotvec_to_rotmat
from pose2pose_live.skeleton import SMPLX
from pose2pose_live.training.synthetic.__main__ import main
from pose2pose_live.training.synthetic.bvh import parse_bvh
from pose2pose_live.training.synthetic.motion import MotionBank, session_of, split_of
from pose2pose_live.training.synthetic.motion_sources import read_motion

BVH = """HIERARCHY
ROOT Hip
{
  OFFSET 0 10 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Yrotation Xrotation
  JOINT Knee
  {
    OFFSET 0 -5 0
    CHANNELS 3 Zrotation Yrotation Xrotation
    End Site
    {
      OFFSET 0 -5 0
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.05
0 10 0 0 0 0 0 0 0
1 10 0 90 0 0 0 0 30
"""


def test_bvh_gives_rotations_and_positions() -> None:
    clip = parse_bvh(BVH)
    assert clip.names == ("Hip", "Knee")
    assert clip.frame_s == 0.05
    rotations, positions = clip.world(["Knee"], stride=1)
    # Turned by 90 degrees about z, the thigh that pointed down points along +x.
    np.testing.assert_allclose(positions["Knee"], [[0, 5, 0], [6, 10, 0]], atol=1e-9)
    expected = rotvec_to_rotmat(np.array([0, 0, np.pi / 2])) @ rotvec_to_rotmat(np.array([np.radians(30), 0, 0]))
    np.testing.assert_allclose(rotations["Knee"][1], expected, atol=1e-9)


def test_broken_bvh_is_refused() -> None:
    with pytest.raises(ValueError, match="MOTION"):
        parse_bvh("HIERARCHY\n")
    with pytest.raises(ValueError, match="expected 2 frames of 9 numbers, found 9"):
        parse_bvh(BVH.replace("1 10 0 90 0 0 0 0 30\n", ""))


def deepmimic_frames(knee_rad: float) -> dict:
    identity = [1.0, 0, 0, 0]
    frame = [1 / 30, 0, 1, 0, *identity, *identity, *identity, *identity, -knee_rad, *identity, *identity, 0.5]
    frame += [*identity, -knee_rad, *identity, *identity, 0.5]
    return {"Frames": [frame] * 40}


def test_deepmimic_clips_become_smplx_rotations(tmp_path: Path) -> None:
    (tmp_path / "humanoid3d_walk.txt").write_text(json.dumps(deepmimic_frames(0.7)))
    bank = read_motion(tmp_path)
    assert bank.names == ("deepmimic/walk/0",)
    assert len(bank.poses) == 20  # 40 frames at 30/s, every second one
    pose = bank.poses[0]
    np.testing.assert_allclose(pose[SMPLX["left_shoulder"]], [0, 0, -np.pi / 2], atol=1e-5)  # arms hang
    np.testing.assert_allclose(pose[SMPLX["right_shoulder"]], [0, 0, np.pi / 2], atol=1e-5)
    np.testing.assert_allclose(pose[SMPLX["left_knee"]], [0.7, 0, 0], atol=1e-5)
    # The elbow bends about -y (left) and +y (right), which takes a hanging hand forwards.
    np.testing.assert_allclose(pose[SMPLX["left_elbow"]], [0, -0.5, 0], atol=1e-5)
    np.testing.assert_allclose(pose[SMPLX["right_elbow"]], [0, 0.5, 0], atol=1e-5)


def test_archives_are_read_and_banks_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "source"
    source.mkdir()
    clip = tmp_path / "humanoid3d_run.txt"
    clip.write_text(json.dumps(deepmimic_frames(0.2)))
    with tarfile.open(source / "clips.tar.xz", "w:xz") as archive:
        archive.add(clip, "humanoid3d_run.txt")
    assert main(["motion", str(source), str(tmp_path / "bank.npz")]) == 0
    assert "1 clips" in capsys.readouterr().out
    split = split_of("deepmimic/run/0")
    bank = MotionBank.load(tmp_path / "bank.npz", split)
    name, local = bank.sample(np.random.default_rng(0))
    assert name == "deepmimic/run/0"
    assert local.shape == (22, 3, 3)
    with pytest.raises(TrainingError, match="no clip belongs to the split"):
        MotionBank.load(tmp_path / "bank.npz", "train" if split == "test" else "test")


def test_useless_folders_and_files_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(TrainingError, match="found neither"):
        read_motion(tmp_path)
    (tmp_path / "a.bvh").write_text(BVH)
    with pytest.raises(TrainingError, match=r"a\.bvh: expected the iClone rig"):
        read_motion(tmp_path)
    (tmp_path / "bank.npz").write_text("no")
    with pytest.raises(TrainingError, match="synthetic motion FOLDER"):
        MotionBank.load(tmp_path / "bank.npz", "train")
    assert main(["motion", str(tmp_path), str(tmp_path / "b.npz")]) == 1
    assert "iClone" in capsys.readouterr().err


def test_no_clip_and_no_session_is_in_both_splits(tmp_path: Path) -> None:
    names = tuple(f"cmu/{subject:03d}/{subject:03d}_{take:02d}" for subject in range(40) for take in range(3))
    poses = np.zeros((len(names), 22, 3), np.float32)
    MotionBank(poses, np.arange(len(names), dtype=np.int32), names).save(tmp_path / "bank.npz")
    train, test = (MotionBank.load(tmp_path / "bank.npz", split) for split in ("train", "test"))
    sessions = [{session_of(bank.names[i]) for i in bank.clip} for bank in (train, test)]
    assert sessions[0]
    assert sessions[1]
    assert not sessions[0] & sessions[1]
    assert len(train.poses) + len(test.poses) == len(names)
    assert 0.05 < len(test.poses) / len(names) < 0.4
