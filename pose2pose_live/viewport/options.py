"""What the views are to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Overlay = Literal["mesh", "skeleton", "boxes", "off"]
Body = Literal["mesh", "skeleton", "off"]
Rgb = tuple[float, float, float]

DARK: Rgb = (0.115, 0.122, 0.137)
GREEN: Rgb = (0.0, 1.0, 0.0)
"""The key colour of streaming software."""


@dataclass(frozen=True)
class ViewOptions:
    """overlay: what lies over the camera picture. body: how the 3D view shows the body; "off" draws no 3D view, which saves its time.
    is_following: the 3D view's camera goes along with the pelvis. background: sRGB, 0 to 1.
    """

    overlay: Overlay = "skeleton"
    body: Body = "mesh"
    has_grid: bool = True
    is_following: bool = True
    background: Rgb = DARK
