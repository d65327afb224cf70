"""`pose2pose-live`: the window (no subcommand), `process`, `devices`, `doctor`, `bench`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from . import __version__
from .sources import FrameSource, PictureSource, VideoSource, list_cameras, open_source, picture_formats
from .errors import DisplayError, Pose2PoseError, SourceError
from .mocap import MocapSettings, MotionCapture
from .progress import Progress
from .resources import asset_path

DEFAULT_OUTPUT = Path("captures")
_CLIP_NOTE = "No camera was found: playing the bundled clip. Plug a camera in and start again to use it."
_HEADLESS_SECONDS = 10.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. Errors are one line on stderr, never a traceback."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except Pose2PoseError as error:
        print(f"pose2pose-live: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("pose2pose-live: stopped", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pose2pose-live",
        description="One ordinary webcam becomes SMPL-X motion capture. Without a command the live window opens.",
    )
    parser.add_argument("--version", action="version", version=f"pose2pose-live {__version__}")
    parser.set_defaults(run=_run_live)
    _add_live_options(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    job = commands.add_parser("process", help="capture a video, a folder of pictures or a camera without a window")
    job.add_argument(
        "source", metavar="SOURCE", help="video file, folder of pictures, camera number or name, or `camera`"
    )
    job.add_argument(
        "-o", "--output", type=Path, default=DEFAULT_OUTPUT, metavar="DIR", help="folder (default: %(default)s)"
    )
    job.add_argument("--overlay", action="store_true", help="also write a video of the mesh over the picture")
    job.add_argument("--seconds", type=_positive, metavar="N", help="stop after so many seconds (a camera needs it)")
    _add_settings(job)
    job.set_defaults(run=_run_process)

    devices = commands.add_parser("devices", help="list cameras with their names and formats")
    devices.set_defaults(run=_run_devices)

    doctor = commands.add_parser("doctor", help="say what works on this machine, and how to mend what doesn't")
    doctor.set_defaults(run=_run_doctor)

    bench = commands.add_parser("bench", help="measure speed here, beside MediaPipe's own Holistic graph")
    bench.add_argument("--source", type=Path, metavar="VIDEO", help="instead of the bundled clip")
    bench.add_argument(
        "--rounds", type=int, default=7, metavar="N", help="rounds of 60 pictures each (default: %(default)s)"
    )
    bench.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    _add_settings(bench)
    bench.set_defaults(run=_run_bench)
    return parser


def _add_live_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", metavar="SOURCE", help="camera number or name, or a video file played in a loop")
    parser.add_argument(
        "-o", "--output", type=Path, default=DEFAULT_OUTPUT, metavar="DIR", help="recordings (default: %(default)s)"
    )
    parser.add_argument("--size", type=_size, metavar="WxH", help="picture size asked of the camera (default: its own)")
    parser.add_argument("--seconds", type=_positive, metavar="N", help="close by itself after so many seconds")
    parser.add_argument(
        "--screenshot", type=Path, metavar="PNG", help="with --seconds: save a picture of the window at the end"
    )
    parser.add_argument(
        "--stats", type=Path, metavar="JSON", help="with --seconds: save the window's figures at the end"
    )
    parser.add_argument("--headless", action="store_true", help="do the same job without a window")
    _add_settings(parser)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("estimation")
    group.add_argument("--engine", type=Path, metavar="DIR", help="engine folder (default: the bundled one)")
    group.add_argument("--body", type=Path, metavar="NPZ", help="your SMPL-X file (default: the bundled open body)")
    group.add_argument("--fov", type=float, default=60.0, metavar="DEG",
                       help="field of view of the picture's longer side (default: %(default)g)")  # fmt: skip
    group.add_argument(
        "--smoothing", type=float, default=1.0, metavar="X", help="0 is off, 1 the default, 2 twice as calm"
    )


def _settings(options: argparse.Namespace) -> MocapSettings:
    try:
        return MocapSettings(options.engine, options.body, options.fov, options.smoothing)
    except ValueError as error:
        raise Pose2PoseError(str(error)) from None


def _run_live(options: argparse.Namespace) -> int:
    settings = _settings(options)
    wanted, banner = options.source, ""
    if wanted is None and not list_cameras():
        wanted, banner = str(asset_path("demo.mp4")), _CLIP_NOTE
        print(_CLIP_NOTE)
    if options.headless or not _has_display():
        return _run_headless(options, wanted, settings)
    from .app.run import run_window

    def open_capture() -> FrameSource:
        if wanted is not None and Path(wanted).is_file():
            return VideoSource(Path(wanted), realtime=True, loop=True)
        source = open_source(wanted, size_px=options.size)
        if isinstance(source, PictureSource):
            raise SourceError(
                f"{wanted}: the window plays cameras and videos; use `pose2pose-live process {wanted}` for pictures"
            )
        return source

    return run_window(
        open_capture,
        lambda: MotionCapture.open(settings),
        output_dir=options.output,
        banner=banner,
        duration_s=options.seconds,
        screenshot=options.screenshot,
        stats_json=options.stats,
    )


def _run_headless(options: argparse.Namespace, wanted: str | None, settings: MocapSettings) -> int:
    if not options.headless:
        print("No display was found: doing the same job without a window.")
    with open_source(wanted, size_px=options.size) as source:
        seconds = options.seconds or (_HEADLESS_SECONDS if source.live else None)
        return _process(source, options.output, settings, seconds=seconds, overlay=True)


def _run_process(options: argparse.Namespace) -> int:
    with open_source(options.source) as source:
        if source.live and options.seconds is None:
            raise Pose2PoseError("a camera has no end: say how long with --seconds N")
        return _process(source, options.output, _settings(options), seconds=options.seconds, overlay=options.overlay)


def _process(
    source: FrameSource, output: Path, settings: MocapSettings, *, seconds: float | None, overlay: bool
) -> int:
    """Record a source into a folder and say where things lie; 1 when the source was cut short."""
    from .process import process
    from .sinks import OverlayWriter, Recorder
    from .viewport import OverlayRenderer

    name = Path(source.name).stem or "take"
    with MotionCapture.open(settings) as mocap:
        recorder = Recorder(output / f"{name}.npz", mocap.body, fps=source.fps)
        drawn: OverlayWriter | None = None
        if overlay:
            try:
                path = recorder.path.with_name(f"{recorder.path.stem}_overlay.mp4")
                drawn = OverlayWriter(path, OverlayRenderer(mocap.body), fps=source.fps)
            except DisplayError as error:
                print(f"pose2pose-live: no overlay is written: {error}", file=sys.stderr)
        progress = Progress(source.frame_count, source.fps, seconds)
        try:
            sinks = [recorder] if drawn is None else [recorder, drawn]
            report = process(source, mocap, sinks, seconds=seconds, on_picture=progress.show)
        finally:
            progress.end()
            if recorder.path.exists():
                print(f"recording: {recorder.path}")
            if drawn is not None and drawn.path.exists():
                print(f"overlay:   {drawn.path}")
    print(f"{report.pictures} pictures, a person tracked in {report.tracked}")
    if report.warning:
        print(f"pose2pose-live: {report.warning}", file=sys.stderr)
    return int(bool(report.warning) and not isinstance(source, PictureSource))


def _run_devices(options: argparse.Namespace) -> int:
    cameras = list_cameras()
    if not cameras:
        raise SourceError(
            "no camera was found; plug one in, or on Linux check that you may read /dev/video* (group `video`)"
        )
    for camera in cameras:
        print(f"{camera}  {camera.backend_name}  {camera.path}")
        for offered in picture_formats(camera):
            print(f"    {offered}")
    return 0


def _run_doctor(options: argparse.Namespace) -> int:
    from .doctor import examine

    sound = True
    for finding in examine():
        print(finding)
        sound = sound and (finding.works or not finding.needed)
    return 0 if sound else 1


def _run_bench(options: argparse.Namespace) -> int:
    from .bench import describe, run_bench

    figures = run_bench(options.source, options.rounds, _settings(options))
    describe(figures)
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def _has_display() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _positive(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"expected a number above 0, found {text}")
    return value


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"expected WIDTHxHEIGHT such as 1280x720, found {text}")
    return int(width), int(height)
