"""One target that poses go to, and its figures."""

from __future__ import annotations

import math
import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

from ..frame import SmplxFrame
from ..motion import levelled
from ..sources import clock_s
from ..statistics import WINDOW_S, events_per_s, since
from .stage import Body
from .target import Target
from .udp import UdpSender

_HISTORY = 1000  # more than fall into the window


@dataclass(frozen=True)
class StreamFigures:
    """A reading of a stream. Rates of the last seconds; latency from capture to packet in ms, nan where that is not known.

    poses, packets: sent in all; problem: what is wrong at present, in words, or empty.
    """

    poses_per_s: float
    packets_per_s: float
    latency_p50_ms: float
    latency_p95_ms: float
    poses: int
    packets: int
    problem: str

    def __str__(self) -> str:
        latency = "" if math.isnan(self.latency_p50_ms) else f", {self.latency_p50_ms:.0f} ms after capture"
        return f"{self.poses_per_s:.0f} poses/s in {self.packets_per_s:.0f} packets/s{latency}"


class Stream:
    """Sends poses to a target, upright where the camera was calibrated. `send`, `recentre` and `close` are called by one thread, `figures` by any."""

    def __init__(self, target: Target, body: Body) -> None:
        self.target = target
        self._body = body
        self._encoder = target.open_encoder(body)
        self._sender = UdpSender(target.host, target.port)
        self._period_s = 1.0 / target.options.rate
        self._due_s = 0.0
        self._poses = 0
        self._lock = threading.Lock()
        self._sent: deque[tuple[float, int, float]] = deque(maxlen=_HISTORY)  # when, how many packets, how late
        self._must_recentre = threading.Event()

    def send(self, pose: SmplxFrame, captured_s: float | None = None) -> None:
        """Unless the last one was sent just now. captured_s: when its picture was taken, on `clock_s`. Never waits for the network."""
        now_s = clock_s()
        if now_s < self._due_s - self._period_s / 2:
            return
        self._due_s = max(self._due_s, now_s) + self._period_s
        if self._must_recentre.is_set():
            self._must_recentre.clear()
            self._encoder.recentre()
        before = self._sender.packets
        if pose.ground is not None:
            pose = levelled(pose, self._body.rest_joints(pose.betas)[0])
        self._sender.send(self._encoder.encode(pose))
        sent_s = clock_s()
        latency_s = math.nan if captured_s is None else sent_s - captured_s
        if count := self._sender.packets - before:
            with self._lock:
                self._poses += 1
                self._sent.append((sent_s, count, latency_s))

    def recentre(self) -> None:
        """Take the person's next tracked place for the middle of the receivers' stage; from any thread."""
        self._must_recentre.set()

    def close(self) -> None:
        self._sender.close()

    def figures(self) -> StreamFigures:
        now_s = clock_s()
        with self._lock:
            sent = np.array(self._sent).reshape(-1, 3)
            poses = self._poses
        recent = sent[len(sent) - len(since(now_s - WINDOW_S, sent[:, 0])) :]
        poses_per_s = events_per_s(recent[:, 0], now_s)
        per_pose = float(recent[:, 1].mean()) if len(recent) else 0.0
        known = recent[~np.isnan(recent[:, 2]), 2]
        p50, p95 = 1000 * np.percentile(known, (50, 95)) if len(known) else (math.nan, math.nan)
        return StreamFigures(
            poses_per_s,
            poses_per_s * per_pose,
            float(p50),
            float(p95),
            poses,
            self._sender.packets,
            self._sender.problem,
        )
