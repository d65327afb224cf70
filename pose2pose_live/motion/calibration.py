"""`Calibration`: what is known of a person and a camera beforehand, from a height that was typed in or a T-pose that was held."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from ..estimation.shape import HEIGHT_M, KnownShape
from ..frame import Ground

_BETA_COUNT, _BETA_LIMIT = 10, 10.0


@dataclass(frozen=True)
class Calibration:
    """height_m: the person's stature, or None. betas: shape (10,) for the body of this `body_model` tag, or None. ground: where up is and the floor
    lies before this camera, or None.

    Raises ValueError when a number cannot be.
    """

    height_m: float | None = None
    betas: tuple[float, ...] | None = None
    body_model: str = ""
    ground: Ground | None = None

    def __post_init__(self) -> None:
        low, high = HEIGHT_M
        if self.height_m is not None and not low <= self.height_m <= high:
            raise ValueError(f"height: expected {100 * low:.0f} to {100 * high:.0f} cm, found {100 * self.height_m:g}")
        if self.betas is not None and (
            len(self.betas) != _BETA_COUNT or not all(abs(beta) <= _BETA_LIMIT for beta in self.betas)
        ):
            raise ValueError(f"betas: expected {_BETA_COUNT} numbers within {_BETA_LIMIT:g}, found {self.betas}")
        if self.ground is not None and not (
            abs(math.hypot(*self.ground.up) - 1) < 1e-3 and math.isfinite(self.ground.height_m or 0.0)
        ):
            raise ValueError(f"ground: expected a unit vector and metres, found {self.ground}")

    def with_height(self, height_m: float | None) -> Calibration:
        """Of the same person, whose stature is corrected: somebody taller was farther away, and so was the floor."""
        ground = self.ground
        if ground is not None and ground.height_m is not None and height_m is not None and self.height_m is not None:
            ground = replace(ground, height_m=ground.height_m * height_m / self.height_m)
        return replace(self, height_m=height_m, ground=ground)

    def known_shape(self, body_model: str) -> KnownShape:
        """Betas mean different things on different bodies: on another one only the height counts."""
        return KnownShape(self.betas if self.body_model == body_model else None, self.height_m)

    def to_json(self) -> dict[str, Any]:
        """Plain values, which `from_json` reads."""
        ground = self.ground
        return {
            "height_m": self.height_m,
            "betas": None if self.betas is None else list(self.betas),
            "body_model": self.body_model,
            "up": None if ground is None else list(ground.up),
            "floor_m": None if ground is None else ground.height_m,
        }

    @classmethod
    def from_json(cls, values: Any) -> Calibration:
        """Raises ValueError when this is no calibration."""
        try:
            height, betas, up, floor = (values[name] for name in ("height_m", "betas", "up", "floor_m"))
            ground = None
            if up is not None:
                x, y, z = map(float, up)
                ground = Ground((x, y, z), None if floor is None else float(floor))
            return cls(
                None if height is None else float(height),
                None if betas is None else tuple(map(float, betas)),
                str(values["body_model"]),
                ground,
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"calibration: expected the values of `to_json`, found {values!r}") from error
