from __future__ import annotations

import pytest
import torch

from pose2pose_live.network import Hand4Whole
from tests.network import restatement
from tests.network.reference import assert_close, needs_reference, picture, seeded

SMALL = ("resnet18",) * 3
SHAPES = {
    "joint_positions": (65, 3), "left_hand_box": (4,), "right_hand_box": (4,), "face_box": (4,), "root_rotation": (3, 3),
    "body_rotations": (21, 3, 3), "left_hand_rotations": (15, 3, 3), "right_hand_rotations": (15, 3, 3), "jaw_rotation": (3, 3),
    "betas": (10,), "expression": (10,), "camera_translation": (3,), "body_positions": (25, 3), "left_hand_positions": (20, 3),
    "right_hand_positions": (20, 3), "box_centers": (3, 2), "box_sizes": (3, 2),
}  # fmt: skip


def _pictures(n: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    blocks = torch.rand(n, 3, 32, 24, dtype=torch.float64, generator=generator)
    fine = torch.rand(n, 3, 512, 384, dtype=torch.float64, generator=generator)
    pictures = 0.8 * blocks.repeat_interleave(16, 2).repeat_interleave(16, 3) + 0.2 * fine
    return pictures * torch.linspace(1.0, 0.2, n, dtype=torch.float64).view(n, 1, 1, 1)


@pytest.fixture(scope="module")
def network() -> Hand4Whole:
    return restatement.lively(Hand4Whole(backbones=SMALL))


def test_it_agrees_with_a_plain_restatement(network: Hand4Whole):
    """On a batch of three, which the published code gets wrong."""
    image = _pictures(3)
    with torch.no_grad():
        found = network(image)
    expected = restatement.hand4whole(network.state_dict(), image)
    assert set(found) == set(expected) == set(SHAPES)
    for key, shape in SHAPES.items():
        assert found[key].shape == (3, *shape), key
        assert_close(found[key], expected[key], 1e-8)
    # The case is worth something: pictures differ, one box is enlarged, another reduced and partly outside.
    left, right = found["left_hand_box"], found["right_hand_box"]
    assert (left[0] - left[2]).abs().max() > 0.5
    assert (left[:, 2] - left[:, 0]).max() < 256
    assert (right[:, 2] - right[:, 0]).min() > 256
    assert right[:, 2].max() > 384
    assert found["left_hand_positions"].std() > 0.3


@needs_reference
def test_the_published_network_agrees_with_a_plain_restatement():
    network = seeded(Hand4Whole())
    image = picture(1, 512, 384)
    with torch.no_grad():
        found = network(image)
    for key, value in restatement.hand4whole(network.state_dict(), image).items():
        assert_close(found[key], value, 1e-8)


def test_pictures_of_a_batch_do_not_touch_each_other(network: Hand4Whole):
    image = _pictures(3, seed=1)
    with torch.no_grad():
        together = network(image)
        changed = network(torch.cat([image[:1], torch.rand_like(image[:1]), image[2:]]))
    for key, value in together.items():
        assert_close(changed[key][[0, 2]], value[[0, 2]], 1e-9)
        assert (changed[key][1] != value[1]).any()


def test_a_mirrored_left_hand_is_treated_as_a_right_one(network: Hand4Whole):
    """Where both boxes are the same but for the picture's mirroring, the left fingers are the right ones' mirror image."""
    image = _pictures(1)
    mirrored = torch.cat([image, image.flip(3)])
    with torch.no_grad():
        boxes = torch.tensor([[100.0, 120.0, 228.0, 248.0]], dtype=torch.float64)
        there = torch.tensor([[384 - 228.0, 120.0, 384 - 100.0, 248.0]], dtype=torch.float64)
        features = network.hand_roi_net(mirrored, torch.cat([boxes, there]), torch.cat([boxes, there]))
    left, right = features.chunk(2)
    # A pixel's centre is at its index, so that the mirror of a box is off by half a pixel on either side: nearly, not exactly the same.
    scale = right.abs().max()
    assert (left[0] - right[1]).abs().max() < 0.2 * scale
    assert (left[0] - right[0]).abs().max() > 0.2 * scale


def test_single_precision_is_close(network: Hand4Whole):
    image = _pictures(1)
    small = Hand4Whole(backbones=SMALL).eval()
    small.load_state_dict(network.state_dict())
    with torch.no_grad():
        exact, found = network(image), small(image.float())
    for key, value in exact.items():
        assert found[key].dtype == torch.float32
        assert_close(found[key], value, 1e-3)


def test_global_pooling_has_the_same_weights_but_other_rotations(network: Hand4Whole):
    other = Hand4Whole(backbones=SMALL, pooling="global").double().eval()
    other.load_state_dict(network.state_dict())
    image = _pictures(1)
    with torch.no_grad():
        guided, pooled = network(image), other(image)
    for key in ("joint_positions", "left_hand_box", "face_box", "jaw_rotation", "betas", "camera_translation"):
        assert_close(pooled[key], guided[key], 1e-9)
    for key in ("root_rotation", "body_rotations", "left_hand_rotations", "right_hand_rotations"):
        assert (pooled[key] - guided[key]).abs().max() > 0.1


def test_pictures_of_another_size_are_told():
    network = Hand4Whole(backbones=SMALL)
    with pytest.raises(ValueError, match=r"expected pictures \(N, 3, 512, 384\).*found \(1, 3, 256, 192\)"):
        network(torch.zeros(1, 3, 256, 192))
    with pytest.raises(ValueError, match=r"torch\.uint8"):
        network(torch.zeros(1, 3, 512, 384, dtype=torch.uint8))


def test_parameters_are_as_many_as_published():
    assert sum(p.numel() for p in Hand4Whole().parameters()) / 1e6 == pytest.approx(77.84, abs=0.005)
