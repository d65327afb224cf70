"""The offline job with the real chain: what lies in the folder afterwards."""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from pose2pose_live import take
from pose2pose_live.errors import RecordingError, SourceError
from pose2pose_live.frame import Camera, CameraFrame, NotFinite, PartConfidence
from pose2pose_live.mocap import MocapSettings
from pose2pose_live.recording import load_recording
from pose2pose_live.resources import asset_path
from pose2pose_live.sinks import OverlayWriter, Recorder
from pose2pose_live.skeleton import SMPLX
from pose2pose_live.sources import VideoSource, open_source
from pose2pose_live.sources.opencv import cv2
from pose2pose_live.streaming import Target
from pose2pose_live.take import finish_interrupted, record_take, take_name
from tests.fakes import FakeSource, waving_pose
from tests.jobs import ListedSource, pictures
from tests.streaming.decoding import messages

DEMO = asset_path("demo.mp4")
COUNT = 20
SECONDS = (COUNT - 0.5) / 30


def demo_pictures(count: int) -> list[CameraFrame]:
    with VideoSource(DEMO) as source:
        return list(islice(source, count))


def record(spec: Path, output_dir: Path, **options) -> Path:
    with open_source(spec) as source:
        name = take_name(str(spec), source)
        record_take(source, name, output_dir, MocapSettings(), **options)
    return output_dir / f"{name}.npz"


@pytest.mark.parametrize(
    ("source_name", "expected"),
    [
        ("HD Pro Webcam C920", "HD Pro Webcam C920"),
        ("USB: Video/Camera <2>", "USB_ Video_Camera _2_"),
        ("Webcam v1.2", "Webcam v1.2"),
        ("Kamera ü 相机", "Kamera ü 相机"),
        ("con", "con_"),
        ("COM1.2", "COM1.2_"),
        ("..", "take"),
        (" .hidden. ", "hidden"),
        ("line\nbreak\t", "line_break_"),
        ("half \udcff character", "half _ character"),
        ("相" * 200, "相" * 50),
    ],
)
def test_take_names_are_file_names_on_every_system(source_name, expected):
    assert take_name(None, ListedSource(pictures(1), name=source_name)) == expected
    assert take_name("camera", ListedSource(pictures(1), name=source_name)) == expected


def test_a_file_gives_its_name_without_the_ending_and_a_folder_its_whole_name(tmp_path, monkeypatch):
    folder = tmp_path / "take.v2"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.b.png"), np.zeros((8, 8, 3), np.uint8))
    monkeypatch.chdir(folder)
    for spec, expected in (
        (str(DEMO), "demo"),
        (str(folder), "take.v2"),
        (f"{folder}/", "take.v2"),
        (".", "take.v2"),
        ("../take.v2/.", "take.v2"),
        (str(folder / "a.b.png"), "a.b"),
    ):
        with open_source(spec) as source:
            assert take_name(spec, source) == expected


@pytest.fixture(scope="module")
def demo_take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first pictures of the clip, recorded with a chain of its own."""
    return record(DEMO, tmp_path_factory.mktemp("takes") / "new" / "folder", seconds=SECONDS)


def test_the_recording_holds_what_is_promised(demo_take, body):
    arrays = dict(np.load(demo_take))  # no pickled objects, or this would fail
    shapes = {
        "poses": (COUNT, 165), "trans": (COUNT, 3), "betas": (10,), "expressions": (COUNT, 10), "arkit": (COUNT, 52),
        "root_orient": (COUNT, 3), "pose_body": (COUNT, 63), "pose_jaw": (COUNT, 3), "pose_eye": (COUNT, 6),
        "pose_hand": (COUNT, 90), "joints": (COUNT, 55, 3), "joints_image": (COUNT, 55, 2), "tracked": (COUNT,),
        "frame_index": (COUNT,), "timestamps": (COUNT,), "camera": (4,), "confidence": (COUNT, 5), "gender": (),
        "mocap_frame_rate": (), "mocap_framerate": (), "mocap_time_length": (), "surface_model_type": (),
    }  # fmt: skip
    assert {key: arrays[key].shape for key in shapes} == shapes
    assert all(np.isfinite(array).all() for array in arrays.values() if array.dtype.kind == "f")
    assert arrays["tracked"].dtype == bool
    assert arrays["tracked"].all()
    assert arrays["frame_index"].tolist() == list(range(COUNT))
    np.testing.assert_allclose(arrays["timestamps"], np.arange(COUNT) / 30, atol=1e-3)
    assert float(arrays["mocap_frame_rate"]) == 30
    assert str(arrays["body_model"]) == body.tag
    assert "files" not in arrays
    np.testing.assert_allclose(arrays["camera"], Camera.from_field_of_view(640, 480, 60.0).to_array())


def test_joints_are_metres_in_front_of_the_camera_and_fall_on_their_pixels(demo_take):
    recording = load_recording(demo_take)
    assert (recording.joints[..., 2] < -0.5).all()  # Z towards the camera, which is the origin
    up_m = recording.joints[:, SMPLX["head"], 1] - recording.joints[:, SMPLX["left_foot"], 1]
    assert ((up_m > 1.2) & (up_m < 1.9)).all()
    fx, fy, cx, cy = recording.camera[0]
    x, y, z = np.moveaxis(recording.joints.astype(float), -1, 0)
    projected_px = np.stack([cx - fx * x / z, cy + fy * y / z], axis=-1)
    np.testing.assert_allclose(projected_px, recording.joints_image, atol=0.1)
    inside = (recording.joints_image > 0) & (recording.joints_image < (640, 480))
    assert inside[:, SMPLX["pelvis"]].all()


def test_the_rows_pose_the_body_to_the_recorded_joints(demo_take, body):
    recording = load_recording(demo_take)
    for i in (0, COUNT // 2, COUNT - 1):
        frame = recording[i]
        np.testing.assert_allclose(body.joints(frame)[0], recording.joints[i, 0], atol=1e-4)
        shaped = replace(frame, betas=recording.frame_betas[i])
        joints = body.joints(shaped)
        np.testing.assert_allclose(joints - joints[0], recording.joints[i] - recording.joints[i, 0], atol=1e-4)


def test_the_same_input_gives_the_same_file(demo_take, shared_mocap, tmp_path):
    again = record(DEMO, tmp_path, seconds=SECONDS)
    assert again.read_bytes() == demo_take.read_bytes()


def test_a_picture_of_a_folder_does_not_depend_on_the_others(shared_mocap, tmp_path):
    images = [frame.image for frame in demo_pictures(COUNT)]
    for name, chosen in (("two", (0, COUNT - 1)), ("one", (COUNT - 1,))):
        (tmp_path / name).mkdir()
        for i in chosen:
            cv2.imwrite(str(tmp_path / name / f"{i}.png"), images[i])
    two, one = (load_recording(record(tmp_path / name, tmp_path)) for name in ("two", "one"))
    assert two.files == ("0.png", f"{COUNT - 1}.png")
    assert one.files == (f"{COUNT - 1}.png",)
    assert two.tracked.all()
    for key in ("poses", "frame_betas", "expressions", "arkit", "confidence", "joints", "joints_image"):
        np.testing.assert_array_equal(getattr(two, key)[1], getattr(one, key)[0], err_msg=key)


def test_a_broken_picture_is_left_out_and_counted(shared_mocap, tmp_path, capsys):
    folder = tmp_path / "pictures"
    folder.mkdir()
    image = demo_pictures(1)[0].image
    for name in ("1.jpg", "2.jpg", "10.jpg"):
        cv2.imwrite(str(folder / name), image)
    (folder / "2.jpg").write_bytes(b"not a picture")
    with open_source(folder) as source:
        report = record_take(source, "pictures", tmp_path, MocapSettings())
    assert not report.is_cut_short
    recording = load_recording(tmp_path / "pictures.npz")
    assert recording.files == ("1.jpg", "10.jpg")
    assert recording.frame_index.tolist() == [0, 2]
    told = capsys.readouterr()
    assert "2 pictures, a person tracked in 2" in told.out
    assert told.err == "pose2pose-live: pictures: 1 of 3 pictures could not be read and were left out (2.jpg)\n"


def test_a_camera_that_stops_leaves_what_it_gave(shared_mocap, tmp_path, capsys):
    source = ListedSource(demo_pictures(4), name="Cam: 1", live=True, fails_at=3)
    with pytest.raises(SourceError, match="unplugged"):
        record_take(source, take_name("0", source), tmp_path, MocapSettings(), seconds=5)
    path = tmp_path / "Cam_ 1.npz"
    assert len(load_recording(path)) == 3
    assert capsys.readouterr().out == f"recording: {path}\n"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_pictures_may_change_their_size_on_the_way(shared_mocap, tmp_path):
    frames = demo_pictures(6)
    for i in (3, 4, 5):  # later by more than the tracker looks for a person in the old place
        frames[i] = replace(frames[i], image=cv2.resize(frames[i].image, (320, 240)), time_s=frames[i].time_s + 1.5)
    with ListedSource(frames) as source:
        report = record_take(source, "change", tmp_path, MocapSettings(), overlay=True)
    recording = load_recording(tmp_path / "change.npz")
    np.testing.assert_allclose(recording.camera[3:], recording.camera[:3] / 2)
    assert recording.tracked[[0, 1, 2, 4, 5]].all()
    pelvis_px = recording.joints_image[:, 0]
    np.testing.assert_allclose(pelvis_px[5], pelvis_px[2] / 2, atol=8)
    if report.lacks_overlay:
        pytest.skip("no OpenGL on this machine")
    with VideoSource(tmp_path / "change_overlay.mp4") as video:
        assert (video.size_px, len(list(video))) == ((640, 480), 6 + 45)


def test_the_overlay_shows_the_mesh_on_the_person(shared_mocap, tmp_path, capsys):
    with open_source(DEMO) as source:
        report = record_take(source, "demo", tmp_path, MocapSettings(), seconds=0.2, overlay=True)
    if report.lacks_overlay:
        pytest.skip("no OpenGL on this machine")
    path = tmp_path / "demo_overlay.mp4"
    assert f"overlay:   {path}\n" in capsys.readouterr().out
    with VideoSource(path) as video:
        drawn = [frame.image.astype(int) for frame in video]
    assert len(drawn) == len(load_recording(tmp_path / "demo.npz")) == 6
    recording = load_recording(tmp_path / "demo.npz")
    change = np.abs(drawn[5] - demo_pictures(6)[5].image).max(axis=-1)
    u, v = recording.joints_image[5, SMPLX["spine3"]].round().astype(int)
    assert change[v - 3 : v + 4, u - 3 : u + 4].mean() > 25
    assert change[:60, :60].mean() < 10


def test_where_no_overlay_can_be_drawn_the_recording_is_made(shared_mocap, no_opengl, tmp_path, capsys):
    with open_source(DEMO) as source:
        report = record_take(source, "demo", tmp_path, MocapSettings(), seconds=0.1, overlay=True)
    assert report.lacks_overlay
    assert [file.name for file in tmp_path.iterdir()] == ["demo.npz"]
    assert capsys.readouterr().err == "pose2pose-live: no overlay is written: no EGL device gives an OpenGL context\n"


def test_an_overlay_that_fails_on_the_way_does_not_harm_the_recording(shared_mocap, tmp_path, monkeypatch):
    class Failing(OverlayWriter):
        def write(self, pose, picture):
            if picture.index == 2:
                raise RecordingError("the overlay cannot be written, the disk is full")
            super().write(pose, picture)

    monkeypatch.setattr(take, "OverlayWriter", Failing)
    with open_source(DEMO) as source, pytest.raises(RecordingError, match="the overlay cannot be written"):
        record_take(source, "demo", tmp_path, MocapSettings(), seconds=SECONDS, overlay=True)
    assert len(load_recording(tmp_path / "demo.npz")) == COUNT


def test_a_recording_that_fails_is_told_with_what_becomes_of_it(shared_mocap, tmp_path, monkeypatch, capsys):
    class Full(Recorder):
        def write(self, pose, picture):
            super().write(pose, picture)
            if self.frames_written == 3:
                raise RecordingError("recording stopped after 3 frames, the disk is full")

        def close(self):
            self._journal.close()
            raise RecordingError("cannot be assembled either")

    monkeypatch.setattr(take, "Recorder", Full)
    with open_source(DEMO) as source, pytest.raises(RecordingError, match="stopped after 3 frames"):
        record_take(source, "demo", tmp_path, MocapSettings())
    assert "the next start in" in capsys.readouterr().out
    process_is_gone = tmp_path / "demo.journal"
    data = process_is_gone.read_bytes()
    process_is_gone.write_bytes(data.replace(b'"started_s": 1', b'"started_s": 2'))
    assert finish_interrupted(tmp_path) == [tmp_path / "demo.npz"]
    assert len(load_recording(tmp_path / "demo.npz")) == 3
    assert capsys.readouterr().out == f"finished a recording that was cut short: {tmp_path / 'demo.npz'}\n"


def test_a_take_that_cannot_be_finished_hinders_no_new_one(tmp_path, monkeypatch, capsys):
    assert finish_interrupted(tmp_path / "absent") == []
    (tmp_path / "other.journal").write_text("Dear diary")
    assert finish_interrupted(tmp_path) == []
    assert capsys.readouterr() == ("", "")

    def full(folder):
        raise RecordingError("take.npz cannot be written: the disk is full")

    monkeypatch.setattr(take, "finish_abandoned", full)
    assert finish_interrupted(tmp_path) == []
    assert "a take of an earlier run is not finished: take.npz" in capsys.readouterr().err


def test_a_live_source_is_recorded_for_the_given_time(shared_mocap, tmp_path):
    source = FakeSource(fps=30)
    report = record_take(source, "fake", tmp_path, MocapSettings(), seconds=0.5)
    recording = load_recording(tmp_path / "fake.npz")
    assert report.stopped_by is None
    assert np.ptp(recording.timestamps) < 0.5
    assert not recording.tracked.any()  # a moving bar is no person
    assert not recording.confidence.any()


def test_the_pictures_alone_are_a_video_too(shared_mocap, tmp_path, capsys):
    shown = [replace(picture, image=picture.image[::2, ::2].copy()) for picture in demo_pictures(6)]
    record_take(ListedSource(shown), "take", tmp_path, MocapSettings(), clean=True)
    assert f"pictures:  {tmp_path / 'take_clean.mp4'}" in capsys.readouterr().out
    with VideoSource(tmp_path / "take_clean.mp4") as video:
        again = [frame.image for frame in video]
    assert len(again) == 6
    for picture, image in zip(shown, again, strict=True):
        assert np.abs(picture.image.astype(int) - image).mean() < 6  # what the codec loses


def test_poses_are_sent_while_they_are_recorded_and_the_figures_are_told(shared_mocap, tmp_path, capsys):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        targets = [
            Target.parse(f"osc://127.0.0.1:{receiver.getsockname()[1]}?values=trans"),
            Target.parse("vmc://no-such-host.invalid"),
        ]
        source = FakeSource(length=20)
        record_take(source, "take", tmp_path, MocapSettings(), targets=targets)
        sent = {message.address for message in messages([receiver.recv(2000)])}
    assert sent == {"/smplx/frame", "/smplx/tracked", "/smplx/trans"}
    told = capsys.readouterr()
    assert re.search(
        r"sent:      \d+ poses in \d+ packets to osc://127.0.0.1:\d+\?values=trans, \d+ ms after capture", told.out
    )
    assert "vmc://no-such-host.invalid:39539: there is no host no-such-host.invalid; check the name" in told.err
    assert len(load_recording(tmp_path / "take.npz")) == 20


def test_a_pose_that_is_not_a_number_counts_as_not_seen_and_reaches_no_file(mocap, tmp_path, monkeypatch):
    solve, seen = mocap._estimator.solve, []

    def sometimes_nan(observation, known):
        pose = solve(observation, known)
        seen.append(pose.index)
        if len(seen) in (5, 6, 7):
            replace(pose, transl=np.full(3, np.nan))
        return pose

    monkeypatch.setattr(mocap._estimator, "solve", sometimes_nan)
    recorder = Recorder(tmp_path / "take.npz", mocap.body, fps=30)
    for picture in demo_pictures(12):
        recorder.write(mocap(picture), picture)
    recorder.close()
    recording = load_recording(recorder.path)
    assert recording.tracked.tolist() == [True] * 4 + [False] * 3 + [True] * 5
    assert np.isfinite(recording.poses).all()
    assert np.isfinite(recording.joints).all()


@pytest.mark.parametrize(
    "broken",
    [
        {"time_s": float("nan")},
        {"body_pose": np.full((21, 3), np.inf)},
        {"camera": Camera(float("nan"), 1.0, 1.0, 1.0)},
        {"confidence": PartConfidence(body=float("nan"))},
    ],
)
def test_no_pose_can_be_made_of_what_is_not_a_number(broken):
    with pytest.raises(NotFinite, match="expected finite numbers"):
        replace(waving_pose(0.0), **broken)
