"""The small OpenGL program that draws people: one pass, one sample, shaded by two lamps and a sky.

Import it only after a context of `viewport.context` exists, and call it with that context current.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import DisplayError
from ...frame import Camera
from ...viewport.gl import GL
from .lighting import Lighting
from .vertex import FAR_M, NEAR_M, VERTEX

_SHADERS = Path(__file__).parent / "shaders"


class PersonRenderer:
    """Draws triangle meshes of `VERTEX` into pictures of up to `largest_px` a side."""

    def __init__(self, largest_px: int, patterns: NDArray[np.uint8]) -> None:
        """patterns (N,S,S,3) uint8: see `patterns.patterns`."""
        self._program = _program()
        GL.glUseProgram(self._program)
        self._uniform = {name: GL.glGetUniformLocation(self._program, name) for name in (
            "projection", "towards_light", "light", "sky", "ground", "pattern_scale")}  # fmt: skip
        self._framebuffer = _framebuffer(largest_px)
        self._vertices, self._indices = GL.glGenBuffers(2)
        GL.glBindVertexArray(GL.glGenVertexArrays(1))
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._vertices)
        GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, self._indices)
        assert VERTEX.fields is not None
        for location, (name, kind) in enumerate(
            (("position", GL.GL_FLOAT), ("normal", GL.GL_FLOAT), ("colour", GL.GL_UNSIGNED_BYTE),
             ("ink", GL.GL_UNSIGNED_BYTE), ("cloth", GL.GL_FLOAT), ("kind", GL.GL_UNSIGNED_BYTE))
        ):  # fmt: skip
            field, offset = VERTEX.fields[name][:2]
            GL.glEnableVertexAttribArray(location)
            GL.glVertexAttribPointer(
                location, field.shape[0], kind, kind == GL.GL_UNSIGNED_BYTE, VERTEX.itemsize, ctypes.c_void_p(offset)
            )
        GL.glBindTexture(GL.GL_TEXTURE_2D_ARRAY, GL.glGenTextures(1))
        layers, size = patterns.shape[:2]
        GL.glTexImage3D(
            GL.GL_TEXTURE_2D_ARRAY, 0, GL.GL_RGB8, size, size, layers, 0, GL.GL_RGB, GL.GL_UNSIGNED_BYTE, patterns
        )
        for name in (GL.GL_TEXTURE_MIN_FILTER, GL.GL_TEXTURE_MAG_FILTER):
            GL.glTexParameteri(GL.GL_TEXTURE_2D_ARRAY, name, GL.GL_LINEAR)
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glEnable(GL.GL_CULL_FACE)
        GL.glFrontFace(GL.GL_CW)  # the first row of the buffer is the top of the picture, which turns the winding over

    def draw(
        self,
        vertices: NDArray[np.void],
        faces: NDArray[np.int32],
        camera: Camera,
        size: tuple[int, int],
        lighting: Lighting,
        pattern_scale: float,
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """vertices (V,) of `VERTEX`, faces (F,3), size (width, height) px -> (H,W,4) uint8 BGRA, alpha 0 where nothing is, and the
        depth buffer (H,W), see `vertex.depth_m`."""
        width, height = size
        GL.glViewport(0, 0, width, height)
        GL.glClearColor(0, 0, 0, 0)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT | GL.GL_DEPTH_BUFFER_BIT)
        GL.glUniformMatrix4fv(self._uniform["projection"], 1, True, _projection(camera, width, height))
        for name, values in (("towards_light", lighting.directions), ("light", lighting.lamps)):
            GL.glUniform3fv(self._uniform[name], 2, values.astype(np.float32))
        for name, value in (("sky", lighting.sky), ("ground", lighting.ground)):
            GL.glUniform3fv(self._uniform[name], 1, value.astype(np.float32))
        GL.glUniform1f(self._uniform["pattern_scale"], pattern_scale)
        GL.glBufferData(GL.GL_ARRAY_BUFFER, vertices.nbytes, vertices, GL.GL_STREAM_DRAW)
        indices = np.ascontiguousarray(faces, np.uint32)
        GL.glBufferData(GL.GL_ELEMENT_ARRAY_BUFFER, indices.nbytes, indices, GL.GL_STREAM_DRAW)
        GL.glDrawElements(GL.GL_TRIANGLES, indices.size, GL.GL_UNSIGNED_INT, None)
        picture = np.empty((height, width, 4), np.uint8)
        # The type must be that of the array, or PyOpenGL fills a copy (see viewport/renderer.py).
        GL.glReadPixels(0, 0, width, height, GL.GL_BGRA, GL.GL_UNSIGNED_BYTE, picture)
        depth = np.empty((height, width), np.float32)
        GL.glReadPixels(0, 0, width, height, GL.GL_DEPTH_COMPONENT, GL.GL_FLOAT, depth)
        return picture, depth


def _projection(camera: Camera, width: int, height: int) -> NDArray[np.float32]:
    """World (Y up, looking along -Z) to clip space, the first row of the buffer on top. A pixel's centre has a whole number."""
    c, near, far = camera, NEAR_M, FAR_M
    return np.array(
        [
            [2 * c.fx / width, 0, 1 - (2 * c.cx + 1) / width, 0],
            [0, -2 * c.fy / height, 1 - (2 * c.cy + 1) / height, 0],
            [0, 0, (far + near) / (near - far), 2 * far * near / (near - far)],
            [0, 0, -1, 0],
        ],
        np.float32,
    )


def _program() -> int:
    program = GL.glCreateProgram()
    for kind, name in ((GL.GL_VERTEX_SHADER, "person.vert"), (GL.GL_FRAGMENT_SHADER, "person.frag")):
        shader = GL.glCreateShader(kind)
        GL.glShaderSource(shader, (_SHADERS / name).read_text())
        GL.glCompileShader(shader)
        if not GL.glGetShaderiv(shader, GL.GL_COMPILE_STATUS):
            raise DisplayError(f"{name} does not compile here: {GL.glGetShaderInfoLog(shader).decode().strip()}")
        GL.glAttachShader(program, shader)
    GL.glLinkProgram(program)
    return int(program)


def _framebuffer(largest_px: int) -> int:
    framebuffer = GL.glGenFramebuffers(1)
    GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, framebuffer)
    for buffer, layout, attachment in zip(
        GL.glGenRenderbuffers(2),
        (GL.GL_RGBA8, GL.GL_DEPTH_COMPONENT24),
        (GL.GL_COLOR_ATTACHMENT0, GL.GL_DEPTH_ATTACHMENT),
        strict=True,
    ):
        GL.glBindRenderbuffer(GL.GL_RENDERBUFFER, buffer)
        GL.glRenderbufferStorage(GL.GL_RENDERBUFFER, layout, largest_px, largest_px)
        GL.glFramebufferRenderbuffer(GL.GL_FRAMEBUFFER, attachment, GL.GL_RENDERBUFFER, buffer)
    return int(framebuffer)
