"""`pose2pose-live`: the window (no command), `process`, `convert`, `devices`, `doctor`, `bench`, `verify`, `evaluate`.

Nothing heavy is imported before the command line is understood, and `doctor` runs even where a library cannot be loaded.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from . import __version__, option_types
from .errors import DisplayError, Pose2PoseError, RecordingError, SourceError

if TYPE_CHECKING:
    from .mocap import MocapSettings
    from .sources import FrameSource
    from .take import TakeReport

DEFAULT_OUTPUT = Path("captures")
_RUNTIMES = ("auto", "tensorrt", "tensorrt-rtx", "cuda", "directml", "coreml", "openvino", "cpu")
_CLIP_NOTE = "No camera was found: playing the bundled clip. Plug a camera in and start again to use it."
_HEADLESS_SECONDS = 10.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. Errors are one line on stderr, never a traceback.

    0: done. 1: an error, also when only a part of what was asked for could be had. 2: wrong options (argparse exits with it).
    128 + n: ended by signal n, with all files complete.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show a camera's name is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    options = _parse(sys.argv[1:] if arguments is None else arguments)
    try:
        exit_code = int(options.run(options))
        sys.stdout.flush()  # here, where a failure can still be told
        return exit_code
    except Pose2PoseError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("stopped", 130)
    except BrokenPipeError:  # whoever read our output has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ImportError as error:
        return _fail(f"a library cannot be loaded ({error}); `pose2pose-live doctor` says how to mend that")
    except OSError as error:
        return _fail(f"{error.filename or 'the system'}: {error.strerror or error}; check the path, or choose another")
    except Exception as error:
        return _fail(
            f"an unexpected error ({type(error).__name__}: {error}); please report it, with the file {_write_report()}"
        )


def _fail(text: str, exit_code: int = 1) -> int:
    print(f"pose2pose-live: {' '.join(text.splitlines())}", file=sys.stderr)
    return exit_code


def _write_report() -> str:
    """What developers want to know of the error that is being handled, in a file of its own; its path."""
    descriptor, path = tempfile.mkstemp(prefix="pose2pose-live-error-", suffix=".txt")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"pose2pose-live {__version__}, Python {platform.python_version()}, {platform.platform()}\n")
        file.write(f"{sys.argv}\n\n{traceback.format_exc()}")
    return path


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command and arguments[0] != options.command:
        parser.error(f"{arguments[0]}: options of a command follow its name: pose2pose-live {options.command} ...")
    if options.command is None and options.seconds is None and (options.screenshot or options.stats):
        parser.error("--screenshot and --stats need --seconds N: they are saved at the end")
    return options


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, as every error of this program; argparse's own puts the whole usage before it."""
        self.exit(2, f"{self.prog}: {message}; `{self.prog} --help` lists the options\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="pose2pose-live",
        description="One ordinary webcam becomes SMPL-X motion capture. Without a command the live window opens.",
        epilog="Exit codes: 0 done (also when `devices` finds none), 1 an error or a part of the job is missing, 2 wrong options, "
        "130 and 143 ended by Ctrl-C and SIGTERM with all files complete.",
    )
    parser.add_argument("--version", action="version", version=f"pose2pose-live {__version__}")
    parser.set_defaults(run=_run_live)
    _add_live_options(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")

    job = commands.add_parser("process", help="capture a video, a folder of pictures or a camera without a window")
    job.add_argument(
        "source", metavar="SOURCE", help="video file, folder of pictures, camera number or name, or `camera`"
    )
    job.add_argument(
        "-o", "--output", type=Path, default=DEFAULT_OUTPUT, metavar="DIR", help="folder (default: %(default)s)"
    )
    job.add_argument("--overlay", action="store_true", help="also write a video of the mesh over the picture")
    job.add_argument("--clean", action="store_true", help="also write a video of the pictures alone")
    job.add_argument(
        "--seconds", type=option_types.seconds, metavar="N", help="stop after so many seconds (a camera needs it)"
    )
    _add_targets(job)
    _add_settings(job)
    job.set_defaults(run=_run_process)

    conversion = commands.add_parser("convert", help="write a take in the formats of other programs")
    _add_conversion(conversion)
    conversion.set_defaults(run=_run_convert)

    devices = commands.add_parser("devices", help="list cameras with their names and formats")
    devices.set_defaults(run=_run_devices)

    doctor = commands.add_parser("doctor", help="say what works on this machine, and how to mend what doesn't")
    doctor.set_defaults(run=_run_doctor)

    bench = commands.add_parser("bench", help="measure speed here, beside MediaPipe's own Holistic graph")
    bench.add_argument("--source", type=Path, metavar="VIDEO", help="instead of the bundled clip")
    bench.add_argument(
        "--rounds",
        type=option_types.count,
        default=7,
        metavar="N",
        help="rounds of 60 pictures each (default: %(default)s)",
    )
    bench.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    _add_settings(bench)
    bench.set_defaults(run=_run_bench)

    check = commands.add_parser(
        "verify", help="compare every runtime that works here with ONNX Runtime on the processor"
    )
    check.add_argument(
        "--engine", type=Path, metavar="NAME", help="engine by its name or folder (default: the bundled one)"
    )
    check.add_argument("--runtime", choices=_RUNTIMES[1:], help="only this one (default: all that work here)")
    check.add_argument("-o", "--output", type=Path, default=Path("verify.json"), metavar="FILE",
                       help="the report, to attach to a bug (default: %(default)s)")  # fmt: skip
    check.set_defaults(run=_run_verify)

    measure = commands.add_parser("evaluate", help="measure engines on a folder of real clips and pictures")
    measure.add_argument(
        "folder", type=Path, metavar="FOLDER", help="holds clips/, images/ and what is known of them, gt/"
    )
    measure.add_argument("-o", "--output", type=Path, default=Path("evaluation"), metavar="DIR",
                         help="folder of the results page and contact sheets (default: %(default)s)")  # fmt: skip
    _add_settings(measure, several_engines=True)
    measure.set_defaults(run=_run_evaluate)
    return parser


def _add_live_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", metavar="SOURCE", help="camera number or name, or a video file played in a loop")
    parser.add_argument(
        "-o", "--output", type=Path, default=DEFAULT_OUTPUT, metavar="DIR", help="recordings (default: %(default)s)"
    )
    parser.add_argument(
        "--size", type=option_types.size, metavar="WxH", help="picture size asked of the camera (default: its own)"
    )
    parser.add_argument(
        "--seconds", type=option_types.seconds, metavar="N", help="close by itself after so many seconds"
    )
    parser.add_argument(
        "--screenshot", type=Path, metavar="PNG", help="with --seconds: save a picture of the window at the end"
    )
    parser.add_argument(
        "--stats", type=Path, metavar="JSON", help="with --seconds: save the window's figures at the end"
    )
    parser.add_argument("--headless", action="store_true", help="do the same job without a window")
    _add_targets(parser)
    _add_settings(parser)


def _add_targets(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--send",
        type=option_types.target,
        action="append",
        default=[],
        metavar="TARGET",
        help="send poses to vmc, vrchat or osc on this machine, or as in vmc://192.168.1.7:39539?parts=body,hands; may be given several times",
    )


def _add_conversion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("take", type=Path, metavar="TAKE", help="a recording of this program (.npz)")
    parser.add_argument(
        "--to",
        type=option_types.formats,
        required=True,
        metavar="FORMATS",
        help="of npz, smpl, bvh, bvh-humanoid (both in cm), glb, with commas",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="folder (default: that of the take)")
    parser.add_argument(
        "--trim",
        type=option_types.span,
        default=(0.0, None),
        metavar="START:END",
        help="seconds from the beginning; either may be left out",
    )
    parser.add_argument(
        "--fps", type=option_types.count, metavar="N", help="frames per second (default: 30, 60 or 120)"
    )
    parser.add_argument("--up", choices=("y", "z"), default="y", help="axis, for npz and bvh (default: %(default)s)")
    parser.add_argument(
        "--smooth",
        type=option_types.seconds,
        nargs="?",
        const=6.0,
        metavar="HZ",
        help="leave out what is faster (HZ: 6), without delay",
    )
    parser.add_argument("--body", type=Path, metavar="NPZ", help="the SMPL-X file that the take was made with")


def _add_settings(parser: argparse.ArgumentParser, *, several_engines: bool = False) -> None:
    group = parser.add_argument_group("estimation")
    group.add_argument("--engine", type=Path, metavar="NAME", action="append" if several_engines else "store",
                       help="engine by its name or folder (default: the bundled one)"
                       + (", may be given several times" if several_engines else ""))  # fmt: skip
    group.add_argument("--runtime", choices=_RUNTIMES, default="auto",
                       help="what the networks run on (default: the best that works; `verify` compares them)")  # fmt: skip
    group.add_argument("--body", type=Path, metavar="NPZ", help="your SMPL-X file (default: the bundled open body)")
    group.add_argument("--fov", type=float, default=60.0, metavar="DEG",
                       help="field of view of the picture's longer side (default: %(default)g)")  # fmt: skip
    group.add_argument(
        "--smoothing", type=float, default=1.0, metavar="X", help="0 is off, 1 the default, 2 twice as calm"
    )


def _settings(options: argparse.Namespace) -> MocapSettings:
    from .mocap import MocapSettings

    try:
        return MocapSettings(options.engine, options.body, options.fov, options.smoothing, options.runtime)
    except ValueError as error:
        raise Pose2PoseError(str(error)) from None


def _run_live(options: argparse.Namespace) -> int:
    from .resources import asset_path
    from .sources import list_cameras
    from .take import finish_interrupted

    settings = _settings(options)
    finished = finish_interrupted(options.output)
    notes = [f"Finished a recording that was cut short: {path}" for path in finished]
    wanted = options.source
    if wanted is None and not list_cameras():
        wanted = str(asset_path("demo.mp4"))
        notes.insert(0, _CLIP_NOTE)
        print(_CLIP_NOTE)
    if options.headless or not _has_display(options):
        return _run_headless(options, wanted, settings)
    return _run_window(options, wanted, settings, "  ".join(notes))


def _run_window(options: argparse.Namespace, wanted: str | None, settings: MocapSettings, banner: str) -> int:
    from .mocap import MotionCapture
    from .sources import PictureSource, VideoSource, open_source
    from .stopping import StopSignals

    try:
        from PyQt6.QtWidgets import QApplication

        from .app.run import run_window
    except ImportError as error:
        raise DisplayError(
            f"the window's libraries cannot be loaded ({error}); `pose2pose-live doctor` says how to mend that, and "
            "--headless does the same job without a window"
        ) from None

    def open_capture() -> FrameSource:
        if wanted is not None and Path(wanted).is_file():
            return VideoSource(Path(wanted), realtime=True, loop=True)
        source = open_source(wanted, size_px=options.size)
        if isinstance(source, PictureSource):
            raise SourceError(
                f"{wanted}: the window plays cameras and videos; use `pose2pose-live process {wanted}` for pictures"
            )
        return source

    def close_windows() -> None:
        if not QApplication.topLevelWidgets():  # it is still being made
            raise KeyboardInterrupt
        QApplication.closeAllWindows()

    with StopSignals(close_windows) as stop:
        exit_code = run_window(
            open_capture,
            lambda: MotionCapture.open(settings),
            output_dir=options.output,
            banner=banner,
            targets=options.send,
            engine=options.engine,
            duration_s=options.seconds,
            screenshot=options.screenshot,
            stats_json=options.stats,
        )
    return exit_code if stop.number is None else 128 + stop.number


def _run_headless(options: argparse.Namespace, wanted: str | None, settings: MocapSettings) -> int:
    from .sources import open_source
    from .take import record_take, take_name

    if options.screenshot or options.stats:
        raise DisplayError("--screenshot and --stats need a window, and there is none; leave them out")
    if not options.headless:
        print("No display was found: doing the same job without a window.")
    with open_source(wanted, size_px=options.size) as source:
        seconds = options.seconds or (_HEADLESS_SECONDS if source.live else None)
        report = record_take(
            source,
            take_name(wanted, source),
            options.output,
            settings,
            seconds=seconds,
            overlay=True,
            targets=options.send,
        )
    # Nobody asked for an overlay by name here: a machine without OpenGL has done its job.
    return _exit_code(report, lacks_something=report.is_cut_short)


def _run_process(options: argparse.Namespace) -> int:
    from .sources import open_source
    from .take import finish_interrupted, record_take, take_name

    settings = _settings(options)
    finish_interrupted(options.output)
    with open_source(options.source) as source:
        if source.live and options.seconds is None:
            raise SourceError("a camera has no end: say how long with --seconds N")
        report = record_take(
            source,
            take_name(options.source, source),
            options.output,
            settings,
            seconds=options.seconds,
            overlay=options.overlay,
            clean=options.clean,
            targets=options.send,
        )
    return _exit_code(report, lacks_something=report.is_cut_short or report.lacks_overlay)


def _exit_code(report: TakeReport, *, lacks_something: bool) -> int:
    return int(lacks_something) if report.stopped_by is None else 128 + report.stopped_by


def _run_convert(options: argparse.Namespace) -> int:
    from .body import BodyModel
    from .conversion import ConversionSettings, convert
    from .recording import load_recording

    start_s, end_s = options.trim
    settings = ConversionSettings(start_s, end_s, options.fps, options.up == "z", options.smooth)
    path = (options.output or options.take.parent) / options.take.stem
    recording = load_recording(options.take)
    for written in convert(recording, path, options.to, settings, BodyModel.load(options.body)):
        print(written)
    return 0


def _run_devices(options: argparse.Namespace) -> int:
    from .doctor import NO_CAMERA
    from .sources import list_cameras, picture_formats

    cameras = list_cameras()
    for camera in cameras:
        print(f"{camera}  {camera.backend_name}  {camera.path}".rstrip())
        for line in picture_formats(camera) or ("formats unknown: the camera is busy, or you may not read it",):
            print(f"    {line}")
    if not cameras:
        print(NO_CAMERA)
    return 0  # an empty list is an answer, too


def _run_doctor(options: argparse.Namespace) -> int:
    from .doctor import examine

    sound = True
    for finding in examine():
        print(finding, flush=True)
        sound = sound and (finding.works or not finding.needed)
    return 0 if sound else 1


def _run_bench(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from .bench import describe, run_bench
    from .progress import Progress

    progress = Progress(options.rounds, "rounds")
    try:
        figures = run_bench(options.source, options.rounds, _settings(options), progress.show)
    finally:
        progress.end()
    for line in describe(figures):
        print(line)
    if options.json is not None:
        try:
            options.json.write_text(json.dumps(asdict(figures), indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise RecordingError(f"{options.json}: the figures cannot be written ({error.strerror})") from error
    return 0


def _run_verify(options: argparse.Namespace) -> int:
    from .inference import Engine
    from .verify import check_usable, usable_runtimes, verify, write_report

    engine = Engine.load(options.engine)
    usable, unusable = usable_runtimes()
    if options.runtime is not None:
        check_usable(options.runtime, unusable)
        usable = [options.runtime]
    for name, why in unusable.items():
        print(f"[none] {name:<24} {why}")
    checks = verify(engine, usable, lambda check: print(check, flush=True))
    write_report(options.output, engine, checks, unusable)
    failed = sorted({check.runtime for check in checks if not check.passed})
    for name in usable:
        print(f"{name}: {'does not agree' if any(n.startswith(name) for n in failed) else 'agrees'}")
    print(options.output)
    return int(bool(failed))


def _run_evaluate(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from .evaluation import REPORT_FILE, evaluate

    engines, options.engine = options.engine or [None], None
    settings = _settings(options)
    notes = evaluate(options.folder, options.output, [replace(settings, engine=engine) for engine in engines])
    for path in (REPORT_FILE, *(name for names in notes.sheets.values() for name in names)):
        print(options.output / path)
    return _fail(notes.lacks_sheets) if notes.lacks_sheets else 0


def _has_display(options: argparse.Namespace) -> bool:
    wanted = ["DISPLAY", "WAYLAND_DISPLAY"]
    if options.screenshot or options.stats:  # for these Qt's own platform without a display will do
        wanted.append("QT_QPA_PLATFORM")
    return sys.platform != "linux" or any(os.environ.get(name) for name in wanted)
