from __future__ import annotations

import dataclasses
import tracemalloc

import numpy as np
import pytest

from pose2pose_live.errors import RecordingError
from pose2pose_live.recording import load_recording, save_arrays, take_arrays
from pose2pose_live.sinks import Recorder
from pose2pose_live.sinks.journal import RECORD
from pose2pose_live.takes import TakeReplay
from tests.sinks.takes import StickBody, picture, random_pose

BODY = StickBody()
TIMES_S = (50.0, 50.1, 50.4, 50.5)


@pytest.fixture
def path(tmp_path):
    recorder = Recorder(tmp_path / "take.npz", BODY, fps=29.97)
    for i, time_s in enumerate(TIMES_S):
        recorder.write(random_pose(i, time_s=time_s), picture(i, time_s=time_s))
    recorder.close()
    return recorder.path


def test_frames_come_at_their_own_times(path):
    with TakeReplay(path) as replay:
        assert len(replay) == 4
        assert replay.duration_s == pytest.approx(0.5)
        assert (replay.fps, replay.body_model) == (30, "stick")
        for time_s, index in (
            (-3, 0), (0, 0), (0.04, 0), (0.06, 1), (0.1, 1), (0.24, 1), (0.26, 2), (0.46, 3), (0.5, 3), (99, 3),
        ):  # fmt: skip
            assert replay.frame_at(time_s).index == index, time_s
            assert replay.frame_at(time_s).time_s == TIMES_S[index]


def test_a_frame_is_that_of_the_recording(path):
    recording = load_recording(path)
    with TakeReplay(path) as replay:
        for i in range(4):
            frame, expected = replay.frame(i), recording[i]
            for field in dataclasses.fields(frame):
                np.testing.assert_array_equal(
                    getattr(frame, field.name), getattr(expected, field.name), err_msg=field.name
                )


def test_takes_that_another_program_compressed_can_be_seen(path):
    with np.load(path) as file:
        np.savez_compressed(path.with_name("small.npz"), **{key: file[key] for key in file.files})
    with TakeReplay(path) as plain, TakeReplay(path.with_name("small.npz")) as small:
        np.testing.assert_array_equal(plain.frame(2).full_pose, small.frame(2).full_pose)


def test_jumps_of_the_clock_are_straightened(tmp_path):
    recorder = Recorder(tmp_path / "take.npz", BODY, fps=10)
    for i, time_s in enumerate((0.0, 0.1, 5000.0, 5000.1, 3.0)):
        recorder.write(random_pose(i, time_s=time_s), picture(i, time_s=time_s))
    recorder.close()
    with TakeReplay(recorder.path) as replay:
        np.testing.assert_allclose(replay.times_s, 0.1 * np.arange(5))
        assert replay.frame_at(0.21).index == 2


def test_a_take_of_one_row_is_shown_at_any_time(tmp_path):
    recorder = Recorder(tmp_path / "take.npz", BODY, fps=10)
    recorder.write(random_pose(7), picture(7))
    recorder.close()
    with TakeReplay(recorder.path) as replay:
        assert replay.duration_s == 0
        assert [replay.frame_at(time_s).index for time_s in (-1, 0, 1)] == [7, 7, 7]


def test_what_cannot_be_replayed_is_explained(tmp_path, path):
    empty = take_arrays(np.zeros(1, RECORD), fps=30, body_model="stick", app_version="1")
    once = {"betas", "camera", "confidence_names", "arkit_names"}
    save_arrays(tmp_path / "empty.npz", {key: a if key in once or a.ndim == 0 else a[:0] for key, a in empty.items()})
    with pytest.raises(RecordingError, match="there is nothing in this take"):
        TakeReplay(tmp_path / "empty.npz")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(RecordingError, match="no npz file"):
        TakeReplay(tmp_path / "text.npz")
    with np.load(path) as file:
        arrays = {key: file[key] for key in file.files}
    arrays["poses"][1, 4] = np.nan
    save_arrays(tmp_path / "nan.npz", arrays)
    with TakeReplay(tmp_path / "nan.npz") as replay:
        assert replay.frame(0).index == 0
        with pytest.raises(RecordingError, match=r"row 1 is damaged .*expected finite numbers"):
            replay.frame(1)


def test_a_file_that_is_cut_while_it_is_replayed_is_told(path):
    with TakeReplay(path) as replay:
        with path.open("r+b") as file:
            file.truncate(1000)
        with pytest.raises(RecordingError, match="damaged"):
            replay.frame(3)


def test_a_long_take_needs_memory_for_its_times_only(tmp_path):
    rows = 30_000
    records = np.zeros(rows, RECORD)
    records["time_s"] = np.arange(rows) / 30
    records["index"] = np.arange(rows)
    records["camera"] = (500, 500, 320, 240)
    save_arrays(tmp_path / "long.npz", take_arrays(records, fps=30, body_model="stick", app_version="1"))
    del records
    size = (tmp_path / "long.npz").stat().st_size
    assert size > 60e6
    tracemalloc.start()
    try:
        with TakeReplay(tmp_path / "long.npz") as replay:
            for time_s in (0.0, 999.0, 500.0):
                assert replay.frame_at(time_s).index == round(30 * time_s)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * 8 * rows + 1e6
