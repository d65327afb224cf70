"""Bodies, how they are seen, and that the depth network learns from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from pose2pose_live.errors import TrainingError
from pose2pose_live.network.open_depth_net import POINTS, SIGHT, OpenDepthNet
from pose2pose_live.skeleton import DEPTH_LANDMARKS
from pose2pose_live.training.open_depths.__main__ import main
from pose2pose_live.training.open_depths.errors import HIPS, load_errors, save_errors
from pose2pose_live.training.open_depths.loop import (
    DepthTraining,
    depth_errors_mm,
    load_depth_net,
    train_depths,
)
from pose2pose_live.training.open_depths.poses import Bodies, pool_of_poses
from pose2pose_live.training.open_depths.views import views
from pose2pose_live.training.synthetic.motion import MotionBank, split_of

ROW = {name: row for row, name in enumerate(DEPTH_LANDMARKS)}


def dice(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def bodies(tmp_path_factory: pytest.TempPathFactory) -> Bodies:
    return Bodies(pool_of_poses(tmp_path_factory.mktemp("pool") / "poses.npy", 20, None, "train", 0))


@pytest.fixture(scope="module")
def errors(bodies: Bodies) -> dict[str, torch.Tensor]:
    """A body network that sees everything flat."""
    sight, true = views(bodies(64, dice(3)), dice(4))
    return {"sight": sight, "true": true, "inside": torch.ones(64, POINTS)}


def test_bodies_have_the_size_and_the_joints_of_people(bodies: Bodies):
    points = bodies(200, dice(0))
    torch.testing.assert_close(points, bodies(200, dice(0)))
    assert points.shape == (200, POINTS, 3)
    assert points[:, HIPS].mean(1).abs().max() < 1e-5
    thighs = (points[:, ROW["left_hip"]] - points[:, ROW["left_knee"]]).norm(dim=1)
    assert 0.3 < thighs.min() < thighs.max() < 0.55
    assert (points[:, ROW["nose"], 1] > points[:, ROW["left_hip"], 1]).float().mean() > 0.9
    handed = (points[:, ROW["left_shoulder"]] - points[:, ROW["right_shoulder"]])[:, 0]
    assert (handed > 0).float().mean() > 0.9, "whoever faces the camera has the left on its right"


def test_recorded_poses_are_among_them(tmp_path: Path):
    raised = np.zeros((2, 22, 3), np.float32)
    raised[:, 16] = (0, 0, 1.2)
    MotionBank(raised, np.zeros(2, np.int32), ("someone/raises",)).save(tmp_path / "bank.npz")
    split = split_of("someone/raises")
    poses = pool_of_poses(tmp_path / "poses.npy", 40, tmp_path / "bank.npz", split, 0)
    recorded = (poses - torch.from_numpy(raised[0])).abs().amax((1, 2)) < 1e-5
    assert 8 < recorded.sum() < 30


def test_drawn_poses_are_kept(tmp_path: Path):
    path = tmp_path / "poses.npy"
    first = pool_of_poses(path, 3, None, "train", 0)
    torch.testing.assert_close(pool_of_poses(path, 3, None, "train", 1), first)
    path.unlink()
    assert not torch.equal(pool_of_poses(path, 3, None, "test", 0), first)


def test_a_sight_is_the_body_before_a_camera(bodies: Bodies):
    sight, true = views(bodies(500, dice(1)), dice(2))
    assert sight.shape == (500, POINTS, SIGHT)
    seen = sight[..., 2]
    assert set(seen.unique().tolist()) == {0.0, 1.0}
    assert 0.6 < seen.mean() < 0.95
    assert seen[:, ROW["left_ankle"]].mean() < seen[:, ROW["nose"]].mean() - 0.1, "pictures end below"
    assert not sight[..., 3:].any(), "no body network has looked"
    # A camera at some distance sees what lies before it: slopes follow the points across, and nearer bodies are larger.
    for axis in (0, 1):
        wanted = true[..., axis] - true[..., axis].mean(1, keepdim=True)
        found = sight[..., axis] - sight[..., axis].mean(1, keepdim=True)
        assert torch.corrcoef(torch.stack([wanted.flatten(), found.flatten()]))[0, 1] > 0.7
    forward = torch.linalg.cross(
        true[:, ROW["left_shoulder"]] - true[:, ROW["right_shoulder"]], true[:, ROW["nose"]] - true[:, HIPS].mean(1)
    )[:, 2]
    assert 0.55 < (forward > 0).float().mean() < 0.85, "most look at the front, some at the back"


def test_it_learns_depth_from_poses_and_goes_on_where_it_stopped(
    bodies: Bodies, errors: dict[str, torch.Tensor], tmp_path: Path, capsys
):
    whole = train_depths(DepthTraining(steps=120, batch=64), bodies, errors, tmp_path / "whole.pt")
    torch.testing.assert_close(whole.world_variance, errors["true"][..., 2].square().mean(0))
    off = depth_errors_mm(whole, errors)
    assert off["fused"] < 0.9 * off["body network"]
    stored = load_depth_net(tmp_path / "whole.pt")
    assert depth_errors_mm(stored, errors) == off
    assert "120 of 120" in capsys.readouterr().out
    again = train_depths(DepthTraining(steps=120, batch=64), bodies, errors, tmp_path / "whole.pt")
    assert capsys.readouterr().out == "", "nothing is left to do"
    assert depth_errors_mm(again, errors) == off


def test_errors_are_kept_and_other_files_are_told(
    bodies: Bodies, errors: dict[str, torch.Tensor], tmp_path: Path, capsys
):
    save_errors({name: value.numpy() for name, value in errors.items()}, tmp_path / "errors.npz")
    for name, value in load_errors(tmp_path / "errors.npz").items():
        torch.testing.assert_close(value, errors[name])
    np.savez(tmp_path / "other.npz", sight=np.zeros(3))
    with pytest.raises(TrainingError, match="expected a file of `open_depths errors`"):
        load_errors(tmp_path / "other.npz")
    assert main(["train", str(tmp_path / "x.pt"), "--errors", str(tmp_path / "gone.npz")]) == 1
    assert "open_depths: " in capsys.readouterr().err
    torch.save({"average": {}}, tmp_path / "other.pt")
    with pytest.raises(TrainingError, match="expected a file of `open_depths train`"):
        load_depth_net(tmp_path / "other.pt")
    with pytest.raises(TrainingError, match="expected a file of `open_depths train`"):
        train_depths(DepthTraining(steps=1), bodies, errors, tmp_path / "other.pt")
    assert OpenDepthNet().world_variance.shape == (POINTS,)
