"""Where arms go: a catalogue of what people do in front of a camera, each entry one or two goals for `arms.LeftArm`.

Axes as in `arms.py`: metres from the middle between the shoulders, x = to the person's left, y up, z forward, for a body of average
size. The left hand's goals are listed; the right hand's are their mirror images.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...frame import FloatArray
from .arms import ArmGoal
from .turns import clamp

Rng = np.random.Generator
_FORWARD, _UP, _LEFT = np.array([0.0, 0, 1]), np.array([0.0, 1, 0]), np.array([1.0, 0, 0])


def _near(rng: Rng, place: tuple[float, float, float], spread: tuple[float, float, float]) -> FloatArray:
    return np.array(place) + rng.normal(0, 1, 3) * spread


def _towards(rng: Rng, direction: FloatArray, spread: float = 0.35) -> FloatArray:
    return np.asarray(direction) + rng.normal(0, spread, 3)


def _swivel(rng: Rng) -> float:
    return clamp(rng.normal(0.0, 0.4), -0.9, 1.1)


def hang(rng: Rng) -> ArmGoal:
    return ArmGoal(_near(rng, (0.27, -0.52, 0.03), (0.05, 0.02, 0.07)), _towards(rng, -_LEFT), 0.0, _swivel(rng))


def desk(rng: Rng) -> ArmGoal:
    """On a keyboard, a desk or the lap."""
    return ArmGoal(_near(rng, (0.17, -0.40, 0.36), (0.10, 0.05, 0.07)), _towards(rng, -_UP), 0.09, _swivel(rng))


def lap(rng: Rng) -> ArmGoal:
    palm = -_UP if rng.random() < 0.8 else _UP
    return ArmGoal(_near(rng, (0.13, -0.44, 0.22), (0.07, 0.03, 0.06)), _towards(rng, palm), 0.09, _swivel(rng))


def talk(rng: Rng) -> ArmGoal:
    """A gesture in front of chest and belly, the palm anywhere but through the wrist."""
    palm = _towards(rng, [-_LEFT, _UP, _FORWARD, -_FORWARD, -_UP][rng.integers(5)], 0.4)
    place = np.array([rng.uniform(-0.05, 0.42), rng.uniform(-0.38, 0.08), rng.uniform(0.20, 0.46)])
    return ArmGoal(place, palm, 0.09, _swivel(rng))


def raise_hand(rng: Rng) -> ArmGoal:
    """Waving, counting, showing a sign beside the head."""
    palm = _towards(rng, _FORWARD if rng.random() < 0.7 else -_FORWARD, 0.35)
    place = np.array([rng.uniform(0.08, 0.50), rng.uniform(-0.02, 0.38), rng.uniform(0.08, 0.40)])
    return ArmGoal(place, palm, 0.06, _swivel(rng))


def touch_face(rng: Rng) -> ArmGoal:
    """Chin, cheek, ear, glasses, forehead, mouth, hair."""
    place = [(0.03, 0.10, 0.13), (0.075, 0.15, 0.10), (0.10, 0.20, 0.05), (0.05, 0.24, 0.15), (0.03, 0.29, 0.13), (0.02, 0.14, 0.16),
             (0.09, 0.31, 0.03)][rng.integers(7)]  # fmt: skip
    palm = np.array([0.0, 0.19, 0.05]) - place
    beyond = float(rng.uniform(0.11, 0.18))
    return ArmGoal(
        _near(rng, place, (0.015, 0.02, 0.015)), _towards(rng, palm / np.linalg.norm(palm), 0.3), beyond, _swivel(rng)
    )


def touch_body(rng: Rng) -> ArmGoal:
    """Heart, other shoulder, neck, other upper arm."""
    place = [(0.03, -0.10, 0.14), (-0.13, 0.01, 0.10), (0.06, 0.07, 0.09), (-0.20, -0.12, 0.12)][rng.integers(4)]
    return ArmGoal(_near(rng, place, (0.03, 0.03, 0.02)), _towards(rng, -_FORWARD, 0.3), 0.10, _swivel(rng))


def towards_camera(rng: Rng) -> ArmGoal:
    """Pointing, reaching for the screen, a palm held up."""
    palm = _towards(rng, [-_UP, _FORWARD, -_LEFT][rng.integers(3)], 0.35)
    place = np.array([rng.uniform(-0.08, 0.35), rng.uniform(-0.18, 0.18), rng.uniform(0.42, 0.68)])
    return ArmGoal(place, palm, 0.12, _swivel(rng))


def on_hip(rng: Rng) -> ArmGoal:
    return ArmGoal(
        _near(rng, (0.20, -0.40, 0.03), (0.02, 0.03, 0.03)),
        _towards(rng, -_LEFT, 0.3),
        0.05,
        float(rng.uniform(0.3, 1.0)),
    )


def sideways(rng: Rng) -> ArmGoal:
    palm = _towards(rng, [-_UP, _FORWARD, _UP][rng.integers(3)], 0.4)
    return ArmGoal(
        np.array([rng.uniform(0.45, 0.75), rng.uniform(-0.35, 0.35), rng.uniform(-0.1, 0.3)]), palm, 0.09, _swivel(rng)
    )


def overhead(rng: Rng) -> ArmGoal:
    palm = _towards(rng, [-_LEFT, _FORWARD, -_UP][rng.integers(3)], 0.4)
    return ArmGoal(
        np.array([rng.uniform(-0.02, 0.35), rng.uniform(0.38, 0.65), rng.uniform(-0.08, 0.2)]), palm, 0.09, _swivel(rng)
    )


def behind_head(rng: Rng) -> ArmGoal:
    return ArmGoal(
        _near(rng, (0.07, 0.22, -0.11), (0.02, 0.03, 0.02)),
        _towards(rng, _FORWARD, 0.3),
        0.08,
        float(rng.uniform(-0.3, 0.3)),
    )


def behind_back(rng: Rng) -> ArmGoal:
    return ArmGoal(
        _near(rng, (0.10, -0.42, -0.16), (0.05, 0.04, 0.02)),
        _towards(rng, -_FORWARD, 0.3),
        0.06,
        float(rng.uniform(-0.4, 0.4)),
    )


def anywhere(rng: Rng) -> ArmGoal:
    """Uniform over what the hand can reach in front and at the side."""
    direction = rng.normal(0, 1, 3) * (1.0, 1.0, 0.9) + (0.35, -0.1, 0.35)
    direction /= np.linalg.norm(direction)
    return ArmGoal(direction * rng.uniform(0.25, 0.62) + (0.17, 0, 0), None, 0.0, _swivel(rng))


def _together(rng: Rng) -> tuple[ArmGoal, ArmGoal]:
    """Hands folded, rubbed, prayed, held as a ball or a triangle in front of the trunk."""
    middle = np.array([rng.normal(0, 0.03), rng.uniform(-0.38, 0.10), rng.uniform(0.20, 0.36)])
    gap = float(rng.choice([0.035, 0.06, 0.12, 0.2]))
    spread = np.array([gap, rng.normal(0, 0.02), rng.normal(0, 0.02)])
    return tuple(  # type: ignore[return-value]  # mypy sees a tuple of any length
        ArmGoal(middle * (side, 1, 1) + spread, _towards(rng, -_LEFT, 0.25), 0.09, _swivel(rng)) for side in (1.0, -1.0)
    )


def _crossed(rng: Rng) -> tuple[ArmGoal, ArmGoal]:
    """Arms folded over the chest, one forearm over the other."""
    first = ArmGoal(
        _near(rng, (-0.13, -0.20, 0.23), (0.03, 0.02, 0.01)),
        _towards(rng, -_FORWARD, 0.2),
        0.02,
        float(rng.normal(0.2, 0.2)),
    )
    second = ArmGoal(
        _near(rng, (-0.12, -0.27, 0.16), (0.03, 0.02, 0.01)),
        _towards(rng, -_FORWARD, 0.2),
        0.02,
        float(rng.normal(0.2, 0.2)),
    )
    return (first, second) if rng.random() < 0.5 else (second, first)


Single = Callable[[Rng], ArmGoal]
# How often, seated or standing still; the last for people who move about.
_SINGLE: tuple[tuple[Single, float, float], ...] = (
    (hang, 0.04, 0.30), (desk, 0.22, 0.0), (lap, 0.12, 0.0), (talk, 0.22, 0.20), (raise_hand, 0.11, 0.11), (touch_face, 0.10, 0.07),
    (touch_body, 0.04, 0.04), (towards_camera, 0.06, 0.07), (on_hip, 0.01, 0.07), (sideways, 0.02, 0.06), (overhead, 0.02, 0.04),
    (behind_head, 0.01, 0.01), (behind_back, 0.0, 0.02), (anywhere, 0.03, 0.07),
)  # fmt: skip
_FUNCTIONS = [entry[0] for entry in _SINGLE]
_SEATED = np.array([entry[1] for entry in _SINGLE]) / sum(entry[1] for entry in _SINGLE)
_STANDING = np.array([entry[2] for entry in _SINGLE]) / sum(entry[2] for entry in _SINGLE)


def sample_goals(rng: Rng, *, seated: bool) -> tuple[ArmGoal, ArmGoal]:
    """Goals of the left and of the right arm; the right arm's in mirrored axes."""
    kind = rng.random()
    if kind < 0.09:
        return _together(rng)
    if kind < 0.12:
        return _crossed(rng)
    weights = _SEATED if seated else _STANDING
    left = _FUNCTIONS[rng.choice(len(weights), p=weights)]
    # Often both arms do the same thing, each in its own way.
    right = left if rng.random() < 0.4 else _FUNCTIONS[rng.choice(len(weights), p=weights)]
    return left(rng), right(rng)
