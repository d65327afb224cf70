"""The differentiable layer against the numpy body, on the open body and on a file in the official layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from pose2pose_live.body.model import BodyModel
from pose2pose_live.errors import ModelError
from pose2pose_live.frame import SmplxFrame
from pose2pose_live.resources import asset_path
from pose2pose_live.rotations import geodesic_angle, rotmat_to_rotvec, rotvec_to_rotmat
from pose2pose_live.skeleton import SMPLX_JOINTS, SUPERVISION
from pose2pose_live.training import torch_rotations
from pose2pose_live.training.body_layer import BodyLayer

from ..body.reference import random_frame, save, synthetic_arrays


def tensors(frame: SmplxFrame) -> dict[str, torch.Tensor]:
    def matrices(rotvec: np.ndarray) -> torch.Tensor:
        return torch.tensor(rotvec_to_rotmat(rotvec), dtype=torch.float32)[None]

    return {
        "root_rotation": matrices(frame.global_orient), "body_rotations": matrices(frame.body_pose),
        "left_hand_rotations": matrices(frame.left_hand_pose), "right_hand_rotations": matrices(frame.right_hand_pose),
        "jaw_rotation": matrices(frame.jaw_pose),
        **{k: torch.tensor(getattr(frame, k), dtype=torch.float32)[None] for k in ("betas", "expression")},
        "translation": torch.tensor(frame.transl, dtype=torch.float32)[None],
    }  # fmt: skip


def eyes_ahead(seed: int) -> SmplxFrame:
    frame = random_frame(seed)
    pose = frame.full_pose
    pose[[SMPLX_JOINTS.index(f"{side}_eye_smplhf") for side in ("left", "right")]] = 0
    return frame.with_full_pose(pose)


@pytest.fixture(scope="module", params=["open body", "official layout with contour"])
def body_path(request, tmp_path_factory) -> Path:
    if request.param == "open body":
        return asset_path("open_body.npz")
    arrays = synthetic_arrays(10475, 400)
    rng = np.random.default_rng(1)
    arrays["dynamic_lmk_faces_idx"] = rng.integers(0, len(arrays["f"]), (79, 17))
    arrays["dynamic_lmk_bary_coords"] = np.full((79, 17, 3), 1 / 3)
    return save(tmp_path_factory.mktemp("body") / "my_body.npz", arrays)


def test_layer_equals_the_numpy_body(body_path: Path):
    layer, model = BodyLayer(body_path), BodyModel.load(body_path)
    joints_only = layer.for_joints()
    named = [i for i, name in enumerate(SUPERVISION) if name in SMPLX_JOINTS]
    rows = [SMPLX_JOINTS.index(name) for name in SUPERVISION if name in SMPLX_JOINTS]
    for seed in range(3):
        frame = eyes_ahead(seed)
        expected = model.pose(frame)
        posed = layer(**tensors(frame))
        np.testing.assert_allclose(posed.vertices[0].numpy(), expected.vertices, atol=1e-5)
        np.testing.assert_allclose(posed.joints[0, named].numpy(), expected.joints[rows], atol=1e-5)
        # Vertices and landmarks, found in the posed mesh by hand.
        with np.load(body_path, allow_pickle=False) as file:
            faces, weights = file["lmk_faces_idx"], file["lmk_bary_coords"]
        landmarks = np.einsum("lk,lkc->lc", weights, expected.vertices[model.faces[faces]])
        np.testing.assert_allclose(posed.joints[0, 69:120].numpy(), landmarks, atol=1e-5)
        np.testing.assert_allclose(posed.joints[0, SUPERVISION["nose"]].numpy(), expected.vertices[9120], atol=1e-5)
        np.testing.assert_allclose(
            posed.joints[0, SUPERVISION["left_index_tip"]].numpy(), expected.vertices[4933], atol=1e-5
        )
        reduced = joints_only(**tensors(frame))
        np.testing.assert_allclose(reduced.joints.numpy(), posed.joints.numpy(), atol=1e-5)
        assert reduced.vertices.shape[1] < 0.6 * posed.vertices.shape[1]


def test_contour_counts_only_where_the_file_has_it(body_path: Path):
    layer = BodyLayer(body_path)
    contour = [i for name, i in SUPERVISION.items() if name.startswith("contour")]
    joints = layer(**tensors(eyes_ahead(0))).joints[0]
    has_contour = "my_body" in body_path.name
    assert bool(layer.joint_available.sum() == (137 if has_contour else 120))
    assert bool(layer.joint_available[contour].all()) == has_contour
    assert bool((joints[contour] != 0).any()) == has_contour


def test_hand_mean_is_added_to_axis_angle():
    layer = BodyLayer()
    relative = np.random.default_rng(0).normal(0, 0.4, (2, 15, 3))
    matrices = torch.tensor(rotvec_to_rotmat(relative), dtype=torch.float32)
    left, right = (layer.absolute_hand(matrices[i, None], side) for i, side in enumerate(("left", "right")))
    np.testing.assert_allclose(left[0].numpy(), rotvec_to_rotmat(relative[0] + layer.hand_means[0]), atol=1e-5)
    np.testing.assert_allclose(right[0].numpy(), rotvec_to_rotmat(relative[1] + layer.hand_means[1]), atol=1e-5)
    assert np.abs(layer.hand_means).max() > 0.05


def test_layer_passes_gradients_and_leaves_checkpoints_alone():
    layer = BodyLayer().for_joints()
    given = {name: value.requires_grad_() for name, value in tensors(eyes_ahead(1)).items()}
    layer(**given).joints.square().sum().backward()
    for name, value in given.items():
        assert value.grad is not None, name
        assert torch.isfinite(value.grad).all(), name
        assert value.grad.abs().max() > 0, name
    assert layer.state_dict() == {}


def test_torch_rotations_equal_the_numpy_ones_and_have_finite_gradients():
    rng = np.random.default_rng(0)
    axes = rng.normal(size=(60, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    angles = np.concatenate([np.zeros(1), [1e-9, 1e-5, np.pi, np.pi - 1e-6], np.linspace(0.01, 3.1, 55)])
    rotvec = torch.tensor(axes * angles[:, None], requires_grad=True)
    matrices = torch_rotations.rotvec_to_rotmat(rotvec)
    np.testing.assert_allclose(matrices.detach().numpy(), rotvec_to_rotmat(rotvec.detach().numpy()), atol=1e-12)
    back = torch_rotations.rotmat_to_rotvec(matrices)
    np.testing.assert_allclose(back.detach().numpy(), rotmat_to_rotvec(matrices.detach().numpy()), atol=1e-9)
    other = torch.tensor(rotvec_to_rotmat(rng.normal(size=(60, 3))))
    angle = torch_rotations.geodesic_angle(matrices, other)
    np.testing.assert_allclose(
        angle.detach().numpy(), geodesic_angle(matrices.detach().numpy(), other.numpy()), atol=1e-9
    )
    torch_rotations.geodesic_angle(matrices, matrices.detach()).sum().backward(retain_graph=True)
    assert torch.isfinite(rotvec.grad).all()
    rotvec.grad = None
    back.sum().backward()
    assert torch.isfinite(rotvec.grad).all()
    # The way there and back is the identity, so each gradient of the sum is one (not at a half turn, where the sign may change).
    np.testing.assert_allclose(rotvec.grad[5:].numpy(), 1, atol=1e-6)


def test_a_body_without_landmarks_is_refused(tmp_path: Path):
    arrays = synthetic_arrays(9930, 20)
    del arrays["lmk_faces_idx"]
    with pytest.raises(ModelError, match="lmk_faces_idx are missing"):
        BodyLayer(save(tmp_path / "half.npz", arrays))
