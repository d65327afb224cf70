"""What `pose2pose-live` can be told on its command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from . import __version__, option_types

DEFAULT_OUTPUT = Path("captures")
RUNTIMES = ("auto", "tensorrt", "tensorrt-rtx", "cuda", "directml", "coreml", "openvino", "cpu")
SEATED = ("auto", "on", "off")
"""The choices of `--runtime` and `--seated`: here, because nothing heavy is imported before the command line is understood."""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options by name; `command` is None for the window. Ends the program with 2 and one line on stderr when they make no sense."""
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

    conversion = commands.add_parser("convert", help="write a take in the formats of other programs")
    _add_conversion(conversion)

    commands.add_parser("devices", help="list cameras with their names and formats")

    commands.add_parser("doctor", help="say what works on this machine, and how to mend what doesn't")

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

    check = commands.add_parser(
        "verify", help="compare every runtime that works here with ONNX Runtime on the processor"
    )
    check.add_argument(
        "--engine", type=Path, metavar="NAME", help="engine by its name or folder (default: the bundled one)"
    )
    check.add_argument("--runtime", choices=RUNTIMES[1:], help="only this one (default: all that work here)")
    check.add_argument("-o", "--output", type=Path, default=Path("verify.json"), metavar="FILE",
                       help="the report, to attach to a bug (default: %(default)s)")  # fmt: skip

    measure = commands.add_parser("evaluate", help="measure engines on a folder of real clips and pictures")
    measure.add_argument(
        "folder", type=Path, metavar="FOLDER", help="holds clips/, images/ and what is known of them, gt/"
    )
    measure.add_argument("-o", "--output", type=Path, default=Path("evaluation"), metavar="DIR",
                         help="folder of the results page and contact sheets (default: %(default)s)")  # fmt: skip
    _add_settings(measure, several_engines=True)
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
    group.add_argument("--runtime", choices=RUNTIMES,
                       help="what the networks run on (default: the best that works; `verify` compares them)")  # fmt: skip
    group.add_argument("--body", type=Path, metavar="NPZ", help="your SMPL-X file (default: the bundled open body)")
    group.add_argument("--fov", type=float, metavar="DEG", help="field of view of the picture's longer side (default: 60)")  # fmt: skip
    group.add_argument("--smoothing", type=float, metavar="X", help="0 is off, 1 the default, 2 twice as calm")
    group.add_argument("--seated", choices=SEATED,
                       help="legs at rest and steady hips: while the legs are not seen (auto, the default), always, or never")  # fmt: skip
    group.add_argument("--floor", action="store_const", const=True,
                       help="keep the lower foot on the floor and standing feet in their place")  # fmt: skip
    group.add_argument(
        "--no-hands", dest="hands", action="store_const", const=False, help="leave out the hands, to save time"
    )
    group.add_argument(
        "--no-face", dest="face", action="store_const", const=False, help="leave out the face, to save time"
    )
    group.add_argument("--height", type=float, metavar="CM", help="of the person, which a picture does not tell")
