from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from pose2pose_live.network.camera import BODY_CAMERA, FACE_CAMERA, HAND_CAMERA, VirtualCamera
from tests.network.reference import FOLDER, assert_close, needs_reference


def test_depths_are_the_published_ones():
    found = [camera.depth_scale_m for camera in (BODY_CAMERA, HAND_CAMERA, FACE_CAMERA)]
    assert found == pytest.approx([56.38, 7.81, 9.02], abs=5e-3)


@pytest.mark.parametrize("camera", [BODY_CAMERA, HAND_CAMERA, FACE_CAMERA])
def test_projection_agrees_with_the_formula(camera: VirtualCamera):
    rng = np.random.default_rng(3)
    points, raw = rng.normal(size=(3, 7, 3)), rng.normal(size=(3, 3))
    translation = camera.translation(torch.from_numpy(raw))
    height, width = camera.size
    expected = np.zeros((3, 7, 2))
    for i in range(3):
        tz = 5000 * camera.extent_m / math.sqrt(height * width) / (1 + math.exp(-raw[i, 2]))
        for j, (x, y, z) in enumerate(points[i]):
            u = (x + raw[i, 0]) / (z + tz + 1e-4) * 5000 + width / 2
            v = (y + raw[i, 1]) / (z + tz + 1e-4) * 5000 + height / 2
            expected[i, j] = u / width * camera.grid[1], v / height * camera.grid[0]
    assert_close(camera.project(torch.from_numpy(points), translation), expected, 1e-12)


@needs_reference
def test_projection_agrees_with_the_published_one():
    """The reference keeps its joints relative to a pelvis that it does not tell: one shift per picture must explain all 33 joints."""
    ref = np.load(FOLDER / "ref_body.npz")
    joints, translation = (torch.from_numpy(ref[key]).double() for key in ("coord/joint_cam", "out/cam_trans"))
    expected = torch.from_numpy(ref["out/smpl_joint_proj"]).double()
    pelvis = torch.zeros(len(joints), 1, 3, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [pelvis], max_iter=200, tolerance_grad=1e-14, tolerance_change=1e-16, line_search_fn="strong_wolfe"
    )

    def residual() -> torch.Tensor:
        optimiser.zero_grad()
        loss = (BODY_CAMERA.project(joints + pelvis, translation) - expected).square().sum()
        loss.backward()
        return loss

    optimiser.step(residual)
    assert pelvis.abs().max() < 0.5
    assert_close(BODY_CAMERA.project(joints + pelvis, translation).detach(), expected)


def test_half_precision_becomes_single():
    with torch.autocast("cpu", dtype=torch.bfloat16):
        translation = BODY_CAMERA.translation(torch.zeros(1, 3, dtype=torch.bfloat16))
        projected = BODY_CAMERA.project(torch.zeros(1, 1, 3, dtype=torch.bfloat16), translation)
    assert translation.dtype == projected.dtype == torch.float32
    assert projected.tolist() == [[[3.0, 4.0]]]
