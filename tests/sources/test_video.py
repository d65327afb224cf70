from __future__ import annotations

from pathlib import Path

import pytest

from pose2pose_live.errors import SourceError
from pose2pose_live.sources import VideoSource
from pose2pose_live.sources.opencv import cv2
from tests.sources.clips import number_of, set_frame_durations, set_rotated, write_noise_video, write_video


def test_delivers_every_frame_once_with_its_time(tmp_path):
    with VideoSource(write_video(tmp_path / "clip.mp4", frames=20, fps=25)) as source:
        frames = list(source)
    assert (source.size_px, source.fps, source.frame_count, source.live) == ((64, 48), 25, 20, False)
    assert [number_of(frame.image) for frame in frames] == list(range(20))
    assert [frame.index for frame in frames] == list(range(20))
    assert [frame.time_s for frame in frames] == pytest.approx([i / 25 for i in range(20)], abs=1e-3)
    assert source.warning == ""


def test_times_are_the_presentation_times_of_a_variable_rate_file(tmp_path):
    path = write_video(tmp_path / "clip.mp4", frames=8, fps=30)
    set_frame_durations(path, [1, 1, 3, 1, 2, 1, 4, 1])
    with VideoSource(path) as source:
        frames = list(source)
    assert [number_of(frame.image) for frame in frames] == list(range(8))
    assert [frame.time_s * 30 for frame in frames] == pytest.approx([0, 1, 2, 5, 6, 8, 9, 13], abs=0.05)
    assert source.warning == ""


@pytest.mark.parametrize(
    ("reported_ms", "expected_s"),
    [([0, 0, 0, 0], [0, 0.04, 0.08, 0.12]), ([0, 40, 20, 120], [0, 0.04, 0.08, 0.12]), ([500, 540], [0.5, 0.54])],
    ids=["absent", "jumps back", "starts late"],
)
def test_times_increase_even_if_the_file_does_not_say_so(tmp_path, monkeypatch, reported_ms, expected_s):
    class Reporting:
        """A capture that reports the given positions."""

        def __init__(self, *arguments):
            self._real, self._grabbed = REAL_CAPTURE(*arguments), -1

        def grab(self):
            self._grabbed += 1
            return self._real.grab()

        def get(self, prop):
            return reported_ms[self._grabbed] if prop == cv2.CAP_PROP_POS_MSEC else self._real.get(prop)

        def __getattr__(self, name):
            return getattr(self._real, name)

    REAL_CAPTURE = cv2.VideoCapture
    path = write_video(tmp_path / "clip.mp4", frames=len(reported_ms), fps=25)
    monkeypatch.setattr(cv2, "VideoCapture", Reporting)
    with VideoSource(path) as source:
        times = []
        for _ in reported_ms:
            frame = source.read()
            assert frame is not None
            times.append(frame.time_s)
    assert times == pytest.approx(expected_s)


def test_rotation_metadata_is_honoured(tmp_path):
    path = write_video(tmp_path / "clip.mp4", frames=3)
    set_rotated(path)
    with VideoSource(path) as source:
        frames = list(source)
    assert source.size_px == (48, 64)
    assert {frame.image.shape for frame in frames} == {(64, 48, 3)}


def test_a_file_cut_short_delivers_what_it_has_and_warns(tmp_path):
    path = write_noise_video(tmp_path / "clip.avi", frames=30)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with VideoSource(path) as source:
        count = sum(1 for _ in source)
    assert 12 <= count <= 16
    assert f"ends after {count} of 30 frames" in source.warning


def bad_files(folder: Path) -> dict[str, tuple[Path, str]]:
    headless = write_video(folder / "headless.mp4")
    headless.write_bytes(headless.read_bytes()[: headless.stat().st_size // 2])
    text, prose, empty = folder / "text.mp4", folder / "prose.txt", folder / "empty.mp4"
    text.write_text("hello\n" * 100)
    prose.write_text("hello\n" * 100)
    empty.touch()
    return {
        "truncated": (headless, "MP4/MOV file, but damaged or cut short"),
        "text": (text, "not a video file"),
        "text that FFmpeg would draw": (prose, "not a video file"),
        "empty": (empty, "is empty"),
        "missing": (folder / "none.mp4", "no such file"),
        "folder": (folder, "a folder"),
    }


@pytest.mark.parametrize("kind", ["truncated", "text", "text that FFmpeg would draw", "empty", "missing", "folder"])
def test_bad_files_are_told_apart_in_one_line(tmp_path, capfd, kind):
    path, expected = bad_files(tmp_path)[kind]
    capfd.readouterr()
    with pytest.raises(SourceError) as caught:
        VideoSource(path)
    message = str(caught.value)
    assert expected in message
    assert str(path) in message
    assert "\n" not in message
    assert capfd.readouterr().err == ""
