"""The loop itself on a few tiny pictures: it learns, resumes to the same numbers, and saves what the other tools read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from pose2pose_live.errors import TrainingError
from pose2pose_live.network import Pose2PoseHand, load_checkpoint, save_checkpoint
from pose2pose_live.training.cli import evaluate, main, train
from pose2pose_live.training.config import load_config
from pose2pose_live.training.module import starting_network
from pose2pose_live.training.parts import WHOLE_BODY

from .test_coco_wholebody import annotation, fit

PICTURES = 4


@pytest.fixture(scope="module")
def config_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration of the body network on four coloured pictures with fits."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    images, annotations, fits = [], [], {}
    for i in range(PICTURES):
        colour = rng.integers(0, 255, (6, 4, 3), np.uint8)
        cv2.imwrite(str(folder / f"{i}.png"), cv2.resize(colour, (48, 64), interpolation=cv2.INTER_NEAREST))
        images.append({"id": i, "file_name": f"{i}.png"})
        annotations.append(annotation(i) | {"image_id": i, "bbox": [4, 4, 40, 56]})
        fits[str(i)] = fit()
        fits[str(i)]["smplx_param"]["root_pose"] = [np.pi, 0.0, float(rng.normal(0, 0.3))]
        fits[str(i)]["cam_param"] = {"focal": [120.0, 120.0], "princpt": [24.0, 32.0]}
    (folder / "a.json").write_text(json.dumps({"images": images, "annotations": annotations}))
    (folder / "fits.json").write_text(json.dumps(fits))
    source = f'kind = "coco_wholebody"\nannotations = "{folder}/a.json"\npictures = "{folder}"\nfits = "{folder}/fits.json"\n'
    path = folder / "body.toml"
    path.write_text(f"""
output = "{folder}/out"
[network]
part = "body"
backbones = ["resnet18"]
[training]
epochs = 4
drop_epochs = [3]
batch_size = 2
workers = 0
validate_every = 4
[trainer]
accelerator = "cpu"
enable_progress_bar = false
enable_model_summary = false
[[data.train_3d]]
{source}
[[data.validation]]
{source}
""")
    return path


def run(config_path: Path, output: Path, *overrides: str, resume: bool = False) -> Any:
    return train(load_config(str(config_path), [f'output="{output}"', *overrides]), resume=resume)


def weights(output: Path, epoch: int) -> dict[str, torch.Tensor]:
    return torch.load(output / f"snapshot_{epoch}.pth.tar", weights_only=True)["network"]


@pytest.fixture(scope="module")
def uninterrupted(config_path: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, float]]:
    output = tmp_path_factory.mktemp("whole")
    trainer = run(config_path, output)
    return output, {name: float(value) for name, value in trainer.callback_metrics.items()}


def test_a_resumed_run_equals_an_uninterrupted_one(
    config_path: Path, tmp_path: Path, uninterrupted: tuple[Path, dict[str, float]]
):
    """Same losses, same weights, to the last bit: optimiser, learning rate, order and augmentation are all taken up again."""
    output, metrics = uninterrupted
    run(config_path, tmp_path, "training.epochs=2")
    halfway = weights(tmp_path, 1)
    resumed = run(config_path, tmp_path, resume=True)
    assert resumed.current_epoch == 4
    for name, value in metrics.items():
        assert float(resumed.callback_metrics[name]) == value, name
    expected, found = weights(output, 3), weights(tmp_path, 3)
    for name, value in expected.items():
        assert torch.equal(value, found[name]), name
    assert not torch.equal(halfway["module.backbone.conv1.weight"], found["module.backbone.conv1.weight"])
    # From epoch 3 on the learning rate is a tenth.
    assert resumed.optimizers[0].param_groups[0]["lr"] == pytest.approx(1e-5)


def test_training_learns(config_path: Path, tmp_path: Path, uninterrupted: tuple[Path, dict[str, float]]):
    long = run(config_path, tmp_path, "training.epochs=8", "training.drop_epochs=[]", "training.augment=false", "training.save_every=8", "data.validation=[]", "training.learning_rate=3e-4")  # fmt: skip
    assert float(long.callback_metrics["loss_epoch"]) < 0.8 * uninterrupted[1]["loss_epoch"]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
@pytest.mark.parametrize("part", ["body", "whole_body"])
def test_a_gpu_trains_the_same(config_path: Path, tmp_path: Path, part: str, precision: str):
    """Also in mixed precision, in which positions, rotations and the body model stay in float32."""
    backbones = ["resnet18"] * (3 if part == "whole_body" else 1)
    overrides = [
        f'network.part="{part}"',
        f"network.backbones={backbones}",
        "training.epochs=1",
        "training.drop_epochs=[]",
    ]
    losses = []
    for name, chosen in (("cpu", ('accelerator="cpu"',)), ("gpu", ('accelerator="gpu"', f'precision="{precision}"'))):
        trainer = run(config_path, tmp_path / name, *overrides, *(f"trainer.{choice}" for choice in chosen))
        losses.append(float(trainer.callback_metrics["loss_epoch"]))
    broken = [name for name, value in weights(tmp_path / "gpu", 0).items() if not torch.isfinite(value).all()]
    assert not broken
    assert losses[1] == pytest.approx(losses[0], rel=0.05), losses


def test_snapshots_are_in_the_authors_layout(uninterrupted: tuple[Path, dict[str, float]]):
    output, metrics = uninterrupted
    stored = torch.load(output / "snapshot_3.pth.tar", weights_only=True)
    assert stored["epoch"] == 3
    assert all(name.startswith("module.") for name in stored["network"])
    assert not any("layer_" in name or "smplx" in name for name in stored["network"])
    network = load_checkpoint(output / "snapshot_3.pth.tar", "body")
    assert network(torch.zeros(1, 3, 256, 192))["body_rotations"].shape == (1, 21, 3, 3)
    checkpoint = torch.load(output / "last.ckpt", weights_only=True)
    assert len(checkpoint["optimizer_states"][0]["state"]) > 50
    assert all(name.startswith("network.") for name in checkpoint["state_dict"])
    assert list((output / "tensorboard").glob("events*"))
    assert {"validation/PVE all mm", "validation/rotation body deg", "loss/joints_3d"} <= set(metrics)


def test_evaluation_prints_the_measures_of_training(
    config_path: Path, uninterrupted: tuple[Path, dict[str, float]], capsys: pytest.CaptureFixture[str]
):
    output, metrics = uninterrupted
    table = evaluate(load_config(str(config_path)), output / "snapshot_3.pth.tar")
    shown = {line.rsplit(maxsplit=1)[0].strip(): float(line.split()[-1]) for line in table.splitlines()}
    for name, value in shown.items():
        assert value == pytest.approx(metrics[f"validation/{name}"], rel=1e-3, abs=0.01), name
    arguments = [str(config_path), "--evaluate", str(output / "snapshot_3.pth.tar"), "--fps", "30"]
    assert main(arguments) == 0
    assert "acceleration error all m/s2" in capsys.readouterr().out


def test_whole_body_trains_and_its_snapshot_is_a_checkpoint(config_path: Path, tmp_path: Path):
    overrides = ('network.part="whole_body"', 'network.backbones=["resnet18","resnet18","resnet18"]', 'network.pooling="global"',
                 "training.epochs=1", "trainer.limit_train_batches=1", "trainer.limit_val_batches=1", "training.validate_every=1")  # fmt: skip
    trainer = run(config_path, tmp_path, *overrides)
    metrics = {name.removeprefix("validation/") for name in trainer.callback_metrics}
    assert {
        "PVE all mm",
        "PVE hands mm",
        "PVE face mm",
        "PA-PVE hands mm",
        "rotation hands deg",
        "rotation jaw deg",
    } <= metrics
    network = load_checkpoint(tmp_path / "snapshot_0.pth.tar", "hand4whole")
    assert network.options == {"pooling": "global", "backbones": ("resnet18",) * 3}


def test_third_stage_takes_the_hand_backbone_and_starts_the_hand_nets_anew(config_path: Path, tmp_path: Path):
    settings = ['network.part="whole_body"', 'network.backbones=["resnet18","resnet18","resnet18"]']
    first = starting_network(load_config(str(config_path), settings), WHOLE_BODY)
    hand = Pose2PoseHand(backbone="resnet18")
    save_checkpoint(first, tmp_path / "first.pth.tar")
    save_checkpoint(hand, tmp_path / "hand.pth.tar")
    start = [f'start.checkpoint="{tmp_path}/first.pth.tar"', f'start.hand_checkpoint="{tmp_path}/hand.pth.tar"']
    third = starting_network(load_config(str(config_path), settings + start), WHOLE_BODY).state_dict()
    before = first.state_dict()
    for name, value in third.items():
        if name.startswith("hand_roi_net.backbone."):
            assert torch.equal(value, hand.state_dict()[name.removeprefix("hand_roi_net.")]), name
        elif name.startswith(("hand_position_net.", "hand_rotation_net.")) and name.endswith("0.weight"):
            assert not torch.equal(value, before[name]), name
        elif not name.startswith(("hand_position_net.", "hand_rotation_net.")):
            assert torch.equal(value, before[name]), name
    with pytest.raises(TrainingError, match=r"start\.checkpoint .*: it holds a network with"):
        starting_network(load_config(str(config_path), [*settings, *start, 'network.pooling="global"']), WHOLE_BODY)


def test_runs_are_not_overwritten_and_mistakes_are_one_line(
    config_path: Path, tmp_path: Path, uninterrupted: tuple[Path, dict[str, float]], capsys: pytest.CaptureFixture[str]
):
    assert main([str(config_path), "--resume", "--set", f'output="{tmp_path}/none"']) == 1
    assert "last.ckpt does not exist; start without --resume" in capsys.readouterr().err
    assert main([str(config_path), "--set", f'output="{uninterrupted[0]}"']) == 1
    assert "exists already; go on with --resume" in capsys.readouterr().err
    assert main([str(config_path), "--set", f'output="{tmp_path}"', "--set", 'trainer.colour="red"']) == 1
    assert "lightning.Trainer has no such option" in capsys.readouterr().err
    assert main([str(config_path), "--set", f'output="{tmp_path}"', "--set", 'trainer.accelerator="abacus"']) == 1
    error = capsys.readouterr().err
    assert "pose2pose-train: trainer:" in error
    assert "Traceback" not in error
