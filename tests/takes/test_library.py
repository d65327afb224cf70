from __future__ import annotations

import os
from datetime import datetime

import numpy as np
import psutil
import pytest

from pose2pose_live.conversion import ConversionSettings, convert
from pose2pose_live.errors import RecordingError
from pose2pose_live.recording import load_recording, save_arrays, take_arrays
from pose2pose_live.sinks import Recorder, finish_journal
from pose2pose_live.sinks.journal import RECORD
from pose2pose_live.takes import disk, disk_space, library, list_takes, next_take
from tests.conversion.takes import take
from tests.sinks.takes import StickBody, picture, random_pose

BODY = StickBody()


def record(path, count=5, fps=30.0):
    recorder = Recorder(path, BODY, fps=fps)
    for i in range(count):
        recorder.write(random_pose(i), picture(i))
    recorder.close()
    return recorder.path


def interrupted(path, count=3):
    """A take of a program that was killed."""
    recorder = Recorder(path, BODY, fps=30)
    for i in range(count):
        recorder.write(random_pose(i), picture(i))
    recorder._journal.close()
    recorder._journal.release()
    return path.with_suffix(".journal")


def test_a_take_is_told_from_its_header(tmp_path):
    path = record(tmp_path / "walk.npz", 7, fps=29.97)
    os.utime(path, (0, 1_700_000_000))
    (info,) = list_takes(tmp_path)
    assert (info.path, info.name, info.frames, info.fps, info.body_model) == (path, "walk", 7, 30, "stick")
    assert info.duration_s == pytest.approx(7 / 30)
    assert info.recorded_at == datetime.fromtimestamp(1_700_000_000)
    assert info.size_bytes == path.stat().st_size
    assert not info.is_interrupted
    assert info.problem == ""


def test_the_newest_take_comes_first_and_equal_ones_by_number(tmp_path):
    for name, time_s in (("old", 100), ("take_9", 300), ("take_10", 300), ("new", 400)):
        os.utime(record(tmp_path / f"{name}.npz"), (0, time_s))
    assert [info.name for info in list_takes(tmp_path)] == ["new", "take_10", "take_9", "old"]


def test_what_has_not_changed_is_not_read_again(tmp_path, monkeypatch):
    for name in ("one", "two", "three"):
        record(tmp_path / f"{name}.npz")
    (tmp_path / "broken.npz").touch()
    first = list_takes(tmp_path)
    read = []
    real = library.TakeArchive

    def open_archive(path):
        read.append(path.name)
        return real(path)

    monkeypatch.setattr(library, "TakeArchive", open_archive)
    assert list_takes(tmp_path, first) == first
    assert read == []
    (tmp_path / "two.npz").unlink()
    record(tmp_path / "two.npz", 9)
    (tmp_path / "three.npz").unlink()
    again = {take.name: take.frames for take in list_takes(tmp_path, first)}
    assert again == {"one": 5, "two": 9, "broken": 0}
    assert read == ["two.npz"]


def test_no_folder_and_an_empty_one_hold_no_takes(tmp_path):
    assert list_takes(tmp_path / "absent") == []
    assert list_takes(tmp_path) == []
    (tmp_path / "file").touch()
    with pytest.raises(RecordingError, match=r"this folder cannot be read .*choose another"):
        list_takes(tmp_path / "file")


def test_broken_takes_are_listed_with_what_is_wrong(tmp_path):
    good = record(tmp_path / "good.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(good[: len(good) // 2])
    (tmp_path / "empty.npz").touch()
    flipped = bytearray(good)
    flipped[flipped.index(b"\x93NUMPY") + 10 + 3] ^= 0xFF
    (tmp_path / "flipped.npz").write_bytes(bytes(flipped))
    arrays = dict(np.load(tmp_path / "good.npz"))
    np.savez(tmp_path / "uneven.npz", **(arrays | {"trans": arrays["trans"][:2]}))
    np.savez(tmp_path / "words.npz", **(arrays | {"timestamps": arrays["timestamps"].astype(str)}))
    np.savez(tmp_path / "many.npz", **(arrays | {"mocap_frame_rate": np.array([30, 30])}))
    np.savez(tmp_path / "pickle.npz", **(arrays | {"betas": np.array({"a": 1}, dtype=object)}))
    problems = {info.name: info.problem for info in list_takes(tmp_path)}
    assert problems.pop("good") == ""
    for name, problem in {
        "cut": "it was cut short",
        "empty": "it is no npz file",
        "flipped": "it is damaged",
        "uneven": r"damaged, trans has shape",
        "words": "damaged, timestamps holds",
        "many": "damaged, mocap_frame_rate has shape (2,), expected ()",
        "pickle": "it holds pickled objects",
    }.items():
        told = problems.pop(name)
        assert problem in told
        assert str(tmp_path) not in told
    assert not problems


def test_files_of_other_kinds_are_no_takes(tmp_path, body):
    recording = load_recording(take(tmp_path, body, np.arange(4) / 30))
    list(convert(recording, tmp_path / "take", ("npz", "bvh"), ConversionSettings(), body))
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    (tmp_path / "note.journal").write_text("Dear diary")
    (tmp_path / ".hidden.npz").write_text("half a file")
    (tmp_path / "gone.npz").symlink_to(tmp_path / "nowhere")
    assert {path.name for path in tmp_path.iterdir()} >= {"take_amass.npz", "take.bvh"}
    assert [info.name for info in list_takes(tmp_path)] == ["take"]


def test_a_take_that_is_being_recorded_is_not_listed_until_it_is_saved(tmp_path):
    recorder = Recorder(tmp_path / "take.npz", BODY, fps=30)
    recorder.write(random_pose(0), picture())
    assert list_takes(tmp_path) == []
    recorder.close()
    assert [info.name for info in list_takes(tmp_path)] == ["take"]


def test_a_take_of_a_killed_program_is_listed_and_can_be_finished(tmp_path):
    journal = interrupted(tmp_path / "take.npz")
    (info,) = list_takes(tmp_path)
    assert (info.path, info.is_interrupted, info.frames, info.body_model) == (journal, True, 3, "stick")
    assert info.duration_s == pytest.approx(3 / 30)
    finish_journal(info.path)
    (info,) = list_takes(tmp_path)
    assert (info.path.name, info.is_interrupted, info.frames) == ("take.npz", False, 3)


def test_a_take_that_could_not_be_saved_is_listed_as_interrupted_in_the_same_program(tmp_path, monkeypatch):
    recorder = Recorder(tmp_path / "take.npz", BODY, fps=30)
    recorder.write(random_pose(0), picture())

    def full(file, **arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(RecordingError, match="What was captured is safe"):
        recorder.close()
    monkeypatch.undo()
    (info,) = list_takes(tmp_path)
    assert info.is_interrupted
    assert finish_journal(info.path) == recorder.path


@pytest.mark.skipif(not hasattr(psutil.Process, "io_counters"), reason="macOS does not count what a program reads")
def test_listing_reads_headers_only(tmp_path):
    arrays = take_arrays(np.zeros(20_000, RECORD), fps=30, body_model="stick", app_version="1")
    save_arrays(tmp_path / "long.npz", arrays)
    assert (tmp_path / "long.npz").stat().st_size > 40e6
    before = psutil.Process().io_counters().read_chars
    (info,) = list_takes(tmp_path)
    assert psutil.Process().io_counters().read_chars - before < 300_000
    assert (info.frames, info.problem) == (20_000, "")


@pytest.mark.parametrize(
    ("names", "expected", "number"),
    [
        ((), "take.npz", 1),
        (("take.npz",), "take_2.npz", 2),
        (("take.npz", "take_2.npz", "take_9.npz"), "take_10.npz", 10),
        (("take_3.npz",), "take_4.npz", 4),
        (("take.journal",), "take_2.npz", 2),
        (("TAKE.npz",), "take_2.npz", 2),
        (("take_amass.npz", "take_2.bvh", "take_02.npz", "mistake_7.npz"), "take.npz", 1),
    ],
)
def test_the_next_take_has_the_next_number(tmp_path, names, expected, number):
    for name in names:
        (tmp_path / name).touch()
    assert next_take(tmp_path) == (tmp_path / expected, number)


def test_the_next_take_of_a_folder_that_is_not_there(tmp_path):
    assert next_take(tmp_path / "new", "walk (1)") == (tmp_path / "new" / "walk (1).npz", 1)


def test_disk_space_counts_what_saving_needs(tmp_path, monkeypatch):
    path = record(tmp_path / "one.npz", 1)
    more = record(tmp_path / "more.npz", 101)
    assert disk.recording_row_bytes() == (more.stat().st_size - path.stat().st_size) / 100
    both = RECORD.itemsize + disk.recording_row_bytes()

    def free(folder):
        assert folder == tmp_path
        return replace_free(both * 3000)

    monkeypatch.setattr(disk.shutil, "disk_usage", free)
    space = disk_space(tmp_path / "not" / "yet", fps=30)
    assert space is not None
    assert (space.free_bytes, space.left_s) == (both * 3000, pytest.approx(100))
    used = disk_space(tmp_path / "not" / "yet", fps=30, frames_written=1500)
    assert used is not None
    assert used.left_s == pytest.approx(100 - 50 * disk.recording_row_bytes() / both)
    beyond = disk_space(tmp_path, fps=30, frames_written=10**6)
    assert beyond is not None
    assert beyond.left_s == 0
    still = disk_space(tmp_path, fps=0)
    assert still is not None
    assert still.left_s == float("inf")


def replace_free(free_bytes):
    usage = disk.shutil._ntuple_diskusage(10**12, 0, 0)
    return usage._replace(free=free_bytes)


def test_disk_space_of_a_disk_that_is_not_there_is_unknown(tmp_path, monkeypatch):
    def fails(folder):
        raise OSError("no such disk")

    monkeypatch.setattr(disk.shutil, "disk_usage", fails)
    assert disk_space(tmp_path, 30) is None


def test_real_disk_space_is_told(tmp_path):
    space = disk_space(tmp_path, 30)
    assert space is not None
    assert space.free_bytes > 0
    assert 0 < space.left_s < float("inf")
