"""BodyModel against the authors' own `smplx` package, which is not a dependency (its licence is non-commercial)."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from pose2pose_live.body.model import BodyModel
from pose2pose_live.resources import asset_path
from pose2pose_live.skeleton import BODY_SLICE, EYES_SLICE, LEFT_HAND_SLICE, RIGHT_HAND_SLICE

from ..body.reference import LANDMARK_COUNT, random_frame, save, synthetic_arrays

smplx = pytest.importorskip(
    "smplx", reason="the smplx package (non-commercial licence) is not installed: pip install smplx torch"
)
torch = pytest.importorskip("torch")

FRAME_COUNT = 8
EXTRA_VERTEX_COUNT = 21


@pytest.fixture(scope="module", params=["open body", "official layout, 20 columns", "official layout, 400 columns"])
def body_path(request, tmp_path_factory) -> Path:
    # smplx tells the kind of model from the name of the file.
    path = tmp_path_factory.mktemp("body") / "SMPLX_NEUTRAL.npz"
    if request.param == "open body":
        return Path(shutil.copy(asset_path("open_body.npz"), path))
    return save(path, synthetic_arrays(10475, 400 if "400" in request.param else 20))


def test_body_model_equals_smplx(body_path: Path):
    model = BodyModel.load(body_path)
    layer = smplx.create(
        str(body_path), model_type="smplx", num_betas=10, num_expression_coeffs=10, use_pca=False, flat_hand_mean=True,
        batch_size=1,
    )  # fmt: skip
    for seed in range(FRAME_COUNT):
        frame = random_frame(seed)
        pose = frame.full_pose

        def tensor(values: np.ndarray):
            return torch.tensor(values.reshape(1, -1), dtype=torch.float32)

        with torch.no_grad():
            expected = layer(
                global_orient=tensor(pose[0]), body_pose=tensor(pose[BODY_SLICE]), jaw_pose=tensor(frame.jaw_pose),
                leye_pose=tensor(pose[EYES_SLICE][0]), reye_pose=tensor(pose[EYES_SLICE][1]),
                left_hand_pose=tensor(pose[LEFT_HAND_SLICE]), right_hand_pose=tensor(pose[RIGHT_HAND_SLICE]),
                betas=tensor(frame.betas), expression=tensor(frame.expression), transl=tensor(frame.transl),
            )  # fmt: skip
        posed = model.pose(frame)
        np.testing.assert_allclose(posed.vertices, expected.vertices[0].numpy(), atol=1e-5)
        output_joints = expected.joints[0].numpy()
        np.testing.assert_allclose(posed.joints, output_joints[: len(pose)], atol=1e-5)
        assert len(output_joints) == len(pose) + EXTRA_VERTEX_COUNT + LANDMARK_COUNT
    np.testing.assert_array_equal(layer.faces, model.faces)
