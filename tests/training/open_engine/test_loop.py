from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from pose2pose_live.errors import TrainingError
from pose2pose_live.network.open_body_net import OpenBodyNet
from pose2pose_live.training.open_engine.__main__ import main
from pose2pose_live.training.open_engine.batches import Batches
from pose2pose_live.training.open_engine.checkpoints import follow, load_network, starting_network
from pose2pose_live.training.open_engine.config import CONFIG, DataConfig, OpenBodyConfig, load_config
from pose2pose_live.training.open_engine.loop import train
from pose2pose_live.training.open_engine.shards import Crops


def tiny(folder: Path, output: Path, **changes) -> OpenBodyConfig:
    options: dict[str, Any] = {
        "images": 12, "heads_first": 4, "warm_up": 4, "batch_size": 4, "save_every": 8, "validate_images": 4, "heatmap_every": 2, "unlabelled_every": 2,
        "device": "cpu",
    }  # fmt: skip
    return OpenBodyConfig(output, DataConfig(folder, folder, folder), **(options | changes))


def same(a: OpenBodyNet, b: OpenBodyNet) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def test_a_run_that_was_stopped_and_resumed_is_the_run(folder: Path, tmp_path: Path):
    whole = load_network(train(tiny(folder, tmp_path / "whole")))
    config = tiny(folder, tmp_path / "parts")
    train(config, stop_after_s=0.0)
    with pytest.raises(TrainingError, match="--resume"):
        train(config)
    resumed = load_network(train(config, resume=True))
    assert same(whole, resumed)
    log = [json.loads(line) for line in (tmp_path / "parts" / "log.jsonl").read_text().splitlines()]
    assert [line["images"] for line in log] == [4, 8, 12]
    assert {"MPJPE mm", "joints deg", "drift_px", "local", "world", "heatmap", "ms_per_image"} <= set(log[-1])
    published = starting_network(None, "guided").backbone.state_dict()
    moved = {name for name, value in whole.backbone.state_dict().items() if not torch.equal(value, published[name])}
    assert moved
    assert not any(name.startswith(("stem", "s4.")) for name in moved), "frozen parts stay"
    assert any(name.startswith("s8.") for name in moved)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_run_on_a_gpu_is_the_run_and_goes_on_anywhere(folder: Path, tmp_path: Path):
    """The first losses are those of the processor; the rest diverges, for dropout draws other numbers there."""
    train(tiny(folder, tmp_path / "cpu", device="cpu"), stop_after_s=0.0)
    train(tiny(folder, tmp_path / "gpu", device="cuda", readers=3), stop_after_s=0.0)
    logs = [json.loads((tmp_path / name / "log.jsonl").read_text()) for name in ("cpu", "gpu")]
    for term in ("world", "positions", "landmarks", "drift_px"):
        assert logs[1][term] == pytest.approx(logs[0][term], rel=2e-2), term
    load_network(train(tiny(folder, tmp_path / "gpu", device="cuda", readers=3), resume=True))
    load_network(train(tiny(folder, tmp_path / "cpu", device="cuda"), resume=True))


def test_a_device_that_is_not_here_is_told(folder: Path, tmp_path: Path):
    with pytest.raises(TrainingError, match=r'device "cuda:77": .*expected "auto", "cpu" or a GPU'):
        train(tiny(folder, tmp_path, device="cuda:77"))


def test_several_readers_give_the_same_batches(folder: Path):
    batches = Batches(Crops(folder), 3, 0)
    for number, batch in zip(range(2, 6), batches.from_step(2, readers=3), strict=False):
        assert torch.equal(batch["image"], batches.read(number)["image"])


def test_heads_learn(folder: Path, tmp_path: Path):
    train(
        tiny(
            folder,
            tmp_path,
            images=160,
            heads_first=160,
            save_every=80,
            batch_size=8,
            warm_up=160,
            learning_rate_heads=3e-4,
        )
    )
    log = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    for term in ("joints", "local", "posed"):
        assert log[-1][term] < 0.9 * log[0][term], term


def test_the_average_follows():
    mean, network = OpenBodyNet(pooling="none"), OpenBodyNet(pooling="none")
    before, after = mean.pose_head.decoder.enter[0].weight.clone(), network.pose_head.decoder.enter[0].weight
    follow(mean, network, 0.75)
    torch.testing.assert_close(mean.pose_head.decoder.enter[0].weight, 0.75 * before + 0.25 * after)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("batch_size=0", "batch_size: expected at least 1"),
        ('pooling="max"', "expected one of guided, global, none"),
        ("average=1.0", "average: expected 0 or more"),
        ("epochs=3", "no such key"),
    ],
)
def test_a_wrong_configuration_is_told(override: str, message: str):
    with pytest.raises(TrainingError, match=message):
        load_config(CONFIG, [override])


def test_the_bundled_configuration_is_the_default():
    config = load_config(CONFIG)
    assert config == OpenBodyConfig(config.output, config.data)


def test_errors_are_one_line(tmp_path: Path, capsys):
    assert main(["train", str(tmp_path / "nothing.toml")]) == 1
    assert main(["evaluate", str(tmp_path / "nothing.pt"), str(tmp_path)]) == 1
    (tmp_path / "broken.pt").write_bytes(b"nothing")
    assert main(["evaluate", str(tmp_path / "broken.pt"), str(tmp_path)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 3
    assert "expected a checkpoint" in told[-1]
