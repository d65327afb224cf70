from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pose2pose_live.rotations import quat_to_rotmat, rotvec_to_rotmat
from pose2pose_live.skeleton import SMPLX, SMPLX_JOINTS
from pose2pose_live.streaming import Target
from pose2pose_live.streaming.vrchat import unity_euler_deg
from tests.streaming.decoding import messages
from tests.streaming.test_vmc import MIRROR, pose, received


def about(axis: int, degrees: float) -> np.ndarray:
    return rotvec_to_rotmat(np.radians(degrees) * np.eye(3)[axis])


@pytest.mark.parametrize(
    "angles", [(10, 20, 30), (-80, 170, -120), (0, 0, 0), (89.99, 5, 0), (90, 40, 0), (-90, -70, 0)]
)
def test_euler_angles_are_unitys(angles):
    x, y, z = angles
    rotation = about(1, y) @ about(0, x) @ about(2, z)
    found = unity_euler_deg(rotation)
    again = about(1, found[1]) @ about(0, found[0]) @ about(2, found[2])
    np.testing.assert_allclose(again, rotation, atol=1e-6)
    if abs(x) < 89:
        np.testing.assert_allclose(found, angles, atol=1e-6)


def test_trackers_are_where_the_joints_are_and_turned_alike(body):
    frame = replace(pose(4), expression=np.zeros(10))
    found = {m.address: np.array(m.arguments) for m in received("vrchat", body, frame)}
    assert all(address.startswith("/tracking/trackers/") for address in found)
    assert len(found) == 2 * 9
    world = body.joint_to_world(frame)
    names = {"head": "head", "1": "pelvis", "2": "spine3", "3": "left_ankle", "6": "right_knee", "8": "right_elbow"}
    hip = found["/tracking/trackers/1/position"]
    assert 0.7 < hip[1] < 1.3
    for tracker, joint in names.items():
        place, angles = (found[f"/tracking/trackers/{tracker}/{what}"] for what in ("position", "rotation"))
        expected = (world[SMPLX[joint], :3, 3] - world[0, :3, 3]) @ MIRROR
        np.testing.assert_allclose(place - hip, expected, atol=1e-5)
        turned = about(1, angles[1]) @ about(0, angles[0]) @ about(2, angles[2])
        np.testing.assert_allclose(turned, MIRROR @ world[SMPLX[joint], :3, :3] @ MIRROR, atol=1e-4)


def test_trackers_can_be_chosen_and_scaled_to_the_users_height(body):
    frame = pose(1)
    plain, scaled = (received(f"vrchat?trackers=hip,feet{more}", body, frame) for more in ("", "&height=2"))
    assert {m.address.split("/")[3] for m in plain} == {"1", "3", "4"}
    vertices = body.pose(replace(frame.with_full_pose(np.zeros((55, 3))), expression=np.zeros(10))).vertices
    factor = 2 / np.ptp(vertices[:, 1])
    for one, other in zip(plain, scaled, strict=True):
        want = np.array(one.arguments) * (factor if one.address.endswith("position") else 1.0)
        np.testing.assert_allclose(other.arguments, want, rtol=1e-5)


@pytest.mark.parametrize("text", ["vrchat?loss=stop", "osc?loss=stop"])
def test_poses_of_nobody_can_be_left_out(body, text):
    encoder = Target.parse(text).open_encoder(body)
    found = messages(encoder.encode(replace(pose(1), tracked=False)))
    assert [m.address for m in found] == ([] if text.startswith("vrchat") else ["/smplx/frame", "/smplx/tracked"])


def test_plain_osc_has_every_value_of_the_frame(body):
    frame = replace(pose(5), index=12, time_s=3.5)
    found = {m.address: (m.tags, np.array(m.arguments)) for m in received("osc", body, frame)}
    assert len(found) == 2 + 2 * 55 + 3
    assert found["/smplx/frame"][0] == "if"
    np.testing.assert_array_equal(found["/smplx/frame"][1], [12, 3.5])
    assert found["/smplx/tracked"] == ("i", 1)
    for value, expected in (("trans", frame.transl), ("betas", frame.betas), ("expression", frame.expression)):
        np.testing.assert_allclose(found[f"/smplx/{value}"][1], expected, atol=1e-6)
    rotations, joints = rotvec_to_rotmat(frame.full_pose), body.joints(frame)
    for i, joint in enumerate(SMPLX_JOINTS):
        np.testing.assert_allclose(quat_to_rotmat(found[f"/smplx/{joint}/quat"][1]), rotations[i], atol=1e-6)
        np.testing.assert_allclose(found[f"/smplx/{joint}/pos"][1], joints[i], atol=1e-5)


def test_plain_osc_sends_what_was_chosen(body):
    found = received("osc?values=pos,trans&parts=legs", body, pose(5))
    assert [m.address for m in found][2:] == [
        *(f"/smplx/{side}_{joint}/pos" for joint in ("hip", "knee", "ankle", "foot") for side in ("left", "right")),
        "/smplx/trans",
    ]
