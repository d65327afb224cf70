"""`python -m export networks`: fetch, convert, compare, write."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from export import detector, networks, parity, people, sources
from export.engine_file import write_engine

REPOSITORY = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str]) -> int:
    """Rebuild engines/open and assets/detector; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m export networks", description=__doc__)
    parser.add_argument(
        "--cache", type=Path, default=REPOSITORY / "build" / "packages", help="where downloaded wheels are kept"
    )
    parser.add_argument("--engine", type=Path, default=REPOSITORY / "engines" / "open", help="where the graphs go")
    parser.add_argument(
        "--detector", type=Path, default=REPOSITORY / "assets" / "detector", help="where the task bundles go"
    )
    parser.add_argument(
        "--images", type=Path, help="folder of pictures of people: compares with the published runtime and reports"
    )
    options = parser.parse_args(arguments)

    bundles = detector.write_bundles(options.detector, options.cache)
    published = {r.name: sources.read_network(r.source, options.cache) for r in networks.RECIPES}
    graphs = {r.name: networks.build(r, published[r.name]) for r in networks.RECIPES}
    report: dict[str, parity.Parity] = {}
    if options.images:
        report = parity.measure(graphs, published, people.read_pictures(options.images), bundles[0])
        parity.check_bars(report)
    else:
        print("no --images: the graphs are not compared with the published networks, engine.toml will hold no parity")
    write_engine(options.engine, graphs, report)
    for name, graph in graphs.items():
        print(f"{name}: {len(graph.graph.node)} nodes, {graph.ByteSize()} bytes")
        if name in report:
            values = ", ".join(f"{output} {value:.1e}" for output, value in report[name].differences.items())
            print(f"  largest difference over {report[name].crops} crops: {values}")
    for path in bundles:
        print(f"{path.name}: {path.stat().st_size} bytes")
    return 0
