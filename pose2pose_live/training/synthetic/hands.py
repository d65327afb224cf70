"""Fingers: grasps, counting, signs and spreads, blended and perturbed inside what fingers can do."""

from __future__ import annotations

import numpy as np

from ...estimation.rest import FINGER_ROWS, FINGERS, RestSkeleton
from ...frame import FloatArray
from ...rotations import cross, rotmat_to_rotvec, rotvec_to_rotmat

# Flexion in degrees of thumb, index, middle, ring, pinky: each the base joint and the two joints behind it; then the spread of the four
# knuckles from index to pinky (positive = towards the thumb) and the thumb's abduction from the palm's plane.
_UP, _FIST, _HALF = (0, 0, 0), (80, 95, 60), (40, 50, 30)
_IN, _OUT = (20, 45, 45), (-12, -8, -8)
_SHAPES: dict[str, tuple[tuple[tuple[int, int, int], ...], tuple[int, int, int, int], int]] = {
    "flat": ((_UP, _UP, _UP, _UP, _UP), (0, 0, 0, 0), 0),
    "spread": ((_OUT, _UP, _UP, _UP, _UP), (13, 3, -8, -18), -10),
    "relaxed": (((10, 10, 15), (15, 20, 12), (20, 25, 15), (25, 30, 18), (28, 32, 18)), (3, 0, -2, -4), 0),
    "loose": (((15, 20, 20), (30, 40, 25), (38, 45, 30), (42, 48, 30), (40, 45, 30)), (2, 0, -1, -3), 5),
    "fist": (((30, 40, 45), _FIST, _FIST, _FIST, _FIST), (0, 0, 0, 0), 25),
    "one": ((_IN, _UP, _FIST, _FIST, _FIST), (0, 0, 0, 0), 20),
    "two": ((_IN, _UP, _UP, _FIST, _FIST), (10, -9, 0, 0), 20),
    "three": ((_IN, _UP, _UP, _UP, _FIST), (9, 0, -9, 0), 20),
    "three_with_thumb": ((_OUT, _UP, _UP, _FIST, _FIST), (9, -6, 0, 0), -5),
    "four": (((20, 55, 50), _UP, _UP, _UP, _UP), (10, 3, -6, -14), 30),
    "thumb_up": (((-15, -10, -12), _FIST, _FIST, _FIST, _FIST), (0, 0, 0, 0), -5),
    "gun": ((_OUT, _UP, _FIST, _FIST, _FIST), (4, 0, 0, 0), -5),
    "shaka": ((_OUT, _FIST, _FIST, _FIST, _UP), (0, 0, 0, -16), -5),
    "horns": ((_IN, _UP, _FIST, _FIST, _UP), (5, 0, 0, -10), 20),
    "love": ((_OUT, _UP, _FIST, _FIST, _UP), (6, 0, 0, -12), -8),
    "ok": (((25, 30, 30), (55, 55, 30), (8, 8, 5), (2, 4, 2), _UP), (0, 0, -5, -12), 30),
    "pinch": (((25, 25, 25), (58, 45, 25), _HALF, (50, 60, 40), (52, 62, 40)), (0, 0, 0, 0), 30),
    "pen": (((25, 35, 30), (55, 40, 20), (58, 50, 35), (60, 70, 45), (60, 70, 45)), (0, 0, 0, 0), 28),
    "cup": (((15, 15, 15), (45, 40, 25), (48, 42, 28), (50, 44, 28), (50, 44, 28)), (4, 0, -3, -6), 35),
    "ball": (((5, 15, 15), (25, 35, 25), (26, 36, 25), (28, 38, 25), (30, 40, 25)), (12, 3, -7, -16), 20),
    "claw": (((5, 30, 40), (5, 75, 55), (5, 75, 55), (5, 75, 55), (5, 75, 55)), (9, 2, -6, -12), 5),
    "hook": (((0, 5, 5), (5, 90, 65), (5, 90, 65), (5, 90, 65), (5, 90, 65)), (0, 0, 0, 0), 0),
    "beak": (((25, 20, 20), (62, 15, 5), (65, 15, 5), (65, 15, 5), (62, 15, 5)), (-3, 0, 2, 5), 32),
    "phone": (((20, 20, 15), (40, 45, 25), (45, 50, 30), (48, 52, 30), (48, 52, 30)), (2, 0, -2, -4), 30),
    "typing": (((8, 12, 15), (22, 38, 22), (24, 40, 24), (24, 40, 24), (22, 36, 22)), (7, 2, -4, -9), 8),
    "cross": ((_IN, (5, 5, 0), (12, 10, 5), _FIST, _FIST), (-8, 10, 0, 0), 20),
}  # fmt: skip
HAND_SHAPES = tuple(_SHAPES)
_QUIET = ("relaxed", "loose", "flat", "typing")
_FLEX_MIN, _FLEX_MAX = np.radians([-25.0, -6.0, -6.0]), np.radians([95.0, 112.0, 80.0])
_THUMB_MIN, _THUMB_MAX = np.radians([-25.0, -25.0, -15.0]), np.radians([45.0, 62.0, 80.0])


def _angles(name: str) -> tuple[FloatArray, FloatArray, float]:
    flex, spread, abduction = _SHAPES[name]
    return np.radians(np.array(flex, float)), np.radians(np.array(spread, float)), float(np.radians(abduction))


class Fingers:
    """Samples hand poses (15,3) for a body, from its rest joints (55,3)."""

    def __init__(self, rest_joints: FloatArray) -> None:
        self._rest = RestSkeleton(rest_joints)

    def sample(self, rng: np.random.Generator, side: int, *, quiet: float = 0.3) -> FloatArray:
        """A hand pose; side 0 = left, 1 = right; quiet: how often the hand does nothing in particular."""
        name = str(rng.choice(_QUIET if rng.random() < quiet else HAND_SHAPES))
        flex, spread, abduction = _angles(name)
        kind = rng.random()
        if kind < 0.35:  # on the way between two shapes
            other_flex, other_spread, other_abduction = _angles(str(rng.choice(HAND_SHAPES)))
            t = rng.uniform(0.0, 0.6)
            flex, spread = flex + t * (other_flex - flex), spread + t * (other_spread - spread)
            abduction += t * (other_abduction - abduction)
        elif kind < 0.45:  # every finger on its own
            curl = rng.uniform(0, 1, (5, 1)) ** 1.3
            flex = flex + curl * (np.radians(np.array([[25, 40, 45]] + [[80, 95, 60]] * 4)) - flex)
        flex = flex + rng.normal(0, 0.08, (5, 3)) + rng.normal(0, 0.07)
        spread = spread + rng.normal(0, 0.05, 4)
        return self.pose(side, flex, spread, abduction + rng.normal(0, 0.12))

    def shape(self, side: int, name: str) -> FloatArray:
        """One of `HAND_SHAPES` as it is in the table."""
        return self.pose(side, *_angles(name))

    def pose(self, side: int, flex: FloatArray, spread: FloatArray, abduction: float) -> FloatArray:
        """flex (5,3) rad thumb first, spread (4,) rad of the knuckles towards the thumb, abduction rad of the thumb -> (15,3)."""
        axes = self._rest.flexion_axes[side]
        along = self._rest.finger_directions[side]
        flex = np.concatenate([np.clip(flex[:1], _THUMB_MIN, _THUMB_MAX), np.clip(flex[1:], _FLEX_MIN, _FLEX_MAX)])
        rotvec = flex[..., None] * axes[:, None]
        # A bent knuckle hardly spreads: the fist brings the fingers together.
        spread = np.clip(spread, -0.38, 0.38) * np.cos(np.clip(flex[1:, 0], 0, np.pi / 2))
        # The axis of flexion points from thumb to pinky on the left hand and the other way on the right one.
        sign = -1.0 if side == 0 else 1.0
        base = rotvec_to_rotmat(sign * spread[:, None] * cross(along[1:, 0], axes[1:])) @ rotvec_to_rotmat(
            rotvec[1:, 0]
        )
        base_thumb = rotvec_to_rotmat(sign * abduction * cross(along[0, 0], axes[0])) @ rotvec_to_rotmat(rotvec[0, 0])
        rotvec[:, 0] = rotmat_to_rotvec(np.concatenate([base_thumb[None], base]))
        pose = np.zeros((15, 3))
        pose[np.array(FINGER_ROWS[: len(FINGERS)]).ravel()] = rotvec.reshape(15, 3)
        return pose
