from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pose2pose_live.errors import RecordingError
from pose2pose_live.frame import Camera
from pose2pose_live.recording import WHOLE_TAKE_KEYS, load_recording
from pose2pose_live.sinks import Recorder, files
from pose2pose_live.takes import edit, list_takes, rename_take, trash_take, trim_take
from tests.sinks.takes import StickBody, picture, random_pose

BODY = StickBody()
COUNT = 20


def record(path: Path, count: int = COUNT, *, names: bool = False, **changes) -> Path:
    recorder = Recorder(path, BODY, fps=10)
    for i in range(count):
        recorder.write(
            random_pose(i, time_s=100 + i / 10, **changes), picture(i, f"{i}.png" if names else "", 100 + i / 10)
        )
    recorder.close()
    return recorder.path


def arrays_of(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as file:
        return {key: file[key] for key in file.files}


def test_a_take_gets_another_name(tmp_path):
    path = record(tmp_path / "take.npz")
    data = path.read_bytes()
    renamed = rename_take(path, "  Tanz, 2. Versuch (相) ")
    assert renamed == tmp_path / "Tanz, 2. Versuch (相).npz"
    assert [file.name for file in tmp_path.iterdir()] == [renamed.name]
    assert renamed.read_bytes() == data
    assert rename_take(renamed, "walk.npz").name == "walk.npz"
    assert rename_take(tmp_path / "walk.npz", "walk") == tmp_path / "walk.npz"
    assert rename_take(tmp_path / "walk.npz", "WALK").name == "WALK.npz"


def test_renaming_never_overwrites(tmp_path):
    one, two = record(tmp_path / "one.npz", 1), record(tmp_path / "two.npz", 2)
    before = one.read_bytes(), two.read_bytes()
    with pytest.raises(RecordingError, match="two: there is a take of this name already; choose another"):
        rename_take(one, "two")
    busy = Recorder(tmp_path / "busy.npz", BODY, fps=10)  # its npz is not there yet, but will be
    with pytest.raises(RecordingError, match="busy: there is a take of this name already"):
        rename_take(one, "busy")
    busy.close()
    assert (one.read_bytes(), two.read_bytes()) == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one.npz", "two.npz"]


@pytest.mark.parametrize(
    ("name", "better"),
    [("a:b", "a_b"), ("../up", "_up"), ("con", "con_"), ("end.", "end"), ("", "take"), ("a/b", "a_b")],
)
def test_names_that_some_system_refuses_are_refused_with_one_that_would_do(tmp_path, name, better):
    path = record(tmp_path / "take.npz", 1)
    with pytest.raises(RecordingError) as caught:
        rename_take(path, name)
    assert f"{better} would be" in str(caught.value)
    assert path.exists()


def test_a_take_that_cannot_be_renamed_is_explained_and_stays(tmp_path, monkeypatch):
    path = record(tmp_path / "take.npz", 1)

    def refuses(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuses)
    with pytest.raises(RecordingError, match=r"take\.npz cannot be renamed: this folder may not be written to"):
        rename_take(path, "other")
    assert [file.name for file in tmp_path.iterdir()] == ["take.npz"]


def test_a_trimmed_take_is_cut_in_all_its_arrays_alike(tmp_path):
    path = record(tmp_path / "take.npz", names=True)
    os.utime(path, (0, 1_700_000_000))
    data = path.read_bytes()
    trimmed = trim_take(path, 0.5, 1.2)
    assert trimmed == tmp_path / "take_trimmed.npz"
    assert path.read_bytes() == data
    whole, part = arrays_of(path), arrays_of(trimmed)
    assert part.keys() == whole.keys()
    rows = slice(5, 13)
    for key, array in whole.items():
        if key == "mocap_time_length":
            assert part[key] == pytest.approx(0.8)
        elif key in WHOLE_TAKE_KEYS:
            np.testing.assert_array_equal(part[key], array, err_msg=key)
        else:
            assert len(array) == COUNT, key
            np.testing.assert_array_equal(part[key], array[rows], err_msg=key)
        assert part[key].dtype == array.dtype
    recording = load_recording(trimmed)
    assert recording[0].time_s == whole["timestamps"][5]  # the time of its capture
    assert recording.frame_index.tolist() == list(range(5, 13))
    assert recording.files == tuple(f"{i}.png" for i in range(5, 13))
    names = [info.name for info in list_takes(tmp_path)]
    assert names == ["take_trimmed", "take"]  # beside its original, whose date it has
    assert trim_take(path, 0, 0.1).name == "take_trimmed_2.npz"


@pytest.mark.parametrize("count", [4, 5, 10, 52])
def test_arrays_that_only_look_like_rows_are_not_cut(tmp_path, count):
    """As many rows as betas, confidences, blendshapes or camera parameters."""
    trimmed = arrays_of(trim_take(record(tmp_path / "take.npz", count), 0.1, 0.2))
    assert (len(trimmed["betas"]), len(trimmed["confidence_names"]), len(trimmed["arkit_names"])) == (10, 5, 52)
    assert trimmed["camera"].shape == (4,)
    assert len(trimmed["poses"]) == 2
    assert len(load_recording(tmp_path / "take_trimmed.npz")) == 2


def test_a_camera_of_each_row_is_cut_too(tmp_path):
    recorder = Recorder(tmp_path / "take.npz", BODY, fps=10)
    for i in range(4):
        recorder.write(random_pose(i, camera=Camera(100.0 + i, 1.0, 1.0, 1.0)), picture(i))
    recorder.close()
    recording = load_recording(trim_take(recorder.path, 0.03, 0.1))
    assert recording.camera[:, 0].tolist() == [101, 102, 103]


def test_takes_that_another_program_compressed_or_turned_are_trimmed_alike(tmp_path):
    path = record(tmp_path / "take.npz")
    expected = arrays_of(trim_take(path, 0.5, 1.2))
    arrays = arrays_of(path)
    np.savez_compressed(tmp_path / "small.npz", **arrays)  # type: ignore[arg-type]
    np.savez(tmp_path / "turned.npz", **{key: array.copy("F") for key, array in arrays.items()})  # type: ignore[arg-type]
    for name in ("small", "turned"):
        for key, array in arrays_of(trim_take(tmp_path / f"{name}.npz", 0.5, 1.2)).items():
            np.testing.assert_array_equal(array, expected[key], err_msg=f"{name} {key}")


def test_a_clock_that_jumped_is_trimmed_by_the_straightened_time(tmp_path):
    recorder = Recorder(tmp_path / "take.npz", BODY, fps=10)
    for i, time_s in enumerate((0.0, 0.1, 5000.0, 5000.1, 3.0, 3.1)):
        recorder.write(random_pose(i, time_s=time_s), picture(i, time_s=time_s))
    recorder.close()
    assert load_recording(trim_take(recorder.path, 0.2, 0.4)).frame_index.tolist() == [2, 3, 4]


def test_nothing_is_left_where_the_marks_hold_nothing(tmp_path):
    path = record(tmp_path / "take.npz")
    with pytest.raises(RecordingError, match=r"nothing lies between 7\.00 and 9\.00 s; choose more"):
        trim_take(path, 7, 9)
    assert [file.name for file in tmp_path.iterdir()] == ["take.npz"]


def test_trimming_tells_how_far_it_is_and_can_be_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(edit, "_CHUNK_BYTES", 4000)
    path = record(tmp_path / "take.npz")
    shares: list[float] = []
    trim_take(path, 0, 1, shares.append)
    assert len(shares) > 15
    assert shares == sorted(shares)
    assert shares[-1] == 1
    before = sorted(tmp_path.iterdir())

    class Enough(Exception):
        pass

    def tell(share):
        if share > 0.5:
            raise Enough

    with pytest.raises(Enough):
        trim_take(path, 0, 1, tell)
    assert sorted(tmp_path.iterdir()) == before


def test_a_full_disk_leaves_no_half_of_a_trimmed_take(tmp_path, monkeypatch):
    path = record(tmp_path / "take.npz")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(RecordingError, match=r"take_trimmed\.npz cannot be written: the disk is full"):
        trim_take(path, 0, 1)
    assert [file.name for file in tmp_path.iterdir()] == ["take.npz"]


def test_a_deleted_take_is_in_the_trash(tmp_path, trash):
    path = record(tmp_path / "take.npz")
    data = path.read_bytes()
    trash_take(path)
    assert not path.exists()
    assert (trash / "take.npz").read_bytes() == data


def test_a_take_that_no_trash_takes_stays(tmp_path, monkeypatch):
    path = record(tmp_path / "take.npz", 1)

    def refuses(path):
        raise OSError(13, "Permission denied")

    monkeypatch.setattr(edit, "send2trash", refuses)
    with pytest.raises(
        RecordingError, match=r"take\.npz cannot be put into the trash \(Permission denied\); delete it"
    ):
        trash_take(path)
    assert path.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the trash is where the system says")
def test_the_trash_of_a_linux_desktop_takes_it(tmp_path):
    """In a process of its own, with a home of its own: it is the real trash that is tried."""
    home = tmp_path / "home"
    home.mkdir()
    path = record(tmp_path / "take.npz", 1)
    code = "import sys, pathlib, pose2pose_live.takes as t; t.trash_take(pathlib.Path(sys.argv[1]))"
    environment = os.environ | {"HOME": str(home), "XDG_DATA_HOME": str(home / "data")}
    done = subprocess.run([sys.executable, "-c", code, str(path)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not path.exists()
    (kept,) = home.rglob("take.npz")
    assert len(load_recording(kept)) == 1
    (told,) = home.rglob("*.trashinfo")
    assert "take.npz" in told.read_text()
