"""`python -m export COMMAND`: rebuild what the application loads."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from pose2pose_live.errors import Pose2PoseError

# Each imports its tools only when it runs: one may be installed without the others.


def _networks(arguments: Sequence[str]) -> int:
    from export import build

    return build.main(arguments)


def _open_body(arguments: Sequence[str]) -> int:
    from export import open_body

    return open_body.main(arguments)


def _open_engine(arguments: Sequence[str]) -> int:
    from export import open_engine

    return open_engine.main(arguments)


def _open_hand(arguments: Sequence[str]) -> int:
    from export import open_hand

    return open_hand.main(arguments)


def _open_face(arguments: Sequence[str]) -> int:
    from export import open_face

    return open_face.main(arguments)


def _open_depths(arguments: Sequence[str]) -> int:
    from export import open_depths

    return open_depths.main(arguments)


def _demo_clip(arguments: Sequence[str]) -> int:
    from export import demo_clip

    return demo_clip.main(arguments)


def _hand4whole(arguments: Sequence[str]) -> int:
    from export import hand4whole

    return hand4whole.main(arguments)


def _part(arguments: Sequence[str]) -> int:
    from export import part

    return part.main(arguments)


def _onnx(arguments: Sequence[str]) -> int:
    from export import onnx_graphs

    return onnx_graphs.main(arguments)


def _tensorrt(arguments: Sequence[str]) -> int:
    from export import tensorrt_plans

    return tensorrt_plans.main(arguments)


def _plugin(arguments: Sequence[str]) -> int:
    from export import plugin

    return plugin.main(arguments)


def _four_views(arguments: Sequence[str]) -> int:
    from export import four_views

    return four_views.main(arguments)


def _icons(arguments: Sequence[str]) -> int:
    from export import icons

    return icons.main(arguments)


def _translations(arguments: Sequence[str]) -> int:
    from export import translations

    return translations.main(arguments)


COMMANDS: dict[str, tuple[Callable[[Sequence[str]], int], str]] = {
    "networks": (_networks, "published networks -> engines/landmarks/*.onnx and assets/detector/*.task"),
    "open-body": (_open_body, "CC0 body data -> assets/open_body.npz"),
    "open-engine": (_open_engine, "a trained body network -> engines/open/"),
    "open-hand": (_open_hand, "a trained hand head -> hand.onnx of engines/open/"),
    "open-face": (_open_face, "a trained face head -> face_head.onnx of engines/open/"),
    "open-depths": (_open_depths, "a trained depth network -> depths.onnx of engines/open/"),
    "hand4whole": (_hand4whole, "a checkpoint of the published network, yours -> an engine in your data folder"),
    "part": (_part, "a checkpoint of the body, hand or face network alone, yours -> an ONNX graph"),
    "onnx": (_onnx, "an engine's graphs -> ONNX files, also in mixed precision or of standard operators alone"),
    "tensorrt": (_tensorrt, "an engine's graphs -> plans for this GPU, where the application finds them"),
    "plugin": (_plugin, "the pooling's CUDA source -> engines/guided_pooling/guided_pooling.ptx"),
    "demo-clip": (_demo_clip, "a published video -> assets/demo.mp4"),
    "four-views": (
        _four_views,
        "published videos of four cameras -> a folder for `pose2pose-live evaluate` with joints in 3D",
    ),
    "icons": (_icons, "the icon's drawing -> assets/icons/*.png and .ico"),
    "translations": (_translations, "the window's texts -> assets/translations/*.ts"),
}

_FROM_CHECKPOINTS = ("open-engine", "open-hand", "open-face", "open-depths", "hand4whole", "part")

_EXTRAS = {"plugin": "plugin", "onnx": "openvino", "tensorrt": "tensorrt"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what follows its name is handed on to it. Returns the exit code; errors are one line on stderr."""
    listing = "\n".join(f"  {name:<13}{text}" for name, (_, text) in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m export",
        usage="python -m export [-h] COMMAND [OPTION ...]",
        description="Rebuild what the application loads, from packages of public registries.",
        epilog=f"commands:\n{listing}\n\n`python -m export COMMAND --help` lists a command's options.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help=argparse.SUPPRESS)
    rest = parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    rest.required = False  # or argparse would name it as missing when it is the command that is
    chosen = parser.parse_args(arguments)
    run, _ = COMMANDS[chosen.command]
    try:
        return run(chosen.arguments)
    except Pose2PoseError as error:
        print(f"export: {error}", file=sys.stderr)
        return 1
    except ImportError as error:
        extra = "train" if chosen.command in _FROM_CHECKPOINTS else _EXTRAS.get(chosen.command, "convert")
        print(f'export: {error}; install the tools with: pip install -e ".[{extra}]"', file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
