"""What a frame costs the window's view, in processor time over all threads: `python -m tests.benchmarks.view_cost`.

The first lines show where it goes, the others are the whole of it, as the render thread does it for each picture.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from pose2pose_live.app.live_view import LiveView
from pose2pose_live.body import BodyModel
from pose2pose_live.body.normals import VertexNormals
from pose2pose_live.frame import CameraFrame
from pose2pose_live.pipeline import LiveFrame
from pose2pose_live.viewport import EglContext, ViewOptions, Viewport
from tests.fakes import waving_pose

PANEL_PX = 640, 480
ROUNDS, FRAMES = 5, 100


def milliseconds(step: Callable[[int], object]) -> tuple[float, float]:
    """Least of the rounds, per frame: of all threads together, and of the thread that calls."""
    rounds = []
    for _ in range(ROUNDS):
        start_s, own_start_s = time.process_time(), time.thread_time()
        for i in range(FRAMES):
            step(i)
        rounds.append((time.process_time() - start_s, time.thread_time() - own_start_s))
    everything, own = min(rounds)
    return 1000 * everything / FRAMES, 1000 * own / FRAMES


def main() -> None:
    cv2.setNumThreads(1)
    body = BodyModel.load()
    poses = [waving_pose(i / 30, index=i) for i in range(FRAMES)]
    vertices = [body.pose(pose).vertices for pose in poses]
    normals = VertexNormals(body.faces, body.vertex_count)
    picture = CameraFrame(np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8), 0.0, 0)

    viewport = Viewport(EglContext())
    viewport.set_body(body)
    target = np.empty((PANEL_PX[1], PANEL_PX[0], 4), np.uint8)
    view = LiveView(EglContext, lambda: None).open()
    view.set_body(body)
    view.camera_size_px = view.body_size_px = PANEL_PX

    def whole(options: ViewOptions) -> Callable[[int], object]:
        def draw(i: int) -> None:
            view.options = options
            view.draw(LiveFrame(picture, 0.0, replace(poses[i])))  # another pose each time, as in the live window

        return draw

    steps = {
        "pose the body": lambda i: body.pose(poses[i]),
        "normals": lambda i: normals(vertices[i]),
        "the 3D picture": lambda i: viewport.draw(replace(poses[i]), target),
        "camera skeleton, 3D mesh": whole(ViewOptions()),
        "camera skeleton, 3D skeleton": whole(ViewOptions(body="skeleton")),
        "camera mesh, 3D off": whole(ViewOptions(overlay="mesh", body="off")),
        "camera mesh, 3D mesh": whole(ViewOptions(overlay="mesh")),
        "camera mesh, 3D skeleton": whole(ViewOptions(overlay="mesh", body="skeleton")),
        "camera boxes, 3D off": whole(ViewOptions(overlay="boxes", body="off")),
    }
    print(f"{viewport.renderer_name}, {PANEL_PX[0]}x{PANEL_PX[1]} px, {body.vertex_count} vertices")
    print(f"{'':32}{'all threads':>12}{'own':>8}  ms of processor time per frame")
    for name, step in steps.items():
        everything, own = milliseconds(step)
        print(f"{name:32}{everything:12.2f}{own:8.2f}")
    viewport.close()
    view.close()


if __name__ == "__main__":
    main()
