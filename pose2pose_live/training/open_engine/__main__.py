"""`python -m pose2pose_live.training.open_engine`: make crops, train the open engine's body network, measure it."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from ...errors import Pose2PoseError


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="python -m pose2pose_live.training.open_engine", description=__doc__)
    commands = result.add_subparsers(dest="command", required=True)
    crops = commands.add_parser(
        "crops", help="draw people and keep their crops; an interrupted run goes on where it stopped"
    )
    crops.add_argument("folder", type=Path)
    crops.add_argument("--count", type=int, default=30_000)
    crops.add_argument("--seed", type=int, default=0)
    crops.add_argument("--split", choices=("train", "test"), default="train", help="whose motion clips")
    crops.add_argument(
        "--motion", type=Path, help="bank file made by `python -m pose2pose_live.training.synthetic motion`"
    )
    crops.add_argument("--backgrounds", type=Path, help="folder of pictures of your own")
    crops.add_argument("--workers", type=int, default=2, help="processes; one a core")
    pictures = commands.add_parser("pictures", help="keep crops of real people, unlabelled")
    pictures.add_argument("folder", type=Path, help="where to keep them")
    pictures.add_argument("sources", type=Path, nargs="+", help="pictures, clips, or folders of them")
    pictures.add_argument("--per-person", type=int, default=4, help="crops of each person in each picture")
    pictures.add_argument("--every-frames", type=int, default=5, help="of clips")
    pictures.add_argument("--seed", type=int, default=0)
    train = commands.add_parser("train", help="train a configuration")
    train.add_argument("config", type=Path)
    train.add_argument("--resume", action="store_true", help="go on from the last save")
    train.add_argument("--minutes", type=float, default=math.inf, help="stop after this long, to be resumed")
    train.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one key")
    compare = commands.add_parser("compare", help="guided pooling against its rivals, on one trained perception")
    compare.add_argument("network", type=Path, help="network.pt of a run")
    compare.add_argument("--train", type=Path, required=True, help="folder of crops")
    compare.add_argument("--test", type=Path, required=True, help="folder of crops")
    compare.add_argument("--heads", type=Path, required=True, help="file for the heads, which is gone on with")
    compare.add_argument("--images", type=int, default=30_000)
    compare.add_argument("--count", type=int, help="so many crops of the test folder; all when left out")
    compare.add_argument("--seed", type=int, default=0)
    evaluate = commands.add_parser("evaluate", help="measure a network and the geometric estimator")
    evaluate.add_argument("network", type=Path)
    evaluate.add_argument("crops", type=Path)
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status: 0, or 1 with one line that says what is wrong."""
    options = parser().parse_args(arguments)
    try:
        _COMMANDS[options.command](options)
    except Pose2PoseError as error:
        print(f"open_engine: {error}", file=sys.stderr)
        return 1
    return 0


def _crops(options: argparse.Namespace) -> None:
    from ..synthetic import SyntheticPeople
    from .checkpoints import published_graph
    from .shards import write_labelled

    people = SyntheticPeople(
        options.count, options.seed, motion=options.motion, split=options.split, backgrounds=options.backgrounds
    )
    write_labelled(people, published_graph(), options.folder, options.workers)


def _pictures(options: argparse.Namespace) -> None:
    from .pictures import real_crops
    from .shards import write_unlabelled

    described = {name: getattr(options, name) for name in ("sources", "per_person", "every_frames", "seed")}
    write_unlabelled(
        lambda: real_crops(options.sources, options.per_person, options.every_frames, options.seed),
        described,
        options.folder,
    )


def _train(options: argparse.Namespace) -> None:
    from .config import load_config
    from .loop import train

    train(load_config(options.config, options.set), resume=options.resume, stop_after_s=60 * options.minutes)


def _compare(options: argparse.Namespace) -> None:
    from .checkpoints import load_network, published_graph
    from .compare import compare, train_heads
    from .evaluate import format_table
    from .shards import Crops

    network = load_network(options.network)
    heads = train_heads(network, Crops(options.train), options.images, options.seed, options.heads)
    print(format_table(compare(network, heads, published_graph(), Crops(options.test, options.count))))


def _evaluate(options: argparse.Namespace) -> None:
    from ..body_layer import BodyLayer
    from .calibration import calibration, format_calibration
    from .checkpoints import load_network, published_graph
    from .compare import compare
    from .evaluate import format_table
    from .shards import Crops

    network, crops = load_network(options.network), Crops(options.crops)
    print(format_table(compare(network, {}, published_graph(), crops)))
    print(format_calibration(calibration(network, crops, BodyLayer().for_joints())))


_COMMANDS = {"crops": _crops, "pictures": _pictures, "train": _train, "compare": _compare, "evaluate": _evaluate}

if __name__ == "__main__":
    sys.exit(main())
