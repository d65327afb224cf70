from __future__ import annotations

import numpy as np

from pose2pose_live.resources import asset_path
from pose2pose_live.sources import VideoSource


def test_the_bundled_clip_can_stand_in_for_a_camera():
    path = asset_path("demo.mp4")
    assert path.stat().st_size < 2e6
    with VideoSource(path) as source:
        frames = [frame.image for frame in source]
    assert (source.size_px, source.fps, len(frames), source.warning) == ((640, 480), 30, 238, "")

    def difference(one, other):
        return float(np.abs(frames[one].astype(int) - frames[other]).mean())

    assert difference(0, 58) > 4  # somebody moves
    # Played in a loop it does not jump: its last frame leads to the first as smoothly as the others to their next.
    assert difference(-1, 0) <= 1.2 * max(difference(i, i + 1) for i in range(len(frames) - 1))
