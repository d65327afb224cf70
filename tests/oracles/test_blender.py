"""Our BVH and GLB in Blender without a window."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pose2pose_live.conversion import ConversionSettings, convert
from pose2pose_live.humanoid import MIXAMO_BONES
from pose2pose_live.recording import load_recording
from pose2pose_live.skeleton import SMPLX, SMPLX_JOINTS
from tests.conversion.takes import frame_at, take
from tests.oracles.outside import python_with

COUNT, CHOSEN = 40, (0, 13, 39)
FROM_BLENDER = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
"""Blender's world is Z up, and its importers know that BVH and glTF are not."""


@pytest.mark.parametrize(("kind", "first"), [("bvh", 1), ("bvh-humanoid", 1), ("glb", 0)])
def test_blender_has_every_bone_where_we_have_it(tmp_path, body, kind, first):
    python = python_with("bpy", "POSE2POSE_BPY_PYTHON")
    recording = load_recording(take(tmp_path, body, np.arange(COUNT) / 30))
    (path,) = convert(recording, tmp_path / "take", (kind,), ConversionSettings(), body)
    script, out = Path(__file__).with_name("blender_positions.py"), tmp_path / "found.npz"
    frames = [str(first + i) for i in CHOSEN]
    done = subprocess.run(
        [python, str(script), str(path), str(out), *frames], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    with np.load(out) as file:
        found = {key: file[key] for key in file.files}
    assert found["fps"] == 30
    assert found["last"] == pytest.approx(first + COUNT - 1, abs=0.01)
    names = MIXAMO_BONES if kind == "bvh-humanoid" else dict(zip(SMPLX_JOINTS, SMPLX_JOINTS, strict=True))
    assert set(names.values()) <= set(found["names"])
    worst_mm = 0.0
    for row, i in enumerate(CHOSEN):
        frame = frame_at(i / 30)
        joints = body.joints(replace(frame, expression=np.zeros(10)))
        for joint, name in names.items():
            place = FROM_BLENDER @ found["heads"][row][found["names"].tolist().index(name)]
            worst_mm = max(worst_mm, 1000 * float(np.linalg.norm(place - joints[SMPLX[joint]])))
        if kind == "glb":
            away_m = np.linalg.norm(found["vertices"][row] @ FROM_BLENDER.T - body.pose(frame).vertices, axis=1)
            # Blender knows no pose correctives either.
            print(
                f"mesh in frame {i}: median {1000 * np.median(away_m):.2f} mm, greatest {1000 * away_m.max():.1f} mm",
                file=sys.stderr,
            )
            assert np.percentile(away_m, 90) < 0.01
    print(f"{kind}: greatest distance of a bone {worst_mm:.3f} mm", file=sys.stderr)
    assert worst_mm < 2
