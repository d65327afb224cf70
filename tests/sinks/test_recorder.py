from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace

import numpy as np
import pytest

from pose2pose_live import __version__
from pose2pose_live.errors import RecordingError
from pose2pose_live.frame import SHAPES, Camera, Ground, PartConfidence
from pose2pose_live.recording import load_recording
from pose2pose_live.sinks import Recorder, finish_abandoned, finish_journal
from pose2pose_live.sinks.journal import RECORD, JournalWriter
from pose2pose_live.skeleton import ARKIT
from pose2pose_live.takes import trim_take
from tests.sinks.takes import CAMERA, StickBody, picture, random_pose

BODY = StickBody()


def record(path, poses, names=None, fps=29.97):
    recorder = Recorder(path, BODY, fps=fps)
    for i, pose in enumerate(poses):
        recorder.write(pose, picture(pose.index, names[i] if names else ""))
    recorder.close()
    return recorder


@pytest.mark.parametrize("height_m", [-1.25, None])
def test_a_take_holds_where_up_and_floor_are_as_they_were_found_last(tmp_path, height_m):
    ground = Ground((0.0, 0.8, 0.6), height_m)
    poses = [random_pose(i) for i in range(5)]
    poses[1:4] = [replace(pose, ground=Ground()) for pose in poses[1:4]]
    poses[3] = replace(poses[3], ground=ground)
    recording = load_recording(record(tmp_path / "take.npz", poses).path)
    assert recording.ground is not None
    np.testing.assert_allclose(recording.ground.up, ground.up, atol=1e-7)
    assert recording.ground.height_m == height_m
    assert recording[0].ground == recording.ground
    trimmed = load_recording(trim_take(tmp_path / "take.npz", 0.0, 0.05))
    assert trimmed.ground == recording.ground
    arrays = dict(np.load(tmp_path / "take.npz"))
    np.savez(tmp_path / "damaged.npz", **arrays | {"up": np.zeros(2)})
    with pytest.raises(RecordingError, match=r"damaged, up has shape \(2,\)"):
        load_recording(tmp_path / "damaged.npz")
    assert load_recording(record(tmp_path / "plain.npz", [random_pose(0)]).path).ground is None


def test_the_layout_is_what_the_readers_of_amass_files_want(tmp_path):
    poses = [random_pose(i) for i in range(7)]
    recorder = record(tmp_path / "take.npz", poses)
    assert recorder.path == tmp_path / "take.npz"
    assert recorder.frames_written == 7
    with np.load(recorder.path) as file:  # without allow_pickle, as the Blender add-ons do it
        arrays = {key: file[key] for key in file.files}
    shapes = {key: (array.dtype.str, array.shape) for key, array in arrays.items()}
    expected = {
        "poses": ("<f4", (7, 165)), "trans": ("<f4", (7, 3)), "betas": ("<f4", (10,)), "gender": ("<U7", ()),
        "mocap_frame_rate": ("<f8", ()), "mocap_framerate": ("<f8", ()), "mocap_time_length": ("<f8", ()),
        "surface_model_type": ("<U5", ()), "root_orient": ("<f4", (7, 3)), "pose_body": ("<f4", (7, 63)),
        "pose_jaw": ("<f4", (7, 3)), "pose_eye": ("<f4", (7, 6)), "pose_hand": ("<f4", (7, 90)),
        "expressions": ("<f4", (7, 10)), "timestamps": ("<f8", (7,)), "frame_index": ("<i8", (7,)), "tracked": ("|b1", (7,)),
        "joints": ("<f4", (7, 55, 3)), "joints_image": ("<f4", (7, 55, 2)), "camera": ("<f8", (4,)),
        "confidence": ("<f4", (7, 5)), "confidence_names": ("<U10", (5,)), "arkit": ("<f4", (7, 52)),
        "arkit_names": ("<U19", (52,)), "body_model": ("<U5", ()), "app_version": (f"<U{len(__version__)}", ()),
        "frame_betas": ("<f4", (7, 10)),
    }  # fmt: skip
    assert shapes == expected
    assert str(arrays["gender"]) == "neutral"
    assert str(arrays["surface_model_type"]) == "smplx"
    assert str(arrays["body_model"]) == "stick"
    assert str(arrays["app_version"]) == __version__
    assert arrays["mocap_frame_rate"] == arrays["mocap_framerate"] == 30  # int(29.97) would be 29
    assert arrays["mocap_time_length"] == pytest.approx(7 / 30)
    assert tuple(arrays["confidence_names"]) == PartConfidence.names()
    assert tuple(arrays["arkit_names"]) == ARKIT
    parts = ("root_orient", "pose_body", "pose_jaw", "pose_eye", "pose_hand")
    np.testing.assert_array_equal(np.concatenate([arrays[part] for part in parts], axis=1), arrays["poses"])
    last = poses[-1]
    row = arrays["poses"][-1]
    for part, columns in (
        ("jaw_pose", slice(66, 69)),
        ("left_hand_pose", slice(75, 120)),
        ("right_hand_pose", slice(120, 165)),
    ):
        np.testing.assert_allclose(row[columns], getattr(last, part).ravel(), atol=1e-6)


def test_poses_come_back(tmp_path):
    poses = [random_pose(i, tracked=i != 3) for i in range(5)]
    recording = load_recording(record(tmp_path / "take.npz", poses).path)
    assert len(recording) == 5
    assert recording.files == ()
    for i, pose in enumerate(poses):
        again = recording[i]
        for name in SHAPES:
            np.testing.assert_allclose(getattr(again, name), getattr(pose, name), atol=1e-6, err_msg=name)
        assert (again.time_s, again.index, again.tracked, again.camera) == (
            pose.time_s,
            pose.index,
            pose.tracked,
            CAMERA,
        )
        np.testing.assert_allclose(again.confidence.to_array(), pose.confidence.to_array(), atol=1e-6)
        np.testing.assert_allclose(recording.joints[i], BODY.joints(pose), atol=1e-6)
        np.testing.assert_allclose(recording.joints_image[i], CAMERA.project(BODY.joints(pose)), atol=1e-3)


def test_one_shape_for_the_take_leaves_every_pelvis_in_its_place(tmp_path):
    shapes = [0.5, 2.0, -1.0, 3.0]
    poses = [random_pose(i, betas=np.full(10, b), tracked=i != 3) for i, b in enumerate(shapes)]
    recording = load_recording(record(tmp_path / "take.npz", poses).path)
    np.testing.assert_array_equal(recording.betas, np.full(10, -1.0))  # of the last tracked row
    np.testing.assert_array_equal(recording.frame_betas[:, 0], shapes)
    for i, pose in enumerate(poses):
        np.testing.assert_allclose(BODY.joints(recording[i])[0], BODY.joints(pose)[0], atol=1e-6)
        np.testing.assert_allclose(recording.joints[i], BODY.joints(pose), atol=1e-6)
    np.testing.assert_array_equal(recording.trans[2], poses[2].transl.astype(np.float32))


def test_a_camera_that_changes_is_kept_row_by_row(tmp_path):
    other = Camera(400.0, 400.0, 100.0, 100.0)
    path = record(tmp_path / "take.npz", [random_pose(0), random_pose(1, camera=other)]).path
    with np.load(path) as file:
        assert file["camera"].shape == (2, 4)
    recording = load_recording(path)
    assert (recording[0].camera, recording[1].camera) == (CAMERA, other)


def test_pictures_of_a_folder_keep_their_names(tmp_path):
    names = ["2.jpg", "straße 10.png", "写真.webp"]
    path = record(tmp_path / "take.npz", [random_pose(i) for i in range(3)], names, fps=30).path
    assert load_recording(path).files == tuple(names)
    with np.load(path) as file:
        assert file["files"].tolist() == names


def test_the_same_poses_give_the_same_bytes(tmp_path):
    one, two = (record(tmp_path / folder / "take.npz", [random_pose(i) for i in range(4)]).path for folder in "ab")
    assert one.read_bytes() == two.read_bytes()


def test_a_take_is_never_overwritten(tmp_path):
    paths = [record(tmp_path / "take.npz", [random_pose(i)]).path for i in range(3)]
    assert [path.name for path in paths] == ["take.npz", "take_2.npz", "take_3.npz"]
    assert [load_recording(path)[0].index for path in paths] == [0, 1, 2]
    busy, other = (Recorder(tmp_path / "live.npz", BODY, fps=30) for _ in range(2))
    assert (busy.path.name, other.path.name) == ("live.npz", "live_2.npz")
    busy.close()
    other.close()


def test_an_empty_take_leaves_nothing_behind(tmp_path):
    recorder = record(tmp_path / "new" / "take.npz", [])
    assert recorder.frames_written == 0
    assert list((tmp_path / "new").iterdir()) == []


def kill_while_recording(path, count):
    """Record `count` poses in another process and kill it without warning."""
    code = f"""
        import os, signal
        from pathlib import Path
        from pose2pose_live.sinks import Recorder
        from tests.sinks.takes import StickBody, picture, random_pose
        recorder = Recorder(Path({str(path)!r}), StickBody(), fps=30)
        for i in range({count}):
            recorder.write(random_pose(i), picture(i))
        print(recorder.frames_written, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    result = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    assert result.returncode == -signal.SIGKILL
    assert result.stdout.strip() == str(count)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
def test_what_a_killed_process_captured_is_on_disk(tmp_path):
    path = tmp_path / "take.npz"
    kill_while_recording(path, 25)
    assert not path.exists()
    assert finish_abandoned(tmp_path) == [path]
    recording = load_recording(path)
    assert recording.frame_index.tolist() == list(range(25))
    np.testing.assert_allclose(recording[24].body_pose, random_pose(24).body_pose, atol=1e-6)
    assert [file.name for file in tmp_path.iterdir()] == ["take.npz"]


def test_a_journal_that_is_being_written_is_left_alone(tmp_path):
    recorder = Recorder(tmp_path / "take.npz", BODY, fps=30)
    assert finish_abandoned(tmp_path) == []
    recorder.write(random_pose(0), picture())
    assert finish_abandoned(tmp_path) == []
    recorder.close()
    assert len(load_recording(recorder.path)) == 1


@pytest.mark.parametrize("cut", [1, RECORD.itemsize - 1])
def test_half_a_record_at_the_end_is_dropped(tmp_path, cut):
    recorder = Recorder(tmp_path / "take.npz", BODY, fps=30)
    for i in range(4):
        recorder.write(random_pose(i), picture(i))
    journal = recorder.path.with_suffix(".journal")
    journal.write_bytes(journal.read_bytes()[:-cut])
    assert finish_journal(journal) == recorder.path
    assert len(load_recording(recorder.path)) == 3


def test_what_is_no_journal_is_refused(tmp_path):
    path = tmp_path / "a.journal"
    path.write_text("Dear diary")
    with pytest.raises(RecordingError, match="not a journal of this program"):
        finish_journal(path)
    assert finish_abandoned(tmp_path) == []
    assert finish_abandoned(tmp_path / "absent") == []
    assert path.exists()


def test_a_full_disk_stops_the_take_but_keeps_it(tmp_path, monkeypatch):
    recorder = Recorder(tmp_path / "take.npz", BODY, fps=30)
    for i in range(3):
        recorder.write(random_pose(i), picture(i))

    def full(self, data):
        self._file.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(JournalWriter, "_write", full)
    with pytest.raises(RecordingError, match=r"stopped after 3 frames.*the disk is full; free some space"):
        recorder.write(random_pose(3), picture(3))
    monkeypatch.undo()  # there is space again, but half a record is on disk
    with pytest.raises(RecordingError, match="the disk is full"):
        recorder.write(random_pose(4), picture(4))
    recorder.close()
    assert recorder.frames_written == 3
    assert load_recording(recorder.path).frame_index.tolist() == [0, 1, 2]


def test_a_recording_that_cannot_be_assembled_stays_a_journal(tmp_path, monkeypatch):
    recorder = Recorder(tmp_path / "take.npz", BODY, fps=30)
    recorder.write(random_pose(0), picture())

    def full(file, **arrays):
        file.write(b"PK")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(RecordingError, match=r"What was captured is safe in .*take\.journal"):
        recorder.close()
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["take.journal"]
    assert finish_journal(tmp_path / "take.journal") == recorder.path


def test_a_folder_that_cannot_be_made_is_explained(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RecordingError, match=r"take\.npz cannot be recorded: .*choose another folder"):
        Recorder(tmp_path / "file" / "take.npz", BODY, fps=30)


def test_loading_explains_what_is_wrong_with_a_file(tmp_path):
    good = record(tmp_path / "take.npz", [random_pose(i) for i in range(3)]).path

    def message_of(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(RecordingError) as caught:
            load_recording(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    data = good.read_bytes()
    assert "cut short" in message_of("cut.npz", data[: len(data) // 2])
    assert "no npz file" in message_of("text.npz", b"hello")
    assert "no npz file" in message_of("empty.npz", b"")
    flipped = bytearray(data)
    flipped[300] ^= 0xFF
    assert "damaged" in message_of("flipped.npz", bytes(flipped))
    with pytest.raises(RecordingError, match=r"none\.npz: the recording cannot be read \(No such file"):
        load_recording(tmp_path / "none.npz")

    with np.load(good) as file:
        arrays = {key: file[key] for key in file.files}
    np.savez(tmp_path / "foreign.npz", poses=arrays["poses"], betas=arrays["betas"])
    with pytest.raises(RecordingError, match="not a recording of this program, it lacks trans"):
        load_recording(tmp_path / "foreign.npz")
    np.savez(tmp_path / "uneven.npz", **(arrays | {"trans": arrays["trans"][:2]}))
    with pytest.raises(RecordingError, match=r"trans has shape \(2, 3\), expected \(3, 3\)"):
        load_recording(tmp_path / "uneven.npz")
    np.savez(tmp_path / "pickle.npz", **(arrays | {"betas": np.array({"a": 1}, dtype=object)}))
    with pytest.raises(RecordingError, match="holds pickled objects, which are not loaded"):
        load_recording(tmp_path / "pickle.npz")
