"""pyrender, cut down to what a moving mesh needs on software OpenGL.

Import this module only after a context of `context.py` exists (see gl.py). The names with an underscore are pyrender's own
inner ones; `pyproject.toml` pins the version for their sake and `tests/test_viewport.py` compares with a stock render.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..frame import Camera
from .gl import GL, pyrender

_SHADERS = str(Path(__file__).parent / "shaders")
_SOFTWARE_RENDERERS = ("llvmpipe", "softpipe", "swrast")


def renderer_name() -> str:
    """What draws, for people: the GL_RENDERER of the current context."""
    return str(GL.glGetString(GL.GL_RENDERER).decode())


def is_software_renderer() -> bool:
    """True when the processor draws, so that multisampling would cost four times the shading."""
    return any(name in renderer_name().lower() for name in _SOFTWARE_RENDERERS)


class PinholeCamera(pyrender.Camera):
    """Intrinsics in px, drawn with the first row of the buffer at the top of the picture, or left-right mirrored.

    pyrender's own IntrinsicsCamera doubles its values on macOS and leaves the picture upside down in the read-back, which
    would then have to be flipped by the processor.
    """

    def __init__(self, intrinsics: Camera, *, is_mirrored: bool = False) -> None:
        super().__init__(znear=0.05, zfar=100.0)
        self.intrinsics = intrinsics
        self.is_mirrored = is_mirrored

    def get_projection_matrix(self, width: float, height: float) -> NDArray[np.float64]:
        c, near, far = self.intrinsics, self.znear, self.zfar
        rows = np.array(
            [
                [2 * c.fx / width, 0, 1 - 2 * c.cx / width, 0],
                [0, -2 * c.fy / height, 1 - 2 * c.cy / height, 0],
                [0, 0, (far + near) / (near - far), 2 * far * near / (near - far)],
                [0, 0, -1, 0],
            ]
        )
        if self.is_mirrored:
            rows[0] = -rows[0]
        return rows


class ColourRenderer(pyrender.Renderer):
    """Draws a scene into a caller's BGRA buffer: no depth read-back, no copy, and multisampling only where it is cheap.

    What lies on the GPU is pyrender's: meshes, programs, frame buffers. The pass over them is not: for each mesh pyrender sets all
    states there are and asks each time for errors, 150 calls for a picture, and each call lets go of the interpreter, which then is
    the estimator's for a while.
    """

    def __init__(self, *, multisample: bool) -> None:
        super().__init__(1, 1)
        self.dpscale = 1  # sizes are device pixels already; pyrender would double them on macOS
        self._multisample = multisample
        self._program_cache = pyrender.shader_program.ShaderProgramCache(shader_dir=_SHADERS)
        self._programs: dict[int, tuple[int, list[int]]] = {}
        self._size_px = (0, 0)

    def draw(self, scene: pyrender.Scene, target: NDArray[np.uint8]) -> None:
        """Fill target (H,W,4) uint8 BGRA, C-contiguous.

        The scene's main camera must be a `PinholeCamera`; materials are a colour, solid or blended, with no texture.
        """
        camera = scene.main_camera_node
        self._size_px = target.shape[1], target.shape[0]
        self._update_context(scene, pyrender.RenderFlags.NONE)
        self._begin(scene)
        view = np.linalg.inv(scene.get_pose(camera))
        projection = camera.camera.get_projection_matrix(*self._size_px)
        for node in sorted(scene.mesh_nodes, key=lambda node: node.mesh.is_transparent):
            if not node.mesh.is_visible:
                continue
            if node.mesh.is_transparent:
                GL.glEnable(GL.GL_BLEND)
            for primitive in node.mesh.primitives:
                self._draw_primitive(primitive, (scene.get_pose(node), view, projection))
            if node.mesh.is_transparent:
                GL.glDisable(GL.GL_BLEND)
        self._read_into(target)

    def __del__(self) -> None:
        """Nothing: pyrender's would call OpenGL in whatever thread and without a context. Whoever made this calls `delete`."""

    def _begin(self, scene: pyrender.Scene) -> None:
        held = self._main_fb_dims if self._main_fb else (0, 0)
        if any(size > most for size, most in zip(self._size_px, held, strict=True)):
            # They only grow: two pictures of different sizes, drawn by turns, share them.
            self.viewport_width, self.viewport_height = map(max, self._size_px, held)
            self._configure_main_framebuffer()
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._main_fb_ms if self._multisample else self._main_fb)
        GL.glViewport(0, 0, *self._size_px)
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glEnable(GL.GL_CULL_FACE)
        GL.glBlendFunc(GL.GL_SRC_ALPHA, GL.GL_ONE_MINUS_SRC_ALPHA)
        # Turning the picture over turns the winding of the faces over, and mirroring turns it back.
        is_mirrored = scene.main_camera_node.camera.is_mirrored
        GL.glFrontFace(GL.GL_CCW if is_mirrored else GL.GL_CW)
        GL.glClearColor(*scene.bg_color)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT | GL.GL_DEPTH_BUFFER_BIT)

    def _draw_primitive(self, primitive: pyrender.Primitive, matrices: tuple[NDArray[np.float64], ...]) -> None:
        """matrices: poses of the primitive and of the camera, and the projection."""
        program, (*places, color_place) = self._program(primitive)
        GL.glUseProgram(program)
        for place, matrix in zip(places, matrices, strict=True):
            GL.glUniformMatrix4fv(place, 1, GL.GL_TRUE, matrix.astype(np.float32))
        GL.glUniform4fv(color_place, 1, primitive.material.baseColorFactor.astype(np.float32))
        primitive._bind()
        if primitive.indices is None:
            GL.glDrawArrays(primitive.mode, 0, len(primitive.positions))
        else:
            GL.glDrawElements(primitive.mode, primitive.indices.size, GL.GL_UNSIGNED_INT, None)

    def _program(self, primitive: pyrender.Primitive) -> tuple[int, list[int]]:
        """The program for primitives with such vertices, and where its uniforms are."""
        if primitive.buf_flags not in self._programs:
            flags = pyrender.RenderFlags.NONE, pyrender.constants.ProgramFlags.USE_MATERIAL
            program = self._get_primitive_program(primitive, *flags)._program_id
            names = ("M", "V", "P", "material.base_color_factor")
            self._programs[primitive.buf_flags] = program, [GL.glGetUniformLocation(program, name) for name in names]
        return self._programs[primitive.buf_flags]

    def _read_into(self, target: NDArray[np.uint8]) -> None:
        if self._multisample:
            GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, self._main_fb_ms)
            GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, self._main_fb)
            box = (0, 0, *self._size_px)
            GL.glBlitFramebuffer(*box, *box, GL.GL_COLOR_BUFFER_BIT, GL.GL_LINEAR)
            GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, self._main_fb)
        # The type must be that of the array: with GL_UNSIGNED_INT_8_8_8_8_REV PyOpenGL fills a temporary copy instead.
        GL.glReadPixels(0, 0, *self._size_px, GL.GL_BGRA, GL.GL_UNSIGNED_BYTE, target)


class _DynamicPrimitive(pyrender.Primitive):
    """Reads positions and normals from buffers of their own, which are replaced for every picture; what pyrender uploads once
    has colours and faces."""

    def _add_to_context(self) -> None:
        if self._in_context():  # the first positions came before the first picture
            return
        super()._add_to_context()
        self.moving = [int(buffer) for buffer in GL.glGenBuffers(2)]
        self._buffers.extend(self.moving)  # so that pyrender deletes them with the others
        GL.glBindVertexArray(self._vaid)
        for attribute, buffer in enumerate(self.moving):
            GL.glBindBuffer(GL.GL_ARRAY_BUFFER, buffer)
            GL.glVertexAttribPointer(attribute, 3, GL.GL_FLOAT, GL.GL_FALSE, 0, None)


class DynamicMesh:
    """A mesh whose vertices are replaced in place for every picture; faces and colours stay."""

    def __init__(
        self,
        faces: NDArray[np.int32],
        vertex_count: int,
        vertex_colors: NDArray[np.uint8] | None,
        material: pyrender.Material,
    ) -> None:
        """faces (F,3), vertex_colors (V,3) sRGB or None for the material's colour."""
        colors = None if vertex_colors is None else _srgb_to_linear_rgba(vertex_colors)
        zeros = np.zeros((vertex_count, 3), np.float32)
        self._primitive = _DynamicPrimitive(zeros, normals=zeros, color_0=colors, indices=faces, material=material)
        self.mesh = pyrender.Mesh([self._primitive])

    def update(self, vertices: NDArray[np.float32], normals: NDArray[np.float32]) -> None:
        """Take new vertices (V,3) m and normals (V,3), in the render thread with the context current.

        pyrender's cached bounds stay as they were: only shadows read them, and there are none.
        """
        self._primitive._add_to_context()
        for buffer, array in zip(self._primitive.moving, (vertices, normals), strict=True):
            GL.glBindBuffer(GL.GL_ARRAY_BUFFER, buffer)
            # A fresh store, so that the driver need not wait for the picture that still draws from the old one.
            GL.glBufferData(GL.GL_ARRAY_BUFFER, array.nbytes, array, GL.GL_STREAM_DRAW)


def _srgb_to_linear_rgba(colors: NDArray[np.uint8]) -> NDArray[np.float32]:
    # Squares and, in the shader, square roots: close to sRGB's curve and much cheaper than powers on software OpenGL.
    linear = np.square(colors.astype(np.float32) / 255)
    return np.hstack([linear, np.ones((len(colors), 1), np.float32)])
