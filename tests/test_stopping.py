from __future__ import annotations

import signal

import pytest

from pose2pose_live.stopping import StopSignals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_noted_and_the_second_acts(number):
    received = []
    former = signal.signal(number, lambda n, frame: received.append(n))
    try:
        calls = []
        with StopSignals(lambda: calls.append("stop")) as stop:
            assert not stop()
            signal.raise_signal(number)
            assert stop()
            assert (stop.number, calls, received) == (number, ["stop"], [])
            signal.raise_signal(number)
            assert received == [number]
        signal.raise_signal(number)
        assert (received, calls) == ([number, number], ["stop"])
    finally:
        signal.signal(number, former)


def test_handlers_are_put_back_after_an_undisturbed_job():
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    with StopSignals() as stop:
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert stop.number is None
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_signal_that_is_ignored_stays_ignored():
    """So `nohup` and a shell's background jobs work as their user expects."""
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with StopSignals() as stop:
            signal.raise_signal(signal.SIGINT)
        assert stop.number is None
    finally:
        signal.signal(signal.SIGINT, former)
