"""`python -m pose2pose_live.training.open_parts`: crops of hands and faces, heads for them, figures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ...errors import Pose2PoseError


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="python -m pose2pose_live.training.open_parts", description=__doc__)
    commands = result.add_subparsers(dest="command", required=True)
    crops = commands.add_parser("crops", help="draw hands or faces; an interrupted run goes on where it stopped")
    crops.add_argument("part", choices=("hand", "face"))
    crops.add_argument("folder", type=Path)
    crops.add_argument("--count", type=int, default=12_000, help="pictures")
    crops.add_argument("--per-picture", type=int, default=2, help="crops")
    crops.add_argument("--seed", type=int, default=0)
    crops.add_argument("--split", choices=("train", "test"), default="train", help="whose motion clips")
    crops.add_argument(
        "--motion", type=Path, help="bank file made by `python -m pose2pose_live.training.synthetic motion`"
    )
    pictures = commands.add_parser("pictures", help="keep crops of real hands or faces, unlabelled")
    pictures.add_argument("part", choices=("hand", "face"))
    pictures.add_argument("folder", type=Path, help="where to keep them")
    pictures.add_argument("sources", type=Path, nargs="+", help="pictures, clips, or folders of them")
    pictures.add_argument(
        "--per-hand", type=int, default=2, help="crops of each hand in each picture; of a face one is kept"
    )
    pictures.add_argument("--every-frames", type=int, default=3, help="of clips")
    pictures.add_argument("--seed", type=int, default=0)
    compare = commands.add_parser("compare-hands", help="train the hand head and its rivals, and measure them")
    compare.add_argument("heads", type=Path, help="file for the heads, which is gone on with")
    compare.add_argument("--train", type=Path, required=True, help="folder of crops")
    compare.add_argument("--test", type=Path, required=True, help="folder of crops")
    compare.add_argument("--real", type=Path, help="folder of real crops")
    compare.add_argument("--steps", type=int, default=6000)
    compare.add_argument("--poolings", nargs="+", default=["guided", "global", "none", "vector"])
    compare.add_argument("--seed", type=int, default=0)
    train = commands.add_parser("train-hands", help="train the hand network end to end; an interrupted run goes on")
    train.add_argument("output", type=Path, help="folder for the network, which is gone on with")
    train.add_argument("--drawn", type=Path, nargs="+", required=True, help="folders of crops")
    train.add_argument("--real", type=Path, required=True, help="folder of real hands (`pictures hand`)")
    train.add_argument("--people", type=Path, required=True, help="folder of real people (`open_engine pictures`)")
    train.add_argument("--crops", type=int, help="how many are shown in all")
    train.add_argument("--batch", type=int)
    train.add_argument("--real-batch", type=int, help="real hands beside each batch")
    train.add_argument("--people-batch", type=int, help="parts of people beside each batch")
    train.add_argument("--share", type=float, help="of what the backbone has learnt, that stays at the end")
    train.add_argument("--head-last", type=int, help="crops for the head alone after that")
    train.add_argument("--pooling", choices=("guided", "global", "none", "vector"))
    train.add_argument("--device")
    train.add_argument("--seed", type=int)
    evaluate = commands.add_parser("evaluate-hands", help="measure trained hand networks")
    evaluate.add_argument("networks", type=Path, nargs="+", help="network.pt of their folders")
    evaluate.add_argument("--test", type=Path, required=True, help="folder of crops")
    evaluate.add_argument("--real", type=Path, required=True, help="folder of real hands")
    faces = commands.add_parser("compare-faces", help="train the face head and its rivals, and measure them")
    faces.add_argument("heads", type=Path, help="file for the heads")
    faces.add_argument("--train", type=Path, required=True, help="folder of crops")
    faces.add_argument("--test", type=Path, required=True, help="folder of crops")
    faces.add_argument("--real", type=Path, help="folder of real faces")
    faces.add_argument("--steps", type=int, default=3000)
    faces.add_argument("--seed", type=int, default=0)
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status: 0, or 1 with one line that says what is wrong."""
    options = parser().parse_args(arguments)
    try:
        _COMMANDS[options.command](options)
    except Pose2PoseError as error:
        print(f"open_parts: {error}", file=sys.stderr)
        return 1
    return 0


def _crops(options: argparse.Namespace) -> None:
    import numpy as np

    from ..synthetic.closeups import CloseUps
    from .shard_rows import Rows, write_rows

    people = CloseUps(options.count, options.seed, part=options.part, motion=options.motion, split=options.split)
    if options.part == "face":
        from .face_crops import FaceEyes, drawn_faces

        faces = FaceEyes()

        def look(index: int, rng: np.random.Generator) -> list[Rows]:
            return drawn_faces(people[index], faces, options.per_picture, rng)
    else:
        from .hand_crops import HandEyes, drawn_crops

        hands = HandEyes()

        def look(index: int, rng: np.random.Generator) -> list[Rows]:
            side = people.part_of(index).removesuffix("_hand")
            return drawn_crops(people[index], side, hands, options.per_picture, rng)

    seed = (options.seed, options.split == "test")
    described = people.options | {"per_picture": options.per_picture}
    write_rows(options.folder, options.count, described, lambda i: look(i, np.random.default_rng((*seed, i, 100))))
    people.close()


def _pictures(options: argparse.Namespace) -> None:
    from ...errors import TrainingError
    from .shard_rows import write_rows

    if options.part == "face":
        from .real_faces import real_faces

        kept = list(real_faces(options.sources, options.every_frames))
    else:
        from .real_hands import real_hands

        kept = list(real_hands(options.sources, options.per_hand, options.every_frames, options.seed))
    if not kept:
        raise TrainingError(f"{options.folder}: no {options.part} was found in any of the pictures; give others")
    described = {name: getattr(options, name) for name in ("part", "sources", "per_hand", "every_frames", "seed")}
    write_rows(options.folder, len(kept), described, lambda index: [kept[index]])


def _compare_hands(options: argparse.Namespace) -> None:
    from functools import partial

    from .hand_evaluate import format_table, geometric_answer, measure_hands
    from .hand_training import HandRows, HandTraining, answer_of, train_heads

    real = None if options.real is None else HandRows(options.real)
    config = HandTraining(steps=options.steps, seed=options.seed, poolings=tuple(options.poolings))
    heads = train_heads(config, HandRows(options.train), real, options.heads)
    columns = {"geometric": geometric_answer, **{name: partial(answer_of, head) for name, head in heads.items()}}
    print(format_table(measure_hands(columns, HandRows(options.test), real)))


def _train_hands(options: argparse.Namespace) -> None:
    from dataclasses import fields

    from .hand_end_to_end import HandFolders, HandRun, train_hand_net

    given = {field.name: getattr(options, field.name, None) for field in fields(HandRun)}
    config = HandRun(**{name: value for name, value in given.items() if value is not None})
    train_hand_net(config, HandFolders(options.drawn, options.real, options.people), options.output)


def _evaluate_hands(options: argparse.Namespace) -> None:
    import torch

    from ...network.hand_landmarker import ANSWERS
    from ..open_engine.checkpoints import load_hand_network
    from .hand_crops import LABELS
    from .hand_end_to_end import answers_of
    from .hand_evaluate import format_table, geometric_answer, measure_hands
    from .hand_pictures import HandPictures

    test, real = (
        HandPictures([folder], torch.device("cpu"), (*LABELS, *ANSWERS)) for folder in (options.test, options.real)
    )
    networks = {path.parent.name: answers_of(load_hand_network(path)) for path in options.networks}
    print(format_table(measure_hands({"geometric": geometric_answer, **networks}, test, real)))


def _compare_faces(options: argparse.Namespace) -> None:
    from .face_training import FaceRows, RealFaceRows, measure_faces, train_faces
    from .hand_evaluate import format_table

    real = None if options.real is None else RealFaceRows(options.real)
    heads = train_faces(FaceRows(options.train), real, options.steps, options.seed, options.heads)
    print(format_table(measure_faces(heads, FaceRows(options.test))))


_COMMANDS = {"crops": _crops, "pictures": _pictures, "compare-hands": _compare_hands, "compare-faces": _compare_faces,
             "train-hands": _train_hands, "evaluate-hands": _evaluate_hands}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
