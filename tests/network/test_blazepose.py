from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from pose2pose_live.detection.region import Region, blob
from pose2pose_live.errors import ModelError
from pose2pose_live.inference import Session
from pose2pose_live.network.blazepose import TAP_CHANNELS, TAP_STRIDES, BlazePose
from pose2pose_live.network.blazepose_weights import load_blazepose
from pose2pose_live.resources import asset_path, engine_path

GRAPH = engine_path("landmarks") / "pose.onnx"
PEOPLE = 3
"""The first crops show a person."""


@pytest.fixture(scope="module")
def network() -> BlazePose:
    return load_blazepose(GRAPH).eval().to(memory_format=torch.channels_last)


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    """A person in the demo clip, upright, turned, off centre and cut; noise, fine and coarse, and black: (6,3,256,256)."""
    video = cv2.VideoCapture(str(asset_path("demo.mp4")))
    pictures = [video.read()[1] for _ in range(PEOPLE)]
    height, width = pictures[0].shape[:2]
    regions = [
        Region(width / 2, height / 2, height, 0.0),
        Region(width / 2, height * 0.6, 1.6 * height, 0.3),
        Region(width * 0.4, height * 0.9, 0.7 * height, -0.8),
    ]
    seen = [blob(region.crop(picture, 256)) for region, picture in zip(regions, pictures, strict=True)]
    rng = np.random.default_rng(3)
    fine = rng.random((1, 3, 256, 256), np.float32)
    coarse = np.repeat(np.repeat(fine[..., ::16, ::16], 16, axis=-1), 16, axis=-2)
    return np.concatenate([*seen, fine, coarse, np.zeros_like(fine)])


def test_every_output_agrees_with_the_graph(network: BlazePose, crops: np.ndarray):
    session = Session(GRAPH)
    with torch.no_grad():
        found = network(torch.from_numpy(crops).to(memory_format=torch.channels_last))
    for row, crop in enumerate(crops):
        expected = session.run(crop[None])
        assert set(found) == set(expected)
        for name, value in expected.items():
            # Relative to the size of the values: pixels go to 700 and maps to 250.
            scale = max(1.0, float(np.abs(value).max()))
            assert np.abs(found[name][row : row + 1].numpy() - value).max() < 1e-4 * scale, (name, row)
    for row in range(PEOPLE):  # where there is a person: metres and probabilities, absolutely
        expected = session.run(crops[row : row + 1])
        for name in ("world", "presence"):
            np.testing.assert_allclose(found[name][row : row + 1].numpy(), expected[name], atol=1e-4, rtol=0)


def test_the_layout_in_memory_does_not_matter(network: BlazePose, crops: np.ndarray):
    image = torch.from_numpy(crops[:PEOPLE])
    with torch.no_grad():
        a, b = network(image), network(image.to(memory_format=torch.channels_last))
    for name in ("landmarks", "world", "presence"):
        torch.testing.assert_close(a[name], b[name], atol=5e-3, rtol=1e-4)


def test_maps_have_the_shapes_they_are_said_to_have(network: BlazePose, crops: np.ndarray):
    with torch.no_grad():
        found = network(torch.from_numpy(crops[:1]))
    for name, channels in TAP_CHANNELS.items():
        assert found[name].shape == (1, channels, 256 // TAP_STRIDES[name], 256 // TAP_STRIDES[name])


def test_every_weight_learns(crops: np.ndarray):
    network = load_blazepose(GRAPH).to(memory_format=torch.channels_last)
    outputs = network(torch.from_numpy(crops[:2]).to(memory_format=torch.channels_last))
    sum(outputs[name].square().mean() for name in ("landmarks", "presence", "heatmap", "world")).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().max() > 0, name


def test_a_step_moves_the_landmarks_where_it_is_told(crops: np.ndarray):
    network = load_blazepose(GRAPH).to(memory_format=torch.channels_last)
    image = torch.from_numpy(crops[:2]).to(memory_format=torch.channels_last)
    with torch.no_grad():
        target = network(image)["world"] + 0.05
    optimizer = torch.optim.AdamW(network.parameters(), 1e-6)
    losses = []
    for _ in range(4):
        loss = (network(image)["world"] - target).abs().mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < 0.85 * losses[0]


def test_another_network_is_refused():
    with pytest.raises(ModelError, match="BlazePose full"):
        load_blazepose(engine_path("landmarks") / "hand.onnx")


def test_what_is_no_graph_is_refused(tmp_path: Path):
    (tmp_path / "pose.onnx").write_text("no graph")
    with pytest.raises(ModelError, match="expected the ONNX graph of the pose network"):
        load_blazepose(tmp_path / "pose.onnx")
    with pytest.raises(ModelError, match="No such file"):
        load_blazepose(tmp_path / "nowhere.onnx")


def test_a_picture_of_another_size_is_refused(network: BlazePose):
    with pytest.raises(ValueError, match="256, 256"):
        network(torch.zeros(1, 3, 224, 224))
