from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from pose2pose_live import rotations
from pose2pose_live.network import Hand4Whole, Pose2PoseBody, Pose2PoseFace, Pose2PoseHand
from pose2pose_live.network.checkpoint import VARIANTS
from tests.network import restatement
from tests.network.reference import FOLDER, assert_close, needs_reference, official_keys, picture, seeded

SIZES = {"body": (256, 192), "hand": (256, 256), "face": (256, 192)}


def _restated(variant: str, state: dict[str, Tensor], image: Tensor) -> dict[str, Tensor]:
    if variant == "face":
        return restatement.face(state, image)
    if variant == "body":
        return restatement.part(state, image, 25, "body_rotations", 2.5)
    return restatement.part(state, image, 21, "hand_rotations", 0.4)


@pytest.mark.parametrize("variant", SIZES)
def test_they_agree_with_a_plain_restatement(variant: str):
    network = restatement.lively(VARIANTS[variant](backbone="resnet18"))
    image = torch.rand(3, 3, *SIZES[variant], dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        found = network(image)
    expected = _restated(variant, network.state_dict(), image)
    assert set(found) == set(expected)
    for key, value in expected.items():
        assert_close(found[key], value, 1e-8)


@needs_reference
@pytest.mark.parametrize("variant", SIZES)
def test_the_published_networks_agree_with_a_plain_restatement(variant: str):
    network = seeded(VARIANTS[variant]())
    image = picture(1, *SIZES[variant])
    with torch.no_grad():
        found = network(image)
    for key, value in _restated(variant, network.state_dict(), image).items():
        assert_close(found[key], value, 1e-8)


@needs_reference
@pytest.mark.parametrize("variant", VARIANTS)
def test_keys_and_shapes_are_the_published_ones(variant: str):
    found = {key: tuple(value.shape) for key, value in VARIANTS[variant]().state_dict().items()}
    expected = official_keys(variant)
    assert found == expected
    assert list(found) == list(expected)


@pytest.mark.parametrize(
    ("network", "keys", "millions"),
    [(Hand4Whole, 834, 77.84), (Pose2PoseBody, 335, 26.69), (Pose2PoseHand, 335, 25.97), (Pose2PoseFace, 326, 23.58)],
)
def test_as_many_keys_and_parameters_as_published(network: type[nn.Module], keys: int, millions: float):
    built = network()
    assert len(built.state_dict()) == keys
    assert sum(p.numel() for p in built.parameters()) / 1e6 == pytest.approx(millions, abs=0.005)


@needs_reference
def test_the_body_network_agrees_with_the_published_one():
    ref = np.load(FOLDER / "ref_body.npz")
    network = seeded(Pose2PoseBody())
    modules: dict[str, Tensor | tuple[Tensor, ...]] = {}
    for name in ("backbone", "position_net", "rotation_net"):
        network.get_submodule(name).register_forward_hook(lambda _, __, out, name=name: modules.update({name: out}))
    image = picture(2, 256, 192)
    assert image.mean().item() == pytest.approx(float(ref["meta/input_mean"]), abs=1e-7)
    with torch.no_grad():
        found = network(image)
    backbone = modules["backbone"]
    assert isinstance(backbone, Tensor)
    assert_close(backbone.mean((2, 3)), ref["module/backbone.out0.mean"])
    assert_close(backbone[:, ::64], ref["module/backbone.out0.ch64"])
    assert_close(modules["position_net"][0], ref["module/position_net.out0"])
    for i in range(4):
        assert_close(modules["rotation_net"][i], ref[f"module/rotation_net.out{i}"])
    root = rotations.rotmat_to_rotvec(found["root_rotation"].numpy())
    body = rotations.rotmat_to_rotvec(found["body_rotations"].numpy()).reshape(2, 63)
    hands = np.zeros((2, 6))  # the SMPL hand joints, which the network leaves at rest
    assert_close(root, ref["body_model_input/global_orient"])
    assert_close(np.concatenate([body, hands], 1), ref["body_model_input/body_pose"])
    assert_close(np.concatenate([root, body, hands], 1), ref["out/smpl_pose"])
    assert_close(found["betas"], ref["body_model_input/betas"])
    assert_close(found["betas"], ref["out/smpl_shape"])
    assert_close(found["joint_positions"], ref["out/joint_img"])
    assert_close(found["camera_translation"], ref["out/cam_trans"])


@pytest.mark.parametrize("variant", SIZES)
def test_pictures_of_another_size_are_told(variant: str):
    with pytest.raises(ValueError, match="expected pictures"):
        VARIANTS[variant](backbone="resnet18")(torch.zeros(1, 3, 128, 128))
