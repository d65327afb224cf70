"""What `pose2pose-live` can be told on its command line."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from . import __version__, option_types

DEFAULT_OUTPUT = Path("captures")
RUNTIMES = ("auto", "tensorrt", "tensorrt-rtx", "cuda", "directml", "coreml", "openvino", "cpu")
SEATED = ("auto", "on", "off")
"""The choices of `--runtime` and `--seated`: here, because nothing heavy is imported before the command line is understood."""

_DESCRIPTION = """\
One ordinary webcam becomes SMPL-X motion capture: body, both hands and face.
Without a command the window opens, on the first camera that works."""
_EPILOG = """\
examples:
  pose2pose-live --source clip.mp4 --send vmc        a video, its poses to VMC
  pose2pose-live --source "HD Pro" --size 1280x720   a camera by its name
  pose2pose-live process clip.mp4 -o takes --overlay
  pose2pose-live convert takes/clip.npz --to bvh,glb

exit codes: 0 done, 1 an error or a part of the job is missing, 2 wrong options,
130 and 143 ended by Ctrl-C and SIGTERM with all files complete"""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options by name; `command` is None for the window. Ends the program with 2 and one line on stderr when they make no sense."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command and arguments[0] != options.command:
        parser.error(f"{arguments[0]}: options of a command follow its name: pose2pose-live {options.command} ...")
    if options.command is None and options.seconds is None and (options.screenshot or options.stats):
        parser.error("--screenshot and --stats need --seconds N: they are saved at the end")
    return options


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps line breaks, and lists commands as it lists options."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=20, width=min(shutil.get_terminal_size().columns, 100))

    def _format_action(self, action: argparse.Action) -> str:
        if isinstance(action, argparse._SubParsersAction):
            return "".join(self._format_action(command) for command in action._get_subactions())
        return super()._format_action(action)


class _Parser(argparse.ArgumentParser):
    def __init__(self, **given: Any) -> None:
        super().__init__(**{"formatter_class": _Formatter} | given)

    def error(self, message: str) -> NoReturn:
        """One line, as every error of this program; argparse's own puts the whole usage before it."""
        self.exit(2, f"{self.prog}: {message}; `{self.prog} --help` lists the options\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="pose2pose-live",
        usage="pose2pose-live [OPTION ...]\n       pose2pose-live COMMAND [OPTION ...]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        add_help=False,  # groups are printed in the order in which they are made, and these two options come last
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", prog=parser.prog)

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")

    _add_live_options(parser.add_argument_group("window"))
    _add_settings(parser)
    others = parser.add_argument_group("this program")
    others.add_argument("-h", "--help", action="help", help="show this; COMMAND --help shows the options of a command")
    others.add_argument("--version", action="version", version=f"pose2pose-live {__version__}", help="show the version")

    job = add("process", "capture a video, pictures or a camera without a window")
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

    conversion = add("convert", "write a take in the formats of other programs")
    _add_conversion(conversion)

    menu = add("desktop", "put it into the menu of a Linux desktop, or take it out")
    menu.add_argument("action", choices=("install", "remove"), help="write the entry and its icons, or delete them")

    add("devices", "list cameras with their names and formats")

    add("doctor", "say what works here, and how to mend what doesn't")

    bench = add("bench", "measure speed here, beside MediaPipe's Holistic graph")
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

    check = add("verify", "compare every runtime that works here with the processor")
    check.add_argument(
        "--engine", type=Path, metavar="NAME", help="engine by its name or folder (default: the bundled one)"
    )
    check.add_argument("--runtime", choices=RUNTIMES[1:], help="only this one (default: all that work here)")
    check.add_argument("-o", "--output", type=Path, default=Path("verify.json"), metavar="FILE",
                       help="the report, to attach to a bug (default: %(default)s)")  # fmt: skip

    measure = add("evaluate", "measure engines on a folder of real clips and pictures")
    measure.add_argument(
        "folder", type=Path, metavar="FOLDER", help="holds clips/, images/ and what is known of them, gt/"
    )
    measure.add_argument("-o", "--output", type=Path, default=Path("evaluation"), metavar="DIR",
                         help="folder of the results page and contact sheets (default: %(default)s)")  # fmt: skip
    _add_settings(measure, several_engines=True)
    return parser


def _add_live_options(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument("--source", metavar="SOURCE", help="camera number or name, or a video played in a loop")
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


def _add_targets(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--send",
        type=option_types.target,
        action="append",
        default=[],
        metavar="TARGET",
        help="vmc, vrchat, osc, or as in vmc://HOST:PORT; repeatable",
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
                       help="engine by its name or folder (default: the bundled)"
                       + ("; repeatable" if several_engines else ""))  # fmt: skip
    group.add_argument("--runtime", choices=RUNTIMES, metavar="NAME",
                       help=f"{', '.join(RUNTIMES)}; `verify` compares them")  # fmt: skip
    group.add_argument("--body", type=Path, metavar="NPZ", help="your SMPL-X file (default: the open body)")
    group.add_argument("--fov", type=float, metavar="DEG", help="field of view of the longer side (default: 60)")  # fmt: skip
    group.add_argument("--smoothing", type=float, metavar="X", help="0 is off, 1 the default, 2 twice as calm")
    group.add_argument("--seated", choices=SEATED, metavar="WHEN",
                       help="legs at rest: while they are unseen (auto), always, never")  # fmt: skip
    group.add_argument("--floor", action="store_const", const=True,
                       help="keep the lower foot on the floor, standing feet in place")  # fmt: skip
    group.add_argument(
        "--no-hands", dest="hands", action="store_const", const=False, help="leave out the hands, to save time"
    )
    group.add_argument(
        "--no-face", dest="face", action="store_const", const=False, help="leave out the face, to save time"
    )
    group.add_argument("--height", type=float, metavar="CM", help="of the person, which a picture does not tell")
