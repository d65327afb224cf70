"""`python -m pose2pose_live.training.open_depths`: the body network's errors on drawn crops, and the depth network, which is trained on poses."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ...errors import Pose2PoseError


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="python -m pose2pose_live.training.open_depths", description=__doc__)
    commands = result.add_subparsers(dest="command", required=True)
    errors = commands.add_parser("errors", help="keep what a trained body network says of drawn crops")
    errors.add_argument("file", type=Path, help="where to keep it (.npz)")
    errors.add_argument("--network", type=Path, required=True, help="network.pt of `open_engine train`")
    errors.add_argument("--crops", type=Path, required=True, help="folder of `open_engine crops`")
    errors.add_argument("--count", type=int, default=5000)
    train = commands.add_parser("train", help="train the depth network; an interrupted run goes on where it stopped")
    train.add_argument("file", type=Path, help="for the network (.pt)")
    train.add_argument("--errors", type=Path, required=True, help="of crops that tell how sure the body network is")
    train.add_argument("--test", type=Path, help="errors of crops of other motion, to measure it on")
    train.add_argument("--motion", type=Path, help="bank file of `python -m pose2pose_live.training.synthetic motion`")
    train.add_argument("--poses", type=int, default=40_000, help="how many are drawn, beside the network's file")
    train.add_argument("--steps", type=int, default=5000)
    train.add_argument("--seed", type=int, default=0)
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status: 0, or 1 with one line that says what is wrong."""
    options = parser().parse_args(arguments)
    try:
        {"errors": _errors, "train": _train}[options.command](options)
    except Pose2PoseError as error:
        print(f"open_depths: {error}", file=sys.stderr)
        return 1
    return 0


def _errors(options: argparse.Namespace) -> None:
    from ..open_engine.checkpoints import load_network
    from ..open_engine.shards import Crops
    from .errors import errors_of, save_errors

    errors = errors_of(load_network(options.network), Crops(options.crops), options.count)
    save_errors(errors, options.file)
    print(f"{options.file}: {len(errors['sight'])} crops in which a person is seen")


def _train(options: argparse.Namespace) -> None:
    from .errors import load_errors
    from .loop import DepthTraining, depth_errors_mm, train_depths
    from .poses import Bodies, pool_of_poses

    test = None if options.test is None else load_errors(options.test)
    errors = load_errors(options.errors)
    poses = pool_of_poses(options.file.with_suffix(".poses.npy"), options.poses, options.motion, "train", options.seed)
    config = DepthTraining(steps=options.steps, seed=options.seed)
    network = train_depths(config, Bodies(poses), errors, options.file)
    if test is not None:
        for name, off in depth_errors_mm(network, test).items():
            print(f"depth of limbs in the picture, {name}: {off:.1f} mm off")


if __name__ == "__main__":
    sys.exit(main())
