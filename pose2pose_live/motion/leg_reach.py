"""Legs that bend so that their feet are elsewhere."""

from __future__ import annotations

import numpy as np

from ..estimation.aim import reach
from ..frame import FloatArray, SmplxFrame
from ..rotations import normalise, rotmat_to_rotvec, swing_between
from ..skeleton import SMPLX

_HIPS, _KNEES, _ANKLES = (
    [SMPLX[f"{side}_{joint}"] for side in ("left", "right")] for joint in ("hip", "knee", "ankle")
)
_LEGS = [*_HIPS, *_KNEES, *_ANKLES]
# A leg never gets quite straight: there the knee's angle runs away for a millimetre of the foot's.
_REACH_MAX = 0.9995
# Which way a straight leg bends: this share of where the kneecap points, for a foot that is moved so far at least.
_KNEECAP, _KNEECAP_M = 0.05, 0.02


def move_feet(frame: SmplxFrame, joint_to_world: FloatArray, move_m: FloatArray) -> SmplxFrame:
    """The frame with its ankles moved by move_m (2,3) m, left and right, as far as the legs reach; hips and the feet's turns stay.

    joint_to_world (55,4,4): of the frame.
    """
    turns, places = joint_to_world[:, :3, :3], joint_to_world[:, :3, 3]
    hips, knees, ankles = places[_HIPS], places[_KNEES], places[_ANKLES]
    thighs, shanks = knees - hips, ankles - knees
    lengths = np.linalg.norm(thighs, axis=-1), np.linalg.norm(shanks, axis=-1)
    line = ankles + move_m - hips
    distance = np.linalg.norm(line, axis=-1, keepdims=True)
    # A leg that is straighter than that already keeps its length.
    longest = np.maximum(_REACH_MAX * sum(lengths)[:, None], np.linalg.norm(thighs + shanks, axis=-1, keepdims=True))
    target = hips + line * np.minimum(1.0, longest / np.maximum(distance, 1e-9))
    share = np.minimum(np.linalg.norm(move_m, axis=-1, keepdims=True) / _KNEECAP_M, 1.0)
    towards = normalise(thighs) + _KNEECAP * share * turns[_HIPS][:, :, 2]
    thigh = reach(hips, target, lengths, towards)
    shank = normalise(target - hips - lengths[0][:, None] * thigh)
    new_hips = swing_between(thighs, thigh) @ turns[_HIPS]
    new_knees = swing_between(shanks, shank) @ turns[_KNEES]
    above = np.concatenate([np.broadcast_to(turns[0], (2, 3, 3)), new_hips, new_knees])
    world = np.concatenate([new_hips, new_knees, turns[_ANKLES]])
    pose = frame.full_pose
    pose[_LEGS] = rotmat_to_rotvec(np.swapaxes(above, -1, -2) @ world)
    return frame.with_full_pose(pose)
