"""Body shapes of the open body: MakeHuman's macro sliders, and ten directions with a meaning of their own.

`macro_shape` evaluates MakeHuman's own interpolation of its "macrodetails" targets. `BETAS` says, per shape coefficient,
which sliders or targets make its direction and what one unit of it is worth; units are about one standard deviation among
adults (see docs/open_body.md). Everything here is in MakeHuman's rest pose, all 19,158 points of the base mesh.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from .makehuman import MakeHuman

NEUTRAL_STATURE_M = 1.70
NEUTRAL: dict[str, float] = {"gender": 0.5, "age": 0.58, "muscle": 0.5, "weight": 0.7, "height": 0.5}
"""Slider values of the neutral adult: halfway between female and male, about 35 years, average muscle, and a little more
weight than MakeHuman's slim average (61 l of volume at 1.70 m instead of 58 l)."""

_RACES = ("african", "asian", "caucasian")


def _tent(value: float, names: tuple[str, str, str]) -> dict[str, float]:
    """Piecewise linear between three anchors at 0, 0.5 and 1, extrapolated beyond them."""
    low, high = max(0.5 - value, 0.0) * 2, max(value - 0.5, 0.0) * 2
    return {names[0]: low, names[1]: 1.0 - low - high, names[2]: high}


def macro_shape(source: MakeHuman, sliders: Mapping[str, float]) -> np.ndarray:
    """Points (19158,3) in metres for values 0..1 of the sliders gender, age, muscle, weight and height.

    gender 0 is female and 1 male; age 0.5 is 25 years ("young") and 1 is 90 ("old"); the three "race" sliders of
    MakeHuman are mixed in equal parts.
    """
    genders = {"female": 1.0 - sliders["gender"], "male": sliders["gender"]}
    ages = {"young": 2.0 - 2.0 * sliders["age"], "old": 2.0 * sliders["age"] - 1.0}
    muscles = _tent(sliders["muscle"], ("minmuscle", "averagemuscle", "maxmuscle"))
    weights = _tent(sliders["weight"], ("minweight", "averageweight", "maxweight"))
    heights = _tent(sliders["height"], ("minheight", "", "maxheight"))
    points = source.vertices.copy()

    def add(name: str, amount: float) -> None:
        # MakeHuman has no file where the combination is the base mesh itself.
        if amount and source.has_target(name):
            points[:] += amount * source.target(name)

    for (gender, g), (age, a) in product(genders.items(), ages.items()):
        for race in _RACES:
            add(f"macrodetails/{race}-{gender}-{age}", g * a / len(_RACES))
        for (muscle, m), (weight, w) in product(muscles.items(), weights.items()):
            build = f"{gender}-{age}-{muscle}-{weight}"
            add(f"macrodetails/universal-{build}", g * a * m * w)
            for height, h in heights.items():
                add(f"macrodetails/height/{build}-{height}", g * a * m * w * h)
    return points


@dataclass(frozen=True)
class Beta:
    """One shape coefficient.

    sliders: change of MakeHuman's macro sliders per unit. targets: pairs (increasing, decreasing) of local targets and
    their amount per unit. keeps_stature: whether the standing height is held by subtracting the height direction.
    """

    name: str
    meaning: str
    sliders: Mapping[str, float] = field(default_factory=dict)
    targets: Mapping[tuple[str, str], float] = field(default_factory=dict)
    keeps_stature: bool = True


def _pair(name: str, amount: float) -> dict[tuple[str, str], float]:
    return {(f"{name}-incr", f"{name}-decr"): amount}


# Amounts are such that one unit measures what `meaning` says; docs/open_body.md lists what was measured on the result.
BETAS: tuple[Beta, ...] = (
    Beta(
        "height", "+7 cm of stature, proportions changing as they do in people", {"height": 0.0559}, keeps_stature=False
    ),
    Beta("weight", "+6 l of volume, about 6 kg, mostly fat", {"weight": 0.452}),
    Beta("muscle", "from average half-way to very muscular and lean", {"muscle": 0.25}),
    Beta("sex", "+1 a typical man, -1 a typical woman, of equal stature", {"gender": 0.5}),
    Beta("age", "+20 years", {"age": 0.155}),
    Beta(
        "leg_length",
        "hips 2.5 cm higher above the floor, the trunk shorter",
        targets={
            **_pair("legs/upperlegs-height", 0.164),
            **_pair("legs/lowerlegs-height", 0.164),
            ("torso/torso-scale-vert-decr", "torso/torso-scale-vert-incr"): 0.343,
        },
    ),
    Beta(
        "arm_length",
        "+2 cm from shoulder to wrist",
        targets={**_pair("arms/measure-upperarm-length", 0.18), **_pair("arms/measure-lowerarm-length", 0.18)},
    ),
    Beta("shoulder_width", "+1.5 cm between the shoulder joints", targets=_pair("torso/measure-shoulder-dist", 0.497)),
    Beta("hip_width", "+2 cm of breadth at the hips", targets=_pair("hip/hip-scale-horiz", 0.275)),
    Beta(
        "head_size",
        "+3 % in all three dimensions of the head",
        targets={
            **_pair("head/head-scale-vert", 0.155),
            **_pair("head/head-scale-horiz", 0.15),
            **_pair("head/head-scale-depth", 0.30),
        },
    ),
)
"""The ten shape coefficients, in the order of `betas`."""


def shape_variant(source: MakeHuman, beta: Beta, amount: float, neutral: Mapping[str, float]) -> np.ndarray:
    """Points (19158,3) of the neutral adult with one coefficient set to `amount`, before any correction of stature."""
    sliders = {name: value + amount * beta.sliders.get(name, 0.0) for name, value in neutral.items()}
    points = macro_shape(source, sliders)
    for (increasing, decreasing), per_unit in beta.targets.items():
        value = amount * per_unit
        points += abs(value) * source.target(increasing if value > 0 else decreasing)
    return points
