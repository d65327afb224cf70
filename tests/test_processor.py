"""How many cores are ours; and what no picture waits for leaves them to what pictures wait for."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from pose2pose_live.detection.tracker import PersonTracker
from pose2pose_live.estimation.parts import PartTracker
from pose2pose_live.mocap import MotionCapture
from pose2pose_live.processor import core_count, give_way
from pose2pose_live.resources import asset_path
from pose2pose_live.sources import VideoSource

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux alone")


def _niceness(*_: Any) -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_cores_that_are_not_ours_do_not_count():
    ours = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(ours)})
        assert core_count() == 1
    finally:
        os.sched_setaffinity(0, ours)
    assert core_count() == len(ours)


def test_one_thread_gives_way_and_no_other():
    with ThreadPoolExecutor(1, initializer=give_way) as beside, ThreadPoolExecutor(1) as other:
        assert beside.submit(_niceness).result() == min(_niceness() + 10, 19)
        assert other.submit(_niceness).result() == _niceness()


def test_searches_and_rechecks_give_way_and_looks_do_not(mocap: MotionCapture, monkeypatch: pytest.MonkeyPatch):
    found: dict[str, set[int]] = {"look": set(), "search": set(), "recheck": set()}

    def noting(kind: str | None, function: Any) -> Any:
        def noted(*arguments: Any) -> Any:
            name = kind or ("search" if threading.current_thread().name.startswith("search") else "look")
            found[name].add(_niceness() - _niceness_here)
            return function(*arguments)

        return noted

    _niceness_here = _niceness()
    monkeypatch.setattr(PartTracker, "_find", noting(None, PartTracker._find))
    detect = mocap._detector
    tracker = PersonTracker(
        lambda image: noting("recheck" if threading.current_thread().name.startswith("recheck") else "look", detect)(
            image
        )
    )
    monkeypatch.setattr(mocap, "_tracker", tracker)
    monkeypatch.setattr(mocap, "controls", replace(mocap.controls, is_live=True))
    with VideoSource(asset_path("demo.mp4")) as video:
        for picture in video:
            mocap(picture)
            if picture.time_s > 5:
                break
    tracker.close()
    assert found == {"look": {0}, "search": {10}, "recheck": {10}}
