"""VMC on an avatar in three-vrm, which is how many browsers and programs show VRM files."""

from __future__ import annotations

import json
import struct
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose2pose_live.humanoid import UNITY_BONES, from_t_pose, t_pose_offsets
from pose2pose_live.skeleton import SMPLX_JOINTS, SMPLX_PARENTS
from pose2pose_live.streaming import Stream, Target
from tests.oracles.outside import node_command
from tests.streaming.test_vmc import pose

_THUMB = {"ThumbProximal": "ThumbMetacarpal", "ThumbIntermediate": "ThumbProximal"}


def vrm_name(bone: str, version: int) -> str:
    if version == 1:
        for unity, vrm in _THUMB.items():
            if bone.endswith(unity):
                bone = bone.removesuffix(unity) + vrm
                break
    return bone[0].lower() + bone[1:]


def avatar(path: Path, offsets_m: np.ndarray, version: int) -> Path:
    """A VRM file of bones alone, each (55,3) m from its parent. VRM 0 faces -Z, VRM 1 +Z; +X of ours is the person's left."""
    facing = np.array([-1.0, 1.0, -1.0]) if version == 0 else np.ones(3)
    nodes: list[dict[str, Any]] = [
        {"name": joint, "translation": (offsets_m[i] * facing).tolist(),
         "children": np.flatnonzero(np.array(SMPLX_PARENTS) == i).tolist()} for i, joint in enumerate(SMPLX_JOINTS)
    ]  # fmt: skip
    for node in nodes:
        if not node["children"]:
            del node["children"]
    bones = {vrm_name(UNITY_BONES[joint], version): i for i, joint in enumerate(SMPLX_JOINTS)}
    if version == 0:
        listed = [{"bone": bone, "node": node, "useDefaultValues": True} for bone, node in bones.items()]
        extension: dict[str, Any] = {
            "VRM": {"specVersion": "0.0", "meta": {"title": "test"}, "humanoid": {"humanBones": listed}}
        }
    else:
        meta = {"name": "test", "authors": ["test"], "licenseUrl": "https://vrm.dev/licenses/1.0/"}
        humanoid = {"humanBones": {bone: {"node": node} for bone, node in bones.items()}}
        extension = {"VRMC_vrm": {"specVersion": "1.0", "meta": meta, "humanoid": humanoid}}
    document = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": nodes,
        "extensionsUsed": list(extension), "extensions": extension,
    }  # fmt: skip
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    path.write_bytes(struct.pack("<4sIIII", b"glTF", 2, 20 + len(text), len(text), 0x4E4F534A) + text)
    return path


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("rest", ["body", "tpose"])
def test_an_avatar_of_our_proportions_has_our_joints(body, tmp_path, version, rest):
    """Whether its rest pose is the body's own or the T-pose of VRM: the sender is told which, and corrects for it."""
    frame = replace(pose(1), expression=np.zeros(10))
    joints = body.rest_joints(frame.betas)
    turns = from_t_pose(joints) if rest == "tpose" else np.tile(np.eye(3), (55, 1, 1))
    offsets = t_pose_offsets(joints, turns)
    offsets[0] = (0, 1, 0)
    path = avatar(tmp_path / "avatar.vrm", offsets, version)
    command = [*node_command("receive_vmc.mjs"), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as receiver:
        assert receiver.stdout is not None
        port = receiver.stdout.readline().strip()
        assert port.isdecimal(), receiver.communicate()[1]
        stream = Stream(Target.parse(f"vmc://127.0.0.1:{port}?rest={rest}"), body)
        stream.send(frame)
        stream.close()
        output, errors = receiver.communicate(timeout=30)
    assert receiver.returncode == 0, errors
    found = json.loads(output)
    assert found["version"] == str(version)
    assert found["unknown"] == []
    assert found["counts"]["/VMC/Ext/Bone/Pos"] == 55
    expected = body.joints(frame)
    # three-vrm names the bones of the thumb as VRM 1 does, whatever the file is.
    places = np.array([found["bones"][vrm_name(UNITY_BONES[joint], 1)] for joint in SMPLX_JOINTS])
    np.testing.assert_allclose(places - places[0], expected - expected[0], atol=1e-3)
    bottom, _ = body.rest_height(frame.betas)
    np.testing.assert_allclose(places[0], [0, joints[0, 1] - bottom, 0], atol=1e-3)
