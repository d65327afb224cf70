"""Skin, hair and clothes: colours, patterns and thickness for the vertices of a body, drawn anew for every person.

Which garment may cover a vertex is read off the T-pose once (`Wardrobe`); a look is then a handful of masks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...frame import FloatArray
from ...skeleton import SMPLX, SMPLX_JOINTS
from .body import DrawnBody
from .patterns import KNIT, PATTERN_COUNT
from .vertex import VERTEX

Rng = np.random.Generator
# Linear rgb of skin from light to dark, and of hair with its odds.
_SKIN = np.array(
    [[0.86, 0.62, 0.48], [0.75, 0.48, 0.34], [0.55, 0.31, 0.19], [0.34, 0.17, 0.09], [0.16, 0.075, 0.04], [0.07, 0.035, 0.02]]
)  # fmt: skip
_HAIR = np.array(
    [[0.012, 0.010, 0.009], [0.04, 0.022, 0.013], [0.11, 0.055, 0.025], [0.34, 0.21, 0.09], [0.30, 0.29, 0.28],
     [0.62, 0.60, 0.57], [0.20, 0.055, 0.02]]
)  # fmt: skip
_HAIR_ODDS = np.array([0.3, 0.25, 0.16, 0.1, 0.07, 0.05, 0.07])
_TORSO_RADIUS_M, _ARM_RADIUS_M, _LEG_RADIUS_M = 0.14, 0.045, 0.07


@dataclass(frozen=True)
class Look:
    """vertices (V,) of `vertex.VERTEX` with all but positions and normals; thickness (V,) m of what is worn; the colours (3,) of
    skin and hair, linear rgb; whether there is hair on the head."""

    vertices: NDArray[np.void]
    thickness: NDArray[np.float32]
    skin: FloatArray
    hair: FloatArray
    is_hairy: bool


@dataclass
class _Paint:
    colour: FloatArray
    ink: FloatArray
    layer: NDArray[np.uint8]
    folds: FloatArray
    shine: FloatArray
    thickness: FloatArray

    def cover(self, mask: NDArray[np.bool_], rng: Rng, swelling: FloatArray, thick_m: float) -> None:
        """Cloth over the vertices of the mask: a colour, often a pattern in a second one, folds, and thickness."""
        self.colour[mask] = colour = cloth_colour(rng)
        self.ink[mask] = cloth_colour(rng) if rng.random() < 0.7 else colour * rng.uniform(0.3, 0.7)
        self.layer[mask] = rng.integers(1, PATTERN_COUNT) if rng.random() < 0.45 else 0
        self.folds[mask] = rng.uniform(0.1, 0.9)
        self.shine[mask] = rng.uniform(0, 0.04) if rng.random() < 0.85 else rng.uniform(0.05, 0.25)
        self.thickness[mask] = (thick_m * swelling)[mask]


class Wardrobe:
    """Dresses a `DrawnBody`."""

    def __init__(self, body: DrawnBody) -> None:
        names = [name.removeprefix("left_").removeprefix("right_") for name in SMPLX_JOINTS]
        bare = np.array(names)[body.part]
        self._v = body.template
        self._v32 = self._v.astype(np.float32)
        self._x, self._y, self._z = np.abs(self._v[:, 0]), self._v[:, 1], self._v[:, 2]
        self._joints = body.rest_joints
        self._arm = np.isin(bare, ("shoulder", "elbow", "wrist"))
        self._hand = np.array([name[-1] in "123" and not name.startswith("spine") for name in bare])
        self._leg = np.isin(bare, ("hip", "knee", "ankle", "foot"))
        self._trunk = np.isin(bare, ("pelvis", "spine1", "spine2", "spine3", "collar", "hip"))
        self._neck = bare == "neck"
        self._head = np.isin(bare, ("head", "jaw", "neck"))
        self._feet = np.isin(bare, ("ankle", "foot"))
        self._base = np.zeros(len(bare), VERTEX)
        self._base["cloth"] = self._cloth(bare)
        self._base["kind"][:, 0] = 1 + body.part
        self._tint, self._own = _features(body, bare)
        is_brow = self._head & (self._tint[:, 0] < 0.9) & (self._y > self._at("left_eye_smplhf")[1] + 0.010)
        self._brow = np.where(is_brow, np.clip((1 - self._tint[:, 0]) / 0.6, 0, 1), 0.0)
        self._tint[is_brow] = 1.0

    def sample(self, rng: Rng) -> Look:
        tone = rng.uniform(0, len(_SKIN) - 1.001)
        low = int(tone)
        skin = (_SKIN[low] + (tone - low) * (_SKIN[low + 1] - _SKIN[low])) * np.exp(rng.normal(0, 0.06, 3))
        hair = _HAIR[rng.choice(len(_HAIR), p=_HAIR_ODDS)] * rng.uniform(0.6, 1.5)
        count = len(self._v)
        colour = skin * self._tint
        is_own = self._own[:, 0] >= 0
        colour[is_own] = self._own[is_own]
        colour += (rng.uniform(0.3, 1.0) * self._brow)[:, None] * (hair * rng.uniform(0.6, 1.2) - colour)
        paint = _Paint(
            colour, colour * 0.92, np.full(count, KNIT, np.uint8), np.zeros(count), np.full(count, rng.uniform(0.01, 0.10)),
            np.zeros(count),
        )  # fmt: skip
        self._dress(rng, paint)
        is_hairy = self._coiffure(rng, paint, hair)
        vertices = self._base.copy()
        vertices["colour"][:, :3] = np.clip(255 * paint.colour, 0, 255)
        vertices["colour"][:, 3] = 255 * paint.folds
        vertices["ink"][:, :3] = np.clip(255 * paint.ink, 0, 255)
        vertices["ink"][:, 3] = paint.layer
        vertices["kind"][:, 1] = 255 * paint.shine
        return Look(vertices, paint.thickness.astype(np.float32), skin, hair, is_hairy)

    def _at(self, joint: str) -> FloatArray:
        return np.asarray(self._joints[SMPLX[joint]])

    def _dress(self, rng: Rng, paint: _Paint) -> None:
        swelling = self._swelling(rng)
        shoulder, elbow, wrist = (self._at(f"left_{name}")[0] for name in ("shoulder", "elbow", "wrist"))
        hip, knee, ankle = (self._at(f"left_{name}")[1] for name in ("hip", "knee", "ankle"))
        # Trousers, shorts or nothing on the legs but a longer top; then shoes.
        waist = hip + rng.uniform(0.04, 0.16)
        hem = ankle + rng.uniform(-0.02, 0.06) if rng.random() < 0.75 else rng.uniform(knee - 0.05, hip - 0.15)
        below = (self._leg | self._trunk) & (self._y < waist) & (self._y > hem)
        paint.cover(below, rng, swelling, rng.uniform(0.004, 0.022))
        if rng.random() < 0.85:
            paint.cover(self._feet & (self._y < ankle - rng.uniform(0.0, 0.05)), rng, np.ones_like(swelling), 0.007)
        # The top: how far sleeves, hem and neckline go.
        sleeve = [
            shoulder - 0.01, rng.uniform(shoulder + 0.06, elbow - 0.04), rng.uniform(elbow - 0.02, wrist - 0.08),
            wrist + rng.uniform(-0.03, 0.02),
        ][rng.choice(4, p=(0.1, 0.38, 0.12, 0.40))]  # fmt: skip
        bottom = waist + rng.uniform(-0.14, 0.02) if rng.random() < 0.9 else rng.uniform(knee, hip)
        collar_y = self._at("neck")[1]
        neckline = collar_y + rng.uniform(-0.07, 0.05)
        slope = rng.uniform(0, 0.9) if rng.random() < 0.5 else 0.0  # a V at the front
        under = self._y < neckline - slope * np.clip(self._z - 0.02, 0, None) * np.clip(1 - self._x / 0.1, 0, 1)
        top = ((self._trunk | self._leg) & (self._y > bottom) | self._neck) & under
        top |= self._arm & (self._x < sleeve)
        thick = rng.uniform(0.003, 0.016) if rng.random() < 0.7 else rng.uniform(0.014, 0.032)
        paint.cover(top, rng, swelling, thick)
        if rng.random() < 0.2:  # an open jacket over it
            edge = rng.uniform(0.02, 0.09)
            jacket = top & ((self._z < self._at("neck")[2] + 0.02) | (self._x > edge)) | self._arm & (self._x < wrist)
            paint.cover(jacket, rng, swelling, thick + 0.008)
        if rng.random() < 0.03:  # gloves
            paint.cover(self._hand | self._arm & (self._x > wrist - 0.02), rng, np.ones_like(swelling), 0.002)

    def _coiffure(self, rng: Rng, paint: _Paint, hair: FloatArray) -> bool:
        """Hair, beard, cap; whether there is hair that could be long."""
        eye = self._at("left_eye_smplhf")
        y, z = self._y - eye[1], self._z - eye[2]
        crown = self._y.max() - eye[1]
        forehead = rng.uniform(0.45, 0.68) * crown
        # The hairline falls from the forehead to before the ear, and behind the ear to the nape.
        nape = rng.uniform(-0.10, -0.01)
        line = np.interp(z, [-0.16, -0.10, -0.085, -0.05, -0.02], [nape, nape, 0.03, 0.015, forehead])
        scalp = self._head & (y > line) & (z < 0.02)
        style = rng.random()
        if style > 0.06:  # else bald
            volume = rng.uniform(0.002, 0.006) if style < 0.2 else rng.uniform(0.008, 0.034)
            wave = 0.75 + 0.3 * self._waves(rng, 25.0)
            paint.colour[scalp] = hair
            paint.ink[scalp] = hair * rng.uniform(1.3, 2.2)
            paint.layer[scalp] = KNIT
            paint.folds[scalp] = rng.uniform(0.2, 0.8)
            paint.shine[scalp] = rng.uniform(0.01, 0.08)
            rise = np.clip((y - line) / 0.05, 0.25, 1.0)
            paint.thickness[scalp] = (volume * np.clip(wave, 0.3, 1.4) * rise)[scalp]
        if rng.random() < 0.22:  # a beard, or its shadow
            beard = self._head & (y < rng.uniform(-0.075, -0.045)) & (y > -0.14) & (z > -0.075) & (paint.shine > 0)
            mouth = (self._tint[:, 1] < 0.75) | (self._own[:, 0] >= 0)
            beard &= ~mouth & ~self._neck
            share = 1.0 if rng.random() < 0.6 else rng.uniform(0.2, 0.6)
            paint.colour[beard] += share * (hair - paint.colour[beard])
            paint.ink[beard] = paint.colour[beard] * 1.4
            if share == 1.0:
                paint.thickness[beard] = rng.uniform(0.001, 0.012)
        if rng.random() < 0.06:  # a cap or a head scarf
            cap = self._head & (y > 0.35 * crown + 0.1 * z) if rng.random() < 0.6 else scalp | self._neck
            paint.cover(cap, rng, np.ones(len(y)), 0.014)
            return False
        return style > 0.2

    def _swelling(self, rng: Rng) -> FloatArray:
        return np.clip(0.75 + 0.45 * self._waves(rng, 9.0), 0.15, 1.6)

    def _waves(self, rng: Rng, per_m: float) -> FloatArray:
        """Smooth noise (V,) of about unit size over the T-pose."""
        return np.asarray(
            np.sin(
                self._v32 @ rng.normal(0, per_m, (3, 4)).astype(np.float32) + rng.uniform(0, 6.3, 4).astype(np.float32)
            ).sum(axis=1)
            / 1.6
        )

    def _cloth(self, bare: NDArray[np.str_]) -> FloatArray:
        """Where each vertex lies on the cloth (V,2) m: around the limb or trunk from its front, and along it."""
        x, y, z = self._v.T
        around = np.abs(np.arctan2(x, z)) * _TORSO_RADIUS_M
        along = y.copy()
        arm = self._arm | self._hand
        centre = self._at("left_shoulder")
        around[arm] = (np.abs(np.arctan2(z - centre[2], y - centre[1])) * _ARM_RADIUS_M)[arm]
        along[arm] = np.abs(x)[arm]
        leg = self._leg & (bare != "hip")
        around[leg] = (np.abs(np.arctan2(np.abs(x) - self._at("left_knee")[0], z)) * _LEG_RADIUS_M)[leg]
        return np.stack([around, along], axis=1)


def cloth_colour(rng: Rng) -> FloatArray:
    """Linear rgb; dark, grey and muted colours are the common ones."""
    kind = rng.random()
    if kind < 0.45:
        value = rng.choice([0.012, 0.03, 0.08, 0.2, 0.45, 0.75])
        return np.clip(value * np.exp(rng.normal(0, 0.25)) * np.exp(rng.normal(0, 0.08, 3)), 0, 0.95)
    saturation = rng.uniform(0.3, 1.0)
    colour = rng.uniform(0, 1, 3) ** 1.5
    return np.clip(colour.mean() + saturation * (colour - colour.mean()), 0.005, 0.9)


def _features(body: DrawnBody, bare: NDArray[np.str_]) -> tuple[FloatArray, FloatArray]:
    """What the body file paints on itself: a factor on the skin (V,3), and colours of its own (V,3) for eyes and teeth, -1 elsewhere."""
    own = np.full((len(bare), 3), -1.0)
    if body.colours is None:
        return np.ones((len(bare), 3)), own
    linear = (body.colours / 255.0) ** 2
    values, counts = np.unique(body.colours, axis=0, return_counts=True)
    skin = (values[counts.argmax()] / 255.0) ** 2
    tint = linear / skin
    is_own = (bare == "eye_smplhf") | (tint.max(axis=1) > 1.1)
    own[is_own] = linear[is_own]
    tint[is_own] = 1.0
    return np.clip(tint, 0, 1), own
