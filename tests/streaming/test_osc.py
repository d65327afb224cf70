from __future__ import annotations

import numpy as np
import pytest

from pose2pose_live.streaming.osc import Message, OscTemplate
from tests.streaming.decoding import messages


def test_strings_ints_and_floats_come_where_they_belong():
    template = OscTemplate(
        [Message("/a", "isf", ("näme",)), Message("/abc"), Message("/four", "ff"), Message("/i", "i")]
    )
    found = messages(template.fill(np.array([1.5, -2.0, 3.25]), (7, -1)))
    assert found == [
        ("/a", "isf", (7, "näme", 1.5)),
        ("/abc", "", ()),
        ("/four", "ff", (-2.0, 3.25)),
        ("/i", "i", (-1,)),
    ]


def test_a_template_is_filled_again_without_a_trace_of_the_last_time():
    template = OscTemplate([Message("/a", "f"), Message("/b", "if")])
    template.fill(np.array([1.0, 2.0]), (3,))
    assert messages(template.fill(np.array([4.0, 5.0]), (6,))) == [("/a", "f", (4.0,)), ("/b", "if", (6, 5.0))]


@pytest.mark.parametrize("count", [1, 40, 400])
def test_packets_are_full_but_not_longer_than_allowed_and_keep_the_order(count):
    wanted = [Message(f"/number/{i}", "f") for i in range(count)]
    packets = [bytes(packet) for packet in OscTemplate(wanted, 500).fill(np.arange(count))]
    assert all(len(packet) <= 500 for packet in packets)
    assert all(len(packet) > 450 for packet in packets[:-1])
    assert [(m.address, m.arguments[0]) for m in messages(packets)] == [(f"/number/{i}", i) for i in range(count)]


def test_what_no_packet_can_hold_is_refused():
    with pytest.raises(ValueError, match="do not fit into a packet"):
        OscTemplate([Message("/a", "s", ("x" * 2000,))])


def test_numbers_that_are_none_or_too_few_never_leave():
    template = OscTemplate([Message("/a", "ff")])
    before = [bytes(packet) for packet in template.fill(np.array([1.0, 2.0]))]
    for numbers in ([np.nan, 0.0], [np.inf, 0.0], [1e39, 0.0]):
        with np.errstate(over="ignore"), pytest.raises(ValueError, match="finite"):
            template.fill(np.array(numbers))
    with pytest.raises(ValueError, match="expected 2 floats and 0 ints, found 1 and 0"):
        template.fill(np.array([1.0]))
    assert [bytes(packet) for packet in template._packets] == before
