"""Converted takes in the hands of smplx and smplcodec, and of aitviewer where there is one."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pose2pose_live.conversion import ConversionSettings, convert
from pose2pose_live.recording import load_recording
from pose2pose_live.resources import asset_path
from tests.conversion.takes import frame_at, take
from tests.oracles.outside import python_with

COUNT = 10


@pytest.fixture(scope="module")
def files(tmp_path_factory, body) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("take")
    path = take(folder, body, np.arange(COUNT) / 30)
    written = convert(load_recording(path), folder / "take", ("npz", "smpl"), ConversionSettings(), body)
    return {"take": path, **dict(zip(("npz", "smpl"), written, strict=True))}


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """The open body where and how smplx looks for its files."""
    folder = tmp_path_factory.mktemp("models") / "smplx"
    folder.mkdir()
    return Path(shutil.copy(asset_path("open_body.npz"), folder / "SMPLX_NEUTRAL.npz"))


def test_smplcodec_reads_the_smpl_file_and_the_npz_alike(files):
    codec = pytest.importorskip("smplcodec", reason="smplcodec is not installed: pip install smplcodec").SMPLCodec
    smpl = codec.from_file(str(files["smpl"]))
    assert (smpl.smpl_version.name, smpl.gender.name, smpl.frame_count) == ("SMPLX", "NEUTRAL", COUNT)
    assert smpl.frame_rate == 30
    for i in range(COUNT):
        frame = frame_at(i / 30)
        np.testing.assert_allclose(smpl.full_pose[i], frame.full_pose, atol=1e-5)
        np.testing.assert_allclose(smpl.body_translation[i], frame.transl, atol=1e-5)
        np.testing.assert_allclose(smpl.expression_parameters[i], frame.expression, atol=1e-5)
    np.testing.assert_allclose(smpl.shape_parameters, frame_at(0).betas, atol=1e-6)
    for npz in ("npz", "take"):
        other = codec.from_amass_npz(str(files[npz]))
        np.testing.assert_allclose(other.full_pose, smpl.full_pose, atol=1e-5)
        np.testing.assert_allclose(other.body_translation, smpl.body_translation, atol=1e-6)
        assert (other.frame_rate, other.frame_count) == (30, COUNT)


def test_smplx_poses_the_npz_as_we_do(files, model, body):
    smplx = pytest.importorskip(
        "smplx", reason="smplx is not installed (non-commercial licence): pip install smplx torch"
    )
    torch = pytest.importorskip("torch")
    with np.load(files["npz"]) as file:
        a = {key: torch.tensor(file[key].astype(np.float32)) for key in
             ("poses", "trans", "betas", "expressions")}  # fmt: skip
    layer = smplx.create(str(model), model_type="smplx", num_betas=10, num_expression_coeffs=10, use_pca=False,
                         flat_hand_mean=True, batch_size=COUNT)  # fmt: skip
    p = a["poses"]
    with torch.no_grad():
        output = layer(
            global_orient=p[:, :3], body_pose=p[:, 3:66], jaw_pose=p[:, 66:69], leye_pose=p[:, 69:72], reye_pose=p[:, 72:75],
            left_hand_pose=p[:, 75:120], right_hand_pose=p[:, 120:], betas=a["betas"].expand(COUNT, -1),
            expression=a["expressions"], transl=a["trans"],
        )  # fmt: skip
    for i in range(COUNT):
        posed = body.pose(frame_at(i / 30))
        np.testing.assert_allclose(output.joints[i, :55].numpy(), posed.joints, atol=1e-4)
        np.testing.assert_allclose(output.vertices[i].numpy(), posed.vertices, atol=1e-4)


_AITVIEWER = """
import sys
import numpy as np
from aitviewer.configuration import CONFIG as C
C.update_conf({"smplx_models": sys.argv[2], "device": "cpu"})
from aitviewer.models.smpl import SMPLLayer
from aitviewer.renderables.smpl import SMPLSequence

a = np.load(sys.argv[1])
p = a["poses"]
layer = SMPLLayer("smplx", "neutral", device="cpu", num_betas=10)
sequence = SMPLSequence(
    p[:, 3:66], layer, poses_root=p[:, :3], betas=a["betas"], trans=a["trans"], poses_jaw=p[:, 66:69],
    poses_leye=p[:, 69:72], poses_reye=p[:, 72:75], poses_left_hand=p[:, 75:120], poses_right_hand=p[:, 120:], z_up=False)
np.savez(sys.argv[3], vertices=sequence.vertices, joints=sequence.joints, rate=a["mocap_framerate"])
"""


def test_aitviewer_poses_the_npz_as_we_do(files, model, body, tmp_path):
    python = python_with("aitviewer", "POSE2POSE_AITVIEWER_PYTHON")
    command = [python, "-c", _AITVIEWER, str(files["npz"]), str(model.parent.parent), str(tmp_path / "found.npz")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "found.npz") as found:
        vertices, joints = found["vertices"], found["joints"]
        assert found["rate"] == 30
    assert len(vertices) == COUNT
    for i in range(COUNT):
        posed = body.pose(replace(frame_at(i / 30), expression=np.zeros(10)))  # it takes no expression
        np.testing.assert_allclose(joints[i], posed.joints[: joints.shape[1]], atol=1e-4)
        np.testing.assert_allclose(vertices[i], posed.vertices, atol=1e-4)
