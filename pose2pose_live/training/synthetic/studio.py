"""A shot: people and things lit and drawn over a background, with a mask of who is where and how far away."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import DisplayError
from ...viewport import GLContext, windowless_context
from .body import PosedPerson
from .lighting import sample_lighting
from .looks import Look
from .meshes import Mesh
from .patterns import patterns
from .vertex import depth_m
from .views import View

Rng = np.random.Generator
KIND_BYSTANDER = 120
"""What a shot's mask says of other people."""
_SHADE, _SHADE_DEPTH_M, _SHADE_WIDTH = 0.55, 0.10, 0.035


@dataclass(frozen=True)
class Shot:
    """picture (H,W,3) uint8 BGR; kind (H,W) uint8: 0 background, 1..55 the part of the labelled person (SMPL-X joint + 1), others:
    bystanders and things; depth (H,W): the depth buffer, see `vertex.depth_m`."""

    picture: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    depth: NDArray[np.float32]


def dressed(posed: PosedPerson, look: Look, faces: NDArray[np.int32]) -> Mesh:
    """A posed body in its clothes."""
    vertices = look.vertices.copy()
    vertices["position"] = posed.vertices + look.thickness[:, None] * posed.normals
    vertices["normal"] = posed.normals
    return Mesh(vertices, faces)


class Studio:
    """The OpenGL context of one process and what is drawn in it. Raises DisplayError where there is none."""

    def __init__(self, largest_px: int) -> None:
        # Software OpenGL draws small pictures faster in the calling thread, and one process per core uses the machine better.
        os.environ.setdefault("LP_NUM_THREADS", "0")
        self._process = os.getpid()
        self._stack = ExitStack()
        self._context: GLContext = windowless_context(self._stack)
        with self._context:
            from .renderer import PersonRenderer

            self._renderer = PersonRenderer(largest_px, patterns())

    def close(self) -> None:
        self._context.close()
        self._stack.close()

    def shoot(self, rng: Rng, exposures: Sequence[Mesh], background: NDArray[np.uint8], view: View) -> Shot:
        """Draw a scene (in the camera's world) over the background. Several exposures, moments of a movement, are averaged to a
        blurred picture; mask and depth are those of the middle one."""
        if os.getpid() != self._process:
            raise DisplayError(
                "the OpenGL context of the parent process does not survive a fork: expected workers that start afresh; "
                'give the DataLoader multiprocessing_context="spawn"'
            )
        lighting, pattern_scale = sample_lighting(rng), rng.uniform(4.0, 14.0)
        with self._context:
            drawn = [
                self._renderer.draw(mesh.vertices, mesh.faces, view.camera, view.size, lighting, pattern_scale)
                for mesh in exposures
            ]
        pictures = [_composed(colour, depth, background) for colour, depth in drawn]
        picture = pictures[0] if len(pictures) == 1 else np.mean(pictures, axis=0).astype(np.uint8)
        colour, depth = drawn[len(drawn) // 2]
        return Shot(picture, colour[:, :, 3], depth)


def _composed(drawn: NDArray[np.uint8], depth: NDArray[np.float32], background: NDArray[np.uint8]) -> NDArray[np.uint8]:
    colour, kind = cv2.cvtColor(drawn, cv2.COLOR_BGRA2BGR), drawn[:, :, 3]
    _shade(colour, kind, depth)
    picture = background.copy()
    cv2.copyTo(colour, kind, picture)
    # Smooth the staircase of one sample per pixel where one thing ends and another begins.
    edge = cv2.morphologyEx(kind, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    cv2.copyTo(cv2.GaussianBlur(picture, (3, 3), 0.8), edge, picture)
    return picture


def _shade(colour: NDArray[np.uint8], kind: NDArray[np.uint8], depth: NDArray[np.float32]) -> None:
    """Darken, in place, what lies behind its surroundings: armpits, necks, a trunk behind an arm (unsharp masking of the depth
    buffer, Luft et al. 2006)."""
    height, width = kind.shape
    size = (width // 2, height // 2)
    distance = depth_m(cv2.resize(depth, size, interpolation=cv2.INTER_NEAREST))
    solid = (cv2.resize(kind, size, interpolation=cv2.INTER_NEAREST) > 0).astype(np.float32)
    window = (int(_SHADE_WIDTH * max(size)) | 1,) * 2
    # The mean over what is drawn, so that the far background does not count.
    around = cv2.blur(distance * solid, window) / np.maximum(cv2.blur(solid, window), 1e-3)
    light = 1 - _SHADE * np.clip((distance - around) / _SHADE_DEPTH_M, 0, 1)
    factor = cv2.resize(cv2.blur(light, (3, 3)), (width, height), interpolation=cv2.INTER_LINEAR)
    cv2.multiply(colour, cv2.merge([factor] * 3), dst=colour, dtype=cv2.CV_8U)
