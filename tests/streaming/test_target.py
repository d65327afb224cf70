from __future__ import annotations

import pytest

from pose2pose_live.streaming import PROTOCOLS, Target


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("vmc", "127.0.0.1", 39539),
        ("vrchat", "127.0.0.1", 9000),
        ("osc?values=pos", "127.0.0.1", 7000),
        ("vmc://192.168.1.7", "192.168.1.7", 39539),
        ("vmc://192.168.1.255:1234", "192.168.1.255", 1234),
        ("osc://[::1]:7001?mirror=yes", "::1", 7001),
        ("osc://[ff02::1%lo]:7001", "ff02::1%lo", 7001),
        ("vmc://studio-pc.local:39540?parts=body,legs&translation=root", "studio-pc.local", 39540),
    ],
)
def test_targets_are_read_and_written_alike(text, host, port):
    target = Target.parse(text)
    assert (target.host, target.port) == (host, port)
    assert Target.parse(str(target)) == target


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vnc", "expected vmc, vrchat, osc, found vnc"),
        ("192.168.1.7:39539", "expected vmc, vrchat, osc"),
        ("vmc://", "expected vmc://HOST:PORT"),
        ("vmc://:39539", "expected vmc://HOST:PORT"),
        ("vmc://host:0", "expected vmc://HOST:PORT"),
        ("vmc://host:99999", "expected HOST:PORT"),
        ("vmc://host:port", "expected HOST:PORT"),
        ("vmc://::1:39539", "expected HOST:PORT"),
        ("vmc://host/path", "expected vmc://HOST:PORT"),
        ("vmc?part=body", "unknown option part, expected parts, translation"),
        ("vmc?parts=arms", "parts: expected body, legs, hands, face, found arms"),
        ("vmc?parts=", "parts: expected body, legs, hands, face, found nothing"),
        ("vmc?mirror=1", "mirror: expected yes or no, found 1"),
        ("vmc?rate=1000", "rate: expected a number from 1 to 60, found 1000"),
        ("vrchat?height=tall", "height: expected a number from 0 to 3, found tall"),
        ("vrchat?height=nan", "height: expected a number from 0 to 3, found nan"),
    ],
)
def test_what_is_wrong_with_a_target_is_said(text, said):
    with pytest.raises(ValueError, match="expected") as caught:
        Target.parse(text)
    assert said in str(caught.value)


def test_order_and_repetition_of_parts_do_not_matter():
    assert Target.parse("vmc?parts=face,body,face") == Target.parse("vmc?parts=body,face")


def test_defaults_need_no_words():
    for name in PROTOCOLS:
        assert "?" not in str(Target.default(name))
