from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, cast

import pytest

from pose2pose_live.errors import Pose2PoseError, RecordingError, SourceError
from pose2pose_live.frame import CameraFrame, SmplxFrame
from pose2pose_live.pipeline import Ended, Event, Failed, LatestSlot, LiveFrame, Pipeline, Ready, Recorded, estimation
from pose2pose_live.sources import FrameSource
from pose2pose_live.statistics import Statistics
from pose2pose_live.streaming import Stream

from .fakes import FakeMocap, FakeSource


class ListSink:
    def __init__(self, *, write_s: float = 0.0, fails_at: int | None = None) -> None:
        self.indices: list[int] = []
        self.closes = 0
        self._write_s, self._fails_at = write_s, fails_at

    def write(self, pose: SmplxFrame, picture: CameraFrame) -> None:
        if len(self.indices) == self._fails_at:
            raise RecordingError("the disk is full; free some space")
        time.sleep(self._write_s)
        assert pose.index == picture.index
        self.indices.append(picture.index)

    def close(self) -> None:
        self.closes += 1


class ListView:
    def __init__(self, *, draw_s: float = 0.0) -> None:
        self.frames: list[LiveFrame] = []
        self.threads: set[str] = set()
        self.closed = False
        self._draw_s = draw_s

    def set_body(self, body: Any) -> None:
        self.body = body

    def draw(self, frame: LiveFrame) -> None:
        time.sleep(self._draw_s)
        self.threads.add(threading.current_thread().name)
        self.frames.append(frame)

    def close(self) -> None:
        self.closed = True


class Rig:
    """A pipeline over fakes, and everything it told."""

    def __init__(
        self, source: FakeSource | None = None, mocap: FakeMocap | None = None, view: ListView | None = None
    ) -> None:
        self.source, self.mocap, self.view = source or FakeSource(), mocap or FakeMocap(), view or ListView()
        self.events: list[Event] = []
        self.pipeline = Pipeline(lambda: self.view, self.events.append)
        self.pipeline.set_source(lambda: self.source)
        self.pipeline.set_mocap(lambda: self.mocap)

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + 5
        while not condition():
            assert time.monotonic() < deadline, f"never happened: {what}; events: {self.events}"
            time.sleep(0.002)

    def found(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def run_until_painted(self, count: int) -> None:
        self.pipeline.start()
        self.wait_for(lambda: len([f for f in self.view.frames if f.pose]) >= count, f"{count} poses drawn")


@pytest.fixture
def rigs() -> Iterator[Callable[..., Rig]]:
    made: list[Rig] = []

    def make(**parts: Any) -> Rig:
        made.append(Rig(**parts))
        return made[-1]

    yield make
    for rig in made:
        assert rig.pipeline.stop()


def test_slot_keeps_the_newest_and_counts_the_rest() -> None:
    slot: LatestSlot[int] = LatestSlot()
    for item in (1, 2, 3):
        slot.put(item)
    assert slot.get() == 3
    assert slot.dropped == 2
    assert slot.take() is None
    slot.put(4)
    assert slot.take() == 4
    assert slot.is_empty
    slot.close()
    assert slot.get() is None


def test_closing_a_slot_wakes_both_who_wait_for_it() -> None:
    slot: LatestSlot[int] = LatestSlot()
    full: LatestSlot[int] = LatestSlot()
    full.put(1)
    waiting = [threading.Thread(target=slot.get), threading.Thread(target=full.wait_until_taken)]
    for thread in waiting:
        thread.start()
    slot.close()
    full.close()
    for thread in waiting:
        thread.join(1)
        assert not thread.is_alive()


def test_poses_are_drawn_with_their_own_pictures_in_one_thread(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.run_until_painted(10)
    posed = [frame for frame in rig.view.frames if frame.pose is not None]
    assert all(frame.pose is not None and frame.pose.index == frame.picture.index for frame in posed)
    indices = [frame.picture.index for frame in posed]
    assert indices == sorted(set(indices))
    assert rig.view.threads == {"render"}
    assert rig.view.body is rig.mocap.body
    assert {event.stage for event in rig.found(Ready)} == {"capture", "estimation", "render"}


def test_slow_estimation_gets_the_newest_pictures_and_counts_the_lost_ones(rigs: Callable[..., Rig]) -> None:
    rig = rigs(source=FakeSource(fps=100), mocap=FakeMocap(delay_s=0.05))
    rig.run_until_painted(6)
    rig.pipeline.stop()
    posed = [frame for frame in rig.view.frames if frame.pose is not None]
    lost = posed[-1].picture.index - posed[0].picture.index + 1 - len(posed)
    assert lost >= 10
    figures = rig.pipeline.statistics.figures()
    assert abs(figures.dropped - lost) <= 5  # what was estimated but not drawn before the stop
    # Fresh: none waited for more than one estimation, whatever was lost.
    assert all(frame.captured_s is not None for frame in posed)


def test_before_the_estimator_is_loaded_pictures_are_shown_without_pose(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    loaded = threading.Event()

    def open_mocap() -> FakeMocap:
        loaded.wait(5)
        return rig.mocap

    rig.pipeline = Pipeline(lambda: rig.view, rig.events.append)
    rig.pipeline.set_source(lambda: rig.source)
    rig.pipeline.set_mocap(open_mocap)
    rig.pipeline.start()
    rig.wait_for(lambda: len(rig.view.frames) >= 3, "pictures before poses")
    assert all(frame.pose is None for frame in rig.view.frames)
    loaded.set()
    rig.wait_for(lambda: rig.view.frames[-1].pose, "poses")
    assert rig.pipeline.statistics.figures().dropped == 0  # nobody could have estimated those


def test_recording_takes_every_pose_between_attach_and_detach_in_order(rigs: Callable[..., Rig]) -> None:
    estimated: list[int] = []

    class LoggingMocap(FakeMocap):
        def solve(self, picture: CameraFrame) -> SmplxFrame:
            estimated.append(picture.index)
            return super().solve(picture)

    rig = rigs(mocap=LoggingMocap())
    rig.run_until_painted(3)
    sink = ListSink()
    rig.pipeline.attach(sink)
    assert rig.pipeline.recording is not None
    writer = rig.pipeline.recording
    rig.wait_for(lambda: writer.written >= 12, "12 poses written")
    rig.pipeline.detach()
    assert rig.pipeline.recording is None
    rig.wait_for(lambda: rig.found(Recorded), "Recorded")
    first = estimated.index(sink.indices[0])
    assert sink.indices == estimated[first : first + len(sink.indices)]
    assert sink.closes == 1
    event = rig.found(Recorded)[0]
    assert (event.sink, event.written, event.dropped) == (sink, len(sink.indices), 0)
    assert writer.duration_s == pytest.approx((sink.indices[-1] - sink.indices[0]) / 60, abs=1e-6)


def test_a_second_take_follows_the_first(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.run_until_painted(1)
    sinks = [ListSink(), ListSink()]
    for number, sink in enumerate(sinks, 1):
        rig.pipeline.attach(sink)
        with pytest.raises(ValueError, match="detach it first"):
            rig.pipeline.attach(ListSink())
        rig.wait_for(partial(lambda sink: len(sink.indices) >= 3, sink), "3 poses written")
        rig.pipeline.detach()
        rig.wait_for(partial(lambda number: len(rig.found(Recorded)) == number, number), "Recorded")
    assert sinks[0].indices[-1] < sinks[1].indices[0]


def test_a_late_sink_loses_poses_but_never_slows_the_rest_and_says_how_many(rigs: Callable[..., Rig]) -> None:
    rig = rigs(source=FakeSource(fps=400))
    rig.run_until_painted(1)
    sink = ListSink(write_s=0.02)
    rig.pipeline.attach(sink)
    writer = rig.pipeline.recording
    assert writer is not None
    rig.wait_for(lambda: writer.dropped >= 20, "poses dropped by the writer")
    assert rig.pipeline.statistics.figures().estimated_fps > 150
    rig.pipeline.detach()
    rig.wait_for(lambda: rig.found(Recorded), "Recorded")
    event = rig.found(Recorded)[0]
    assert event.written == len(sink.indices)
    assert event.dropped == writer.dropped


def test_a_sink_that_fails_is_reported_once_and_closed(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.run_until_painted(1)
    sink = ListSink(fails_at=2)
    rig.pipeline.attach(sink)
    rig.wait_for(lambda: rig.found(Failed), "Failed")
    rig.pipeline.detach()
    rig.wait_for(lambda: sink.closes, "the sink is closed")
    assert [event.stage for event in rig.found(Failed)] == ["recording"]
    assert "disk is full" in str(rig.found(Failed)[0].error)
    assert not rig.found(Recorded)


@pytest.mark.parametrize(
    ("parts", "stage", "text"),
    [
        (lambda: {"source": FakeSource(fails_at=5)}, "capture", "unplugged"),
        (lambda: {"mocap": FakeMocap(fails_at=5)}, "estimation", r"ZeroDivisionError: a bug\). Please report"),
    ],
)
def test_a_stage_that_fails_says_so_and_the_rest_can_be_stopped(
    rigs: Callable[..., Rig], parts: Callable[[], dict[str, Any]], stage: str, text: str
) -> None:
    rig = rigs(**parts())
    rig.pipeline.start()
    rig.wait_for(lambda: rig.found(Failed), "Failed")
    failed = rig.found(Failed)[0]
    assert failed.stage == stage
    assert isinstance(failed.error, Pose2PoseError)
    with pytest.raises(Pose2PoseError, match=text):
        raise failed.error
    assert rig.pipeline.stop()
    assert rig.source.closed
    assert rig.mocap.closed
    assert rig.view.closed


def test_a_source_that_cannot_be_opened_is_reported(rigs: Callable[..., Rig]) -> None:
    rig = rigs()

    def open_capture() -> FrameSource:
        raise SourceError("there is no camera 7")

    rig.pipeline.set_source(open_capture)
    rig.pipeline.start()
    rig.wait_for(lambda: rig.found(Failed), "Failed")
    assert str(rig.found(Failed)[0].error) == "there is no camera 7"


def test_a_source_that_is_not_live_has_each_picture_estimated_and_recorded_then_ends(rigs: Callable[..., Rig]) -> None:
    rig = rigs(source=FakeSource(live=False, length=40), mocap=FakeMocap(delay_s=0.002))
    sink = ListSink()
    rig.pipeline.attach(sink)
    rig.pipeline.start()
    rig.wait_for(lambda: rig.found(Ended), "Ended")
    rig.wait_for(lambda: len(sink.indices) == 40, "all pictures recorded")
    assert sink.indices == list(range(40))
    assert rig.pipeline.statistics.figures().dropped == 0


class FakeStream:
    """Notes what it is sent; send takes send_s, and fails from the n-th pose on."""

    def __init__(self, *, send_s: float = 0.0, fails_at: int | None = None) -> None:
        self.sent: list[tuple[int, float | None]] = []
        self.closes = 0
        self._send_s, self._fails_at = send_s, fails_at

    def send(self, pose: SmplxFrame, captured_s: float | None = None) -> None:
        if len(self.sent) == self._fails_at:
            raise ZeroDivisionError("a bug")
        time.sleep(self._send_s)
        self.sent.append((pose.index, captured_s))

    def close(self) -> None:
        self.closes += 1


def test_a_target_that_waits_or_fails_slows_neither_capture_nor_the_other_targets(rigs: Callable[..., Rig]) -> None:
    rig = rigs(source=FakeSource(fps=100))
    slow, broken, good = FakeStream(send_s=0.5), FakeStream(fails_at=3), FakeStream()
    for stream in (slow, broken, good):
        rig.pipeline.add_stream(cast(Stream, stream))
    rig.run_until_painted(100)
    figures = rig.pipeline.statistics.figures()
    assert figures.estimated_fps > 30  # whoever waited for the slow one would come to 2
    assert len(good.sent) >= 60
    assert len(slow.sent) <= len(good.sent) / 5
    assert [event.stage for event in rig.found(Failed)] == ["streaming"]
    assert broken.closes == 1
    assert all(captured_s is not None for _, captured_s in good.sent)


def test_a_slow_target_gets_the_newest_pose(rigs: Callable[..., Rig]) -> None:
    rig = rigs(source=FakeSource(fps=100))
    stream = FakeStream(send_s=0.1)
    rig.pipeline.add_stream(cast(Stream, stream))
    rig.run_until_painted(60)
    first, second = stream.sent[1][0], stream.sent[2][0]
    assert second - first >= 4


def test_a_target_that_was_removed_gets_nothing_more_and_is_closed(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    gone, kept = FakeStream(), FakeStream()
    for stream in (gone, kept):
        rig.pipeline.add_stream(cast(Stream, stream))
    rig.run_until_painted(5)
    rig.pipeline.remove_stream(cast(Stream, gone))
    rig.wait_for(lambda: gone.closes, "the stream is closed")
    count = len(gone.sent)
    before = len(kept.sent)
    rig.wait_for(lambda: len(kept.sent) >= before + 5, "the other one goes on")
    assert len(gone.sent) == count
    rig.pipeline.stop()
    rig.wait_for(lambda: kept.closes, "the other stream is closed")
    assert (gone.closes, kept.closes) == (1, 1)


def test_redraw_shows_the_last_pose_again_and_is_no_new_capture(rigs: Callable[..., Rig]) -> None:
    rig = rigs(source=FakeSource(live=False, length=3))
    rig.pipeline.start()
    rig.wait_for(lambda: rig.view.frames and rig.view.frames[-1].picture.index == 2, "the last picture")
    drawn = len(rig.view.frames)
    rig.pipeline.redraw()
    rig.wait_for(lambda: len(rig.view.frames) > drawn, "another drawing")
    assert rig.view.frames[-1].picture.index == 2
    assert rig.view.frames[-1].captured_s is None


def test_stop_ends_all_threads_soon_and_finishes_the_recording(rigs: Callable[..., Rig]) -> None:
    rig = rigs(view=ListView(draw_s=0.05))
    rig.run_until_painted(2)
    sink = ListSink()
    rig.pipeline.attach(sink)
    rig.wait_for(lambda: sink.indices, "a pose written")
    start = time.monotonic()
    assert rig.pipeline.stop()
    assert time.monotonic() - start < 1
    assert sink.closes == 1
    names = {thread.name for thread in threading.enumerate()}
    assert not names & {"capture", "estimation", "render", "writer", "streamer"}


def test_stop_is_bounded_when_a_camera_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pose2pose_live.pipeline.pipeline._JOIN_TIMEOUT_S", 0.2)
    released = threading.Event()

    class HangingSource(FakeSource):
        def read(self) -> CameraFrame | None:
            released.wait(10)
            return None

    rig = Rig(source=HangingSource())
    rig.pipeline.start()
    rig.wait_for(lambda: rig.found(Ready), "Ready")
    start = time.monotonic()
    assert not rig.pipeline.stop()
    assert time.monotonic() - start < 1
    released.set()


def test_statistics_count_rates_gaps_and_latency(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr("pose2pose_live.statistics.clock_s", lambda: now_s)
    statistics = Statistics()
    for i in range(60):  # three seconds at 20 fps, every fourth picture lost, painted after 10 ms and once after 100 ms
        now_s = 100 + i / 20
        statistics.captured()
        if i % 4 != 3:
            statistics.estimated(i)
            captured_s, now_s = now_s, now_s + (0.1 if i == 40 else 0.01)
            statistics.painted(captured_s)
    now_s = 103.0
    figures = statistics.figures(10.0)
    assert figures.camera_fps == pytest.approx(20, rel=0.02)
    assert figures.estimated_fps == pytest.approx(15, rel=0.05)
    assert figures.shown_fps == pytest.approx(15, rel=0.05)
    assert figures.latency_p50_ms == pytest.approx(10)
    assert 10 <= figures.latency_p95_ms < 100
    assert figures.dropped == 14
    assert figures.painted == 45
    assert figures.first_pose_s == pytest.approx(0.01)
    now_s = 106.0
    assert statistics.figures(3.0).camera_fps == 0.0  # it fell silent


def test_another_source_follows_at_once_and_its_person_is_looked_for_anew(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.run_until_painted(5)
    second = FakeSource()
    rig.pipeline.set_source(lambda: second)
    rig.wait_for(lambda: len(rig.found(Ready)) == 4, "the second source is ready")
    rig.wait_for(lambda: rig.view.frames[-1].source_number == 2, "a picture of the second source")
    assert rig.source.closed
    assert rig.pipeline.source is second
    assert rig.mocap.resets == 1
    assert rig.pipeline.statistics.figures().dropped <= 3  # the numbers of its pictures start anew, which is no loss


def test_the_person_is_looked_for_anew_after_a_cut_even_if_its_picture_was_passed_over(
    rigs: Callable[..., Rig],
) -> None:
    class Cut(FakeSource):
        def read(self) -> CameraFrame | None:
            picture = super().read()
            return picture and replace(picture, cuts=picture.index // 20)

    rig = rigs(source=Cut(fps=200), mocap=FakeMocap(delay_s=0.02))
    rig.pipeline.start()
    rig.wait_for(lambda: rig.view.frames and rig.view.frames[-1].picture.cuts == 2, "the third scene")
    assert rig.mocap.resets == 2


def test_after_a_source_failed_the_next_one_is_read(rigs: Callable[..., Rig]) -> None:
    rig = rigs(source=FakeSource(fails_at=3))
    rig.pipeline.start()
    rig.wait_for(lambda: rig.found(Failed), "Failed")
    rig.pipeline.set_source(FakeSource)
    rig.wait_for(lambda: rig.view.frames and rig.view.frames[-1].source_number == 2, "a picture of the second source")


def test_a_source_that_waits_is_interrupted_by_the_next_and_by_the_end(rigs: Callable[..., Rig]) -> None:
    class Paused(FakeSource):
        def __init__(self) -> None:
            super().__init__()
            self.woken = threading.Event()

        def read(self) -> CameraFrame | None:
            self.woken.wait(10)
            return None

        def interrupt(self) -> None:
            self.woken.set()

    paused, again = Paused(), Paused()
    rig = rigs(source=paused)
    rig.pipeline.start()
    rig.wait_for(lambda: rig.pipeline.source is paused, "the first source is read")
    rig.pipeline.set_source(lambda: again)
    rig.wait_for(lambda: rig.pipeline.source is again, "the second source is read")
    start = time.monotonic()
    assert rig.pipeline.stop()
    assert time.monotonic() - start < 1
    assert not rig.found(Ended)  # neither came to its end


def test_no_source_closes_the_one_before(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.run_until_painted(2)
    rig.pipeline.set_source(lambda: None)
    rig.wait_for(lambda: rig.source.closed, "the source is closed")
    rig.wait_for(lambda: rig.pipeline.source is None, "no source")
    assert not rig.found(Failed)
    assert not rig.found(Ended)


def test_estimation_goes_on_while_another_estimator_loads_and_then_changes_over(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.run_until_painted(2)
    loaded, second = threading.Event(), FakeMocap()

    def load() -> FakeMocap:
        loaded.wait(5)
        return second

    rig.pipeline.set_mocap(load)
    drawn = len(rig.view.frames)
    rig.wait_for(lambda: len(rig.view.frames) > drawn + 5, "poses of the first")
    assert not rig.mocap.closed
    loaded.set()
    rig.wait_for(lambda: rig.mocap.closed and rig.view.body is second.body, "poses of the second")
    assert rig.pipeline.body is second.body
    assert not second.closed


def test_an_estimator_that_cannot_be_loaded_leaves_the_present_one(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.run_until_painted(2)

    def fail() -> FakeMocap:
        raise SourceError("the engine is broken")

    rig.pipeline.set_mocap(fail)
    rig.wait_for(lambda: rig.found(Failed), "Failed")
    assert rig.found(Failed)[0].stage == "loading"
    drawn = len(rig.view.frames)
    rig.wait_for(lambda: len(rig.view.frames) > drawn + 5, "more poses")
    assert not rig.mocap.closed


@pytest.mark.usefixtures("looks_ahead")
@pytest.mark.parametrize("step", ["observe", "solve"])
def test_after_an_estimator_failed_pictures_are_shown_and_another_one_takes_over(
    rigs: Callable[..., Rig], step: str
) -> None:
    rig = rigs(mocap=FakeMocap(fails_at=3, step=step))
    rig.pipeline.start()
    rig.wait_for(lambda: rig.found(Failed), "Failed")
    assert rig.mocap.closed
    rig.wait_for(lambda: rig.view.frames[-1].pose is None, "pictures without pose")
    rig.pipeline.set_mocap(FakeMocap)
    rig.wait_for(lambda: rig.view.frames[-1].pose is not None, "poses again")


@pytest.fixture(params=[True, False], ids=["many_cores", "two_cores"])
def looks_ahead(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(estimation, "_LOOKS_AHEAD", request.param)
    return bool(request.param)


def test_one_picture_is_looked_at_while_the_one_before_is_solved_if_there_are_cores_for_it(
    rigs: Callable[..., Rig], looks_ahead: bool
) -> None:
    steps: list[tuple[str, int]] = []
    looked_at_next = threading.Event()

    class WaitingMocap(FakeMocap):
        def observe(self, picture: CameraFrame) -> CameraFrame:
            steps.append(("observe", picture.index))
            if len(steps) > 1:
                looked_at_next.set()
            return super().observe(picture)

        def solve(self, picture: CameraFrame) -> SmplxFrame:
            if looks_ahead:
                assert looked_at_next.wait(5)
            steps.append(("solve", picture.index))
            return super().solve(picture)

    rig = rigs(mocap=WaitingMocap(delay_s=0.005))
    rig.run_until_painted(5)
    assert rig.pipeline.stop()
    observed = [index for step, index in steps if step == "observe"]
    assert [index for step, index in steps if step == "solve"] == observed  # none is left out, all in order
    one_by_one = steps == [(step, index) for index in observed for step in ("observe", "solve")]
    assert one_by_one != looks_ahead


@pytest.mark.parametrize("is_live", [True, False])
def test_after_a_search_the_newest_picture_of_a_live_source_is_observed(
    rigs: Callable[..., Rig], is_live: bool
) -> None:
    observed: list[int] = []
    searched: list[int] = []

    class SearchingMocap(FakeMocap):
        def search(self, picture: CameraFrame) -> bool:
            if searched:
                return False
            searched.append(picture.index)
            time.sleep(0.2)
            return True

        def observe(self, picture: CameraFrame) -> CameraFrame:
            observed.append(picture.index)
            return super().observe(picture)

    rig = rigs(source=FakeSource(live=is_live, length=None if is_live else 5), mocap=SearchingMocap())
    rig.run_until_painted(3)
    if is_live:
        assert observed[0] > searched[0]
    else:
        rig.wait_for(lambda: observed == list(range(5)), "every picture")


@pytest.mark.parametrize("change", ["source", "estimator"])
@pytest.mark.usefixtures("looks_ahead")
def test_a_picture_is_solved_before_its_source_or_estimator_changes(rigs: Callable[..., Rig], change: str) -> None:
    log: list[str] = []
    solving, goes_on = threading.Event(), threading.Event()

    class SlowMocap(FakeMocap):
        def solve(self, picture: CameraFrame) -> SmplxFrame:
            solving.set()
            assert goes_on.wait(5)
            log.append("solved")
            return super().solve(picture)

        def reset(self) -> None:
            log.append("reset")

        def close(self) -> None:
            log.append("closed")

    rig = rigs(mocap=SlowMocap())
    rig.pipeline.start()
    assert solving.wait(5)
    second = FakeMocap()
    if change == "source":
        rig.pipeline.set_source(FakeSource)
    else:
        rig.pipeline.set_mocap(lambda: second)
        rig.wait_for(lambda: rig.pipeline.body is second.body, "another estimator")
    time.sleep(0.1)
    assert not log
    goes_on.set()
    wanted = {"source": "reset", "estimator": "closed"}[change]
    rig.wait_for(lambda: wanted in log, wanted)
    assert log.index(wanted) > 0
    assert set(log[: log.index(wanted)]) == {"solved"}


def test_an_estimator_that_nobody_waits_for_any_more_fails_silently(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.run_until_painted(2)
    fails, last = threading.Event(), FakeMocap()

    def fail() -> FakeMocap:
        fails.wait(5)
        raise SourceError("the engine is broken")

    rig.pipeline.set_mocap(fail)
    rig.pipeline.set_mocap(lambda: last)
    rig.wait_for(lambda: rig.mocap.closed, "the last one is used")
    fails.set()
    assert rig.pipeline.stop()
    assert not rig.found(Failed)


def test_of_several_estimators_the_last_one_counts(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.run_until_painted(2)
    slow, loaded, last = FakeMocap(), threading.Event(), FakeMocap()

    def load_slowly() -> FakeMocap:
        loaded.wait(5)
        return slow

    rig.pipeline.set_mocap(load_slowly)
    rig.pipeline.set_mocap(lambda: last)
    rig.wait_for(lambda: rig.mocap.closed, "the first is closed")
    loaded.set()
    rig.wait_for(lambda: slow.closed, "the slow one is closed")
    assert rig.pipeline.body is last.body
    assert not last.closed


def test_controls_reach_the_present_and_every_later_estimator(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.run_until_painted(1)
    rig.pipeline.set_controls("strong")
    assert rig.mocap.controls == "strong"
    second = FakeMocap()
    rig.pipeline.set_mocap(lambda: second)
    rig.wait_for(lambda: rig.mocap.closed, "the second is used")
    assert second.controls == "strong"


def test_the_end_waits_for_an_estimator_that_still_loads(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    began, late = threading.Event(), FakeMocap()

    def load() -> FakeMocap:
        began.set()
        time.sleep(0.3)
        return late

    rig.run_until_painted(1)
    rig.pipeline.set_mocap(load)
    assert began.wait(5)
    assert rig.pipeline.stop()
    assert late.closed
    assert "loader" not in {thread.name for thread in threading.enumerate()}
