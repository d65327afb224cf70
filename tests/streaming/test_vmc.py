from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.frame import SmplxFrame
from pose2pose_live.humanoid import UNITY_BONES, from_t_pose, t_pose_offsets
from pose2pose_live.motion import mirrored
from pose2pose_live.rotations import quat_to_rotmat, rotmat_to_rotvec, rotvec_to_rotmat
from pose2pose_live.skeleton import ARKIT, ARKIT_INDEX, BODY, MIRROR_JOINT, SMPLX, SMPLX_JOINTS, SMPLX_PARENTS
from pose2pose_live.streaming import Target
from tests.body.reference import random_frame
from tests.streaming.decoding import Received, messages

MIRROR = np.diag([-1.0, 1.0, 1.0])


def pose(seed: int = 0, **changes) -> SmplxFrame:
    frame = random_frame(seed)
    rng = np.random.default_rng(seed)
    return replace(frame, tracked=True, blendshapes=rng.random(52), **changes)


def received(text: str, body: BodyModel, *frames: SmplxFrame) -> list[Received]:
    """What arrives of the last of the frames."""
    encoder = Target.parse(text).open_encoder(body)
    for frame in frames:
        packets = [bytes(packet) for packet in encoder.encode(frame)]
    assert all(len(packet) <= 1400 for packet in packets)
    return messages(packets)


def of(found: list[Received], address: str) -> list[tuple]:
    return [message.arguments for message in found if message.address == address]


def bones(found: list[Received]) -> dict[str, np.ndarray]:
    return {name: np.array(numbers) for name, *numbers in of(found, "/VMC/Ext/Bone/Pos")}


def unity_joints(found: list[Received]) -> np.ndarray:
    """Joints (55,3) in SMPL-X's axes that a receiver gets which applies root, local positions and local rotations, in Unity's axes."""
    ((_, *root),) = of(found, "/VMC/Ext/Root/Pos")
    sent = bones(found)
    places, turns = np.zeros((55, 3)), np.zeros((55, 3, 3))
    for i, parent in enumerate(SMPLX_PARENTS):
        values = sent[UNITY_BONES[SMPLX_JOINTS[i]]]
        above = (
            (np.array(root[:3]), quat_to_rotmat(np.array(root[3:]))) if parent < 0 else (places[parent], turns[parent])
        )
        places[i] = above[0] + above[1] @ values[:3]
        turns[i] = above[1] @ quat_to_rotmat(values[3:])
    return places @ MIRROR


def test_bones_are_all_of_unitys_each_once():
    names = set(UNITY_BONES.values())
    assert len(UNITY_BONES) == len(names) == 55
    assert list(UNITY_BONES) != []
    assert {"Hips", "UpperChest", "LeftLittleDistal", "RightThumbProximal", "LeftToes", "RightEye", "Jaw"} <= names


def test_a_frame_is_complete_and_in_the_order_that_receivers_need(body):
    found = received("vmc", body, pose())
    assert [m.address.removeprefix("/VMC/Ext/") for m in found] == [
        "OK", "Root/Pos", *["Bone/Pos"] * 55, *["Blend/Val"] * (11 + 52), "Blend/Apply", "T",
    ]  # fmt: skip
    tags = {m.address: m.tags for m in found}
    assert tags == {
        "/VMC/Ext/OK": "iiii", "/VMC/Ext/Root/Pos": "sfffffff", "/VMC/Ext/Bone/Pos": "sfffffff", "/VMC/Ext/Blend/Val": "sf",
        "/VMC/Ext/Blend/Apply": "", "/VMC/Ext/T": "f",
    }  # fmt: skip
    assert set(bones(found)) == set(UNITY_BONES.values())
    assert of(found, "/VMC/Ext/OK") == [(1, 3, 0, 1)]


@pytest.mark.parametrize("rest", ["body", "tpose"])
@pytest.mark.parametrize("translation", ["hips", "root"])
def test_a_receiver_that_applies_everything_has_our_joints(body, rest, translation):
    first, then = (
        pose(1),
        replace(pose(2), betas=pose(1).betas, transl=np.array([0.5, 0.1, -2.0]), expression=np.zeros(10)),
    )
    joints = unity_joints(received(f"vmc?rest={rest}&translation={translation}", body, first, then))
    expected = body.joints(then)
    np.testing.assert_allclose(joints - joints[0], expected - expected[0], atol=1e-5)
    # On the stage the soles of the T-pose are at 0, and the middle is where the person was first.
    bottom = body.pose(replace(SmplxFrame(0.0, then.camera), betas=then.betas)).vertices[:, 1].min()
    height = body.rest_joints(then.betas)[0, 1] - bottom
    np.testing.assert_allclose(joints[0], expected[0] - body.joints(first)[0] + (0, height, 0), atol=1e-5)


def test_without_translation_the_hips_stay(body):
    frames = pose(1), replace(pose(1), transl=np.array([3.0, 1.0, -2.0]))
    hips = bones(received("vmc?translation=none", body, *frames))["Hips"][:3]
    assert hips[0] == hips[2] == 0
    assert hips[1] > 0.7


def test_recentring_takes_the_present_place_for_the_middle(body):
    encoder = Target.parse("vmc").open_encoder(body)
    encoder.encode(pose(1))
    encoder.recentre()
    hips = bones(messages(encoder.encode(replace(pose(1), transl=np.array([3.0, 1.0, -2.0])))))["Hips"][:3]
    np.testing.assert_allclose(hips[[0, 2]], 0, atol=1e-6)


def test_rest_poses_are_told_apart(body):
    """A body that is turned into the T-pose of VRM leaves the avatar at rest; at its own rest the avatar's thumbs are turned."""
    still = replace(SmplxFrame(0.0, pose().camera), tracked=True)
    turns = from_t_pose(body.rest_joints(still.betas))
    parents = np.array(SMPLX_PARENTS)
    local = turns[parents] @ np.swapaxes(turns, 1, 2)
    local[0] = np.eye(3)
    in_t_pose = still.with_full_pose(rotmat_to_rotvec(local))
    joints = body.joints(in_t_pose)
    for side, x in (("left", 1.0), ("right", -1.0)):
        thumb = joints[SMPLX[f"{side}_thumb2"]] - joints[SMPLX[f"{side}_thumb1"]]
        np.testing.assert_allclose(thumb / np.linalg.norm(thumb), np.array([x, 0, 1]) / np.sqrt(2), atol=1e-9)
        arm = joints[SMPLX[f"{side}_wrist"]] - joints[SMPLX[f"{side}_shoulder"]]
        np.testing.assert_allclose(arm / np.linalg.norm(arm), [x, 0, 0], atol=1e-9)
        foot = joints[SMPLX[f"{side}_foot"]] - joints[SMPLX[f"{side}_ankle"]]
        assert foot[0] == pytest.approx(0, abs=1e-9)
    for name, values in bones(received("vmc", body, in_t_pose)).items():
        np.testing.assert_allclose(np.abs(values[3:]), [0, 0, 0, 1], atol=1e-6, err_msg=name)
    at_rest = bones(received("vmc", body, still))
    assert abs(at_rest["LeftThumbProximal"][6]) < 0.95
    for values in bones(received("vmc?rest=body", body, still)).values():
        np.testing.assert_array_equal(values[3:], [0, 0, 0, 1])


def test_arms_that_hang_at_rest_are_lifted(body):
    """As those of SMPL-X do, by about 12 degrees, while the open body's are level."""
    joints = body.rest_joints(np.zeros(10))
    hanging = joints.copy()
    for side, sign in (("left", -1), ("right", 1)):
        arm = [SMPLX[name] for name in SMPLX if name.startswith(side) and not any(
            part in name for part in ("hip", "knee", "ankle", "foot", "collar", "eye"))]  # fmt: skip
        shoulder = joints[SMPLX[f"{side}_shoulder"]]
        turn = rotvec_to_rotmat(np.array([0, 0, sign * np.radians(12)]))
        hanging[arm] = shoulder + (joints[arm] - shoulder) @ turn.T
        assert hanging[SMPLX[f"{side}_wrist"], 1] < shoulder[1] - 0.08
    level, lifted = (t_pose_offsets(one, from_t_pose(one)) for one in (joints, hanging))
    np.testing.assert_allclose(lifted, level, atol=2e-3)
    turned = from_t_pose(hanging)[SMPLX["left_elbow"]]
    np.testing.assert_allclose(rotmat_to_rotvec(turned), [0, 0, -np.radians(12)], atol=1e-3)


def test_an_avatar_without_an_upper_chest_bends_as_far(body):
    frame = pose(1)
    sent, whole = (bones(received(f"vmc?upperchest={yes}", body, frame)) for yes in ("no", "yes"))
    assert set(whole) - set(sent) == {"UpperChest"}
    chest, both = (quat_to_rotmat(one["Chest"][3:]) for one in (whole, sent))
    np.testing.assert_allclose(both, chest @ quat_to_rotmat(whole["UpperChest"][3:]), atol=1e-6)
    for name in ("Neck", "LeftShoulder", "RightShoulder"):
        np.testing.assert_allclose(sent[name][:3], whole[name][:3] + whole["UpperChest"][:3], atol=1e-6)
        np.testing.assert_array_equal(sent[name][3:], whole[name][3:])
    np.testing.assert_array_equal(sent["LeftUpperArm"], whole["LeftUpperArm"])


def test_positions_can_be_left_out(body):
    sent = bones(received("vmc?positions=no", body, pose()))
    assert not any(values[:3].any() for name, values in sent.items() if name != "Hips")
    assert sent["Hips"][1] > 0.5


@pytest.mark.parametrize(
    ("parts", "count", "one", "blends"),
    [
        ("body", 14, "Hips", 0),
        ("legs", 8, "LeftToes", 0),
        ("hands", 30, "LeftIndexProximal", 0),
        ("face", 3, "Jaw", 63),
    ],
)
def test_each_part_can_be_sent_alone(body, parts, count, one, blends):
    found = received(f"vmc?parts={parts}", body, pose())
    assert len(bones(found)) == count
    assert one in bones(found)
    assert len(of(found, "/VMC/Ext/Blend/Val")) == blends
    assert len(of(found, "/VMC/Ext/Root/Pos")) == (parts == "body")
    assert [m.address for m in found][-2:] == ["/VMC/Ext/Blend/Apply", "/VMC/Ext/T"]


def test_expressions_under_the_names_that_were_chosen(body):
    shapes = np.zeros(52)
    for name, value in (("eyeBlinkLeft", 0.25), ("jawOpen", 0.5), ("mouthSmileLeft", 1.0), ("mouthSmileRight", 0.5)):
        shapes[ARKIT_INDEX[name]] = value
    frame = replace(pose(), blendshapes=shapes)

    def values(options: str) -> dict[str, float]:
        return dict(of(received(f"vmc?{options}", body, frame), "/VMC/Ext/Blend/Val"))

    vrm0 = values("face=presets")
    assert set(vrm0) == {"Joy", "Angry", "Sorrow", "Fun", "A", "I", "U", "E", "O", "Blink_L", "Blink_R"}
    assert (vrm0["Blink_L"], vrm0["Blink_R"], vrm0["Joy"]) == (0.25, 0.0, 0.75)
    assert vrm0["A"] > 0.5
    assert all(0 <= value <= 1 for value in vrm0.values())
    vrm1 = values("face=presets&names=vrm1")
    assert set(vrm1) == {"happy", "angry", "sad", "relaxed", "aa", "ih", "ou", "ee", "oh", "blinkLeft", "blinkRight"}
    assert list(vrm1.values()) == list(vrm0.values())
    assert set(values("face=arkit&case=camel")) == set(ARKIT)
    assert values("face=arkit")["EyeBlinkLeft"] == 0.25


def test_the_mirror_image_has_mirrored_joints(body):
    frame = replace(pose(3), expression=np.zeros(10))
    image = mirrored(frame)
    np.testing.assert_allclose(body.joints(image), body.joints(frame)[list(MIRROR_JOINT)] * (-1, 1, 1), atol=1e-3)
    back = mirrored(image)
    np.testing.assert_allclose(back.full_pose, frame.full_pose)
    np.testing.assert_allclose(back.blendshapes, frame.blendshapes)
    assert image.blendshapes[ARKIT_INDEX["jawLeft"]] == frame.blendshapes[ARKIT_INDEX["jawRight"]]
    sent, plain = (bones(received(f"vmc?mirror={yes}", body, frame)) for yes in ("yes", "no"))
    left, right = rotvec_to_rotmat(frame.body_pose[[BODY["left_elbow"], BODY["right_elbow"]]])
    assert not np.allclose(left, MIRROR @ right @ MIRROR)
    np.testing.assert_allclose(sent["LeftLowerLeg"][3:], plain["RightLowerLeg"][3:] * (1, -1, -1, 1), atol=1e-5)


def test_loss_is_flagged_and_the_pose_is_held_or_left_out(body):
    seen, lost = pose(1), replace(pose(1), tracked=False, time_s=0.5)
    held = received("vmc", body, seen, lost)
    assert of(held, "/VMC/Ext/OK") == [(1, 3, 0, 0)]
    assert len(bones(held)) == 55
    stopped = received("vmc?loss=stop", body, seen, lost)
    assert [m.address for m in stopped] == ["/VMC/Ext/OK", "/VMC/Ext/Blend/Apply", "/VMC/Ext/T"]
    assert of(stopped, "/VMC/Ext/T") == [(0.5,)]


def test_a_new_shape_changes_the_bones_and_a_tiny_change_does_not(body):
    one, other = (
        bones(received("vmc", body, pose(1), replace(pose(1), betas=pose(1).betas + step))) for step in (0.01, 1.0)
    )
    before = bones(received("vmc", body, pose(1)))
    np.testing.assert_array_equal(one["LeftLowerArm"], before["LeftLowerArm"])
    assert np.abs(other["LeftLowerArm"][:3] - before["LeftLowerArm"][:3]).max() > 0.001
