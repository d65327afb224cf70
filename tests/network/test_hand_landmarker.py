from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from pose2pose_live.detection.region import Region, blob
from pose2pose_live.errors import ModelError
from pose2pose_live.inference import Session
from pose2pose_live.network.hand_landmarker import ANSWERS, INPUT_PX, TAPS, HandLandmarker
from pose2pose_live.network.hand_landmarker_weights import load_hand_landmarker
from pose2pose_live.network.open_hand_net import OpenHandHead, OpenHandNet
from pose2pose_live.resources import asset_path, engine_path

GRAPH = engine_path("landmarks") / "hand.onnx"


@pytest.fixture(scope="module")
def network() -> HandLandmarker:
    return load_hand_landmarker(GRAPH).eval()


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    """Parts of the demo clip, noise and black: (4,3,224,224)."""
    picture = cv2.VideoCapture(str(asset_path("demo.mp4"))).read()[1]
    height, width = picture.shape[:2]
    regions = [Region(width / 2, height / 2, height / 4, 0.3), Region(width * 0.4, height * 0.4, height / 2, -1.0)]
    seen = [blob(region.crop(picture, INPUT_PX)) for region in regions]
    noise = np.random.default_rng(3).random((1, 3, INPUT_PX, INPUT_PX), np.float32)
    return np.concatenate([*seen, noise, np.zeros_like(noise)])


def test_every_output_agrees_with_the_graph(network: HandLandmarker, crops: np.ndarray):
    session = Session(GRAPH)
    with torch.no_grad():
        found = network(torch.from_numpy(crops))
    for row, crop in enumerate(crops):
        expected = session.run(crop[None])
        assert set(found) == set(expected) == {*ANSWERS, *TAPS}
        for name, value in expected.items():
            scale = max(1.0, float(np.abs(value).max()))  # px go to 200
            assert np.abs(found[name][row : row + 1].numpy() - value).max() < 1e-4 * scale, (name, row)


def test_maps_have_the_shapes_they_are_said_to_have(network: HandLandmarker, crops: np.ndarray):
    with torch.no_grad():
        found = network(torch.from_numpy(crops[:1]))
    for name, (channels, stride) in TAPS.items():
        assert found[name].shape == (1, channels, INPUT_PX // stride, INPUT_PX // stride)


def test_every_weight_learns(crops: np.ndarray):
    network = load_hand_landmarker(GRAPH)
    outputs = network(torch.from_numpy(crops[:2]))
    sum(outputs[name].square().mean() for name in ANSWERS).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().max() > 0, name


def test_rotations_do_not_move_the_points_they_are_read_from(network: HandLandmarker, crops: np.ndarray):
    """The last layer of the landmarks learns nothing from the head; the maps that it pools do."""
    net = OpenHandNet(backbone=load_hand_landmarker(GRAPH))
    for layer in net.head.decoder.answers.values():
        torch.nn.init.normal_(layer.weight)
    seen = net(torch.from_numpy(crops[:1]))
    (seen["palm"].sum() + seen["fingers"].sum()).backward()
    assert net.backbone.landmarks.weight.grad is None
    assert net.backbone.world.weight.grad is None
    assert net.backbone.top_expand.weight.grad.abs().max() > 0


def test_the_network_is_backbone_and_head(network: HandLandmarker, crops: np.ndarray):
    torch.manual_seed(0)
    head = OpenHandHead().eval()
    net = OpenHandNet(backbone=network)
    net.head = head
    image = torch.from_numpy(crops[:2])
    with torch.no_grad():
        torch.testing.assert_close(net(image)["fingers"], head(network(image))["fingers"])


def test_another_network_is_refused():
    with pytest.raises(ModelError, match="hand landmark network"):
        load_hand_landmarker(engine_path("landmarks") / "pose.onnx")


def test_a_picture_of_another_size_is_refused(network: HandLandmarker):
    with pytest.raises(ValueError, match="224, 224"):
        network(torch.zeros(1, 3, 256, 256))
