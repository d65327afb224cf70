"""The networks once more, as plain functions of a state dict, written from network.md alone: what the modules are held against.

Convolutions, batch norm and linear layers are PyTorch's; everything between them is the naive twins' or written out here.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.network import twins

State = dict[str, Tensor]


def lively(network: nn.Module, seed: int = 0) -> nn.Module:
    """The network in float64 with random weights that make boxes of ordinary size, peaked heat maps and rotations of all kinds."""
    generator = torch.Generator().manual_seed(seed)

    def normal(shape: torch.Size) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    state = {}
    for key, value in network.double().state_dict().items():
        if key.endswith("num_batches_tracked"):
            state[key] = value
        elif key.endswith("running_var"):
            state[key] = 0.5 + torch.rand(value.shape, generator=generator, dtype=torch.float64)
        elif value.ndim == 1:
            state[key] = 0.1 * normal(value.shape) + (0.6 if key.endswith("weight") else 0.0)
        else:
            fan_in = value.shape[0] * 4 if "deconv" in key else value[0].numel()
            gain = 3.0 if "position_net" in key or "bbox_center" in key else 1.4
            state[key] = gain / math.sqrt(fan_in) * normal(value.shape)
    for part, size in (
        ("lhand", 1.2),
        ("rhand", 4.0),
        ("face", 1.5),
    ):  # the right hand's box is reduced, and reaches out
        if f"box_net.{part}_size.2.bias" in state:
            state[f"box_net.{part}_size.2.bias"] += size
            state[f"box_net.{part}_size.2.weight"] *= 0.2
    network.load_state_dict(state)
    return network.eval()


def resnet(state: State, prefix: str, x: Tensor) -> Tensor:
    x = F.relu(_bn(state, f"{prefix}bn1", F.conv2d(x, state[f"{prefix}conv1.weight"], stride=2, padding=3)))
    x = F.max_pool2d(x, 3, 2, 1)
    for stage in (1, 2, 3, 4):
        block = 0
        while f"{prefix}layer{stage}.{block}.conv1.weight" in state:
            x = _residual(state, f"{prefix}layer{stage}.{block}.", x, stride=2 if stage > 1 and block == 0 else 1)
            block += 1
    return x


def _residual(state: State, prefix: str, x: Tensor, stride: int) -> Tensor:
    shortcut = x
    if f"{prefix}downsample.0.weight" in state:
        shortcut = F.conv2d(x, state[f"{prefix}downsample.0.weight"], stride=stride)
        shortcut = _bn(state, f"{prefix}downsample.1", shortcut)
    bottleneck = f"{prefix}conv3.weight" in state
    strides = (1, stride, 1) if bottleneck else (stride, 1)
    for i, step in enumerate(strides, start=1):
        weight = state[f"{prefix}conv{i}.weight"]
        x = _bn(state, f"{prefix}bn{i}", F.conv2d(x, weight, stride=step, padding=weight.shape[-1] // 2))
        x = F.relu(x) if i < len(strides) else x
    return F.relu(x + shortcut)


def _bn(state: State, key: str, x: Tensor) -> Tensor:
    mean, var, weight, bias = (
        state[f"{key}.{name}"][:, None, None] for name in ("running_mean", "running_var", "weight", "bias")
    )
    return (x - mean) / (var + 1e-5).sqrt() * weight + bias


def _conv(state: State, key: str, x: Tensor) -> Tensor:
    return torch.einsum("oi,nihw->nohw", state[f"{key}.weight"][:, :, 0, 0], x) + state[f"{key}.bias"][:, None, None]


def _linear(state: State, key: str, x: Tensor) -> Tensor:
    return x @ state[f"{key}.weight"].T + state[f"{key}.bias"]


def _block(state: State, key: str, x: Tensor) -> Tensor:
    return F.relu(_bn(state, f"{key}.1", _conv(state, f"{key}.0", x)))


def _positions(state: State, key: str, features: Tensor, joints: int) -> tuple[Tensor, Tensor]:
    logits = _conv(state, f"{key}.conv.0", features)
    n, channels, height, width = logits.shape
    logits = logits.reshape(n, joints, channels // joints, height, width)
    return torch.from_numpy(twins.soft_argmax(logits.numpy())), logits


def _tokens(state: State, key: str, features: Tensor, positions: Tensor) -> Tensor:
    pooled = twins.pooling(_block(state, key, features).numpy(), positions[..., :2].numpy())
    return torch.cat([torch.from_numpy(pooled), positions], dim=2)


def _rotations(rot6d: Tensor) -> Tensor:
    """(N,6K) -> (N,K,3,3)."""
    rows = rot6d.reshape(-1, 6).numpy()
    return torch.from_numpy(np.stack([twins.rot6d_to_rotmat(row) for row in rows])).reshape(len(rot6d), -1, 3, 3)


def _translation(raw: Tensor, extent: float, height: int, width: int) -> Tensor:
    k = math.sqrt(5000 * 5000 * extent**2 / (height * width))
    return torch.stack([raw[:, 0], raw[:, 1], k / (1 + torch.exp(-raw[:, 2]))], dim=1)


def _crops(image: Tensor, boxes: Tensor, height: int, width: int) -> Tensor:
    crops = [twins.roi_align_fast(i.numpy(), b.numpy(), height, width) for i, b in zip(image, boxes, strict=True)]
    return torch.from_numpy(np.stack(crops))


def hand4whole(state: State, image: Tensor) -> dict[str, Tensor]:
    small = F.interpolate(image, (256, 192))
    features = resnet(state, "backbone.", small)
    body, logits = _positions(state, "body_position_net", features, 25)
    volume = torch.softmax(logits.reshape(len(image), 25, -1), dim=2).reshape(len(image), 200, 8, 6)

    fine = torch.cat([features, volume], dim=1)
    for i in (0, 3, 6):
        fine = F.conv_transpose2d(fine, state[f"box_net.deconv.{i}.weight"], stride=2, padding=1)
        fine = F.relu(_bn(state, f"box_net.deconv.{i + 1}", fine))
    centers = torch.from_numpy(twins.soft_argmax(_conv(state, "box_net.bbox_center.0", fine).numpy()))
    sampled = torch.from_numpy(twins.pooling(fine.numpy(), centers.numpy()))
    boxes, sizes = [], []
    for i, (part, extension) in enumerate((("lhand", 2.0), ("rhand", 2.0), ("face", 1.5))):
        hidden = F.relu(_linear(state, f"box_net.{part}_size.0", sampled[:, i]))
        size = _linear(state, f"box_net.{part}_size.2", hidden)
        rows = [
            twins.restore_box(c.numpy() / 8, s.numpy(), extension) for c, s in zip(centers[:, i], size, strict=True)
        ]
        boxes.append(torch.from_numpy(np.stack(rows)))
        sizes.append(size)

    left = _crops(image, 2 * boxes[0], 256, 256).flip(3)
    right = _crops(image, 2 * boxes[1], 256, 256)
    hands = resnet(state, "hand_roi_net.backbone.", torch.cat([left, right]))
    hand, _ = _positions(state, "hand_position_net", hands, 20)
    fingers = _linear(
        state,
        "hand_rotation_net.hand_pose_out.0",
        _tokens(state, "hand_rotation_net.hand_conv", hands, hand).flatten(1),
    )
    rotations = _rotations(fingers)
    n = len(image)
    left_features, left_hand = hands[:n].flip(3), hand[:n].clone()
    left_hand[..., 0] = 7 - left_hand[..., 0]
    left_rotations = rotations[:n].numpy()
    for one in left_rotations.reshape(-1, 3, 3):
        rotvec = twins.rotmat_to_rotvec(one) * [1, -1, -1]
        one[:] = _rodrigues(rotvec)

    mcp = [4, 8, 12, 16]
    tokens = torch.cat(
        [
            _tokens(state, "body_rotation_net.body_conv", features, body),
            _tokens(state, "body_rotation_net.lhand_conv", left_features, left_hand[:, mcp]),
            _tokens(state, "body_rotation_net.rhand_conv", hands[n:], hand[n:, mcp]),
        ],
        dim=1,
    ).flatten(1)
    assert tokens.shape[1] == 16995
    face = resnet(state, "face_roi_net.backbone.", _crops(image, 2 * boxes[2], 192, 192)).mean((2, 3))
    mean = features.mean((2, 3))
    return {
        "joint_positions": torch.cat([body, _in_grid(left_hand, boxes[0]), _in_grid(hand[n:], boxes[1])], dim=1),
        "left_hand_box": 2 * boxes[0],
        "right_hand_box": 2 * boxes[1],
        "face_box": 2 * boxes[2],
        "root_rotation": _rotations(_linear(state, "body_rotation_net.root_pose_out.0", tokens))[:, 0],
        "body_rotations": _rotations(_linear(state, "body_rotation_net.body_pose_out.0", tokens)),
        "left_hand_rotations": torch.from_numpy(left_rotations),
        "right_hand_rotations": rotations[n:],
        "jaw_rotation": _rotations(_linear(state, "face_regressor.jaw_pose_out.0", face))[:, 0],
        "betas": _linear(state, "body_rotation_net.shape_out.0", mean),
        "expression": _linear(state, "face_regressor.expr_out.0", face),
        "camera_translation": _translation(_linear(state, "body_rotation_net.cam_out.0", mean), 2.5, 256, 192),
        "body_positions": body,
        "left_hand_positions": left_hand,
        "right_hand_positions": hand[n:],
        "box_centers": centers / 8,
        "box_sizes": torch.stack(sizes, dim=1),
    }


def part(state: State, image: Tensor, joints: int, rotations: str, extent: float) -> dict[str, Tensor]:
    """The body-only (joints 25) and hand-only (21) networks; rotations: the name of the joints' output."""
    features = resnet(state, "backbone.", image)
    positions, _ = _positions(state, "position_net", features, joints)
    tokens = _tokens(state, "rotation_net.conv", features, positions).flatten(1)
    mean = features.mean((2, 3))
    return {
        "joint_positions": positions,
        "root_rotation": _rotations(_linear(state, "rotation_net.root_pose_out.0", tokens))[:, 0],
        rotations: _rotations(_linear(state, "rotation_net.pose_out.0", tokens)),
        "betas": _linear(state, "rotation_net.shape_out.0", mean),
        "camera_translation": _translation(_linear(state, "rotation_net.cam_out.0", mean), extent, *image.shape[2:]),
    }


def face(state: State, image: Tensor) -> dict[str, Tensor]:
    mean = resnet(state, "backbone.", image).mean((2, 3))
    pose = _rotations(_linear(state, "regressor.pose_out.0", mean))
    return {
        "root_rotation": pose[:, 0],
        "jaw_rotation": pose[:, 1],
        "betas": _linear(state, "regressor.shape_out.0", mean),
        "expression": _linear(state, "regressor.expr_out.0", mean),
        "camera_translation": _translation(_linear(state, "regressor.cam_out.0", mean), 0.4, 256, 192),
    }


def _in_grid(hand: Tensor, box: Tensor) -> Tensor:
    x0, y0, x1, y1 = (column[:, None] for column in box.T)
    x = hand[..., 0] / 8 * (x1 - x0) / 192 * 6 + x0 / 192 * 6
    y = hand[..., 1] / 8 * (y1 - y0) / 256 * 8 + y0 / 256 * 8
    return torch.stack([x, y, hand[..., 2]], dim=2)


def _rodrigues(rotvec: np.ndarray) -> np.ndarray:
    angle = float(np.linalg.norm(rotvec))
    x, y, z = rotvec / angle
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + math.sin(angle) * k + (1 - math.cos(angle)) * k @ k
