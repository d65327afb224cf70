from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from pose2pose_live.errors import TrainingError
from pose2pose_live.network.hand_landmarker import ANSWERS, INPUT_PX
from pose2pose_live.network.hand_landmarker_weights import load_hand_landmarker
from pose2pose_live.training.open_engine.checkpoints import load_hand_network
from pose2pose_live.training.open_parts import hand_end_to_end
from pose2pose_live.training.open_parts.__main__ import main
from pose2pose_live.training.open_parts.hand_crops import LABELS, published_hand_graph
from pose2pose_live.training.open_parts.hand_end_to_end import HandFolders, HandRun, train_hand_net
from pose2pose_live.training.open_parts.hand_losses import perception_losses, unlabelled_losses
from pose2pose_live.training.open_parts.hand_pictures import HandPictures, turned

CPU = torch.device("cpu")
RUN = HandRun(
    crops=24, batch=4, real_batch=3, people_batch=2, head_first=8, warm_up=4, head_last=8, save_every=8, device="cpu"
)


@pytest.fixture(scope="module")
def folders(folder: Path) -> HandFolders:
    """Drawn hands stand in for pictures of real hands and people."""
    return HandFolders([folder], folder, folder)


@pytest.fixture(scope="module")
def pictures(folder: Path) -> HandPictures:
    return HandPictures([folder], CPU, (*LABELS, *ANSWERS))


def test_labels_turn_with_the_picture(pictures: HandPictures):
    """A mark drawn at a point of the hand is where the turned label says, and the turned points in space point the same way."""
    rows = pictures.take(np.arange(3))
    rows["points_px"] = torch.tensor([[[60.0, 90.0], [150.0, 70.0]]]).repeat(3, 1, 1)
    rows["points"] = torch.cat([rows["points_px"] - 111.5, torch.zeros(3, 2, 1)], dim=-1) * torch.tensor(
        [1e-3, -1e-3, 1e-3]
    )
    for point in range(2):
        rows["image"] = torch.zeros(3, 3, INPUT_PX, INPUT_PX)
        x, y = rows["points_px"][0, point].int().tolist()
        rows["image"][:, :, y - 2 : y + 3, x - 2 : x + 3] = 1.0
        angle, scale = np.array([0.5, -0.3, 0.0]), np.array([1.0, 1.2, 0.8])
        after = turned(rows, angle, scale)
        for row in range(3):
            ys, xs = np.nonzero(after["image"][row, 0].numpy() > 0.5)
            np.testing.assert_allclose(after["points_px"][row, point].numpy(), [xs.mean(), ys.mean()], atol=1.0)
    flat = after["points"][..., :2] * torch.tensor([1e3, -1e3]) * torch.from_numpy(scale).float()[:, None, None]
    torch.testing.assert_close(flat + 111.5, after["points_px"], atol=1e-3, rtol=0)
    # Counterclockwise for who looks at it, and fingers stay where they are in the palm.
    turn = after["rotations"][0, 0] @ rows["rotations"][0, 0].T
    np.testing.assert_allclose(
        turn[:2, :2].numpy(), [[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]], atol=1e-5
    )
    torch.testing.assert_close(after["rotations"][:, 1:], rows["rotations"][:, 1:])


def test_batches_show_every_crop_once_and_are_the_same_again(pictures: HandPictures):
    size = len(pictures) // 3
    first = np.concatenate([pictures.order(size, 0, step) for step in range(3)])
    assert len(set(first.tolist())) == 3 * size
    torch.manual_seed(1)
    one = pictures.batch(4, 0, 5)
    torch.manual_seed(1)
    again = pictures.batch(4, 0, 5)
    torch.testing.assert_close(one["image"], again["image"], atol=0, rtol=0)
    assert not torch.allclose(one["image"], pictures.batch(4, 0, 6)["image"])
    assert set(pictures.windows(4, 0, 5)) == {"image"}


def test_windows_are_parts_of_the_picture(tmp_path: Path):
    ramp = np.tile(np.linspace(0, 255, INPUT_PX).astype(np.uint8)[:, None], (INPUT_PX, 1, 3))
    jpeg = cv2.imencode(".png", ramp)[1].ravel()
    np.savez(tmp_path / "0000000.npz", jpeg=np.tile(jpeg, 8), jpeg_end=len(jpeg) * np.arange(1, 9))
    seen = HandPictures([tmp_path], CPU, labels=()).windows(8, 0, 0)["image"].mean(1)
    assert (seen.amax((1, 2)) - seen.amin((1, 2))).min() > 0.1
    assert (seen.amax((1, 2)) - seen.amin((1, 2))).median() < 0.9


def test_who_says_what_the_teacher_says_loses_nothing_on_real_pictures(pictures: HandPictures):
    teacher = load_hand_landmarker(published_hand_graph())
    rows = pictures.take(np.arange(6))
    with torch.no_grad():
        taught = teacher(rows["image"])
    losses = unlabelled_losses(taught, taught)
    assert float(losses["landmarks"]) == float(losses["world"]) == float(losses["depth"]) == 0
    moved = taught | {"landmarks": taught["landmarks"] + 5.0}
    assert float(unlabelled_losses(moved, taught)["landmarks"]) == pytest.approx(5 / 112, rel=1e-4)
    nobody = taught | {"presence": torch.zeros_like(taught["presence"])}
    assert float(unlabelled_losses(moved, nobody)["landmarks"]) == 0


def test_the_teacher_is_believed_where_it_is_nearly_right(pictures: HandPictures):
    rows = pictures.take(np.arange(4))
    rows["seen"][:] = 1.0
    true = torch.cat([rows["points_px"], torch.zeros(4, 21, 1)], dim=-1)
    seen = {"world": torch.zeros(4, 21, 3), "presence": torch.ones(4, 1), "handedness": torch.ones(4, 1)}
    near, far = (seen | {"landmarks": true + torch.tensor([offset, 0.0, 0.0])} for offset in (2.0, 90.0))
    right = seen | {"landmarks": true}
    assert float(perception_losses(near, near, rows)["landmarks"]) == 0
    assert float(perception_losses(right, far, rows)["landmarks"]) == 0
    assert float(perception_losses(far, far, rows)["landmarks"]) > 0.3


def test_a_run_that_was_stopped_is_gone_on_with(folders: HandFolders, tmp_path: Path):
    whole = train_hand_net(RUN, folders, tmp_path / "whole")
    log = [json.loads(line) for line in (tmp_path / "whole" / "log.jsonl").read_text().splitlines()]
    assert [line["crops"] for line in log] == [8, 16, 24, 32]
    assert {"local", "posed", "landmarks", "world", "presence", "bones_px"} <= set(log[-2])
    assert {"local", "posed", "bones_px"} <= set(log[-1])
    assert "landmarks" not in log[-1]
    stored = torch.load(tmp_path / "whole" / "last.pt", weights_only=True)
    assert stored["step"] == 8
    step_of = hand_end_to_end._Run._train_step

    def interrupted(run: hand_end_to_end._Run) -> None:
        if run.step == stops[0]:
            raise KeyboardInterrupt
        step_of(run)

    stops = [3]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hand_end_to_end._Run, "_train_step", interrupted)
        for stops[0] in (3, 6, 7):  # in the middle, before the backbone goes back, and after
            with pytest.raises(KeyboardInterrupt):
                train_hand_net(replace(RUN, save_every=4), folders, tmp_path / "parts")
    resumed = train_hand_net(RUN, folders, tmp_path / "parts")
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
    loaded = load_hand_network(tmp_path / "whole" / "network.pt")
    assert torch.equal(loaded.head.decoder.answers["palm"].weight, whole.head.decoder.answers["palm"].weight)
    published = load_hand_landmarker(published_hand_graph()).state_dict()
    assert any(not torch.equal(value, published[name]) for name, value in whole.backbone.state_dict().items())


def test_the_head_alone_learns_first(folders: HandFolders, tmp_path: Path):
    network = train_hand_net(replace(RUN, crops=8, head_last=0), folders, tmp_path)
    published = load_hand_landmarker(published_hand_graph()).state_dict()
    assert all(torch.equal(value, published[name]) for name, value in network.backbone.state_dict().items())


def test_the_backbone_goes_back_by_a_share(folders: HandFolders, tmp_path: Path):
    ends = train_hand_net(replace(RUN, head_last=0), folders, tmp_path / "ends").state_dict()
    mixed = train_hand_net(replace(RUN, share=0.25), folders, tmp_path / "mixed").state_dict()
    for name, published in load_hand_landmarker(published_hand_graph()).state_dict().items():
        between = 0.75 * published + 0.25 * ends[f"backbone.{name}"]
        torch.testing.assert_close(mixed[f"backbone.{name}"], between, atol=1e-6, rtol=1e-5)
    assert not torch.equal(mixed["head.decoder.answers.palm.weight"], ends["head.decoder.answers.palm.weight"])


def test_it_learns(folders: HandFolders, tmp_path: Path):
    run = replace(RUN, crops=160, batch=8, head_first=80, save_every=40, warm_up=80, head_last=0)
    train_hand_net(run, folders, tmp_path)
    log = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    for term in ("local", "posed", "bones_px"):
        assert log[-1][term] < 0.9 * log[0][term], term


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_run_on_a_gpu_is_the_run(folders: HandFolders, tmp_path: Path):
    """The first losses are those of the processor; the rest diverges, for dropout draws other numbers there."""
    run = replace(RUN, crops=8, save_every=4, head_last=0)
    train_hand_net(run, folders, tmp_path / "cpu")
    train_hand_net(replace(run, device="cuda"), folders, tmp_path / "gpu")
    cpu, gpu = (json.loads((tmp_path / n / "log.jsonl").read_text().splitlines()[0]) for n in ("cpu", "gpu"))
    for term in ("local", "landmarks", "world", "presence"):
        assert gpu[term] == pytest.approx(cpu[term], rel=3e-2, abs=1e-3), term


def test_figures_are_printed(folder: Path, folders: HandFolders, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    options = ["--drawn", str(folder), "--real", str(folder), "--people", str(folder), "--crops", "4", "--batch", "4"]
    options += ["--head-last", "4"]
    assert (
        main(
            [
                "train-hands",
                str(tmp_path / "net"),
                *options,
                "--real-batch",
                "2",
                "--people-batch",
                "1",
                "--device",
                "cpu",
            ]
        )
        == 0
    )
    assert (
        main(["evaluate-hands", str(tmp_path / "net" / "network.pt"), "--test", str(folder), "--real", str(folder)])
        == 0
    )
    table = capsys.readouterr().out
    assert "palm, degrees" in table
    assert "real landmarks moved, px" in table


def test_what_is_no_network_is_refused(tmp_path: Path, folders: HandFolders):
    torch.save({"heads": {}}, tmp_path / "network.pt")
    with pytest.raises(TrainingError, match="expected the open engine's hand network"):
        load_hand_network(tmp_path / "network.pt")
    torch.save({"network": {}}, tmp_path / "last.pt")
    with pytest.raises(TrainingError, match="belongs to another run"):
        train_hand_net(RUN, folders, tmp_path)
