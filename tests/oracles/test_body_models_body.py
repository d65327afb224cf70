"""BodyModel against the independent `body-models` package (Apache-2.0), which reads the same files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pose2pose_live.body.model import BodyModel
from pose2pose_live.resources import asset_path
from pose2pose_live.skeleton import BODY_SLICE, EYES_SLICE, JAW_SLICE, LEFT_HAND_SLICE, RIGHT_HAND_SLICE, SMPLX

from ..body.reference import random_frame, save

oracle_module = pytest.importorskip(
    "body_models.smplx.numpy", reason="the body-models package is not installed: pip install body-models"
)

SHAPE_COEFFICIENTS = 300


def test_body_model_equals_body_models(tmp_path: Path):
    with np.load(asset_path("open_body.npz")) as archive:
        # That package takes the names of the joints from a pickled array, which the open body does without.
        arrays = {**{key: archive[key] for key in archive.files}, "joint2num": np.array(SMPLX, dtype=object)}
    oracle = oracle_module.SMPLX(model_path=save(tmp_path / "SMPLX_NEUTRAL.npz", arrays), flat_hand_mean=True)
    model = BodyModel.load()
    for seed in range(4):
        frame = random_frame(seed)
        pose = frame.full_pose.astype(np.float32)
        shape = np.zeros(SHAPE_COEFFICIENTS, np.float32)
        shape[:10] = frame.betas
        expected = oracle.forward_vertices(
            pose[BODY_SLICE],
            np.concatenate([pose[JAW_SLICE], pose[EYES_SLICE]]),
            np.concatenate([pose[LEFT_HAND_SLICE], pose[RIGHT_HAND_SLICE]]),
            pelvis_rotation=pose[0],
            shape=shape,
            expression=frame.expression.astype(np.float32),
            global_translation=frame.transl.astype(np.float32),
        )
        np.testing.assert_allclose(model.pose(frame).vertices, expected, atol=1e-5)
