from __future__ import annotations

import itertools

import numpy as np
import torch

from pose2pose_live.skeleton import OPEN_BODY_POINT as POINT
from pose2pose_live.skeleton import OPEN_BODY_POINTS, POSE
from pose2pose_live.training.body_layer import BodyLayer
from pose2pose_live.training.open_engine import batches as module
from pose2pose_live.training.open_engine.batches import MIRROR_LANDMARKS, MIRROR_POINTS, Batches, read_batch
from pose2pose_live.training.open_engine.losses import pose_body
from pose2pose_live.training.open_engine.shards import Crops

ROWS = np.arange(6)


def mirrored(crops: Crops, monkeypatch) -> module.Batch:
    monkeypatch.setattr(module, "_MIRRORED_SHARE", 1.1)
    monkeypatch.setattr(module, "_coloured", lambda picture, rng: picture)
    return read_batch(crops, ROWS, np.random.default_rng(0))


def test_a_batch_is_ready_for_the_network(crops: Crops):
    batch = read_batch(crops, ROWS)
    assert batch["image"].shape == (6, 3, 256, 256)
    assert batch["image"].is_contiguous(memory_format=torch.channels_last)
    assert batch["image"].dtype == torch.float32
    assert 0.1 < batch["image"].mean() < 0.9
    picture = crops.picture(2)
    np.testing.assert_allclose(batch["image"][2, :, 40, 50].numpy(), picture[40, 50, ::-1] / 255, atol=1e-6)
    assert torch.allclose(torch.linalg.det(batch["rotations"]), torch.ones(6, 22), atol=1e-4)


def test_mirroring_mirrors_picture_pixels_points_and_body_alike(crops: Crops, monkeypatch):
    plain, other = read_batch(crops, ROWS), mirrored(crops, monkeypatch)
    torch.testing.assert_close(other["image"], plain["image"].flip(-1))
    left, right = POINT["left_wrist"], POINT["right_wrist"]
    torch.testing.assert_close(other["points_px"][:, left, 0], 255 - plain["points_px"][:, right, 0])
    torch.testing.assert_close(other["points_px"][:, left, 1], plain["points_px"][:, right, 1])
    torch.testing.assert_close(other["inside"][:, left], plain["inside"][:, right])
    torch.testing.assert_close(other["teacher"][:, POSE["left_knee"], 1:], plain["teacher"][:, POSE["right_knee"], 1:])
    layer = BodyLayer().for_joints()
    for batch in (plain, other):
        posed = pose_body(layer, batch["rotations"][:, 0], batch["rotations"][:, 1:], batch["betas"]).points
        rows = [POINT[name] for name in OPEN_BODY_POINTS if name in ("left_wrist", "right_knee", "left_shoulder")]
        names = [i for i, name in enumerate(module_names()) if name in ("left_wrist", "right_knee", "left_shoulder")]
        # Mirrored shapes are symmetric but for noise.
        assert (posed[:, names] - batch["points"][:, rows]).abs().max() < (1e-4 if batch is plain else 5e-3)


def module_names() -> list[str]:
    from pose2pose_live.training.open_engine.losses import _POSED

    return _POSED


def test_sides_swap_and_come_back():
    for swap in (MIRROR_POINTS, MIRROR_LANDMARKS):
        assert [swap[i] for i in swap] == list(range(len(swap)))
        assert swap != list(range(len(swap)))
    assert MIRROR_LANDMARKS[POSE["mouth_left"]] == POSE["mouth_right"]
    assert MIRROR_LANDMARKS[33] == 33


def test_batches_are_the_same_from_any_step_and_cover_an_epoch(crops: Crops):
    made = Batches(crops, 4, 7)
    one = list(itertools.islice(made.from_step(0), 5))
    other = list(itertools.islice(Batches(crops, 4, 7).from_step(3), 2))
    for a, b in zip(one[3:], other, strict=True):
        assert all(torch.equal(a[name], b[name]) for name in a)
    seen = {tuple(betas.tolist()) for batch in one[:3] for betas in batch["betas"]}
    assert len(seen) == 12
    assert not torch.equal(one[0]["image"], one[3]["image"])
    assert not torch.equal(one[0]["image"], Batches(crops, 4, 8).read(0)["image"])
