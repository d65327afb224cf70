"""`python -m export COMMAND`: rebuild what the application loads."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from pose2pose_live.errors import Pose2PoseError


def _networks(arguments: Sequence[str]) -> int:
    from export import build

    return build.main(arguments)


def _open_body(arguments: Sequence[str]) -> int:
    from export import open_body

    return open_body.main(arguments)


COMMANDS: dict[str, tuple[Callable[[Sequence[str]], int], str]] = {
    "networks": (_networks, "published networks -> engines/open/*.onnx and assets/detector/*.task"),
    "open-body": (_open_body, "CC0 body data -> assets/open_body.npz"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what follows its name is handed on to it."""
    listing = "\n".join(f"  {name:<12}{text}" for name, (_, text) in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m export",
        description=__doc__,
        epilog=listing,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="see COMMAND --help")
    chosen = parser.parse_args(arguments)
    run, _ = COMMANDS[chosen.command]
    try:
        return run(chosen.arguments)
    except Pose2PoseError as error:
        print(f"export: {error}", file=sys.stderr)
        return 1
    except ImportError as error:
        print(f'export: {error}; install the tools with: pip install -e ".[convert]"', file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
