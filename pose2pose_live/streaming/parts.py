"""The parts of a body that can be sent each alone."""

from __future__ import annotations

from ..skeleton import EYES_SLICE, JAW_SLICE, LEFT_HAND_SLICE, LEG_JOINTS, RIGHT_HAND_SLICE, SMPLX_JOINTS

PARTS = ("body", "legs", "hands", "face")

_JOINTS = {
    "legs": LEG_JOINTS,
    "hands": SMPLX_JOINTS[LEFT_HAND_SLICE] + SMPLX_JOINTS[RIGHT_HAND_SLICE],
    "face": SMPLX_JOINTS[JAW_SLICE] + SMPLX_JOINTS[EYES_SLICE],
}


def joints_of(parts: tuple[str, ...]) -> tuple[int, ...]:
    """Indices of the SMPL-X joints of these parts, ascending. Body: trunk, head and arms down to the wrists."""
    part_of = {joint: part for part, joints in _JOINTS.items() for joint in joints}
    return tuple(i for i, joint in enumerate(SMPLX_JOINTS) if part_of.get(joint, "body") in parts)
