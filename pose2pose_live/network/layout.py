"""The sizes of the published network: pictures (height, width) px, heat maps (depth, height, width) cells (network.md 2 and 8).

*Grid units* are cells of the 8 x 6 body map, counted from the first cell's index 0.
"""

from __future__ import annotations

INPUT_SIZE = (512, 384)
"""The whole-body network's picture."""
BODY_SIZE = (256, 192)
"""What the body's backbone sees: every second pixel of the picture."""
BODY_GRID = (8, 8, 6)
HAND_SIZE = (256, 256)
HAND_GRID = (8, 8, 8)
FACE_SIZE = (192, 192)
"""Crop of the whole-body network's face branch."""
FACE_PART_SIZE = (256, 192)
"""Picture of the face-only network."""

BETAS = 10
EXPRESSION = 10
ROT6D = 6
