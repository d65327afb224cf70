from __future__ import annotations

import torch

from pose2pose_live.network.picture import halve
from pose2pose_live.skeleton import BODY_JOINTS, HAND_JOINTS, HAND_KNUCKLES, POSITION_BODY_JOINTS, POSITION_HAND_JOINTS
from tests.network.reference import assert_close, needs_reference, units


@needs_reference
def test_halving_agrees_with_the_published_down_scaling():
    ref = units()
    assert_close(halve(torch.from_numpy(ref["interpolate/in"])), ref["interpolate/out_16x24"], 0.0)


def test_halving_is_what_interpolate_does_by_default():
    image = torch.rand(2, 3, 512, 384)
    assert torch.equal(halve(image), torch.nn.functional.interpolate(image, (256, 192)))


def _published(name: str) -> str:
    """left_big_toe -> L_Big_toe, left_index_tip -> L_Index_4, spine1 -> Spine_1."""
    name = name.replace("_tip", "4")
    side = ""
    for word, letter in (("left_", "L_"), ("right_", "R_")):
        if name.startswith(word):
            side, name = letter, name.removeprefix(word)
    if name[-1].isdigit():
        name = f"{name[:-1]}_{name[-1]}"
    return side + name[0].upper() + name[1:]


@needs_reference
def test_joints_come_in_the_published_order():
    ref = units()
    hands = [f"{side}_{joint}" for side in ("left", "right") for joint in POSITION_HAND_JOINTS]
    assert [_published(name) for name in (*POSITION_BODY_JOINTS, *hands)] == list(ref["names/pos_joints_name"])
    fingers = [f"{side}_{joint}" for side in ("left", "right") for joint in HAND_JOINTS]
    assert [_published(name) for name in ("pelvis", *BODY_JOINTS, *fingers, "jaw")] == list(
        ref["names/orig_joints_name"]
    )
    assert list(HAND_KNUCKLES) == list(ref["names/L_MCP_in_hand"]) == list(ref["names/R_MCP_in_hand"])
