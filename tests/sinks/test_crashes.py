"""Faults that are really made: processes that are killed, disks that are full, folders that may not be written to."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import textwrap
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pose2pose_live.conversion import motion_of
from pose2pose_live.errors import RecordingError
from pose2pose_live.recording import load_recording
from pose2pose_live.sinks import Recorder, finish_abandoned, finish_journal
from pose2pose_live.sinks import journal as journal_module
from pose2pose_live.sinks.journal import SYNC_INTERVAL_S, JournalWriter, make_record
from tests.sinks.takes import StickBody, picture, random_pose

BODY = StickBody()
KILLS = 100


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, which Windows has not")
def test_a_hundred_kills_at_random_moments_lose_nothing_that_was_written(tmp_path):
    """Each child records as fast as it can and tells after every row, through a pipe; it is killed without warning."""
    code = f"""
        import json, os, random, signal, time
        from pathlib import Path
        from pose2pose_live.sinks import Recorder
        from tests.sinks.takes import StickBody, picture, random_pose

        random.seed(0)
        poses = [random_pose(i) for i in range(50)]
        told = []
        for number in range({KILLS}):
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:
                try:
                    recorder = Recorder(Path({str(tmp_path)!r}) / f"take{{number}}.npz", StickBody(), fps=30)
                    for i in range(10**9):
                        recorder.write(poses[i % 50], picture(i % 50))
                        os.write(writing, b".")
                finally:
                    os._exit(1)
            os.close(writing)
            os.read(reading, 1)
            time.sleep(random.uniform(0, 0.03))
            os.kill(child, signal.SIGKILL)
            assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
            count = 1
            while rows := os.read(reading, 65536):
                count += len(rows)
            os.close(reading)
            told.append(count)
        print(json.dumps(told))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told) == KILLS
    assert len(finish_abandoned(tmp_path)) == KILLS
    for number, count in enumerate(told):
        recording = load_recording(tmp_path / f"take{number}.npz")
        # One row more may be on disk than the child came to tell.
        assert count <= len(recording) <= count + 1
        assert recording.frame_index.tolist() == [i % 50 for i in range(len(recording))]
    assert len(list(tmp_path.iterdir())) == KILLS
    assert len(set(told)) > KILLS / 4, "the moments were not random"


def test_what_was_written_is_forced_to_the_disk_at_least_twice_a_second(tmp_path, monkeypatch):
    now_s, forced_s = 100.0, []
    monkeypatch.setattr(journal_module, "clock_s", lambda: now_s)
    writer = JournalWriter(tmp_path / "a.journal", fps=30, body_model="stick", app_version="0")
    monkeypatch.setattr(os, "fsync", lambda descriptor: forced_s.append(now_s))
    record = make_record(random_pose(0), picture(), BODY.joints(random_pose(0)))
    for i in range(60):
        now_s = 100.0 + i / 30
        writer.append(record)
    writer.close()
    assert SYNC_INTERVAL_S <= 0.5
    assert 6 <= len(forced_s) <= 9
    assert max(np.diff([100.0, *forced_s])) <= SYNC_INTERVAL_S + 1 / 30 + 1e-9


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a file system of the given options, in memory, at a folder; again with others at the next call."""
    folder = tmp_path / "disk"
    folder.mkdir()
    is_mounted = False

    def mount(options: str) -> Path:
        nonlocal is_mounted
        if shutil.which("mount") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
            pytest.skip("only root can make a small disk")
        command = ["mount", "-t", "tmpfs", "-o", f"{'remount,' if is_mounted else ''}{options}", "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no small disk can be made here: {done.stderr.strip()}")
        is_mounted = True
        return folder

    yield mount
    if is_mounted:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_runs_full_keeps_what_it_holds(mounted):
    folder = mounted("size=256k")
    recorder = Recorder(folder / "take.npz", BODY, fps=30)
    full = r"stopped after \d+ frames.*the disk is full; free some space"
    with pytest.raises(RecordingError, match=full) as caught:  # noqa: PT012
        for i in range(10_000):
            recorder.write(random_pose(i), picture(i))
    assert 50 < recorder.frames_written < 200
    assert str(recorder.frames_written) in str(caught.value)
    with pytest.raises(RecordingError, match=r"What was captured is safe in .*take\.journal, keep that file"):
        recorder.close()
    assert [path.name for path in folder.iterdir()] == ["take.journal"]  # no half npz
    mounted("size=4m")  # somebody made room
    assert finish_journal(folder / "take.journal") == folder / "take.npz"
    recording = load_recording(folder / "take.npz")
    assert recording.frame_index.tolist() == list(range(recorder.frames_written))
    assert [path.name for path in folder.iterdir()] == ["take.npz"]


def test_a_disk_without_any_room_is_told_at_the_start(mounted):
    folder = mounted("size=64k")
    with (folder / "fill").open("wb", buffering=0) as file, pytest.raises(OSError, match="space"):  # noqa: PT012
        while True:
            file.write(bytes(4096))
    with pytest.raises(RecordingError, match="the disk is full"):
        Recorder(folder / "take.npz", BODY, fps=30)
    assert [path.name for path in folder.iterdir()] == ["fill"]


def test_a_folder_that_is_read_only_is_told_at_the_start(mounted):
    folder = mounted("ro,size=64k")
    with pytest.raises(RecordingError, match="this folder may not be written to; choose another"):
        Recorder(folder / "take.npz", BODY, fps=30)


def test_a_folder_that_becomes_read_only_keeps_the_journal(mounted):
    folder = mounted("size=1m")
    recorder = Recorder(folder / "take.npz", BODY, fps=30)
    recorder.write(random_pose(0), picture())
    recorder._journal.close()
    mounted("ro,size=1m")
    with pytest.raises(RecordingError, match=r"may not be written to.*What was captured is safe"):
        recorder.close()
    mounted("rw,size=1m")
    assert finish_journal(folder / "take.journal") == folder / "take.npz"


@pytest.mark.parametrize("jump_s", [-3600.0, 3600.0, -0.5])
def test_a_clock_that_jumps_costs_no_row_and_no_hour(tmp_path, jump_s):
    recorder = Recorder(tmp_path / "take.npz", BODY, fps=30)
    times_s = [i / 30 + (jump_s if i >= 15 else 0.0) for i in range(30)]
    for i, time_s in enumerate(times_s):
        recorder.write(random_pose(i, time_s=time_s), picture(i))
    recorder.close()
    recording = load_recording(recorder.path)
    np.testing.assert_allclose(recording.timestamps, times_s)
    with np.load(recorder.path) as file:
        assert file["mocap_time_length"] > 0
    motion = motion_of(recording)
    assert len(motion) == 30
    np.testing.assert_allclose(motion.trans, recording.trans, atol=1e-4)
    np.testing.assert_allclose(np.diff(motion.times_s), 1 / 30)


def test_finishing_a_long_take_does_not_load_it_into_memory(tmp_path):
    records = make_record(random_pose(0), picture(), BODY.joints(random_pose(0)))
    count = 60_000  # half an hour
    writer = JournalWriter(tmp_path / "take.journal", fps=30, body_model="stick", app_version="0")
    writer.append(np.repeat(records, count))
    writer.close()
    assert (tmp_path / "take.journal").stat().st_size > 140e6
    tracemalloc.start()
    finish_journal(tmp_path / "take.journal")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Two buffers of 16 MB, and per row some bytes for the one shape of the take.
    assert peak < 2 * 16 * 2**20 + 200 * count
    assert len(np.load(tmp_path / "take.npz")["trans"]) == count


def test_an_unexpected_error_while_writing_is_no_lost_take(tmp_path):
    recorder = Recorder(tmp_path / "take.npz", BODY, fps=30)
    recorder.write(random_pose(0), picture())
    with pytest.raises(ValueError, match="finite"):
        recorder.write(replace(random_pose(1), transl=np.full(3, np.nan)), picture(1))
    recorder.write(random_pose(2), picture(2))
    recorder.close()
    assert load_recording(recorder.path).frame_index.tolist() == [0, 2]


def test_errors_that_name_no_known_reason_are_told_with_the_systems_words(tmp_path, monkeypatch):
    recorder = Recorder(tmp_path / "take.npz", BODY, fps=30)

    def broken(self, data):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(JournalWriter, "_write", broken)
    with pytest.raises(RecordingError, match="Input/output error; choose another folder"):
        recorder.write(random_pose(0), picture())
    monkeypatch.undo()
    recorder.close()
