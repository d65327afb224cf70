from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtWidgets import QApplication

import pose2pose_live.app.run
from pose2pose_live import __version__, bench, cli, doctor, sources, take
from pose2pose_live.app import backend
from pose2pose_live.app.settings import SourceSettings
from pose2pose_live.arguments import parse
from pose2pose_live.cli import main
from pose2pose_live.doctor import Finding
from pose2pose_live.errors import SourceError
from pose2pose_live.recording import load_recording
from pose2pose_live.resources import asset_path
from pose2pose_live.sources import CameraDevice, PictureFormat, VideoPlayer, devices, selection
from pose2pose_live.sources.opencv import cv2
from tests.jobs import ListedSource, pictures
from tests.sources.clips import write_noise_video
from tests.test_bench import FIGURES

DEMO = str(asset_path("demo.mp4"))
CAMERAS = [CameraDevice(0, "Café Cam", cv2.CAP_V4L2, "/dev/video0"), CameraDevice(2, "Capture 相", cv2.CAP_V4L2)]


@pytest.fixture
def found_cameras(monkeypatch) -> list[CameraDevice]:
    """The cameras of this machine: none, until a test adds some."""
    found: list[CameraDevice] = []
    for module in (sources, devices, selection):
        monkeypatch.setattr(module, "list_cameras", lambda: found)
    return found


@pytest.fixture
def no_display(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def files(tmp_path, monkeypatch) -> Path:
    """A folder with all kinds of bad input, which is also the present one."""
    folder = tmp_path / "input"
    folder.mkdir()
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("hello")
    (folder / "text.npz").write_text("hello")
    (folder / "cut.mp4").write_bytes(Path(DEMO).read_bytes()[:50_000])
    (folder / "nothing").mkdir()
    (folder / "broken").mkdir()
    (folder / "broken" / "a.jpg").write_text("hello")
    np.savez(folder / "other.npz", a=np.zeros(3))
    monkeypatch.chdir(folder)
    return folder


def one_line(captured: str) -> str:
    """The error, which is one line and no traceback."""
    assert captured.startswith("pose2pose-live")
    assert captured.endswith("\n")
    assert captured.count("\n") == 1, captured
    return captured


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["process", "empty.mp4"], "empty.mp4: the file is empty"),
        (["process", "text.mp4"], "text.mp4: not a video file"),
        (["process", "cut.mp4"], "damaged or cut short"),
        (["process", "missing.mp4"], "missing.mp4: no such file or folder"),
        (["process", "nothing"], "nothing: the folder holds no pictures"),
        (["process", "broken"], "broken: none of the 1 pictures can be read"),
        (["process", "a" * 300], "check the path"),
        (["process", "7"], "there is no camera 7"),
        (["process", "no such camera"], "no file or folder of this name"),
        (["process", "camera"], "no camera was found"),
        (["process", "https://example.org/a.mp4"], "network addresses are not opened"),
        (["process", DEMO, "--fov", "500"], "field of view: expected 20 to 150 degrees, found 500"),
        (["process", DEMO, "--fov", "nan"], "field of view: expected 20 to 150 degrees, found nan"),
        (["process", DEMO, "--smoothing", "-1"], "smoothing: expected 0 to 5, found -1"),
        (["process", DEMO, "--height", "18"], "height: expected 80 to 240 cm, found 18"),
        (["process", DEMO, "--engine", "nonsense"], "nonsense is no engine folder"),
        (["process", DEMO, "--engine", "text.npz"], "text.npz"),
        (["process", DEMO, "--body", "text.npz"], "body file text.npz"),
        (["process", DEMO, "--body", "other.npz"], "v_template"),
        (["process", DEMO, "--body", "missing.npz"], "missing.npz: no such file"),
        (["--headless", "--source", "missing.mp4"], "missing.mp4: no such file or folder"),
        (["--headless", "--fov", "0"], "field of view"),
        (["--headless", "--source", DEMO, "--seconds", "1", "--stats", "s.json"], "need a window"),
        (["bench", "--source", "missing.mp4"], "missing.mp4: no such file"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_1(arguments, said, files, found_cameras, capsys):
    assert main(arguments) == 1
    assert said in one_line(capsys.readouterr().err)
    assert not (files / "captures").exists() or not list((files / "captures").iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--nope"], "unrecognized arguments: --nope"),
        (["process"], "required: SOURCE"),
        (["process", "a.mp4", "--nope"], "unrecognized arguments: --nope"),
        (["process", "a.mp4", "--seconds", "0"], "number of seconds above 0, found 0"),
        (["process", "a.mp4", "--seconds", "-3"], "number of seconds above 0, found -3"),
        (["process", "a.mp4", "--seconds", "inf"], "number of seconds above 0, found inf"),
        (["process", "a.mp4", "--seconds", "long"], "expected a number, found long"),
        (["process", "a.mp4", "--fov", "wide"], "invalid float value: 'wide'"),
        (["--size", "10"], "expected WIDTHxHEIGHT such as 1280x720, found 10"),
        (["--size", "0x480"], "expected WIDTHxHEIGHT such as 1280x720, found 0x480"),
        (["--screenshot", "a.png"], "need --seconds N"),
        (["--fov", "90", "process", "a.mp4"], "--fov: options of a command follow its name"),
        (["bench", "--rounds", "0"], "a whole number from 1 on, found 0"),
        (["bench", "--rounds", "2.5"], "a whole number from 1 on, found 2.5"),
        (["nonsense"], "invalid choice: 'nonsense'"),
    ],
)
def test_wrong_options_are_one_line_and_exit_code_2(arguments, said, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert said in one_line(capsys.readouterr().err)


def test_version(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"pose2pose-live {__version__}\n"


def test_no_console_is_no_error(monkeypatch, found_cameras):
    """As on Windows, where a program of the window system has no streams."""
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["devices"]) == 0
    assert main(["process", "missing.mp4"]) == 1


def test_help_names_every_command(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    commands = told.partition("commands:\n")[2].partition("\n\n")[0]
    assert [line.split()[0] for line in commands.splitlines()] == [name for name in cli._COMMANDS if name]


def test_help_fits_on_a_screen_and_its_examples_are_understood(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    assert len(told.splitlines()) <= 54
    assert max(map(len, told.splitlines())) <= 80
    parts = [
        told.find(f"\n{part}:")
        for part in ("commands", "window", "estimation", "this program", "examples", "exit codes")
    ]
    assert -1 not in parts
    assert parts == sorted(parts)
    examples = told.partition("examples:\n")[2].partition("\n\n")[0].splitlines()
    assert len(examples) >= 4
    for example in examples:
        program, *arguments = shlex.split(example.strip().split("   ")[0])
        assert program == "pose2pose-live"
        parse(arguments)  # ends the program when it makes no sense


@pytest.mark.parametrize("command", [name for name in cli._COMMANDS if name])
def test_every_command_has_help_of_its_own(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert told.startswith(f"usage: pose2pose-live {command} ")


def test_a_video_becomes_a_recording(shared_mocap, tmp_path, capsys):
    assert main(["process", DEMO, "-o", str(tmp_path), "--seconds", "0.1"]) == 0
    assert len(load_recording(tmp_path / "demo.npz")) == 3
    told = capsys.readouterr()
    assert told.out == f"recording: {tmp_path / 'demo.npz'}\n3 pictures, a person tracked in 3\n"
    assert told.err == ""


def test_a_video_that_was_cut_short_is_used_and_told_of(shared_mocap, tmp_path, capsys):
    clip = write_noise_video(tmp_path / "clip.avi", frames=30)
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    assert main(["process", str(clip), "-o", str(tmp_path)]) == 1
    assert "it was probably cut short" in one_line(capsys.readouterr().err)
    assert 5 < len(load_recording(tmp_path / "clip.npz")) < 20


def test_a_folder_with_a_broken_picture_is_no_failure(shared_mocap, tmp_path, capsys):
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.png"), np.zeros((48, 64, 3), np.uint8))
    (folder / "b.png").touch()
    assert main(["process", str(folder), "-o", str(tmp_path)]) == 0
    assert "1 of 2 pictures could not be read" in one_line(capsys.readouterr().err)
    assert load_recording(tmp_path / "pictures.npz").files == ("a.png",)


def test_a_camera_needs_an_end(monkeypatch, tmp_path, capsys):
    camera = ListedSource(pictures(3), name="Cam", live=True)
    monkeypatch.setattr(sources, "open_source", lambda spec: camera)
    assert main(["process", "camera", "-o", str(tmp_path)]) == 1
    assert "say how long with --seconds N" in one_line(capsys.readouterr().err)
    assert camera.closed


def test_a_camera_that_stops_leaves_what_it_gave(shared_mocap, monkeypatch, tmp_path, capsys):
    camera = ListedSource(pictures(5), name="Cam: 0", live=True, fails_at=4)
    monkeypatch.setattr(sources, "open_source", lambda spec: camera)
    assert main(["process", "camera", "-o", str(tmp_path), "--seconds", "9"]) == 1
    told = capsys.readouterr()
    assert told.out == f"recording: {tmp_path / 'Cam_ 0.npz'}\n"
    assert "unplugged" in one_line(told.err)
    assert len(load_recording(tmp_path / "Cam_ 0.npz")) == 4
    assert camera.closed


def test_an_overlay_that_was_asked_for_and_cannot_be_drawn_is_a_failure(shared_mocap, no_opengl, tmp_path, capsys):
    assert main(["process", DEMO, "-o", str(tmp_path), "--seconds", "0.1", "--overlay"]) == 1
    assert "no overlay is written" in one_line(capsys.readouterr().err)
    assert len(load_recording(tmp_path / "demo.npz")) == 3


def test_without_camera_and_display_the_clip_is_processed(
    shared_mocap, no_opengl, no_display, found_cameras, tmp_path, capsys
):
    """Also where there is no OpenGL: nobody asked for the overlay."""
    assert main(["-o", str(tmp_path), "--seconds", "0.1"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("No camera was found: playing the bundled clip.")
    assert "No display was found: doing the same job without a window.\n" in told.out
    assert f"recording: {tmp_path / 'demo.npz'}\n" in told.out


def test_what_a_killed_run_left_is_finished_first(shared_mocap, monkeypatch, tmp_path, capsys):
    code = (
        "import os\nfrom pathlib import Path\nfrom pose2pose_live.sinks import Recorder\n"
        "from tests.sinks.takes import StickBody, picture, random_pose\n"
        f"recorder = Recorder(Path({str(tmp_path)!r}) / 'old.npz', StickBody(), fps=30)\n"
        "recorder.write(random_pose(0), picture())\nos._exit(1)"
    )
    for arguments in (["process", DEMO], ["--headless", "--source", DEMO]):
        subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[1])
        assert main([*arguments, "-o", str(tmp_path), "--seconds", "0.05"]) == 0
        assert capsys.readouterr().out.startswith(f"finished a recording that was cut short: {tmp_path / 'old.npz'}\n")
        assert len(load_recording(tmp_path / "old.npz")) == 1
        (tmp_path / "old.npz").unlink()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_job_between_two_pictures(number, shared_mocap, monkeypatch, tmp_path, capsys):
    class Interrupted(ListedSource):
        def read(self):
            picture = super().read()
            if picture is not None and picture.index == 3:
                signal.raise_signal(number)
            return picture

    monkeypatch.setattr(sources, "open_source", lambda spec: Interrupted(pictures(9)))
    assert main(["process", "listed", "-o", str(tmp_path)]) == 128 + number
    assert len(load_recording(tmp_path / "listed.mp4.npz")) == 3
    told = capsys.readouterr()
    assert (told.out.splitlines()[0], told.err) == (f"recording: {tmp_path / 'listed.mp4.npz'}", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_signal_from_outside_leaves_complete_files(tmp_path):
    command = [sys.executable, "-m", "pose2pose_live", "process", DEMO, "-o", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    journal = tmp_path / "demo.journal"
    deadline_s = time.monotonic() + 60
    while not (journal.exists() and journal.stat().st_size > 10_000):
        assert time.monotonic() < deadline_s
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.terminate()
    out, err = process.communicate(timeout=30)
    assert process.returncode == 143
    assert err == ""
    recording = load_recording(tmp_path / "demo.npz")
    assert out.startswith(f"recording: {tmp_path / 'demo.npz'}\n{len(recording)} pictures")
    assert 3 < len(recording) < 238
    assert [file.name for file in tmp_path.iterdir()] == ["demo.npz"]


def test_an_unexpected_error_is_one_line_and_a_report(monkeypatch, tmp_path, capsys):
    def fails(*arguments, **options):
        raise ZeroDivisionError("a bug\nof two lines")

    monkeypatch.setattr(take, "record_take", fails)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert main(["process", DEMO, "-o", str(tmp_path / "out")]) == 1
    (report,) = tmp_path.glob("pose2pose-live-error-*.txt")
    line = one_line(capsys.readouterr().err)
    assert "an unexpected error (ZeroDivisionError: a bug of two lines); please report it" in line
    assert str(report) in line
    text = report.read_text()
    assert text.startswith(f"pose2pose-live {__version__}, Python 3.")
    assert "Traceback" in text
    assert "in fails" in text


@pytest.mark.parametrize(
    ("error", "exit_code", "said"),
    [
        (KeyboardInterrupt(), 130, "stopped"),
        (ImportError("libGL.so.1: cannot open shared object file"), 1, "`pose2pose-live doctor`"),
        (PermissionError(13, "Permission denied", "/a/b"), 1, "/a/b: Permission denied"),
    ],
)
def test_what_the_surroundings_do_is_no_bug(error, exit_code, said, monkeypatch, tmp_path, capsys):
    def fails(*arguments, **options):
        raise error

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sources, "open_source", fails)
    assert main(["process", DEMO, "-o", str(tmp_path)]) == exit_code
    assert said in one_line(capsys.readouterr().err)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows reports a closed pipe in another way")
def test_a_reader_that_goes_away_is_no_error():
    command = [sys.executable, "-m", "pose2pose_live", "devices"]
    read, write = os.pipe()
    os.close(read)
    process = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (process.returncode, process.stderr) == (1, "")


def test_a_terminal_that_lacks_a_character_gets_an_escape(tmp_path):
    source = tmp_path / "相.mp4"
    source.touch()
    command = [sys.executable, "-m", "pose2pose_live", "process", str(source)]
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert "\\u76f8.mp4: the file is empty" in one_line(process.stderr)


def test_the_command_line_itself_is_light():
    code = (
        "import sys, pose2pose_live.cli; print([m for m in ('numpy', 'cv2', 'mediapipe', 'PyQt6') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


class Window:
    """Stands in for the window; notes what it was opened with."""

    def __init__(self) -> None:
        self.options: dict[str, Any] = {}
        self.exit_code = 0
        self.signal: int | None = None

    def __call__(self, backend, **options) -> int:
        self.options = options
        if self.signal is not None:
            signal.raise_signal(self.signal)
        return self.exit_code

    def open_source(self) -> Any:
        """What the window would capture."""
        return backend.real_backend().open_source(SourceSettings(**self.options["overrides"]["source"]))


@pytest.fixture
def window(monkeypatch) -> Window:
    made = Window()
    monkeypatch.setattr(pose2pose_live.app.run, "run_window", made)
    monkeypatch.setenv("DISPLAY", ":0")
    return made


def test_the_window_finds_a_camera_or_the_clip_by_itself(window, found_cameras, tmp_path, capsys):
    assert main(["-o", str(tmp_path), "--seconds", "3", "--screenshot", "a.png"]) == 0
    assert "source" not in window.options["overrides"]["source"]
    assert (window.options["banner"], capsys.readouterr().out) == ("", "")
    assert (window.options["duration_s"], window.options["screenshot"]) == (3.0, Path("a.png"))


def test_the_window_plays_a_video(window, tmp_path):
    assert main(["-o", str(tmp_path), "--source", str(asset_path("demo.mp4"))]) == 0
    with window.open_source() as source:
        assert isinstance(source, VideoPlayer)
        assert (source.name, source.live, source.frame_count) == ("demo.mp4", True, None)


def test_a_source_that_is_not_there_is_told_without_a_window(window, found_cameras, tmp_path, capsys):
    for source, said in (("none.mp4", "no such file"), ("kinect", "there is no camera kinect")):
        assert main(["-o", str(tmp_path), "--source", source]) == 1
        assert said in one_line(capsys.readouterr().err)
    assert not window.options


def test_the_window_opens_the_camera_that_is_there(window, found_cameras, monkeypatch, tmp_path, capsys):
    found_cameras += CAMERAS
    monkeypatch.setattr(backend, "open_live", lambda spec, wish, loop: ("the camera", spec, str(wish)))
    assert main(["-o", str(tmp_path), "--size", "1280x720"]) == 0
    assert window.open_source() == ("the camera", None, "???? 1280x720 at unknown fps")
    assert (window.options["banner"], capsys.readouterr().out) == ("", "")


def test_the_window_refuses_pictures(window, tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((8, 8, 3), np.uint8))
    assert main(["-o", str(tmp_path), "--source", str(tmp_path)]) == 0
    with pytest.raises(SourceError, match=r"use `pose2pose-live process .*` for pictures"):
        window.open_source()


def test_the_window_hands_on_its_exit_code(window, tmp_path):
    window.exit_code = 1
    assert main(["-o", str(tmp_path), "--source", DEMO]) == 1


def test_ctrl_c_before_there_is_a_window_ends_the_program(window, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(QApplication, "topLevelWidgets", list)
    window.signal = signal.SIGINT
    assert main(["-o", str(tmp_path), "--source", DEMO]) == 130
    assert "stopped" in one_line(capsys.readouterr().err)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_ctrl_c_closes_the_window(tmp_path):
    if not doctor._check("opengl", doctor._opengl).works:
        pytest.skip("no OpenGL on this machine")
    command = [sys.executable, "-u", "-m", "pose2pose_live", "--source", DEMO, "-o", str(tmp_path)]
    command += ["--seconds", "60", "--stats", str(tmp_path / "stats.json")]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONFAULTHANDLER": "1"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(4)
    assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert "Traceback" not in err


def test_a_window_whose_libraries_are_missing_is_told_of(window, monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "PyQt6.QtWidgets", None)
    assert main(["-o", str(tmp_path), "--source", DEMO]) == 1
    assert "--headless does the same job without a window" in one_line(capsys.readouterr().err)


def test_devices_lists_names_and_formats(found_cameras, monkeypatch, capsys):
    found_cameras += CAMERAS
    formats = {0: (PictureFormat("MJPG", 1280, 720, (30.0, 15.0)), PictureFormat("YUYV", 640, 480, (30.0,)))}
    monkeypatch.setattr(sources, "picture_formats", lambda camera: formats.get(camera.index, ()))
    assert main(["devices"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "0 (Café Cam)  V4L2  /dev/video0",
        "    MJPG 1280x720 at 30, 15 fps",
        "    YUYV 640x480 at 30 fps",
        "2 (Capture 相)  V4L2",
        "    formats unknown: the camera is busy, or you may not read it",
    ]


def test_devices_without_a_camera_says_so(found_cameras, capsys):
    assert main(["devices"]) == 0
    assert capsys.readouterr() == (f"{doctor.NO_CAMERA}\n", "")


@pytest.mark.parametrize(
    ("finding", "exit_code", "mark"),
    [
        (Finding("body", True, "fine"), 0, "ok  "),
        (Finding("camera", False, "plug one in", needed=False), 0, "none"),
        (Finding("body", False, "reinstall it"), 1, "FAIL"),
    ],
)
def test_doctor_fails_when_something_that_is_needed_does(finding, exit_code, mark, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "examine", lambda: iter([finding, Finding("python", True, "3.12")]))
    assert main(["doctor"]) == exit_code
    assert capsys.readouterr().out.startswith(f"[{mark}] {finding.what:<9} {finding.detail}\n[ok  ] python")


def test_bench_writes_its_figures(monkeypatch, tmp_path, capsys):
    asked = []

    def measured(source, rounds, settings, controls, on_round):
        asked.append((source, rounds, controls.hands))
        return FIGURES

    monkeypatch.setattr(bench, "run_bench", measured)
    assert (
        main(["bench", "--rounds", "3", "--no-hands", "--source", "a.mp4", "--json", str(tmp_path / "figures.json")])
        == 0
    )
    assert asked == [(Path("a.mp4"), 3, False)]
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert (figures["fps"], figures["speedup_over_mediapipe_holistic"]) == (50.0, 2.0)
    assert "50.0 pictures/s" in capsys.readouterr().out
    assert main(["bench", "--json", str(tmp_path / "absent" / "figures.json")]) == 1
    assert "the figures cannot be written" in one_line(capsys.readouterr().err)


def test_main_takes_the_arguments_of_the_process(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["pose2pose-live", "--version"])
    with pytest.raises(SystemExit):
        cli.main()
    assert __version__ in capsys.readouterr().out
