"""The authors' checkpoint files, read without running what may be hidden in them (network.md 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ..errors import ModelError
from .hand4whole import Hand4Whole
from .parts import Pose2PoseBody, Pose2PoseFace, Pose2PoseHand
from .resnet import ResNet

VARIANTS: dict[str, type[nn.Module]] = {
    "hand4whole": Hand4Whole,
    "body": Pose2PoseBody,
    "hand": Pose2PoseHand,
    "face": Pose2PoseFace,
}
"""What a checkpoint may be of."""

# Body models, whose licence keeps them out of the files that are handed on, and a head that was given up in June 2022.
_IGNORED = ("smplx_layer", "smpl_layer", "mano_layer", "flame_layer", "body_rotation_net.gender_out.")
_PART_BACKBONES = {"backbone.": "resnet50"}
_WHOLE_BACKBONES = {**_PART_BACKBONES, "hand_roi_net.backbone.": "resnet50", "face_roi_net.backbone.": "resnet18"}
# A key that only one network has, and the length of its first axis where that tells two apart.
_SIGNS = {
    "hand4whole": ("hand_position_net.conv.0.weight", 160),
    "body": ("position_net.conv.0.weight", 200),
    "hand": ("position_net.conv.0.weight", 168),
    "face": ("regressor.pose_out.0.weight", 12),
}
_COUNTERS = "num_batches_tracked"  # files older than the counter do well without it: nothing reads it
_LISTED_MAX = 12


class CheckpointMismatch(ModelError):
    """The keys or shapes in a file are not the network's. missing, unexpected: keys; mismatched: key, expected and found shape."""

    def __init__(
        self, text: str, missing: tuple[str, ...], unexpected: tuple[str, ...], mismatched: tuple[str, ...]
    ) -> None:
        super().__init__(text)
        self.missing, self.unexpected, self.mismatched = missing, unexpected, mismatched


@dataclass(frozen=True)
class StoredNetwork:
    """What a file holds: weights by their key without `module.`, and the options that the network was built with, if it says so."""

    weights: dict[str, Tensor]
    options: dict[str, object]


def load_checkpoint(path: Path | str, variant: str) -> nn.Module:
    """The network in the file, float32, on the CPU, in evaluation mode.

    path: a `snapshot_N.pth.tar` of the authors, or what `save_checkpoint` wrote. variant: one of `VARIANTS`. The backbones are told from the
    keys. Raises ModelError for a file that is no checkpoint, damaged, or holds anything but weights, and CheckpointMismatch, which
    lists the keys, when it does not hold exactly this network: half a network is never loaded.
    """
    if variant not in VARIANTS:
        raise ValueError(f"variant: expected one of {', '.join(VARIANTS)}, found {variant!r}")
    path = Path(path)
    stored = read_checkpoint(path)
    weights = _official(stored.weights, variant)
    options = _options(weights, stored.options, variant)
    try:
        network = VARIANTS[variant](**options)
    except (TypeError, ValueError) as error:
        raise ModelError(f"checkpoint {path}: its options {options} fit no network of this version ({error})") from None
    _check(path, variant, network, weights)
    network.load_state_dict({**_counters(network), **weights})
    return network.eval()


def checkpoint_variant(path: Path | str) -> str:
    """Which of `VARIANTS` a file is of, told from its weights. Raises ModelError when it is of none, or cannot be read."""
    variant = _recognised(read_checkpoint(Path(path)).weights)
    if variant is None:
        raise ModelError(
            f"checkpoint {path}: expected the weights of one of {', '.join(VARIANTS)}, found others; "
            "give a snapshot_N.pth.tar of such a network"
        )
    return variant


def save_checkpoint(network: nn.Module, path: Path | str, epoch: int = 0) -> None:
    """Write a network of this package in the authors' layout, {epoch, network: keys with `module.`}, plus the options it was built with."""
    weights = {f"module.{key}": value.detach().cpu() for key, value in network.state_dict().items()}
    torch.save({"epoch": epoch, "network": weights, "options": network.options}, path)


def load_backbone(backbone: ResNet, path: Path | str, prefix: str = "") -> None:
    """Fill one ResNet from torchvision's own file (prefix "") or from a checkpoint (prefix "backbone.", for example of the hand-only network).

    A classifier (`fc`) in the file is left out. Raises as `load_checkpoint`.
    """
    path = Path(path)
    stored = _official(read_checkpoint(path).weights, "hand")
    weights = {key.removeprefix(prefix): value for key, value in stored.items() if key.startswith(prefix)}
    weights = {key: value for key, value in weights.items() if not key.startswith("fc.")}
    _check(path, f"{prefix}ResNet", backbone, weights)
    backbone.load_state_dict({**_counters(backbone), **weights})


def read_checkpoint(path: Path) -> StoredNetwork:
    """Weights and options of a file. Only tensors and plain containers are unpickled, so that a file cannot run code. Raises ModelError."""
    try:
        with path.open("rb") as stream:
            beginning = stream.read(256).lstrip().lower()
    except OSError as error:
        raise ModelError(
            f"checkpoint {path}: {error.strerror or error}; give the path of a downloaded snapshot_N.pth.tar"
        ) from None
    if beginning.startswith((b"<!doctype", b"<html")):
        raise ModelError(
            f"checkpoint {path}: this is a web page, not the file behind it; open the link in a browser, confirm the download "
            "of the large file, and give the path of what was saved"
        )
    try:
        data = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises whatever its readers raise
        reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        if "Unsupported global" in str(error) or "Unsupported class" in str(error):
            raise ModelError(
                f"checkpoint {path}: it holds Python objects besides weights, which could run anything when they are loaded; "
                "it was not opened. Get the file from the authors' page, or save its weights alone"
            ) from None
        raise ModelError(
            f"checkpoint {path}: expected a file written by torch.save, found one that cannot be read ({reason[:160]}); "
            "it may be cut short: download it again"
        ) from None
    options = data.get("options", {}) if isinstance(data, Mapping) else {}
    weights = data.get("network", data) if isinstance(data, Mapping) else None
    if not isinstance(weights, Mapping) or not weights or not isinstance(options, Mapping):
        raise ModelError(
            f"checkpoint {path}: expected a dictionary with the weights under 'network', found {_kind(data)}; "
            "give the path of a snapshot_N.pth.tar"
        )
    strays = [str(key) for key, value in weights.items() if not isinstance(value, Tensor)]
    if strays:
        raise ModelError(
            f"checkpoint {path}: expected weights under 'network', found {', '.join(strays[:_LISTED_MAX])}, which are no tensors; "
            "give the path of a snapshot_N.pth.tar"
        )
    return StoredNetwork({str(key).removeprefix("module."): value for key, value in weights.items()}, dict(options))


def _official(weights: Mapping[str, Tensor], variant: str) -> dict[str, Tensor]:
    """The keys as the published code names them: one hand checkpoint may say `hand_backbone`, and some files hold what no network needs."""
    kept = {key: value for key, value in weights.items() if not key.startswith(_IGNORED)}
    if variant == "hand" and not any(key.startswith("backbone.") for key in kept):
        kept = {f"backbone.{k.removeprefix('hand_backbone.')}" if k.startswith("hand_backbone.") else k: v
                for k, v in kept.items()}  # fmt: skip
    return kept


def _options(weights: Mapping[str, Tensor], stored: Mapping[str, object], variant: str) -> dict[str, object]:
    """Constructor options: the backbones as the keys show them (published ones where they show nothing), the pooling as the file says."""
    options: dict[str, object] = {"pooling": stored["pooling"]} if "pooling" in stored else {}
    if variant == "hand4whole":
        return {**options, "backbones": tuple(_backbone(weights, *item) for item in _WHOLE_BACKBONES.items())}
    return {**options, "backbone": _backbone(weights, *next(iter(_PART_BACKBONES.items())))}


def _backbone(weights: Mapping[str, Tensor], prefix: str, published: str) -> str:
    if f"{prefix}layer1.0.conv3.weight" in weights:
        return "resnet50"
    return "resnet18" if f"{prefix}layer1.0.conv2.weight" in weights else published


def _recognised(weights: Mapping[str, Tensor]) -> str | None:
    """The variant that the weights look like."""
    for variant, (key, length) in _SIGNS.items():
        if key in weights and weights[key].shape[:1] == (length,):
            return variant
    return None


def _counters(network: nn.Module) -> dict[str, Tensor]:
    return {key: value for key, value in network.state_dict().items() if key.endswith(_COUNTERS)}


def _check(path: Path, variant: str, network: nn.Module, weights: Mapping[str, Tensor]) -> None:
    expected = network.state_dict()
    missing = tuple(key for key in expected if key not in weights and not key.endswith(_COUNTERS))
    unexpected = tuple(key for key in weights if key not in expected)
    mismatched = tuple(
        f"{key} expected {tuple(value.shape)}, found {tuple(weights[key].shape)}"
        for key, value in expected.items()
        if key in weights and weights[key].shape != value.shape
    )
    if missing or unexpected or mismatched:
        lists = (("missing", missing), ("unexpected", unexpected), ("of another shape", mismatched))
        found = "; ".join(f"{len(keys)} {what}: {_listed(keys)}" for what, keys in lists if keys)
        other = _recognised(weights)
        advice = "choose a file of this network" if other in (None, variant) else f"it looks like the network {other!r}"
        raise CheckpointMismatch(
            f"checkpoint {path}: expected exactly the weights of {variant!r}, {advice}. Keys: {found}",
            missing,
            unexpected,
            mismatched,
        )
    broken = [key for key, value in weights.items() if value.is_floating_point() and not value.isfinite().all()]
    if broken:
        raise ModelError(
            f"checkpoint {path}: {len(broken)} weights hold NaN or infinity: {_listed(broken)}; get a fresh copy"
        )


def _listed(keys: tuple[str, ...] | list[str]) -> str:
    rest = len(keys) - _LISTED_MAX
    return ", ".join(keys[:_LISTED_MAX]) + (f" and {rest} more" if rest > 0 else "")


def _kind(data: object) -> str:
    return (
        f"a dictionary with {', '.join(map(str, list(data)[:5]))}" if isinstance(data, Mapping) else type(data).__name__
    )
