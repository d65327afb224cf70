from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from pose2pose_live.detection.region import Region
from pose2pose_live.estimation.hand_net import HandNet, region_from_landmarks
from pose2pose_live.inference import Engine
from pose2pose_live.resources import engine_path
from pose2pose_live.skeleton import HAND_LANDMARK
from pose2pose_live.training.body_layer import BodyLayer
from pose2pose_live.training.open_parts.__main__ import main
from pose2pose_live.training.open_parts.hand_crops import HandEyes, drawn_hand, jittered
from pose2pose_live.training.open_parts.hand_layer import HandLayer
from pose2pose_live.training.open_parts.hand_training import HandRows
from pose2pose_live.training.synthetic.closeups import CloseUps

_MCP = [HAND_LANDMARK[f"{finger}_mcp"] for finger in ("index", "middle", "ring", "pinky")]


def test_close_ups_show_the_part_in_the_middle(hands: CloseUps):
    for index in range(8):
        side = hands.part_of(index).removesuffix("_hand")
        assert side == ("left", "right")[index % 2]
        truth = drawn_hand(hands[index], side)
        if truth is not None:
            middle = (truth.points_px.min(0) + truth.points_px.max(0)) / 2
            assert np.abs(middle - 144).max() < 60
            assert 60 < np.ptp(truth.points_px, axis=0).max() < 220
    picture = hands[1].picture
    hands.close()  # a process has one OpenGL context at a time
    again = pickle.loads(pickle.dumps(hands))
    np.testing.assert_array_equal(again[1].picture, picture)
    again.close()


def test_labels_pose_the_average_hand_along_the_true_one(crops: HandRows):
    """Rotations in view axes, of right hands and of mirrored left ones: fingers point where they point."""
    assert len(crops) > 10
    layer = HandLayer(BodyLayer().for_joints())
    turns = torch.from_numpy(crops.arrays["rotations"])
    posed = layer(turns[:, 0], turns[:, 1:]).numpy()
    true = crops.arrays["points"]
    for finger in range(5):
        ours, theirs = (p[:, 3 + 4 * finger] - p[:, 1 + 4 * finger] for p in (posed, true))
        cosines = (ours * theirs).sum(-1) / np.linalg.norm(ours, axis=-1) / np.linalg.norm(theirs, axis=-1)
        assert cosines.min() > 0.93
    sizes = np.linalg.norm(posed[:, _MCP], axis=-1) / np.linalg.norm(true[:, _MCP], axis=-1)
    assert np.abs(np.log(sizes)).max() < 0.3


def test_the_picture_shows_the_points_where_the_labels_have_them(crops: HandRows):
    """In view axes, seen from afar, points are where the crop shows them; and the network finds them there."""
    points, pixels = crops.arrays["points"], crops.arrays["points_px"]
    flat, offsets = points[..., :2] * [1, -1], pixels - pixels[:, :1]
    scale = (flat * offsets).sum((1, 2)) / (flat**2).sum((1, 2))
    assert (scale > 0).all()
    error = np.abs(offsets - scale[:, None, None] * flat).mean((1, 2)) / np.abs(offsets).max((1, 2))
    assert np.median(error) < 0.05
    apart = np.linalg.norm(crops.arrays["landmarks"][..., :2] - pixels, axis=-1)
    assert np.median(apart) < 15


def test_crops_are_of_right_hands_once_left_ones_are_mirrored(crops: HandRows):
    assert (crops.arrays["handedness"] > 0.5).mean() > 0.6
    # Wrist to middle knuckle, and index to pinky, as a right palm has them: the thumb is on the index's side.
    points = crops.arrays["points"]
    along, across = points[:, 9], points[:, 5] - points[:, 17]
    thumb = points[:, 2] - points[:, 9] / 2
    across = across - along * (across * along).sum(-1, keepdims=True) / (along**2).sum(-1, keepdims=True)
    assert ((thumb * across).sum(-1) > 0).mean() > 0.9


def test_the_same_seed_gives_the_same_and_another_is_refused(
    hands: CloseUps, folder: Path, crops: HandRows, capsys: pytest.CaptureFixture[str]
):
    hands.close()
    (folder / "0000000.npz").rename(folder / "before")
    assert main(["crops", "hand", str(folder), "--count", "24", "--seed", "5"]) == 0
    again = HandRows(folder)
    (folder / "before").unlink()
    np.testing.assert_array_equal(again.arrays["rotations"], crops.arrays["rotations"])
    np.testing.assert_array_equal(again.arrays["pooled"], crops.arrays["pooled"])
    assert main(["crops", "hand", str(folder), "--count", "24", "--seed", "6"]) == 1
    assert "other options" in capsys.readouterr().err


def test_training_looks_as_the_application_does(hands: CloseUps):
    picture = hands[1].picture
    truth = drawn_hand(hands[1], "right")
    assert truth is not None
    region = region_from_landmarks(truth.points_px)
    kept = HandEyes().look(picture, region, "right")
    seen = HandNet(Engine.load(engine_path("landmarks")).graph("hand"))(picture, region, "right")
    np.testing.assert_allclose(region.to_image(kept["landmarks"][:, :2], 224), seen.image_px, atol=1e-3)


def test_jitter_is_small():
    rng, region = np.random.default_rng(0), Region(100.0, 80.0, 200.0, 0.2)
    made = [jittered(region, rng) for _ in range(2000)]
    assert np.std([r.centre_x_px for r in made]) == pytest.approx(7, rel=0.1)
    assert np.std([np.log(r.size_px) for r in made]) == pytest.approx(0.09, rel=0.1)
    assert np.degrees(np.std([r.rotation_rad for r in made])) == pytest.approx(8, rel=0.1)
