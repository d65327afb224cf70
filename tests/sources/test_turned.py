from __future__ import annotations

import pytest

from pose2pose_live.sources import TurnedSource
from tests.fakes import FakeSource


def red_corner(image):
    """Where a 2x2 mark in the picture's corner has gone: row and column, -1 for the last."""
    return next((y, x) for y in (0, -1) for x in (0, -1) if image[y, x, 2] == 255)


class Marked(FakeSource):
    def read(self):
        frame = super().read()
        if frame is not None:
            frame.image[:2, :2] = (0, 0, 255)
        return frame


@pytest.mark.parametrize(
    ("rotation_deg", "size_px", "corner"),
    [(0, (320, 240), (0, 0)), (90, (240, 320), (0, -1)), (180, (320, 240), (-1, -1)), (270, (240, 320), (-1, 0))],
)
def test_pictures_arrive_turned_clockwise(rotation_deg, size_px, corner):
    with TurnedSource(Marked(live=False, length=2), rotation_deg) as source:
        assert source.size_px == size_px
        frame, last, end = source.read(), source.read(), source.read()
    assert frame is not None
    assert frame.image.shape[1::-1] == size_px
    assert red_corner(frame.image) == corner
    assert (frame.cuts, end) == (0, None)
    assert last is not None
    assert last.index == 1


def test_turned_while_it_runs_the_next_picture_is_a_cut():
    inner = Marked(live=False)
    source = TurnedSource(inner)
    frames = []
    for rotation_deg in (0, 0, 180, 180, 90, 0):
        source.rotation_deg = rotation_deg
        frames.append(source.read())
    assert [frame.cuts for frame in frames if frame] == [0, 0, 1, 1, 2, 3]
    assert source.size_px == (320, 240)
    source.close()
    assert inner.closed


def test_what_is_not_turned_is_not_copied():
    inner = FakeSource(live=False)
    frame = FakeSource(live=False).read()
    inner.read = lambda: frame  # type: ignore[method-assign]
    assert TurnedSource(inner).read() is frame


def test_only_quarter_turns():
    with pytest.raises(ValueError, match=r"expected one of .* found 45"):
        TurnedSource(FakeSource(), 45)
