from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from pose2pose_live.errors import ModelError
from pose2pose_live.network import (
    Hand4Whole,
    Pose2PoseBody,
    Pose2PoseHand,
    load_backbone,
    load_checkpoint,
    save_checkpoint,
)
from pose2pose_live.network.checkpoint import VARIANTS, CheckpointMismatch
from pose2pose_live.network.resnet import ResNet


@pytest.fixture(scope="module")
def hand() -> nn.Module:
    return Pose2PoseHand(backbone="resnet18")


def _official(network: nn.Module, prefix: str = "module.") -> dict[str, Tensor]:
    return {f"{prefix}{key}": value for key, value in network.state_dict().items()}


def _write(path: Path, weights: Any, **others: Any) -> Path:
    torch.save({"epoch": 6, "network": weights, **others}, path)
    return path


def _same(network: nn.Module, other: nn.Module) -> bool:
    return all(
        torch.equal(a, b) for a, b in zip(network.state_dict().values(), other.state_dict().values(), strict=True)
    )


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_file_of_the_authors_loads(variant: str, tmp_path: Path):
    backbones: dict[str, Any] = (
        {"backbones": ("resnet18",) * 3} if variant == "hand4whole" else {"backbone": "resnet18"}
    )
    network = VARIANTS[variant](**backbones)
    optimiser = torch.optim.Adam(network.parameters())
    network.train()
    path = _write(tmp_path / "snapshot_6.pth.tar", _official(network), optimizer=optimiser.state_dict())
    loaded = load_checkpoint(path, variant)
    assert type(loaded) is VARIANTS[variant]
    assert _same(loaded, network)
    assert not loaded.training


def test_the_published_backbones_are_told_from_the_keys(tmp_path: Path):
    network = Pose2PoseBody()
    assert _same(load_checkpoint(_write(tmp_path / "a.pth.tar", _official(network)), "body"), network)


@pytest.mark.parametrize("prefix", ["", "module."])
def test_bare_weights_load_as_well(prefix: str, hand: nn.Module, tmp_path: Path):
    torch.save(_official(hand, prefix), tmp_path / "weights.pth")
    assert _same(load_checkpoint(tmp_path / "weights.pth", "hand"), hand)


def test_variants_of_the_keys(hand: nn.Module, tmp_path: Path):
    weights = {key.replace("module.backbone.", "module.hand_backbone."): v for key, v in _official(hand).items()}
    weights = {key: value for key, value in weights.items() if not key.endswith("num_batches_tracked")}
    weights["module.mano_layer.th_betas"] = torch.zeros(1, 10)
    assert _same(load_checkpoint(_write(tmp_path / "a.pth.tar", weights), "hand"), hand)


def test_what_old_whole_body_files_hold_besides_is_ignored(tmp_path: Path):
    network = Hand4Whole(backbones=("resnet18",) * 3)
    weights = _official(network)
    weights["module.body_rotation_net.gender_out.0.weight"] = torch.zeros(3, 2048)
    weights["module.body_rotation_net.gender_out.0.bias"] = torch.zeros(3)
    for layer in ("smplx_layer", "smplx_layer_neutral", "smplx_layer_male", "smplx_layer_female"):
        weights[f"module.{layer}.betas"] = torch.zeros(1, 10)
    assert _same(load_checkpoint(_write(tmp_path / "a.pth.tar", weights), "hand4whole"), network)


def test_half_precision_weights_become_single(hand: nn.Module, tmp_path: Path):
    weights = {key: value.half() if value.is_floating_point() else value for key, value in _official(hand).items()}
    loaded = load_checkpoint(_write(tmp_path / "a.pth.tar", weights), "hand")
    assert {p.dtype for p in loaded.parameters()} == {torch.float32}


def test_what_is_saved_comes_back_with_its_options(tmp_path: Path):
    network = Pose2PoseBody(pooling="global", backbone="resnet18")
    save_checkpoint(network, tmp_path / "a.pth.tar", epoch=3)
    stored = torch.load(tmp_path / "a.pth.tar", weights_only=True)
    assert stored["epoch"] == 3
    assert all(key.startswith("module.") for key in stored["network"])
    loaded = load_checkpoint(tmp_path / "a.pth.tar", "body")
    assert _same(loaded, network)
    assert loaded.options == network.options


def test_nothing_is_loaded_by_halves(hand: nn.Module, tmp_path: Path):
    weights = _official(hand)
    del weights["module.position_net.conv.0.weight"]
    weights["module.position_net.conv.7.weight"] = torch.zeros(1)
    weights["module.rotation_net.cam_out.0.bias"] = torch.zeros(4)
    with pytest.raises(CheckpointMismatch) as caught:
        load_checkpoint(_write(tmp_path / "a.pth.tar", weights), "hand")
    assert caught.value.missing == ("position_net.conv.0.weight",)
    assert caught.value.unexpected == ("position_net.conv.7.weight",)
    assert caught.value.mismatched == ("rotation_net.cam_out.0.bias expected (3,), found (4,)",)
    for text in (*caught.value.missing, *caught.value.unexpected, *caught.value.mismatched):
        assert text in str(caught.value)


def test_the_file_of_another_network_is_told(hand: nn.Module, tmp_path: Path):
    path = _write(tmp_path / "a.pth.tar", _official(hand))
    with pytest.raises(
        CheckpointMismatch, match=r"'hand4whole', it looks like the network 'hand'\. .* missing: .* unexpected: pos"
    ):
        load_checkpoint(path, "hand4whole")
    with pytest.raises(
        CheckpointMismatch, match=r"'body', it looks like the network 'hand'\..*of another shape: position_net"
    ):
        load_checkpoint(path, "body")


class _Malicious:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._path,)


def test_a_file_that_would_run_code_is_not_opened(tmp_path: Path):
    torch.save({"network": _Malicious(tmp_path / "ran")}, tmp_path / "a.pth.tar")
    with pytest.raises(ModelError, match="could run anything"):
        load_checkpoint(tmp_path / "a.pth.tar", "hand")
    (tmp_path / "b.pth.tar").write_bytes(pickle.dumps(_Malicious(tmp_path / "ran"), protocol=2))
    with pytest.raises(ModelError):
        load_checkpoint(tmp_path / "b.pth.tar", "hand")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read"),
        (b"hello", "cannot be read"),
        (b"PK\x03\x04" + bytes(200), "cannot be read"),
        (b"<!DOCTYPE html><html><title>Google Drive - Virus scan warning</title>", "web page"),
    ],
)
def test_a_file_that_is_no_checkpoint_is_told(content: bytes, message: str, tmp_path: Path):
    (tmp_path / "a.pth.tar").write_bytes(content)
    with pytest.raises(ModelError, match=message):
        load_checkpoint(tmp_path / "a.pth.tar", "hand")


def test_a_file_that_was_cut_short_is_told(hand: nn.Module, tmp_path: Path):
    path = _write(tmp_path / "a.pth.tar", _official(hand))
    path.write_bytes(path.read_bytes()[:1_000_000])
    with pytest.raises(ModelError, match="cut short"):
        load_checkpoint(path, "hand")


@pytest.mark.parametrize(
    "content", [torch.zeros(3), [1, 2], {"epoch": 1}, {"network": {}}, {"network": {"module.a": 1}}, 7]
)
def test_a_file_without_weights_is_told(content: Any, tmp_path: Path):
    torch.save(content, tmp_path / "a.pth.tar")
    with pytest.raises(ModelError, match=r"expected (a dictionary with the )?weights under 'network'"):
        load_checkpoint(tmp_path / "a.pth.tar", "hand")


def test_missing_files_and_folders_are_told(tmp_path: Path):
    with pytest.raises(ModelError, match="No such file"):
        load_checkpoint(tmp_path / "nowhere.pth.tar", "hand")
    with pytest.raises(ModelError, match="directory"):
        load_checkpoint(tmp_path, "hand")


def test_weights_that_are_no_numbers_are_told(hand: nn.Module, tmp_path: Path):
    weights = _official(hand)
    weights["module.rotation_net.cam_out.0.bias"] = torch.tensor([0.0, float("nan"), 0.0])
    with pytest.raises(ModelError, match=r"1 weights hold NaN or infinity: rotation_net\.cam_out\.0\.bias"):
        load_checkpoint(_write(tmp_path / "a.pth.tar", weights), "hand")


def test_options_that_do_not_fit_are_told(hand: nn.Module, tmp_path: Path):
    path = _write(tmp_path / "a.pth.tar", _official(hand), options={"pooling": "none"})
    with pytest.raises(ModelError, match="guided, global, found 'none'"):
        load_checkpoint(path, "hand")


def test_an_unknown_variant_is_told(tmp_path: Path):
    with pytest.raises(ValueError, match="hand4whole, body, hand, face, found 'foot'"):
        load_checkpoint(tmp_path, "foot")


def test_a_backbone_comes_from_torchvision_or_from_another_network(hand: nn.Module, tmp_path: Path):
    source = ResNet("resnet18")
    torch.save(
        {**source.state_dict(), "fc.weight": torch.zeros(1000, 512), "fc.bias": torch.zeros(1000)}, tmp_path / "r.pth"
    )
    backbone = ResNet("resnet18")
    load_backbone(backbone, tmp_path / "r.pth")
    assert _same(backbone, source)
    load_backbone(backbone, _write(tmp_path / "h.pth.tar", _official(hand)), "backbone.")
    assert _same(backbone, hand.backbone)
    with pytest.raises(CheckpointMismatch):
        load_backbone(ResNet("resnet50"), tmp_path / "r.pth")
