from __future__ import annotations

import warnings

import numpy as np
import onnxruntime as ort
import pytest
import torch

from export.torch_graph import to_onnx
from pose2pose_live.detection.region import VIEW_TO_UPRIGHT
from pose2pose_live.network.blazepose_weights import load_blazepose
from pose2pose_live.network.body_points import points_near_landmarks
from pose2pose_live.network.open_body_net import DEPTH_RANGE_M, OpenBodyNet
from pose2pose_live.network.trunk_frame import into_frame, trunk_frame
from pose2pose_live.skeleton import (
    OPEN_BODY_PARTS,
    OPEN_BODY_POINT,
    OPEN_BODY_POINTS,
    POSE,
    POSE_LANDMARKS,
    SUPERVISION,
)
from tests.network.test_blazepose import GRAPH, PEOPLE, crops  # noqa: F401

OUTPUTS = ("landmarks", "presence", "heatmap", "world", "positions", "joints", "root_rotation", "body_rotations", "betas", "log_variance")  # fmt: skip


def made(pooling: str = "guided") -> OpenBodyNet:
    """With the published backbone, and heads whose every answer depends on what it is given."""
    torch.manual_seed(4)
    network = OpenBodyNet(pooling=pooling, backbone=load_blazepose(GRAPH))  # type: ignore[arg-type]
    with torch.no_grad():
        for name, parameter in network.pose_head.decoder.answers.named_parameters():
            if name.endswith("weight"):
                parameter.normal_(std=0.02)
        for parameter in network.position_net.parameters():
            parameter.normal_(std=0.1)
        if network.pose_head.evidence is not None:
            network.pose_head.evidence.joint.normal_()
    return network.to(memory_format=torch.channels_last)


@pytest.fixture(scope="module")
def image(crops: np.ndarray) -> torch.Tensor:  # noqa: F811
    return torch.from_numpy(crops[:PEOPLE]).to(memory_format=torch.channels_last)


@pytest.mark.parametrize("pooling", ["guided", "global", "none", "vector"])
def test_shapes_and_proper_rotations(pooling: str, image: torch.Tensor):
    with torch.no_grad():
        found = made(pooling).eval()(image)
    assert tuple(found) == OUTPUTS
    n = len(image)
    shapes = {
        "positions": (n, 25, 3),
        "joints": (n, len(OPEN_BODY_POINTS), 3),
        "betas": (n, 10),
        "log_variance": (n, 6),
    }
    for name, shape in shapes.items():
        assert found[name].shape == shape
    for name, shape in (("root_rotation", (n, 3, 3)), ("body_rotations", (n, 21, 3, 3))):
        rotation = found[name]
        assert rotation.shape == shape
        torch.testing.assert_close(rotation @ rotation.transpose(-1, -2), torch.eye(3).expand(shape), atol=1e-5, rtol=0)
        assert (torch.linalg.det(rotation) > 0.99).all()
    assert (found["joints"][:, OPEN_BODY_POINT["pelvis"]] == 0).all()
    assert found["positions"][..., 2].abs().max() <= DEPTH_RANGE_M
    assert (found["positions"][..., :2] >= 0).all()
    assert (found["positions"][..., :2] <= 256).all()


def test_blazepose_is_still_in_it(image: torch.Tensor):
    with torch.no_grad():
        found, published = made().eval()(image), load_blazepose(GRAPH)(image)
    for name in ("landmarks", "world", "heatmap", "presence"):
        torch.testing.assert_close(found[name], published[name], atol=1e-2, rtol=1e-3)


@pytest.mark.parametrize("pooling", ["guided", "global"])
def test_only_what_is_pooled_at_joints_tells_where_a_thing_is_seen(pooling: str):
    """Feature maps turned about: the average does not notice, the vectors at the joints do."""
    network = made(pooling).eval()
    assert network.pose_head.evidence is not None
    torch.manual_seed(0)
    seen = {"enc_s4": torch.randn(1, 24, 64, 64), "enc_s8": torch.randn(1, 32, 32, 32)}
    fused, points = torch.randn(1, 128, 16, 16), torch.rand(1, 58, 2) * 200
    flipped = {name: value.flip(-1) for name, value in seen.items()}
    with torch.no_grad():
        a, b = (
            network.pose_head.evidence(seen, fused, points),
            network.pose_head.evidence(flipped, fused.flip(-1), points),
        )
    assert torch.allclose(a, b, atol=1e-4) == (pooling == "global")


def test_the_vector_alone_knows_no_place(image: torch.Tensor):
    network = made("vector").eval()
    with torch.no_grad():
        perception = network.perceive(image)
        elsewhere = perception._replace(
            seen=perception.seen
            | {"world": perception.seen["world"].flip(1), "landmarks": perception.seen["landmarks"] + 9},
            positions=perception.positions + 1,
        )
        before, after = network.pose_head(perception), network.pose_head(elsewhere)
        other = network.pose_head(perception._replace(fused=perception.fused + 1))
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert not torch.allclose(before["joints"], other["joints"], atol=1e-4)


def test_pooling_reads_the_pixel_that_a_point_names():
    """A map with one lit cell is seen by the point on its pixel and by no other."""
    network = made().eval()
    assert network.pose_head.evidence is not None
    seen = {"enc_s4": torch.zeros(1, 24, 64, 64), "enc_s8": torch.zeros(1, 32, 32, 32)}
    seen["enc_s4"][0, :, 30, 20] = 50.0
    fused = torch.zeros(1, 128, 16, 16)
    points = torch.full((1, 58, 2), 200.0)
    points[0, 7] = torch.tensor([80.0, 120.0])
    with torch.no_grad():
        lit = network.pose_head.evidence(seen, fused, points) - network.pose_head.evidence(
            {k: 0 * v for k, v in seen.items()}, fused, points
        )
    assert lit[0, 7].abs().max() > 0.1
    assert lit[0, torch.arange(58) != 7].abs().max() == 0


def test_every_weight_learns_and_rotations_do_not_move_positions(image: torch.Tensor):
    network = made().train()
    found = network(image)
    rotations = (found["root_rotation"] - torch.eye(3)).square().sum() + found["body_rotations"].square().sum()
    gradient = torch.autograd.grad(
        rotations, [network.backbone.world.weight, network.position_net.conv[0].weight, network.backbone.stem.weight],
        retain_graph=True, allow_unused=True,
    )  # fmt: skip
    assert gradient[0] is None, "what the world landmarks say is evidence for the rotations, not theirs to change"
    assert gradient[1] is None
    assert gradient[2] is not None
    assert gradient[2].abs().max() > 0, "the pooled maps are trained along"
    sum(value.square().mean() for value in found.values()).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().max() > 0, name


def test_an_unknown_pooling_is_refused():
    with pytest.raises(ValueError, match="expected one of guided, global"):
        OpenBodyNet(pooling="max")  # type: ignore[arg-type]


def test_the_exported_graph_agrees(image: torch.Tensor):
    network = made()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        for module in network.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                module.momentum = 1.0
        network.train()(image)  # the statistics of real pictures, as a trained network has them
        network.eval()
        graph = to_onnx(network, {"image": image[:1].contiguous()}, OUTPUTS)
        expected = network(image)
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    for row in range(len(image)):
        found = dict(zip(OUTPUTS, session.run(None, {"image": image[row : row + 1].contiguous().numpy()}), strict=True))
        for name, value in found.items():
            target = expected[name][row : row + 1].numpy()
            assert np.abs(value - target).max() < 1e-4 * max(1.0, np.abs(target).max()), (name, row)


def test_a_person_who_stands_and_faces_the_camera_has_the_identity():
    points = torch.zeros(2, 33, 3)
    for joint, x, y in (("shoulder", 0.2, 0.5), ("hip", 0.1, 0.0)):
        points[:, POSE[f"left_{joint}"]] = torch.tensor(
            [x, y, 0.0]
        )  # the left of somebody who faces us is right in the picture
        points[:, POSE[f"right_{joint}"]] = torch.tensor([-x, y, 0.0])
    turn = torch.tensor([[0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    points[1] = points[1] @ turn.T + 0.3
    frame, origin = trunk_frame(points)
    torch.testing.assert_close(frame, torch.stack([torch.eye(3), turn]), atol=1e-6, rtol=0)
    torch.testing.assert_close(origin[1], torch.full((3,), 0.3))
    placed = into_frame(points, frame, origin)
    torch.testing.assert_close(placed[0], placed[1], atol=1e-6, rtol=0)
    assert (trunk_frame(torch.zeros(1, 33, 3))[0].det() - 1).abs() < 1e-5


def test_the_view_axes_are_the_applications():
    assert tuple(VIEW_TO_UPRIGHT) == (1.0, -1.0, -1.0)


def test_points_are_guessed_from_landmarks_that_are_near():
    matrix = points_near_landmarks()
    assert matrix.shape == (len(OPEN_BODY_POINTS), len(POSE_LANDMARKS))
    torch.testing.assert_close(matrix.sum(1), torch.ones(len(OPEN_BODY_POINTS)))
    x = torch.tensor(
        [1.0 if name.startswith("left") else -1.0 if name.startswith("right") else 0.0 for name in POSE_LANDMARKS]
    )
    for name, side in zip(OPEN_BODY_POINTS, (matrix @ x).tolist(), strict=True):
        if not name.endswith("collar"):
            assert side == pytest.approx(
                1.0 if name.startswith("left") else -1.0 if name.startswith("right") else 0.0
            ), name
    assert set().union(*OPEN_BODY_PARTS.values()) <= set(OPEN_BODY_POINTS)
    assert {p for part in OPEN_BODY_PARTS.values() for p in part} - set(SUPERVISION) == {"spine1", "spine2", "spine3"}
