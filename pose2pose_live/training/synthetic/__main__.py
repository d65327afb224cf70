"""`python -m pose2pose_live.training.synthetic`: read motion into a bank, fill a folder with pictures, look at some."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ...errors import Pose2PoseError
from .cache import write_cache
from .contact_sheet import contact_sheet
from .motion_sources import read_motion
from .people import SyntheticPeople


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="python -m pose2pose_live.training.synthetic", description=__doc__)
    commands = result.add_subparsers(dest="command", required=True)
    motion = commands.add_parser(
        "motion", help="read recorded motion (BVH of CMU, DeepMimic) below a folder into one bank file"
    )
    motion.add_argument("folder", type=Path)
    motion.add_argument("bank", type=Path, help="the file to write, .npz")
    cache = commands.add_parser(
        "cache", help="draw pictures into a folder; an interrupted run goes on where it stopped"
    )
    cache.add_argument("folder", type=Path)
    cache.add_argument("--workers", type=int, default=1, help="processes; one a core")
    sheet = commands.add_parser("sheet", help="draw a contact sheet")
    sheet.add_argument("picture", type=Path, help="the file to write, .jpg or .png")
    sheet.add_argument("--first", type=int, default=0, help="index of the first sample")
    sheet.add_argument("--cell-px", type=int, default=240, help="size of a cell of the sheet")
    sheet.add_argument("--labels", action="store_true", help="mark joints and box")
    for command, count in ((cache, 1000), (sheet, 48)):
        command.add_argument("--count", type=int, default=count)
        command.add_argument("--seed", type=int, default=0)
        command.add_argument("--split", choices=("train", "test"), default="train")
        command.add_argument("--size-px", type=int, default=384, help="longer side of the pictures")
        command.add_argument("--motion", type=Path, help="bank file made by `motion`")
        command.add_argument("--backgrounds", type=Path, help="folder of pictures of your own")
        command.add_argument("--body", type=Path, help="an SMPL-X .npz instead of the open body")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status: 0, or 1 with one line that says what is wrong."""
    options = parser().parse_args(arguments)
    try:
        if options.command == "motion":
            bank = read_motion(options.folder)
            bank.save(options.bank)
            print(f"{options.bank}: {len(bank.poses)} poses of {len(bank.names)} clips")
            return 0
        first = options.first if options.command == "sheet" else 0
        people = SyntheticPeople(
            first + options.count, options.seed, size_px=options.size_px, motion=options.motion, split=options.split,
            body=options.body, backgrounds=options.backgrounds,
        )  # fmt: skip
        if options.command == "cache":
            write_cache(people, options.folder, options.workers)
        else:
            contact_sheet(people[first:], options.picture, with_labels=options.labels, cell_px=options.cell_px)
    except Pose2PoseError as error:
        print(f"synthetic: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
