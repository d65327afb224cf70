from __future__ import annotations

import pytest

from pose2pose_live.errors import DisplayError, RecordingError, SourceError
from pose2pose_live.process import process
from tests.jobs import ListedSource, ListSink, LoggedMocap, pictures


def test_every_picture_reaches_every_sink_once_and_in_order():
    sinks = [ListSink(), ListSink()]
    counts: list[int] = []
    report = process(ListedSource(pictures(5)), LoggedMocap(), sinks, on_picture=counts.append)
    assert [sink.indices for sink in sinks] == [[0, 1, 2, 3, 4]] * 2
    assert [sink.closed for sink in sinks] == [1, 1]
    assert counts == [1, 2, 3, 4, 5]
    assert (report.pictures, report.tracked, report.warning) == (5, 3, "")


def test_what_was_wrong_with_the_source_is_handed_on():
    report = process(ListedSource(pictures(2), warning="it was cut short"), LoggedMocap(), [ListSink()])
    assert report.warning == "it was cut short"


@pytest.mark.parametrize("start_s", [0.0, 4711.0])
def test_seconds_count_from_the_first_picture(start_s):
    sink = ListSink()
    process(ListedSource(pictures(9, start_s=start_s)), LoggedMocap(), [sink], seconds=0.199)
    assert sink.indices == [0, 1, 2, 3, 4, 5]


def test_it_stops_when_it_is_told_to():
    sink = ListSink()
    report = process(ListedSource(pictures(9)), LoggedMocap(), [sink], should_stop=lambda: len(sink.indices) == 4)
    assert (sink.indices, sink.closed, report.pictures) == ([0, 1, 2, 3], 1, 4)


def test_a_camera_that_stops_leaves_complete_files():
    sink = ListSink()
    with pytest.raises(SourceError, match="unplugged"):
        process(ListedSource(pictures(9), fails_at=3), LoggedMocap(), [sink])
    assert (sink.indices, sink.closed) == ([0, 1, 2], 1)


def test_a_bug_in_the_chain_leaves_complete_files():
    sink = ListSink()
    with pytest.raises(ZeroDivisionError):
        process(ListedSource(pictures(9)), LoggedMocap(fails_at=2), [sink])
    assert (sink.indices, sink.closed) == ([0, 1], 1)


@pytest.mark.parametrize("error", [RecordingError("no room"), DisplayError("context lost"), ZeroDivisionError("a bug")])
def test_the_first_sink_goes_on_when_another_fails(error):
    first, other = ListSink(), ListSink(fails_at=2, write_error=error)
    with pytest.raises(type(error), match=str(error)):
        process(ListedSource(pictures(6)), LoggedMocap(), [first, other])
    assert (first.indices, first.closed) == ([0, 1, 2, 3, 4, 5], 1)
    assert (other.indices, other.closed) == ([0, 1], 1)


def test_the_job_ends_when_its_first_sink_fails():
    mocap = LoggedMocap()
    first, other = ListSink(fails_at=2, write_error=RecordingError("disk full")), ListSink()
    with pytest.raises(RecordingError, match="disk full"):
        process(ListedSource(pictures(6)), mocap, [first, other])
    assert mocap.log == ["0", "1", "2"]
    assert (first.closed, other.closed) == (1, 1)


def test_all_sinks_are_closed_and_the_first_error_is_the_one_that_is_raised():
    sinks = [ListSink(close_error=RecordingError("first")), ListSink(close_error=RecordingError("second")), ListSink()]
    with pytest.raises(RecordingError, match="first"):
        process(ListedSource(pictures(2)), LoggedMocap(), sinks)
    assert [sink.closed for sink in sinks] == [1, 1, 1]
    sinks = [ListSink(fails_at=1, write_error=RecordingError("earlier"), close_error=RecordingError("later"))]
    with pytest.raises(RecordingError, match="earlier"):
        process(ListedSource(pictures(2)), LoggedMocap(), sinks)
    assert sinks[0].closed == 1


def test_an_impatient_second_ctrl_c_still_closes_the_sinks():
    sink = ListSink()

    def interrupt(count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        process(ListedSource(pictures(3)), LoggedMocap(), [sink], on_picture=interrupt)
    assert (sink.indices, sink.closed) == ([0], 1)
