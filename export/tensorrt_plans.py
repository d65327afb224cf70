"""Compiles an engine's graphs for a GPU with TensorRT or TensorRT-RTX.

`python -m export tensorrt [ENGINE]` builds for the GPU of this machine, where the application then finds the plans; see docs/runtimes.md.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from pose2pose_live.errors import ModelError
from pose2pose_live.inference import Engine
from pose2pose_live.inference.cuda import driver
from pose2pose_live.inference.tensorrt_plans import MODULES, PRECISIONS, build_plan, plan_path, store_plan


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m export tensorrt", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument(
        "engine", type=Path, metavar="ENGINE", nargs="?", help="name or folder (default: the bundled one)"
    )
    parser.add_argument("--runtime", choices=MODULES, default="tensorrt", help="default: %(default)s")
    parser.add_argument("--precision", choices=PRECISIONS, default=PRECISIONS[0], help="default: %(default)s")
    parser.add_argument("--for", dest="capabilities", metavar="SM86,SM89", type=lambda text: tuple(text.split(",")), default=(),
                        help="of TensorRT-RTX: build for these instead, which needs no GPU")  # fmt: skip
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="with --for: folder of the plans")
    parser.add_argument(
        "--no-plugin", action="store_true", help="standard operators in the place of our kernel, to compare"
    )
    options = parser.parse_args(arguments)
    if bool(options.capabilities) != (options.output is not None) or (
        options.capabilities and options.runtime == "tensorrt"
    ):
        parser.error("--for, --output and --runtime tensorrt-rtx belong together")
    engine = Engine.load(options.engine)
    gpu = None
    if not options.capabilities:
        try:
            gpu = driver().gpu
        except ModelError as error:
            raise ModelError(
                f"{error}; plans are built on the machine with the GPU, or for others with --for"
            ) from None
    for name, spec in engine.graphs.items():
        print(f"{name} ...", flush=True)
        start_s = time.perf_counter()
        plan = build_plan(
            options.runtime,
            spec.path,
            precision=options.precision,
            with_plugin=not options.no_plugin,
            capabilities=options.capabilities,
            on_step=lambda text: (
                print(f"    {text}", flush=True) if text.lower().startswith("building engine") else None
            ),
        )
        file = (
            options.output / f"{name}.plan"
            if gpu is None
            else plan_path(options.runtime, spec.path, options.precision, gpu)
        )
        store_plan(file, plan)
        print(f"{file}: {plan}; {time.perf_counter() - start_s:.1f} s")
        if plan.pools and not plan.has_plugin and options.runtime == "tensorrt" and not options.no_plugin:
            print("    TensorRT took standard operators instead of our plugin: slower, not wrong; please report it")
    return 0
