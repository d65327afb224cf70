from __future__ import annotations

import itertools
import shutil
import subprocess

import pytest

from pose2pose_live.errors import SourceError
from pose2pose_live.sources.video_file import VideoFile
from tests.sources.clips import set_frame_durations, write_video

TICKS = [1, 1, 3, 1, 9, 1, 1, 1, 2, 1, 1, 30, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 1]

# Containers and codecs with and without B pictures, index and times; ffmpeg's options.
OTHERS = {
    "b pictures.mp4": ["-c:v", "libx264", "-g", "60", "-bf", "3"],
    "b pictures.ts": ["-c:v", "libx264", "-g", "60", "-bf", "3"],
    "variable.mkv": [
        "-vf",
        "select=not(mod(n\\,7)-3)+gt(n\\,40)",
        "-vsync",
        "vfr",
        "-c:v",
        "libx264",
        "-g",
        "25",
        "-bf",
        "3",
    ],
    "old.avi": ["-c:v", "mpeg4", "-bf", "2", "-g", "30"],
    "no times.h264": ["-c:v", "libx264", "-g", "60"],
}


def all_pictures(file):
    pictures = []
    while (time_s := file.grab()) is not None:
        pictures.append((time_s, float(file.decode().mean())))
    return pictures


def check_every_place(file, pictures):
    """From each picture to each other one, by its time, a time just before and one within it; and what follows there."""
    count = len(pictures)
    for target in [*range(count), *reversed(range(count)), *((7 * i) % count for i in range(count))]:
        at_s = pictures[target][0]
        within_s = at_s + 0.9 * (pictures[target + 1][0] - at_s) if target + 1 < count else at_s + 5
        for wanted_s, expected in ((at_s, target), (at_s - 1e-4, max(target - 1, 0)), (within_s, target)):
            found = file.seek(wanted_s)
            assert (found[0], float(found[1].mean())) == pytest.approx(pictures[expected])
            next_s = file.grab()
            if expected + 1 == count:
                assert next_s is None
            else:
                assert (next_s, float(file.decode().mean())) == pytest.approx(pictures[expected + 1])


@pytest.mark.parametrize("ticks", [[1] * 24, TICKS], ids=["constant", "variable"])
def test_every_place_is_found_exactly(tmp_path, ticks):
    path = write_video(tmp_path / "clip.mp4", frames=len(ticks), fps=30)
    set_frame_durations(path, ticks)
    file = VideoFile(path)
    pictures = all_pictures(file)
    due = itertools.accumulate([0, *ticks[:-1]])
    assert [time_s * 30 for time_s, _ in pictures] == pytest.approx(list(due), abs=0.05)
    check_every_place(file, pictures)
    file.close()


@pytest.mark.parametrize("name", OTHERS)
def test_every_place_is_found_exactly_in_other_files(tmp_path, name):
    if shutil.which("ffmpeg") is None:
        pytest.skip("no ffmpeg on this machine to make such files with")
    shade = "color=black:s=64x48:r=30:d=2,geq=lum='mod(N*13,220)+16':cb=128:cr=128"
    making = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        shade,
        *OTHERS[name],
        "-pix_fmt",
        "yuv420p",
        tmp_path / name,
    ]
    if subprocess.run(making, check=False).returncode:
        pytest.skip("this ffmpeg lacks an encoder")
    file = VideoFile(tmp_path / name)
    pictures = all_pictures(file)
    assert len(pictures) >= 19
    check_every_place(file, pictures)
    file.close()


def test_rewinding_begins_with_the_first_picture(tmp_path):
    file = VideoFile(write_video(tmp_path / "clip.mp4", frames=5, fps=25))
    assert (file.declared, file.declared_s, file.fps, file.size_px) == (5, 0.2, 25, (64, 48))
    for _ in range(2):
        assert [round(mean / 8) for _, mean in all_pictures(file)] == [0, 1, 2, 3, 4]
        file.rewind()
    file.close()


def test_a_file_that_is_gone_when_it_is_read_again_is_an_error(tmp_path):
    path = write_video(tmp_path / "clip.mp4", frames=5)
    file = VideoFile(path)
    path.unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        file.rewind()
