"""The numbers of a running capture, counted where things happen."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

from .frame import FloatArray
from .sources import clock_s

WINDOW_S = 3.0
"""Rates and latencies that a person reads are those of the last seconds."""
_HISTORY = 10_000  # events that are remembered


@dataclass(frozen=True)
class Figures:
    """A reading of `Statistics`. Rates in frames per second, latency from capture to paint in ms (nan before the first paint).

    dropped: pictures of the source that were never estimated, since the first one that was. painted: poses shown in all.
    first_pose_s: seconds from the start to the first painted pose, or nan.
    """

    camera_fps: float
    estimated_fps: float
    shown_fps: float
    latency_p50_ms: float
    latency_p95_ms: float
    dropped: int
    painted: int
    first_pose_s: float


class Statistics:
    """Each method may be called from the one thread in which its event happens, `figures` from any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started_s = clock_s()
        self._captured_s: deque[float] = deque(maxlen=_HISTORY)
        self._estimated_s: deque[float] = deque(maxlen=_HISTORY)
        self._painted_s: deque[float] = deque(maxlen=_HISTORY)
        self._latency_s: deque[float] = deque(maxlen=_HISTORY)
        self._last_index: int | None = None
        self._dropped = 0
        self._painted = 0
        self._first_pose_s = float("nan")

    def captured(self) -> None:
        with self._lock:
            self._captured_s.append(clock_s())

    def estimated(self, index: int) -> None:
        """index: of the picture in its source; a gap is what got lost on the way here."""
        with self._lock:
            if self._last_index is not None:
                self._dropped += max(index - self._last_index - 1, 0)
            self._last_index = index
            self._estimated_s.append(clock_s())

    def restart_indices(self) -> None:
        """The next picture is of another source."""
        with self._lock:
            self._last_index = None

    def painted(self, captured_s: float) -> None:
        """A pose is on the screen whose picture was taken at captured_s."""
        now_s = clock_s()
        with self._lock:
            if not self._painted:
                self._first_pose_s = now_s - self._started_s
            self._painted += 1
            self._painted_s.append(now_s)
            self._latency_s.append(now_s - captured_s)

    def figures(self, window_s: float = WINDOW_S) -> Figures:
        """Rates and latencies over the last window_s seconds."""
        now_s = clock_s()
        with self._lock:
            captured, estimated, painted = (
                since(now_s - window_s, np.array(times_s))
                for times_s in (self._captured_s, self._estimated_s, self._painted_s)
            )
            latency_ms = 1000 * np.array(self._latency_s)[-len(painted) :] if len(painted) else np.array([np.nan])
            p50, p95 = np.percentile(latency_ms, (50, 95))
            return Figures(
                events_per_s(captured, now_s),
                events_per_s(estimated, now_s),
                events_per_s(painted, now_s),
                float(p50),
                float(p95),
                self._dropped,
                self._painted,
                self._first_pose_s,
            )


def since(start_s: float, times_s: FloatArray) -> FloatArray:
    """The ascending times from start_s on."""
    return times_s[np.searchsorted(times_s, start_s) :]


def events_per_s(times_s: FloatArray, now_s: float) -> float:
    """Events per second, which falls as soon as they stop coming."""
    if len(times_s) < 2:
        return 0.0
    span_s = float(times_s[-1] - times_s[0])
    overdue_s = max(now_s - float(times_s[-1]) - span_s / (len(times_s) - 1), 0.0)
    return (len(times_s) - 1) / (span_s + overdue_s) if span_s > 0 else 0.0
