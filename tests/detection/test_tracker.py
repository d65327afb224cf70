"""One person is locked on to."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from pose2pose_live.detection.region import Region
from pose2pose_live.detection.tracker import PersonTracker
from pose2pose_live.frame import CameraFrame

IMAGE = np.zeros((480, 640, 3), np.uint8)
FIRST, SECOND = Region(200, 240, 200), Region(500, 240, 300)


def at(time_s: float) -> CameraFrame:
    return CameraFrame(IMAGE, time_s, round(time_s * 30))


class Detector:
    def __init__(self, *people: Region) -> None:
        self.people = list(people)
        self.calls = 0

    def __call__(self, image: np.ndarray) -> list[Region]:
        self.calls += 1
        return list(self.people)


def track(tracker: PersonTracker, start_s: float, seconds: float, region: Region) -> float:
    time_s = start_s
    while time_s < start_s + seconds:
        tracker.propose(at(time_s))
        assert tracker.follow(at(time_s), region)
        time_s += 1 / 30
    return time_s


def test_the_first_of_the_detector_is_taken():
    tracker = PersonTracker(Detector(SECOND, FIRST))
    assert tracker.propose(at(0)) == (SECOND, True)


def test_the_detector_rests_while_a_person_is_tracked():
    detector = Detector(FIRST)
    tracker = PersonTracker(detector)
    track(tracker, 0, 10, FIRST)
    assert detector.calls <= 4  # at the start, and every few seconds


def test_a_second_larger_person_does_not_steal_the_track():
    detector = Detector(FIRST)
    tracker = PersonTracker(detector)
    time_s = track(tracker, 0, 1, FIRST)
    detector.people = [SECOND, FIRST]
    track(tracker, time_s, 20, FIRST)
    assert tracker.region == FIRST


def test_lost_for_a_moment_the_same_person_is_waited_for():
    detector = Detector(FIRST)
    tracker = PersonTracker(detector)
    time_s = track(tracker, 0, 1, FIRST)
    detector.people = [SECOND]
    tracker.lose()
    assert tracker.propose(at(time_s + 0.3))[0] is None
    assert tracker.same_person(at(time_s + 0.3))
    detector.people = [SECOND, Region(215, 245, 190)]
    assert tracker.propose(at(time_s + 0.6))[0] == Region(215, 245, 190)


def test_lost_for_more_than_a_second_the_next_person_is_taken():
    detector = Detector(FIRST)
    tracker = PersonTracker(detector)
    time_s = track(tracker, 0, 1, FIRST)
    detector.people = [SECOND]
    tracker.lose()
    assert tracker.propose(at(time_s + 1.2)) == (SECOND, True)
    assert not tracker.same_person(at(time_s + 1.2))


def test_a_track_that_jumps_to_someone_else_is_refused():
    tracker = PersonTracker(Detector(FIRST))
    time_s = track(tracker, 0, 1, FIRST)
    assert not tracker.follow(at(time_s), SECOND)
    assert tracker.region is None


def test_a_track_that_strayed_from_every_person_is_given_up():
    detector = Detector(FIRST)
    tracker = PersonTracker(detector)
    time_s = track(tracker, 0, 1, FIRST)
    detector.people = [SECOND]
    found = []
    for _ in range(30 * 12):
        time_s += 1 / 30
        region, is_rough = tracker.propose(at(time_s))
        assert region is not None
        assert not (
            is_rough and tracker.same_person(at(time_s))
        )  # the next one is not given the shape of the one before
        found.append(region)
        tracker.follow(at(time_s), region)
    assert found[0] == FIRST
    assert found[-1] == SECOND


def test_a_detector_that_sees_nobody_does_not_end_a_good_track():
    detector = Detector(FIRST)
    tracker = PersonTracker(detector)
    time_s = track(tracker, 0, 1, FIRST)
    detector.people = []
    track(tracker, time_s, 20, FIRST)
    assert tracker.region == FIRST


def test_what_a_search_found_counts_in_the_next_picture_without_looking_again():
    detector = Detector(FIRST)
    tracker = PersonTracker(detector)
    assert tracker.search(at(0))
    assert tracker.propose(at(0.1)) == (FIRST, True)
    tracker.follow(at(0.1), FIRST)
    assert not tracker.search(at(0.13))  # somebody is tracked
    assert detector.calls == 1
    tracker.lose()
    assert tracker.search(at(0.4))
    assert not tracker.search(at(0.43))  # too soon after the last one
    tracker.reset()  # what was found is of another source
    detector.people = [SECOND]
    assert tracker.propose(at(0.5)) == (SECOND, True)


def test_searching_costs_little_when_nobody_is_there():
    detector = Detector(FIRST)
    tracker = PersonTracker(detector)
    time_s = track(tracker, 0, 1, FIRST)
    detector.people = []
    tracker.lose()
    before = detector.calls
    for i in range(30):
        tracker.propose(at(time_s + i / 30))
    assert 3 <= detector.calls - before <= 7


@pytest.mark.parametrize(("other", "expected"), [(FIRST, 1.0), (SECOND, 0.0), (Region(300, 240, 200), 1 / 3)])
def test_overlap(other: Region, expected: float):
    assert FIRST.overlap(other) == pytest.approx(expected, abs=0.06)


def test_no_picture_waits_for_a_recheck():
    going_on, may_end = threading.Event(), threading.Event()

    def detect(image: np.ndarray) -> list[Region]:
        if threading.current_thread() is not threading.main_thread():
            going_on.set()
            assert may_end.wait(10)
        return [FIRST]

    tracker = PersonTracker(detect)
    time_s = track(tracker, 0, 3.9, FIRST)
    while not going_on.is_set():
        tracker.propose(at(time_s))
        time_s += 1 / 30
    assert tracker.propose(at(time_s)) == (FIRST, False)  # with the detector still at work
    may_end.set()
    track(tracker, time_s + 1 / 30, 1, FIRST)
    tracker.close()


def test_a_recheck_counts_in_the_same_picture_whatever_the_detector_takes():
    def lost_at(delay_s: float) -> int:
        def detect(image: np.ndarray) -> list[Region]:
            if threading.current_thread() is not threading.main_thread():
                time.sleep(delay_s)
                return [SECOND]
            return [FIRST]

        tracker = PersonTracker(detect)
        for index in range(1000):
            if tracker.propose(at(index / 30)) == (FIRST, True) and index:
                tracker.close()
                return index
            tracker.follow(at(index / 30), FIRST)
        raise AssertionError("the stray track was kept")

    assert lost_at(0.0) == lost_at(0.05)
