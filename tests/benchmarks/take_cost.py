"""What takes cost: listing 500, replaying one of eight hours, and trimming four out of it: `python -m tests.benchmarks.take_cost`. Needs 6 GB of disk."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from pose2pose_live.recording import save_arrays, take_arrays
from pose2pose_live.sinks.journal import RECORD
from pose2pose_live.takes import TakeReplay, list_takes, trim_take

TAKES, FPS, HOURS, FRAMES = 500, 30, 8, 1000


def write_take(path: Path, rows: int) -> None:
    """Through a file of records, as recording does: eight hours do not fit into memory."""
    with tempfile.NamedTemporaryFile(dir=path.parent) as file:
        records = np.memmap(file.name, RECORD, "w+", shape=(rows,))
        records["time_s"] = np.arange(rows) / FPS
        records["index"] = np.arange(rows)
        records["camera"] = (500, 500, 320, 240)
        save_arrays(path, take_arrays(records, fps=FPS, body_model="body", app_version="1"))


def main() -> None:
    folder = Path(tempfile.mkdtemp(dir=sys.argv[1] if len(sys.argv) > 1 else None))
    try:
        write_take(folder / "take.npz", 10 * FPS)
        for number in range(2, TAKES + 1):
            shutil.copy(folder / "take.npz", folder / f"take_{number}.npz")
        for _ in range(3):
            start_s = time.perf_counter()
            count = len(list_takes(folder))
            print(f"{count} takes listed in {time.perf_counter() - start_s:.2f} s")
        write_take(folder / "long.npz", HOURS * 3600 * FPS)
        print(f"a take of {HOURS} hours: {(folder / 'long.npz').stat().st_size / 1e9:.2f} GB")
        before = psutil.Process().memory_info().rss
        with TakeReplay(folder / "long.npz") as replay:
            moments_s = np.random.default_rng(0).uniform(0, replay.duration_s, FRAMES)
            start_s = time.perf_counter()
            for moment_s in moments_s:
                replay.frame_at(moment_s)
            each_ms = 1000 * (time.perf_counter() - start_s) / FRAMES
            print(f"a frame of it at random: {each_ms:.2f} ms; memory grew by {_grown_mb(before):.0f} MB")
        start_s = time.perf_counter()
        trim_take(folder / "long.npz", 3600, 5 * 3600)
        print(f"four hours cut out: {time.perf_counter() - start_s:.1f} s; memory grew by {_grown_mb(before):.0f} MB")
    finally:
        shutil.rmtree(folder)


def _grown_mb(before: int) -> float:
    return (psutil.Process().memory_info().rss - before) / 1e6


if __name__ == "__main__":
    main()
