"""A shot: people lit and drawn over a background, with a mask of who is where and how far away."""

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
from .patterns import patterns
from .views import View

Rng = np.random.Generator


@dataclass(frozen=True)
class Actor:
    """Somebody in the picture: the posed body in the camera's world, what it wears, and faces (F,3)."""

    posed: PosedPerson
    look: Look
    faces: NDArray[np.int32]


@dataclass(frozen=True)
class Shot:
    """picture (H,W,3) uint8 BGR; kind (H,W) uint8: 0 background, 1.. the part of the first actor, other numbers for what is in front;
    depth (H,W): the depth buffer, see `vertex.depth_m`."""

    picture: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    depth: NDArray[np.float32]


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

    def shoot(self, rng: Rng, actors: Sequence[Actor], background: NDArray[np.uint8], view: View) -> Shot:
        """Draw the actors over the background; the first is the one that is labelled."""
        if os.getpid() != self._process:
            raise DisplayError(
                "the OpenGL context of the parent process does not survive a fork: expected workers that start afresh; "
                'give the DataLoader multiprocessing_context="spawn"'
            )
        meshes = [_mesh(actor) for actor in actors]
        vertices = meshes[0] if len(meshes) == 1 else np.concatenate(meshes)
        starts = np.cumsum([0, *(len(mesh) for mesh in meshes)])
        faces = [actor.faces + np.int32(start) for actor, start in zip(actors, starts, strict=False)]
        with self._context:
            drawn, depth = self._renderer.draw(
                vertices, np.concatenate(faces), view.camera, view.size, sample_lighting(rng), rng.uniform(4.0, 14.0)
            )
        kind = drawn[:, :, 3]
        picture = background.copy()
        cv2.copyTo(drawn[:, :, :3], kind, picture)
        _soften_outlines(picture, kind)
        return Shot(picture, kind, depth)


def _mesh(actor: Actor) -> NDArray[np.void]:
    vertices = actor.look.vertices
    vertices["position"] = actor.posed.vertices + actor.look.thickness[:, None] * actor.posed.normals
    vertices["normal"] = actor.posed.normals
    return vertices


def _soften_outlines(picture: NDArray[np.uint8], kind: NDArray[np.uint8]) -> None:
    """Smooth the staircase of one sample per pixel where one thing ends and another begins, in place."""
    edge = cv2.morphologyEx(kind, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    cv2.copyTo(cv2.GaussianBlur(picture, (3, 3), 0.8), edge, picture)
