"""Our GLB before Khronos' own validator."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.conversion import ConversionSettings, convert
from pose2pose_live.recording import load_recording
from tests.body.reference import save, synthetic_arrays
from tests.conversion.takes import take
from tests.oracles.outside import node_command


@pytest.mark.parametrize("kind", ["open body", "a user's file"])
def test_the_validator_finds_nothing(body, tmp_path, kind):
    chosen = (
        body if kind == "open body" else BodyModel.load(save(tmp_path / "SMPLX_NEUTRAL.npz", synthetic_arrays(300, 20)))
    )
    recording = load_recording(take(tmp_path, chosen, np.arange(5) / 30))
    (path,) = convert(recording, tmp_path / "take", ("glb",), ConversionSettings(), chosen)
    done = subprocess.run([*node_command("validate_gltf.mjs"), str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["info"]["animationCount"] == 1
    assert report["info"]["hasSkins"]
    assert report["info"]["hasMorphTargets"]
    issues = report["issues"]
    wrong = [message for message in issues["messages"] if message["severity"] < 2]  # errors and warnings
    assert not wrong, wrong[:5]
