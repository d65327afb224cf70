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
    """Draws a scene into a caller's BGRA buffer: no depth read-back, no copy, and multisampling only where it is cheap."""

    def __init__(self, *, multisample: bool) -> None:
        super().__init__(1, 1)
        self.dpscale = 1  # sizes are device pixels already; pyrender would double them on macOS
        self._multisample = multisample
        self._program_cache = pyrender.shader_program.ShaderProgramCache(shader_dir=_SHADERS)
        self._target: NDArray[np.uint8] | None = None

    def draw(self, scene: pyrender.Scene, target: NDArray[np.uint8]) -> None:
        """Fill target (H,W,4) uint8 BGRA, C-contiguous. The scene's main camera must be a `PinholeCamera`."""
        self._target = target
        self.viewport_height, self.viewport_width = target.shape[:2]
        # Turning the picture over turns the winding of the faces over, and mirroring turns it back.
        is_mirrored = scene.main_camera_node.camera.is_mirrored
        GL.glFrontFace(GL.GL_CCW if is_mirrored else GL.GL_CW)
        self.render(scene, pyrender.RenderFlags.OFFSCREEN)

    def __del__(self) -> None:
        """Nothing: pyrender's would call OpenGL in whatever thread and without a context. Whoever made this calls `delete`."""

    def _configure_forward_pass_viewport(self, flags: int) -> None:
        super()._configure_forward_pass_viewport(flags)
        if not self._multisample:
            GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, self._main_fb)

    def _read_main_framebuffer(self, scene: pyrender.Scene, flags: int) -> None:
        width, height = self._main_fb_dims
        if self._multisample:
            GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, self._main_fb_ms)
            GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, self._main_fb)
            box = (0, 0, width, height)
            GL.glBlitFramebuffer(*box, *box, GL.GL_COLOR_BUFFER_BIT, GL.GL_LINEAR)
        GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, self._main_fb)
        # The type must be that of the array: with GL_UNSIGNED_INT_8_8_8_8_REV PyOpenGL fills a temporary copy instead.
        GL.glReadPixels(0, 0, width, height, GL.GL_BGRA, GL.GL_UNSIGNED_BYTE, self._target)


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
        # Laid out as pyrender lays out its vertex buffer: position, normal, colour.
        self._vertices = np.zeros((vertex_count, 6 if colors is None else 10), np.float32)
        if colors is not None:
            self._vertices[:, 6:] = colors
        zeros = self._vertices[:, :3]
        self._primitive = pyrender.Primitive(zeros, normals=zeros, color_0=colors, indices=faces, material=material)
        self.mesh = pyrender.Mesh([self._primitive])

    def update(self, vertices: NDArray[np.float32], normals: NDArray[np.float32]) -> None:
        """Take new vertices (V,3) m and unit normals (V,3), in the render thread with the context current.

        pyrender's cached bounds stay as they were: only shadows read them, and there are none.
        """
        self._vertices[:, :3] = vertices
        self._vertices[:, 3:6] = normals
        if not self._primitive._in_context():  # pyrender uploads these when it first draws
            self._primitive.positions, self._primitive.normals = vertices, normals
            return
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._primitive._buffers[0])
        # A fresh store first, so that the driver need not wait for the picture that still draws from the old one.
        GL.glBufferData(GL.GL_ARRAY_BUFFER, self._vertices.nbytes, None, GL.GL_STREAM_DRAW)
        GL.glBufferSubData(GL.GL_ARRAY_BUFFER, 0, self._vertices.nbytes, self._vertices)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, 0)


def _srgb_to_linear_rgba(colors: NDArray[np.uint8]) -> NDArray[np.float32]:
    # Squares and, in the shader, square roots: close to sRGB's curve and much cheaper than powers on software OpenGL.
    linear = np.square(colors.astype(np.float32) / 255)
    return np.hstack([linear, np.ones((len(colors), 1), np.float32)])
