"""`pose2pose-live`: the window (no command), `process`, `convert`, `desktop`, `devices`, `doctor`, `bench`, `verify`, `evaluate`.

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
from typing import TYPE_CHECKING, Any

from . import __version__
from .arguments import parse
from .errors import DisplayError, Pose2PoseError, RecordingError, SourceError

if TYPE_CHECKING:
    from .mocap import MocapSettings
    from .motion import MocapControls
    from .take import TakeReport

_CLIP_NOTE = "No camera was found: playing the bundled clip. Plug a camera in and start again to use it."
_HEADLESS_SECONDS = 10.0
_MOCAP_OPTIONS = {"engine": "engine", "body": "body", "fov_deg": "fov", "runtime": "runtime"}
_CONTROLS = ("smoothing", "seated", "floor", "hands", "face")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. Errors are one line on stderr, never a traceback.

    0: done. 1: an error, also when only a part of what was asked for could be had. 2: wrong options (argparse exits with it).
    128 + n: ended by signal n, with all files complete.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show a camera's name is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    options = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        exit_code = int(_COMMANDS[options.command](options))
        if sys.stdout is not None:  # as it is in a Windows program without a console
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


def _settings(options: argparse.Namespace) -> MocapSettings:
    from .mocap import MocapSettings

    try:
        given = {name: getattr(options, option) for name, option in _MOCAP_OPTIONS.items()}
        return MocapSettings(**{name: value for name, value in given.items() if value is not None})
    except ValueError as error:
        raise Pose2PoseError(str(error)) from None


def _controls(options: argparse.Namespace) -> MocapControls:
    from .motion import Calibration, MocapControls

    try:
        given = {name: getattr(options, name) for name in _CONTROLS}
        calibration = None if options.height is None else Calibration(options.height / 100)
        return MocapControls(
            **{name: value for name, value in given.items() if value is not None}, calibration=calibration
        )
    except ValueError as error:
        raise Pose2PoseError(str(error)) from None


def _run_live(options: argparse.Namespace) -> int:
    from .resources import asset_path
    from .sources import list_cameras
    from .take import finish_interrupted

    settings = _settings(options)
    controls = _controls(options)
    finished = finish_interrupted(options.output)
    if not options.headless and _has_display(options):
        return _run_window(options, "  ".join(f"Finished a recording that was cut short: {path}" for path in finished))
    wanted = options.source
    if wanted is None and not list_cameras():
        wanted = str(asset_path("demo.mp4"))
        print(_CLIP_NOTE)
    return _run_headless(options, wanted, settings, controls)


def _run_window(options: argparse.Namespace, banner: str) -> int:
    from .sources import find_source
    from .stopping import StopSignals

    if options.source is not None:  # a typing error is told here; the window would take another source and go on
        find_source(options.source)

    try:
        from PyQt6.QtWidgets import QApplication

        from .app.backend import real_backend
        from .app.run import run_window, settings_path
    except ImportError as error:
        raise DisplayError(
            f"the window's libraries cannot be loaded ({error}); `pose2pose-live doctor` says how to mend that, and "
            "--headless does the same job without a window"
        ) from None

    def close_windows() -> None:
        if not QApplication.topLevelWidgets():  # it is still being made
            raise KeyboardInterrupt
        QApplication.closeAllWindows()

    with StopSignals(close_windows) as stop:
        exit_code = run_window(
            real_backend(),
            output_dir=options.output,
            settings=settings_path(),
            overrides=_overrides(options),
            banner=banner,
            targets=options.send,
            duration_s=options.seconds,
            screenshot=options.screenshot,
            stats_json=options.stats,
        )
    return exit_code if stop.number is None else 128 + stop.number


def _overrides(options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """What the command line says of the window's settings, by section."""
    given = {
        "source": {
            "source": options.source,
            "format": options.size and "{}x{}".format(*options.size),
            "fov_deg": options.fov,
        },
        "quality": {
            "engine": options.engine,
            "runtime": options.runtime,
            "smoothing": options.smoothing,
            "seated": options.seated,
            "has_floor": options.floor,
            "has_hands": options.hands,
            "has_face": options.face,
        },
        "body": {"path": options.body, "height_m": options.height and options.height / 100},
    }
    return {
        section: {
            name: str(value) if isinstance(value, Path) else value
            for name, value in values.items()
            if value is not None
        }
        for section, values in given.items()
    }


def _run_headless(
    options: argparse.Namespace, wanted: str | None, settings: MocapSettings, controls: MocapControls
) -> int:
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
            controls,
            seconds=seconds,
            overlay=True,
            targets=options.send,
        )
    # Nobody asked for an overlay by name here: a machine without OpenGL has done its job.
    return _exit_code(report, lacks_something=report.is_cut_short)


def _run_process(options: argparse.Namespace) -> int:
    from .sources import open_source
    from .take import finish_interrupted, record_take, take_name

    settings, controls = _settings(options), _controls(options)
    finish_interrupted(options.output)
    with open_source(options.source) as source:
        if source.live and options.seconds is None:
            raise SourceError("a camera has no end: say how long with --seconds N")
        report = record_take(
            source,
            take_name(options.source, source),
            options.output,
            settings,
            controls,
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


def _run_desktop(options: argparse.Namespace) -> int:
    from . import desktop

    for path in desktop.install() if options.action == "install" else desktop.remove():
        print(path)
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
        figures = run_bench(options.source, options.rounds, _settings(options), _controls(options), progress.show)
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
    notes = evaluate(
        options.folder, options.output, [replace(settings, engine=engine) for engine in engines], _controls(options)
    )
    for path in (REPORT_FILE, *(name for names in notes.sheets.values() for name in names)):
        print(options.output / path)
    return _fail(notes.lacks_sheets) if notes.lacks_sheets else 0


def _has_display(options: argparse.Namespace) -> bool:
    wanted = ["DISPLAY", "WAYLAND_DISPLAY"]
    if options.screenshot or options.stats:  # for these Qt's own platform without a display will do
        wanted.append("QT_QPA_PLATFORM")
    return sys.platform != "linux" or any(os.environ.get(name) for name in wanted)


_COMMANDS = {
    None: _run_live,
    "process": _run_process,
    "convert": _run_convert,
    "desktop": _run_desktop,
    "devices": _run_devices,
    "doctor": _run_doctor,
    "bench": _run_bench,
    "verify": _run_verify,
    "evaluate": _run_evaluate,
}
