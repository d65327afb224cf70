"""What a frame costs each kind of stream, from pose to packets on the loopback device: `python -m tests.benchmarks.stream_cost`."""

from __future__ import annotations

import socket
import time

import numpy as np

from pose2pose_live.body import BodyModel
from pose2pose_live.streaming import Target
from pose2pose_live.streaming.udp import UdpSender
from tests.body.reference import random_frame

TARGETS = ("vmc", "vmc?mirror=yes", "vmc?parts=body,legs,hands", "vrchat", "osc", "osc?values=quat,trans")
ROUNDS, FRAMES = 9, 200


def milliseconds_per_frame(body: BodyModel, text: str, port: int) -> tuple[float, float, int]:
    """Least and median over the rounds, and packets per frame."""
    encoder = Target.parse(text).open_encoder(body)
    sender = UdpSender("127.0.0.1", port)
    frames = [random_frame(0).with_full_pose(random_frame(seed).full_pose) for seed in range(20)]
    rounds = []
    for _ in range(ROUNDS):
        start_s = time.thread_time()  # what else runs on the machine does not count
        for i in range(FRAMES):
            sender.send(encoder.encode(frames[i % len(frames)]))
        rounds.append(1000 * (time.thread_time() - start_s) / FRAMES)
    count = len(encoder.encode(frames[0]))
    sender.close()
    return min(rounds), float(np.median(rounds)), count


def main() -> None:
    body = BodyModel.load()
    with socket.socket(
        socket.AF_INET, socket.SOCK_DGRAM
    ) as receiver:  # nobody reads: its buffer fills, and that is all
        receiver.bind(("127.0.0.1", 0))
        print(f"{'target':28} {'least':>8} {'median':>8}  ms of processor time per frame")
        for text in TARGETS:
            least, median, count = milliseconds_per_frame(body, text, receiver.getsockname()[1])
            print(f"{text:28} {least:8.3f} {median:8.3f}  {count} packets")


if __name__ == "__main__":
    main()
